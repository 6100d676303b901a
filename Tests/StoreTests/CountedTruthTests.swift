import ParkSyncCore
import ParkSyncFiles
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// What a counter was before a write is the log's to say, not the row's, and not that of whoever
/// writes where captured writes wait.
@Suite struct CountedTruthTests {
    /// South and west have the row (sum, 5) of `tally`.
    private func zone() async throws -> Federation {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO tally(id, n, v) VALUES('sum', 5, 'v'), ('other', 7, 'v')")
        try await federation.converge()
        return federation
    }

    /// Changes the file as a hand does whose writes fire no trigger.
    private func hand(_ federation: Federation, _ sql: String) throws {
        try Connection(path: federation.path("south"), role: .applier).execute(sql)
    }

    private func count(_ federation: Federation, _ park: String) async throws -> Value? {
        try await federation.rows(park, "SELECT n FROM tally WHERE id = 'sum'").first?.first
    }

    /// The only difference of south, without a verification of its rows.
    private func told(_ federation: Federation) async throws -> RowDifference {
        let south = try federation["south"]
        #expect(south.differencesFound > 0, "nothing was found")
        try await south.nameFoundDifferences()
        #expect(south.rowsStatus.differing == 1, "\(south.rowsStatus.differences)")
        return try #require(south.rowsStatus.differences.first)
    }

    enum Later: String, CaseIterable, Sendable {
        case program, node, restart, twice, withAnotherColumn, replaced, upserted, otherPark, otherParkBetween

        func run(_ federation: Federation) async throws {
            let update = "UPDATE tally SET n = n + 1 WHERE id = 'sum'"
            switch self {
            case .program: try federation.foreign("south", "sqlite3", ["-batch", "-bail"], input: update + ";\n")
            case .node: try await federation.write("south", update)
            case .restart:
                try federation.foreign("south", "sqlite3", ["-batch", "-bail"], input: update + ";\n")
                federation.closeWithoutCheckpoint("south")
                try federation.open("south")
            case .twice:
                try await federation.write("south", "UPDATE tally SET n = n - 4 WHERE id = 'sum'")
                try await federation.write("south", "UPDATE tally SET n = n + 5 WHERE id = 'sum'")
            case .withAnotherColumn:
                try await federation.write("south", "UPDATE tally SET v = 'w', n = n + 1 WHERE id = 'sum'")
            case .replaced:
                try await federation.write(
                    "south", "REPLACE INTO tally(id, n, v) SELECT id, n + 1, 'w' FROM tally WHERE id = 'sum'")
            case .upserted:
                try await federation.write(
                    "south", "INSERT INTO tally(id, n) VALUES('sum', 1) ON CONFLICT DO UPDATE SET n = n + excluded.n")
            case .otherPark: try await federation.write("west", update)
            case .otherParkBetween:
                try await federation.write("west", "UPDATE tally SET n = n - 2 WHERE id = 'sum'")
                try await federation.converge()
                try await federation.write("south", "UPDATE tally SET n = n + 3 WHERE id = 'sum'")
            }
        }
    }

    @Test(arguments: Later.allCases, RepairRequest.Way.all) func aChangedCounterThatIsCountedOnIsToldAndRepaired(
        later: Later, way: RepairRequest.Way
    )
        async throws
    {
        let federation = try await zone()
        try hand(federation, "UPDATE tally SET n = n + 1000 WHERE id = 'sum'")
        try await later.run(federation)
        try await federation.converge()
        #expect(
            try await count(federation, "west") == .integer(6),
            "what was counted is in the log, what the hand did is not")
        #expect(try await count(federation, "south") == .integer(1_006))
        let difference: RowDifference
        if later == .restart {
            // It was found when the file was opened.
            try await federation["south"].recheckDifferences()
            #expect(try federation["south"].rowsStatus.differing == 1)
            difference = try #require(try federation["south"].rowsStatus.differences.first)
        } else {
            difference = try await told(federation)
        }
        #expect(
            difference.kind == .changed && difference.table == "tally" && difference.key == [JSONValue(.string("sum"))])
        #expect(difference.columns == [.init(name: "n", here: .integer(1_006), logged: .integer(6), isKnown: true)])
        #expect(
            try await federation["south"].verifyRows().rows.differences == [difference], "a verification finds the same"
        )
        #expect(try await federation["south"].verify().findings.isEmpty == false)
        #expect(try federation["south"].refusedRows.count == 0)
        #expect(
            try await federation["south"].repair(table: "tally", keys: [difference.key], way).rows.map(\.columns) == [
                difference.columns
            ])
        try await expectSame(federation)
        #expect(try await count(federation, "west") == .integer(way == .fromLog ? 6 : 1_006))
        #expect(try await federation["south"].verifyRows().rows.differing == 0)
        // The counter goes on from there.
        try await federation.write("south", "UPDATE tally SET n = n + 1 WHERE id = 'sum'")
        try await expectSame(federation)
        #expect(try await count(federation, "west") == .integer(way == .fromLog ? 7 : 1_007))
    }

    struct Forgery: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Written by a program of the park, in one transaction.
        var sql: String
        /// What the log says afterwards.
        var logged: Int64
        var isRefused = true
    }

    private static func forged(_ former: String, id: String = "NULL") -> String {
        "INSERT INTO _parksync_pending_tally(id, op, mask, k0, o0) VALUES(\(id), 1, 1, 'sum', \(former))"
    }
    static let forgeries = [
        Forgery(testDescription: "an update that never happened", sql: forged("-1000000"), logged: 5),
        Forgery(testDescription: "one from zero", sql: forged("0"), logged: 5),
        Forgery(testDescription: "one from nothing", sql: forged("NULL"), logged: 5),
        Forgery(testDescription: "one from a text", sql: forged("'x'"), logged: 5),
        Forgery(
            testDescription: "one that says the truth and changes nothing", sql: forged("5"), logged: 5,
            isRefused: false),
        Forgery(
            testDescription: "in front of a real one",
            sql: "UPDATE tally SET n = n + 1 WHERE id = 'sum'; \(forged("-1000000", id: "-5"))", logged: 6,
            isRefused: false),
        Forgery(
            testDescription: "behind a real one",
            sql: "UPDATE tally SET n = n + 1 WHERE id = 'sum'; \(forged("-1000000"))", logged: 6,
            isRefused: false),
        Forgery(
            testDescription: "a replacement",
            sql: "INSERT INTO _parksync_pending_tally(op, k0, o0) VALUES(3, 'sum', -9), (4, 'sum', NULL)", logged: 5),
        Forgery(
            testDescription: "an insert", sql: "INSERT INTO _parksync_pending_tally(op, k0) VALUES(0, 'sum')", logged: 5
        ),
    ]

    /// The first write of a row in this transaction counts, and what lies in the tail counts as
    /// well as what is folded.
    @Test(arguments: forgeries, [true, false]) func aForgedFormerValueIsNotSigned(forgery: Forgery, isFolded: Bool)
        async throws
    {
        let federation = try await zone()
        let south = try federation["south"]
        if !isFolded { try await federation.write("south", "UPDATE tally SET n = n + 10 WHERE id = 'sum'") }
        let added: Int64 = isFolded ? 0 : 10
        let sql = isFolded ? forgery.sql : forgery.sql.replacing("'sum', 5)", with: "'sum', 15)")
        let program = try RawProgram(federation.path("south"))
        try program.execute("BEGIN IMMEDIATE; \(sql); UPDATE tally SET n = n + 1 WHERE id = 'other'; COMMIT")
        try await south.sealForeign()
        #expect(south.refusedRows.count == (forgery.isRefused ? 1 : 0), "\(south.refusedRows)")
        if let row = south.refusedRows.newest.first {
            #expect(row.table == "tally" && row.row.contains("'sum'") && !row.cause.isEmpty)
        }
        try await expectSame(federation)
        #expect(try await count(federation, "west") == .integer(forgery.logged + added))
        #expect(
            try await federation.rows("west", "SELECT n FROM tally WHERE id = 'other'") == [[.integer(8)]],
            "the rest is signed")
        #expect(try await south.verifyRows().rows.differing == 0 && south.differencesFound == 0)
    }

    /// Together with a hand on the row it cannot be told from a program that counted on; what the
    /// log then says is told, and repaired.
    @Test(arguments: RepairRequest.Way.all) func aForgedFormerValueOfAChangedRowIsTold(way: RepairRequest.Way)
        async throws
    {
        let federation = try await zone()
        try hand(federation, "UPDATE tally SET n = 1000000 WHERE id = 'sum'; \(Self.forged("0"))")
        try await federation.converge()
        let difference = try await told(federation)
        let logged = try #require(try await count(federation, "west"))
        #expect(difference.columns == [.init(name: "n", here: .integer(1_000_000), logged: logged, isKnown: true)])
        #expect(try await federation["south"].repair(table: "tally", keys: [difference.key], way).repaired == 1)
        try await expectSame(federation)
        #expect(try await count(federation, "west") == (way == .fromLog ? logged : .integer(1_000_000)))
    }

    /// Nobody can have invented what the node's own transaction captures, so it counts, and what
    /// the hand did is told. What a program captures in the same case may as well be invented; the
    /// row is what the log says then.
    @Test(arguments: [true, false]) func whoeverCountsBackWhatAHandDid(throughTheNode: Bool) async throws {
        let federation = try await zone()
        let south = try federation["south"]
        try hand(federation, "UPDATE tally SET n = n + 1000 WHERE id = 'sum'")
        let back = "UPDATE tally SET n = n - 1000, v = 'back' WHERE id = 'sum'"
        if throughTheNode {
            try await federation.write("south", back)
        } else {
            try RawProgram(federation.path("south")).execute(back)
        }
        try await federation.converge()
        #expect(try await federation.rows("west", "SELECT v FROM tally WHERE id = 'sum'") == [[.string("back")]])
        #expect(try await count(federation, "west") == .integer(throughTheNode ? -995 : 5))
        #expect(south.refusedRows.count == (throughTheNode ? 0 : 1))
        if throughTheNode {
            let difference = try await told(federation)
            #expect(difference.columns == [.init(name: "n", here: .integer(5), logged: .integer(-995), isKnown: true)])
            #expect(try await south.repair(table: "tally", keys: [difference.key], .publish).repaired == 1)
        } else {
            let cause = try #require(south.refusedRows.newest.first?.cause)
            #expect(cause.contains("n is captured as having been 1005 before it was 5"), "\(cause)")
        }
        try await expectSame(federation)
        #expect(try await count(federation, "west") == .integer(5))
    }

    /// Where a row is gone past capture and a program inserts it again, its counter is not added to
    /// what the log has of it.
    @Test(arguments: [true, false]) func aRowThatAHandDeletedIsNotNew(isFolded: Bool) async throws {
        let federation = try await zone()
        let south = try federation["south"]
        try await federation.write(
            "south", "INSERT INTO tally(id, n) VALUES('gone', 3), ('twice', 3)", "DELETE FROM tally WHERE id = 'twice'")
        try await federation.write("south", "INSERT INTO tally(id, n) VALUES('twice', 4)")
        if isFolded { try await federation.converge() }
        try hand(federation, "DELETE FROM tally WHERE id IN ('gone', 'twice')")
        try RawProgram(federation.path("south")).execute("INSERT INTO tally(id, n) VALUES('gone', 100), ('twice', 100)")
        try await federation.converge()
        #expect(
            try await federation.rows("west", "SELECT n FROM tally WHERE id IN ('gone', 'twice') ORDER BY id") == [
                [.integer(3)], [.integer(4)],
            ])
        #expect(
            south.refusedRows.newest.map(\.cause)
                == Array(repeating: "it is captured as a new row, and the log has the row", count: 2))
        #expect(try await south.verifyRows().rows.differing == 2)
        #expect(try await south.repair(table: "tally", keys: nil, .fromLog).repaired == 2)
        try await expectSame(federation)
    }

    /// What a clock says of a counter is held against its digest.
    @Test(arguments: [
        "substr(clock, 1, length(clock) - 1) || x'08'", "clock || x'02'", "substr(clock, 1, length(clock) - 1)",
    ])
    func aSumThatRottedIsFoundAndRepaired(rot: String) async throws {
        let federation = try await zone()
        try await federation.write("west", "UPDATE tally SET n = n + 1 WHERE id = 'sum'")
        try await federation.converge()
        try hand(
            federation,
            "UPDATE _parksync_clock_tally SET clock = CAST(\(rot) AS BLOB) WHERE key = CAST(x'20' || 'sum' AS BLOB)")
        #expect(try await federation["south"].verify().findings.isEmpty == false)
        let standing = try await federation["south"].verifyRows().rows
        #expect(standing.differences.map(\.kind) == [.clock], "\(standing.differences)")
        #expect(
            try await federation["south"].repair(table: "tally", keys: [[JSONValue(.string("sum"))]], .fromLog).repaired
                == 1)
        try await federation.write("south", "UPDATE tally SET n = n + 1 WHERE id = 'sum'")
        try await expectSame(federation)
        #expect(try await count(federation, "west") == .integer(7))
        #expect(try await federation["south"].verifyRows().rows.differing == 0)
    }

    /// Honest programs in one park, the other park beside them, tails of any length, restarts:
    /// nothing is refused, and nothing differs.
    @Test(arguments: 1...8) func honestWritesRaiseNoAlarm(seed: Int) async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        var program = HonestProgram(random: SplitMix64(state: UInt64(seed)))
        for _ in 0..<80 {
            federation.clock.advance(1)
            switch program.below(12) {
            case 0..<4: try RawProgram(federation.path("south")).execute(program.transaction())
            case 4..<8: try await federation.write("south", program.statement(), program.statement())
            case 8: try await federation.write("west", program.statement())
            case 9: try await federation.exchange(from: "west", to: "south")
            case 10: try await federation["south"].housekeep()
            default:
                federation.closeWithoutCheckpoint("south")
                try federation.open("south")
            }
            let south = try federation["south"]
            if program.below(3) == 0 { try await south.sealForeign() }
            #expect(south.refusedRows.count == 0 && south.differencesFound == 0, "\(program.said.suffix(6))")
        }
        try await expectSame(federation, "\(program.said.suffix(6))")
        #expect(try await federation["south"].verifyRows().rows.differing == 0)
    }

    private struct HonestProgram {
        var random: SplitMix64
        var said: [String] = []

        mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

        mutating func statement() -> String {
            let (key, number) = ("'k\(below(3))'", below(9) - 3)
            let made: String
            switch below(9) {
            case 0: made = "INSERT OR IGNORE INTO tally(id, n) VALUES(\(key), \(number))"
            case 1:
                made = "INSERT INTO tally(id, n) VALUES(\(key), \(number)) ON CONFLICT DO UPDATE SET n = n + excluded.n"
            case 2: made = "REPLACE INTO tally(id, n, v) VALUES(\(key), \(number), 'replaced')"
            case 3: made = "DELETE FROM tally WHERE id = \(key)"
            case 4: made = "UPDATE tally SET v = 'v\(number)' WHERE id = \(key)"
            case 5: made = "UPDATE OR REPLACE tally SET id = 'k' || \(below(3)), n = n + 1 WHERE id = \(key)"
            case 6: made = "UPDATE tally SET n = \(number)"
            default: made = "UPDATE tally SET n = n + \(number) WHERE id = \(key)"
            }
            said.append(made)
            return made
        }

        mutating func transaction() -> String {
            let setting = "PRAGMA recursive_triggers = \(below(2))"
            let writes = (0...below(4)).map { _ in statement() }
            return ([setting, "BEGIN IMMEDIATE"] + writes + [below(6) == 0 ? "ROLLBACK" : "COMMIT"]).joined(
                separator: "; ")
        }
    }

    /// A tail behaves as one dictionary, a copy of it keeps what it had, and one that grew too long
    /// knows nothing.
    @Test func aTailIsADictionary() throws {
        var random = SplitMix64(state: 9)
        var (tail, expected) = (CounterTail(), [[UInt8]: Int64]())
        for round in 0..<400 {
            var rows: [[UInt8]: CounterTail.Row] = [:]
            for _ in 0...Int.random(in: 0...5, using: &random) {
                let (key, value) = ([UInt8.random(in: 0...99, using: &random)], Int64(round))
                rows[key] = CounterTail.Row(length: .first, counters: CounterValues([value]))
                expected[key] = value
            }
            let copy = tail
            let before = (0..<100).map { copy[[UInt8($0)]]?.counters }
            tail.add(rows)
            #expect((0..<100).map { copy[[UInt8($0)]]?.counters } == before)
            #expect((0..<100).allSatisfy { tail[[UInt8($0)]]?.counters?[0] == expected[[UInt8($0)]] })
        }
        let many = (0...CounterTail.rowsMax).map {
            (Array("\($0)".utf8), CounterTail.Row(length: .first, counters: CounterValues()))
        }
        tail.add(Dictionary(uniqueKeysWithValues: many))
        #expect(!tail.isWhole && tail[[7]] == nil)
    }
}

extension RepairRequest.Way {
    static let all: [RepairRequest.Way] = [.fromLog, .publish]
}
