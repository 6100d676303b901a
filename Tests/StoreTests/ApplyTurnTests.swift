import ParkSyncCore
import ParkSyncReplication
import Synchronization
import Testing

@testable import ParkSyncStore

private let forms = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE ledger(id TEXT NOT NULL PRIMARY KEY, a);
    """

/// Work of a store that is done piece by piece, when a test says so.
private final class StepQueue: StoreQueue {
    private let pieces = Mutex<[@Sendable () -> Void]>([])

    func async(_ work: @escaping @Sendable () -> Void) { pieces.withLock { $0.append(work) } }
    func sync<T>(_ work: () -> T) -> T { work() }

    /// - Returns: whether there was something to do.
    func step() -> Bool {
        let piece = pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        piece?()
        return piece != nil
    }
}

/// Each look at it is a turn later.
private final class HurriedClock: NodeClock {
    private let now = Mutex<UInt64>(1)
    let wall: TestClock
    init(_ wall: TestClock) { self.wall = wall }

    func monotonicMilliseconds() -> UInt64 {
        now.withLock { now in
            now += ApplyTurns.milliseconds
            return now
        }
    }
    func wallMilliseconds() -> UInt64 { wall.wallMilliseconds() }
    func sleep(until deadline: UInt64) async throws {}
}

/// What can be applied is applied in turns, between which others have theirs.
@Suite("Turns of applying") struct ApplyTurnTests {
    private static let entries = 40

    private struct Case {
        let federation: Federation
        let queue = StepQueue()
        let south: ParkStore
        let west: OriginID
        let stored = Counter()

        final class Counter: Sendable {
            let count = Mutex(0)
            func add() { count.withLock { $0 += 1 } }
            var value: Int { count.withLock { $0 } }
        }

        /// South has just begun to apply West's entries, of which each ends a batch.
        init() throws {
            federation = try Federation(["airport", "south", "west"], schema: forms)
            federation.closeWithoutCheckpoint("south")
            let (queue, clock) = (queue, HurriedClock(federation.clock))
            south = try federation.open("south") {
                $0.clock = clock
                $0.makeQueue = { _ in queue }
            }
            west = try federation.origin("west")
            var forged = ForgedLog(federation, park: "west")
            let record = ControlRecord.vote(park: "airport", .out, members: ["airport", "south", "west"])
            let block = ForgedLog.Block(
                table: ControlRecord.tableName, columns: 1,
                changes: [ForgedLog.Change(key: [.string(record.key)], values: [.string(record.text)])])
            for _ in 0..<ApplyTurnTests.entries { receive(try forged.entry([block])) }
            while applied < 2 { try #require(queue.step()) }
        }

        func receive(_ slice: LogSlice) {
            south.receive(slice) { [stored] result in
                if case .success = result { stored.add() }
            }
        }
        var applied: UInt64 { south.state().applied[west] }
        func finish() { while queue.step() {} }
    }

    @Test("A local transaction is executed between two turns, and all comes to its end") func local() throws {
        let test = try Case()
        let appliedThen = Mutex<UInt64?>(nil)
        let statement = StoreStatement(sql: "INSERT INTO ledger VALUES('k', 1)")
        test.south.transact(StoreTransaction(statements: [statement], timeoutMilliseconds: 1 << 40)) {
            [south = test.south, west = test.west] result in
            if case .success = result { appliedThen.withLock { $0 = south.state().applied[west] } }
        }
        test.finish()
        let then = try #require(appliedThen.withLock { $0 })
        #expect(then < 10, "it waited for \(then) entries")
        #expect(test.applied == UInt64(Self.entries) && test.stored.value == Self.entries)
    }

    @Test("Another park's entries are applied between them") func others() async throws {
        let test = try Case()
        try await test.federation.write("airport", "INSERT INTO ledger VALUES('a', 1)")
        let airport = try test.federation.origin("airport")
        let source = try test.federation["airport"]
        test.receive(try #require(try source.read(origin: airport, after: 0, bytesMax: 1 << 20)))
        while test.south.state().applied[airport] == 0 { try #require(test.queue.step()) }
        #expect(test.applied < 10, "it waited for \(test.applied) entries")
        test.finish()
        #expect(test.applied == UInt64(Self.entries) && test.stored.value == Self.entries + 1)
    }

    @Test("A node that ends does not wait for the rest, which is applied when the file is opened again") func end()
        async throws
    {
        let test = try Case()
        test.south.endApplying()
        test.finish()
        #expect(test.applied < 10 && test.stored.value == Self.entries, "nobody waits for what is not applied")
        #expect(test.south.state().logged[test.west] == UInt64(Self.entries))
        test.federation.closeWithoutCheckpoint("south")
        let south = try test.federation.open("south")
        try await south.housekeep()
        #expect(south.state().applied[test.west] == UInt64(Self.entries))
    }

    @Test("A compaction that finds nothing to drop does not look at all traces again") func traces() async throws {
        let federation = try Federation(["airport", "south"], schema: forms)
        let south = try federation["south"]
        for id in ["x", "y"] { try await federation.write("south", "INSERT INTO ledger VALUES('\(id)', 1)") }
        func delete(_ id: String) async throws {
            try await federation.write("south", "DELETE FROM ledger WHERE id = '\(id)'")
            try await federation.exchange(from: "south", to: "airport")
            _ = try await federation["airport"].acknowledge()
            try await federation.exchange(from: "airport", to: "south")
        }
        try await delete("x")
        #expect(try await south.compact().droppedRows == 1)
        let origin = try federation.origin("south")
        let seen = south.state().applied[origin]
        let bounds = south.publishedState.traceBounds
        #expect(bounds.hasNone(upTo: VersionVector([(origin, UInt64(3))])))
        #expect(!bounds.hasNone(upTo: VersionVector([(origin, seen + 1)])), "what is deleted later may be found")
        try await delete("y")
        #expect(try await south.compact().droppedRows == 1)
    }
}
