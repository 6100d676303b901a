import ParkSyncCore
import ParkSyncReplication
import Testing

@testable import ParkSyncStore

private typealias Fetch = OwnLog.Fetch

/// Every event in every state, against a table that is written by hand, and what has to hold along
/// any way through them.
@Suite struct OwnLogTests {
    private static let west = OriginID("west")!
    private static let out = ZoneObstacle.out(park: "south", by: west, seq: 7)
    private static let obstacles: [ZoneObstacle] = [
        out, .takenBack, .returning(waitingFor: []), .returning(waitingFor: ["west"]),
        .unknown(park: "south", to: ["west"]),
    ]
    private static let fetches: [Fetch] = Fetch.Cause.allCases.flatMap { cause in
        [Fetch(cause), Fetch(cause, signed: 5), Fetch(cause, signed: 5, forkedAt: 4)]
    }
    private static let states: [OwnLog] =
        [.writing, .checking] + fetches.map { .fetching($0) } + obstacles.map { .fenced($0) }
    private static let events: [OwnLog.Event] =
        [
            .stop(signed: 0), .stop(signed: 5), .stop(signed: 9), .tookBranch(forkedAt: nil), .tookBranch(forkedAt: 3),
            .release(givingUp: false), .release(givingUp: true), .zone(nil), .reread(nil),
        ] + obstacles.map { .zone($0) } + fetches.map { .reread($0) }

    private struct Outcome: Equatable {
        var steps: [OwnLog.Step]
        var next: OwnLog
        init(_ steps: [OwnLog.Step], _ next: OwnLog) { (self.steps, self.next) = (steps, next) }
    }

    /// The table, said once more and in another way than the code says it: first by event, and each
    /// state with a line.
    private static func expected(_ event: OwnLog.Event, in state: OwnLog) -> Outcome {
        let unchanged = Outcome([], state)
        switch (event, state) {
        // Writing stops: what was captured gets a number, but not in a log that is sure of none.
        case (.stop(let signed), .writing), (.stop(let signed), .fenced):
            let fetch = Fetch(.behind, signed: signed)
            return Outcome([.seal, .fold, .remember(fetch)], .fetching(fetch))
        case (.stop(let signed), .checking):
            let fetch = Fetch(.behind, signed: signed)
            return Outcome([.fold, .remember(fetch)], .fetching(fetch))
        case (.stop(let signed), .fetching(var fetch)):
            if signed > fetch.signed { fetch.signed = signed }
            return Outcome([.remember(fetch)], .fetching(fetch))

        case (.tookBranch(.some(let seq)), .fetching(var fetch)):
            fetch.forkedAt = seq
            return Outcome([.remember(fetch)], .fetching(fetch))
        case (.tookBranch, _): return unchanged

        case (.release, .writing), (.release, .fenced): return unchanged
        case (.release, .checking): return Outcome([.sign], .writing)
        case (.release(let isGivingUp), .fetching(let fetch)):
            let begin: [OwnLog.Step] =
                isGivingUp
                ? [.setAsideUnsigned, .holdUnvouched, .writeAnew(fetch, givingUp: true)]
                : [.demandApplied, .setAsideAhead, .holdUnvouched, .writeAnew(fetch, givingUp: false)]
            let end: [OwnLog.Step] = fetch.cause == .lost ? [.continueNewest, .sign] : [.sign]
            return Outcome(begin + [.remember(nil)] + end, .writing)

        case (.zone(nil), .fenced): return Outcome([], .writing)
        case (.zone(.some(let obstacle)), .fenced): return Outcome([], .fenced(obstacle))
        case (.zone(.some(let obstacle)), .writing): return Outcome([], .fenced(obstacle))
        case (.zone, _): return unchanged

        case (.reread(.some(let fetch)), _): return Outcome([], .fetching(fetch))
        case (.reread(nil), .fetching): return Outcome([], .writing)
        case (.reread(nil), _): return unchanged
        }
    }

    @Test func everyEventInEveryState() {
        for state in Self.states {
            for event in Self.events {
                let found = state.transition(on: event)
                #expect(Outcome(found.steps, found.next) == Self.expected(event, in: state), "\(event) while \(state)")
                found.next._checkInvariants()
            }
        }
    }

    /// What a store does with the steps, as far as a file shows it.
    private struct File {
        var log: OwnLog
        var memory: Fetch?

        mutating func handle(_ event: OwnLog.Event) {
            let before = log
            let (steps, next) = log.transition(on: event)
            for case .remember(let fetch) in steps { memory = fetch }
            if steps.contains(.seal) { #expect(!before.isUncertain, "sealed in \(before)") }
            log = next
        }
    }

    /// The memory of the file is always that of the state, whatever happens in whatever order, and
    /// tables are open to who writes alone.
    @Test func theFileSaysWhatTheStateSays() {
        var random = SplitMix64(state: 14)
        for isNew in [false, true] {
            for compares in [false, true] {
                for memory in [nil] + Self.fetches.map(Optional.init) {
                    var file = File(log: OwnLog.opened(memory, isNew: isNew, comparesHeads: compares), memory: memory)
                    for _ in 0..<400 {
                        if Int.random(in: 0..<20, using: &random) == 0 {
                            // A crash, and the next start.
                            file.log = OwnLog.opened(file.memory, isNew: false, comparesHeads: compares)
                        } else {
                            let event = Self.events[Int.random(in: Self.events.indices, using: &random)]
                            // A file that is read anew says what it says.
                            if case .reread = event { file.handle(.reread(file.memory)) } else { file.handle(event) }
                        }
                        #expect(file.memory == file.log.fetch, "\(file.log)")
                        #expect(file.log.acceptsWrites == (file.log.gate == nil))
                    }
                }
            }
        }
    }

    /// Who fetches writes again only after `release`, and what waits to be written anew is written
    /// before that.
    @Test func nobodyWritesBeforeItIsReleased() {
        for state in Self.states where state.isUncertain {
            for event in Self.events {
                let (steps, next) = state.transition(on: event)
                guard !next.isUncertain else { continue }
                switch event {
                case .release:
                    guard case .fetching(let fetch) = state else { continue }
                    #expect(steps.contains { if case .writeAnew(fetch, _) = $0 { true } else { false } })
                    #expect(steps.firstIndex(of: .sign) ?? 0 > steps.firstIndex(of: .remember(nil)) ?? .max)
                // The file itself says that this was done.
                case .reread(nil): break
                default: Issue.record("\(event) ends \(state)")
                }
            }
        }
    }

    @Test func aStart() {
        #expect(OwnLog.opened(nil, isNew: true, comparesHeads: true) == .writing)
        #expect(OwnLog.opened(nil, isNew: false, comparesHeads: false) == .writing)
        #expect(OwnLog.opened(nil, isNew: false, comparesHeads: true) == .checking)
        for fetch in Self.fetches {
            #expect(OwnLog.opened(fetch, isNew: false, comparesHeads: true) == .fetching(fetch))
            #expect(OwnLog.opened(fetch, isNew: true, comparesHeads: false) == .fetching(fetch))
        }
    }

    @Test func whatFollows() {
        #expect(OwnLog.writing.visible(folded: 3, signed: 5, logged: 5, appliesOwn: false) == 5)
        #expect(OwnLog.writing.visible(folded: 3, signed: 5, logged: 5, appliesOwn: true) == 3)
        #expect(OwnLog.checking.visible(folded: 7, signed: 5, logged: 7, appliesOwn: false) == 5)
        #expect(OwnLog.checking.visible(folded: 6, signed: 5, logged: 7, appliesOwn: true) == 6)
        let fetching = OwnLog.fetching(Fetch(.behind))
        #expect(fetching.visible(folded: 4, signed: 9, logged: 9, appliesOwn: true) == 4)
        #expect(fetching.visible(folded: 7, signed: 5, logged: 7, appliesOwn: true) == 5)
        #expect(OwnLog.fenced(Self.out).visible(folded: 3, signed: 5, logged: 5, appliesOwn: false) == 5)
        for state in Self.states {
            #expect(
                state.isTentative(signed: 4, logged: 5) == state.isUncertain && !state.isTentative(signed: 5, logged: 5)
            )
            #expect(state.standing(signed: 5, logged: 5).isReady == !state.isUncertain)
        }
        #expect(
            OwnLog.fetching(Fetch(.lost, signed: 2, forkedAt: 3)).standing(signed: 4, logged: 5)
                == .fetching(isLost: true, hasBranch: true, isBeside: true))
        #expect(throws: Never.self) { try OwnLog.writing.checkWrites() }
        for state in Self.states where state != .writing {
            let error = #expect(throws: StoreError.self) { try state.checkWrites() }
            #expect(error?.code == (state.obstacle == nil ? .notReady : .fenced))
        }
    }
}

@Suite struct OwnLogRecordTests {
    private static func read(_ meta: [String: Value]) throws -> OwnLogRecord {
        try OwnLogRecord(park: "south") { meta[$0] }
    }

    private static let records: [OwnLogRecord] = {
        var records: [OwnLogRecord] = []
        for origin in [nil, OriginID("south~2")] {
            for fetch in [nil, Fetch(.lost), Fetch(.behind, signed: CoreLimits.entryNumberMax, forkedAt: 1)] {
                for owes in [false, true] {
                    for cause in [nil] + OwnLogRecord.Incarnation.Cause.allCases.map(Optional.init) {
                        var record = OwnLogRecord()
                        (record.origin, record.fetch, record.owesReturn) = (origin, fetch, owes)
                        record.recovered = owes ? 7 : nil
                        record.incarnation = cause.map { OwnLogRecord.Incarnation(at: .max, cause: $0) }
                        records.append(record)
                    }
                }
            }
        }
        return records
    }()

    @Test func everyRecordComesBack() throws {
        for record in Self.records {
            #expect(OwnLogRecord(parsing: record.text) == record)
            #expect(try Self.read([OwnLogRecord.key: .string(record.text)]) == record)
        }
        #expect(Set(Self.records.map(\.text)).count == Self.records.count)
    }

    @Test(arguments: [
        "", "1", "2;-;-;-;-;-;-;-;-", "1;-;-;-;-;-;-;-", "1;-;-;-;-;-;-;-;-;-", "1;South;-;-;-;-;-;-;-",
        "1;-;gone;0;-;-;-;-;-",
        "1;-;lost;-;-;-;-;-;-", "1;-;-;5;-;-;-;-;-", "1;-;-;-;5;-;-;-;-", "1;-;lost;+5;-;-;-;-;-",
        "1;-;lost;05;-;-;-;-;-",
        "1;-;lost;1099511627776;-;-;-;-;-", "1;-;lost;5;0;-;-;-;-", "1;-;-;-;-;1;-;-;-", "1;-;-;-;-;-;9;-;-",
        "1;-;-;-;-;-;-;fork;-",
        "1;-;-;-;-;-;18446744073709551616;fork;-", "1;-;-;-;-;-;-;-;-\n", "1;-;-;-;-;-;-;-;1099511627776",
        "1;-;-;-;-;-;-;-;-1",
    ])
    func whatNobodyWroteIsDamage(_ text: String) {
        #expect(OwnLogRecord(parsing: text) == nil)
        let error = #expect(throws: StoreError.self) { try Self.read([OwnLogRecord.key: .string(text)]) }
        #expect(error?.code == .damaged && error?.isOfFile == true)
    }

    @Test func anotherParksOriginIsDamage() {
        #expect(throws: StoreError.self) { try Self.read([OwnLogRecord.key: .string("1;west;-;-;-;-;-;-;-")]) }
        #expect(throws: StoreError.self) { try Self.read(["origin": .string("west~2")]) }
        #expect(throws: StoreError.self) { try Self.read(["origin": .string("South")]) }
        #expect(throws: StoreError.self) { try Self.read([OwnLogRecord.key: .integer(1)]) }
    }

    /// All codes that formats 1 to 4 have known.
    @Test func theOldNames() throws {
        #expect(try Self.read([:]) == OwnLogRecord())
        #expect(try Self.read(["recovering": .integer(0), "gate": .integer(1)]) == OwnLogRecord())
        #expect(try Self.read(["recovering": .integer(1)]).fetch == Fetch(.lost))
        let behind: [String: Value] = [
            "recovering": .integer(2), "forked_signed": .integer(5), "forked_at": .integer(4),
        ]
        #expect(try Self.read(behind).fetch == Fetch(.behind, signed: 5, forkedAt: 4))
        // What is left over of a fetch that has ended says nothing.
        #expect(
            try Self.read(["recovering": .integer(0), "forked_signed": .integer(5), "forked_at": .null]).fetch == nil)
        #expect(try Self.read(["origin": .string("south~3")]).origin?.name == "south~3")
        #expect(try Self.read(["returning": .integer(1)]).owesReturn && !Self.read(["returning": .null]).owesReturn)
        for (code, cause) in [(1, .fork), (2, .reissue), (3, .homecoming), (9, .fork)]
            as [(Int64, OwnLogRecord.Incarnation.Cause)]
        {
            let record = try Self.read(["incarnated_at": .integer(7), "incarnated_for": .integer(code)])
            #expect(record.incarnation == OwnLogRecord.Incarnation(at: 7, cause: cause))
        }
        #expect(try Self.read(["incarnated_at": .integer(7)]).incarnation?.cause == .fork)
        #expect(try Self.read(["recovered": .integer(8)]).recovered == 8)
        // Numbers that no entry has, as anybody may have written them.
        #expect(try Self.read(["recovering": .integer(-1)]).fetch == nil)
        #expect(
            try Self.read(["recovering": .integer(7), "forked_signed": .integer(.max)]).fetch?.signed
                == CoreLimits.entryNumberMax)
        // The new name counts where it is there.
        #expect(
            try Self.read([OwnLogRecord.key: .string(OwnLogRecord().text), "recovering": .integer(1)]) == OwnLogRecord()
        )
    }
}
