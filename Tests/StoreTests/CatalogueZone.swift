import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import Synchronization
import Testing

@testable import ParkSyncStore

/// Parks with the catalogue's schema, each with its desk. The clock stands at Monday 2026-09-21,
/// 22:13 in Chengdu.
final class CatalogueZone {
    let federation: Federation
    let parks = ["bio-city", "south", "west"]
    /// Of desks that begin from now on; nil: that of the stores.
    var deskClock: TestClock?
    private var desks: [String: CatalogueDesk] = [:]
    private var begun: Set<String> = []
    private let told = Told()
    private let clock: DeskClock

    /// The clock of the desks: its wall can be set while time goes on.
    private final class DeskClock: NodeClock {
        private let clock: TestClock
        private let ahead = Mutex<Int64>(0)

        init(_ clock: TestClock) { self.clock = clock }

        func set(wall milliseconds: UInt64) {
            ahead.withLock { $0 = Int64(clamping: milliseconds) - Int64(clamping: clock.wallMilliseconds()) }
        }
        func monotonicMilliseconds() -> UInt64 { clock.monotonicMilliseconds() }
        func wallMilliseconds() -> UInt64 {
            UInt64(clamping: Int64(clamping: clock.wallMilliseconds()) + ahead.withLock { $0 })
        }
        func sleep(until deadline: UInt64) async throws { try await clock.sleep(until: deadline) }
    }

    /// What the desks have told.
    private final class Told: Sendable {
        struct News {
            var written = 0
            var setAside: [ArbiterStatus] = []
            var failures: [String] = []
        }
        let news = Mutex(News())
        private let drawn = Mutex<UInt64>(0)
        /// Whether whoever draws next is cancelled: it has decided, and has not written.
        let cuts = Mutex(false)

        /// Never the same twice.
        func draw() -> UInt64 {
            let isCut = cuts.withLock { cuts in
                defer { cuts = false }
                return cuts
            }
            if isCut { withUnsafeCurrentTask { $0?.cancel() } }
            return drawn.withLock {
                $0 += 1
                return $0 &* 0x9E37_79B9_7F4A_7C15
            }
        }

        func note(_ told: CatalogueDesk.News) {
            news.withLock { news in
                switch told {
                case .wrote: news.written += 1
                case .setAside(let status): news.setAside.append(status)
                case .failed(let error): news.failures.append("\(error)")
                case .looked, .answeredAll: break
                }
            }
        }
    }

    static func files() -> [SchemaFile] {
        CatalogueSchema.files.map { SchemaFile(name: $0.name, sql: $0.sql) }
    }

    /// Each park with an organisation, its account and a manager; Bio City with a mass spectrometer
    /// that is open on working days from 8 to 18 o'clock, at most four hours for each, and with
    /// a unit of money, of which South has 1,000 yuan.
    init() async throws {
        federation = try Federation(parks, files: Self.files())
        clock = DeskClock(federation.clock)
        for park in parks {
            try await write(
                park, "INSERT INTO park(id, name_zh) VALUES('\(park):park', '园区（演示）')",
                """
                INSERT INTO organisation(id, kind, name_zh) VALUES('\(park):organisation:1', 'enterprise', '公司（演示）')
                """,
                "INSERT INTO person(id, kind, name_zh) VALUES('\(park):person:1', 'manager', '甲（演示）')",
                Self.item("\(park):account:1", "account"))
        }
        try await write(
            "bio-city", Self.item("bio-city:unit:fen", "unit"),
            Self.item(
                "bio-city:instrument:1", "instrument", columns: "owner_id, account_id, max_minutes",
                values: "'bio-city:organisation:1', 'bio-city:account:1', 240"),
            """
            INSERT INTO window(id, item_id, kind, weekdays, starts_minute, ends_minute)
            VALUES('bio-city:window:1', 'bio-city:instrument:1', 'open', '12345', 480, 1080)
            """,
            """
            INSERT INTO rate(id, item_id, class, version, unit, unit_id, fen, valid_from)
            VALUES('bio-city:rate:1', 'bio-city:instrument:1', 'zone', 1, 'hour', 'bio-city:unit:fen', 6000,
                '2026-01-01')
            """)
        try await federation.converge()
        try await write(
            "bio-city",
            """
            INSERT INTO transfer(from_id, id, to_id, unit_id, amount, reverses, at)
            VALUES('bio-city:unit:fen', 'bio-city:transfer:1', 'south:account:1', 'bio-city:unit:fen', 100000, 0,
                '2026-09-21T14:00:00Z')
            """)
        try await federation.converge()
    }

    /// With something in each field that its kind requires.
    static func item(_ id: String, _ kind: String, columns: String = "scope", values: String = "'zone'") -> String {
        """
        INSERT INTO item(id, kind, name_zh, detail, \(columns))
        VALUES('\(id)', '\(kind)', '条目（演示）', ifnull((SELECT json_group_object(name, CASE
                WHEN type IN ('integer', 'fen', 'minutes') THEN 1
                WHEN type = 'date' THEN '2026-01-01'
                WHEN type = 'code' THEN (SELECT min(c.code) FROM code AS c WHERE c.list = f.list)
                ELSE '文' END) FROM field AS f WHERE f.kind = '\(kind)' AND f.required), '{}'), \(values))
        """
    }

    func write(_ park: String, _ sql: String...) async throws {
        federation.clock.advance(1)
        _ = try await federation[park].transact(StoreTransaction(statements: sql.map { StoreStatement(sql: $0) }))
    }

    /// A booking of the instrument on Wednesday, 23 September, or on another day.
    func book(
        _ id: String, _ start: String, _ end: String, on day: String = "2026-09-23", mayWait: Bool = false,
        subject: String = "bio-city:instrument:1"
    ) async throws {
        let park = id.prefix { $0 != ":" }
        try await write(
            String(park),
            """
            INSERT INTO request(id, kind, machine, subject_id, party_id, starts_at, ends_at, account_id, at, detail)
            VALUES('\(id)', 'booking', 'booking', '\(subject)', '\(park):organisation:1', '\(day)T\(start):00Z',
                '\(day)T\(end):00Z', '\(park):account:1', '2026-09-21T14:00:00Z', '{"may_wait":\(mayWait)}')
            """)
    }

    /// Books the instrument from one to three, and has it used then.
    func use(_ id: String) async throws {
        try await book(id, "01:00", "03:00")
        try await comeToRest()
        try set("2026-09-23T01:00:00Z")
        try await act("bio-city:act:start", "start", on: id, by: "bio-city:person:1", onN: 2)
        try await comeToRest()
        try set("2026-09-23T03:00:00Z")
        try await act("bio-city:act:finish", "finish", on: id, by: "bio-city:person:1", onN: 3)
        try await comeToRest()
    }

    /// An act of the request's party, or of somebody else.
    func act(
        _ id: String, _ act: String, on request: String, machine: String = "booking", by: String? = nil, onN: Int,
        to: String? = nil, from start: String? = nil, until end: String? = nil
    ) async throws {
        let park = String(id.prefix { $0 != ":" })
        func text(_ value: String?) -> String { value.map { "'\($0)'" } ?? "NULL" }
        try await write(
            park,
            """
            INSERT INTO act(id, request_id, machine, by_id, act, on_n, to_state, starts_at, ends_at, at)
            VALUES('\(id)', '\(request)', '\(machine)', '\(by ?? "\(park):organisation:1")', '\(act)', \(onN),
                \(text(to)), \(text(start)), \(text(end)), '2026-09-21T14:00:00Z')
            """)
    }

    /// Written by a park with other software: past all CHECKs and guards, but for those that every
    /// receiver holds entries to.
    func forge(_ park: String, _ sql: String...) async throws {
        federation.clock.advance(1)
        let program = try RawProgram(federation.path(park))
        defer { program.close() }
        let guards = "FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, 10) <> '_parksync_'"
        let names = try #require(program.text("SELECT group_concat('DROP TRIGGER ' || name, ';') \(guards)"))
        let made = try #require(program.text("SELECT group_concat(sql, ';') \(guards)"))
        try program.execute("PRAGMA ignore_check_constraints = ON; BEGIN IMMEDIATE; \(names)")
        for statement in sql { try program.execute(statement) }
        try program.execute("\(made); COMMIT")
        try await federation.converge()
    }

    func set(_ instant: String, _ clock: TestClock? = nil) throws {
        (clock ?? federation.clock).set(try Self.milliseconds(instant))
    }

    /// Sets the wall clock of the desks, and moves no other time.
    func setWall(_ instant: String) throws { clock.set(wall: try Self.milliseconds(instant)) }

    static func milliseconds(_ instant: String) throws -> UInt64 {
        let date = try #require(ISO8601DateFormatter().date(from: instant))
        return UInt64(date.timeIntervalSince1970) * 1_000
    }

    /// Exchanges and decides until nothing follows.
    func comeToRest(sourceLocation location: SourceLocation = #_sourceLocation) async throws {
        for _ in 0..<12 {
            try await federation.converge()
            let before = told.news.withLock { $0.written }
            for park in parks { try await decide(park, location) }
            if told.news.withLock({ $0.written }) == before { return }
        }
        Issue.record("it does not come to rest", sourceLocation: location)
    }

    @discardableResult
    func decide(_ park: String, _ location: SourceLocation = #_sourceLocation) async throws -> Decided {
        var decided = try await look(park, location)
        for _ in 0..<20 where decided == .done(.now) { decided = try await look(park, location) }
        if case .failed = decided {
            Issue.record("\(park): \(told.news.withLock { $0.failures })", sourceLocation: location)
        }
        return decided
    }

    /// One look of the desk, which need not be the last.
    func look(_ park: String, _ location: SourceLocation = #_sourceLocation) async throws -> Decided {
        let made = try desks[park] ?? newDesk(park)
        let desk = try #require(made, sourceLocation: location)
        desks[park] = desk
        return await desk.decide(anew: begun.insert(park).inserted)
    }

    /// The desk decides, and is cut off before it has written anything.
    func cut(_ park: String, sourceLocation location: SourceLocation = #_sourceLocation) async throws {
        let made = try desks[park] ?? newDesk(park)
        let desk = try #require(made, sourceLocation: location)
        let (isAnew, before) = (begun.insert(park).inserted, told.news.withLock { $0.written })
        told.cuts.withLock { $0 = true }
        _ = await Task { await desk.decide(anew: isAnew) }.value
        let isLeft = told.cuts.withLock { cuts in
            defer { cuts = false }
            return cuts
        }
        #expect(!isLeft, "it has decided nothing", sourceLocation: location)
        #expect(told.news.withLock { $0.written } == before, "it has written", sourceLocation: location)
    }

    /// A desk of its own begins anew.
    func forget(_ park: String) {
        desks[park] = nil
        begun.remove(park)
    }

    /// As after a crash: what was committed is there, and what the desk knew is not.
    func restart(_ park: String) throws {
        desks[park] = nil
        begun.remove(park)
        federation.closeWithoutCheckpoint(park)
        try federation.open(park)
    }

    private func newDesk(_ park: String) throws -> CatalogueDesk? {
        let told = told
        return CatalogueDesk(
            store: try federation[park], park: park, clock: deskClock ?? clock, random: { told.draw() },
            monitor: ArbiterMonitor(clock: clock)
        ) { told.note($0) }
    }

    var setAside: [ArbiterStatus] { told.news.withLock { $0.setAside } }

    // MARK: what is there

    func texts(_ park: String, _ sql: String) async throws -> [[String]] {
        try await federation.rows(park, sql).map { row in
            row.map { value in
                switch value {
                case .text(let bytes): String(decoding: bytes, as: UTF8.self)
                case .integer(let number): String(number)
                default: "\(value)"
                }
            }
        }
    }

    /// State, start and number of the last step, at the home.
    func place(_ request: String, at park: String = "bio-city") async throws -> [String] {
        try await texts(park, "SELECT state, starts_at, n FROM place WHERE request_id = '\(request)'").first ?? []
    }

    func chain(_ request: String, at park: String = "bio-city") async throws -> [String] {
        try await texts(park, "SELECT to_state FROM step WHERE request_id = '\(request)' ORDER BY n").flatMap { $0 }
    }

    func reasons(_ request: String) async throws -> String? {
        try await texts(
            "bio-city", "SELECT reasons FROM step WHERE request_id = '\(request)' ORDER BY n DESC LIMIT 1"
        ).first?.first
    }

    func expectSound(sourceLocation location: SourceLocation = #_sourceLocation) async throws {
        let views = [
            "stray_step", "stray_act", "broken_chain", "forked_chain", "place_wrong", "place_mismatch",
            "over_capacity", "overdrawn", "unbalanced", "account_mismatch", "request_unanswered", "act_unanswered",
        ]
        for park in parks {
            for view in views {
                #expect(
                    try await federation.rows(park, "SELECT * FROM \(view)").isEmpty, "\(view) at \(park)",
                    sourceLocation: location)
            }
        }
        let digests = try Set(parks.map { try federation[$0].state().digest?.hash })
        #expect(digests.count == 1 && !digests.contains(nil), sourceLocation: location)
    }
}
