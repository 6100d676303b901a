import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Synchronization
import Testing

@testable import ParkSyncStore

/// Another program has the write lock for long: time limits count from the request, and nobody is
/// executed who has given up.
@Suite(.timeLimit(.minutes(15))) struct WriteLockTests {
    private func insert(_ id: String, limit: Int = 10_000) -> StoreTransaction {
        StoreTransaction(
            statements: [StoreStatement(sql: "INSERT INTO plain(id) VALUES('\(id)')")], timeoutMilliseconds: limit)
    }

    /// A store that waits for a lock longer than any of these tests holds one, however seldom they
    /// get a processor.
    private func patient(_ parks: [String] = ["south"]) throws -> (Federation, ParkStore) {
        let federation = try Federation(parks, schema: shapes)
        let store = try federation["south"]
        for connection in [store.writer, store.applier] {
            connection.lockWait.limitMicroseconds = 300_000_000
            let (note, activity) = (connection.lockWait.onWait, federation.clock.activity)
            connection.lockWait.onWait = {
                note?()
                activity.note()
            }
        }
        return (federation, store)
    }

    @Test func whoseTimeIsOverIsToldSoAndNotExecutedAfterwards() async throws {
        let (federation, store) = try patient()
        let program = try RawProgram(federation.path("south"))
        try program.execute("BEGIN IMMEDIATE")
        let began = federation.clock.wallMilliseconds()
        let waiting = Task { try await store.transact(insert("late", limit: 1_000)) }
        try await federation.until { store.board.writeLock.hold != nil }
        #expect(store.databaseStatus.writeLock?.since == began)
        try await federation.until { federation.clock.sleeping > 0 }
        federation.clock.advance(1_001)
        let error = await #expect(throws: StoreError.self) { try await waiting.value }
        #expect(
            error?.code == .timeout && error?.reason.contains("1000 ms") == true
                && error?.reason.contains("write lock") == true)
        #expect(store.databaseStatus.writeLock?.since == began, "it is had by the same program still")
        try program.execute("COMMIT")
        _ = try await store.transact(insert("in time"))
        #expect(store.databaseStatus.writeLock == nil)
        #expect(try await federation.rows("south", "SELECT id FROM plain") == [[.string("in time")]])
    }

    /// The writing queue has something else to do for longer.
    @Test func waitingBehindOthersCounts() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let (blocked, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        store.queue.async {
            blocked.signal()
            gate.wait()
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                blocked.wait()
                continuation.resume()
            }
        }
        let first = Task { try await store.transact(insert("first", limit: 60_000)) }
        try await federation.until { federation.clock.sleeping > 0 }
        let due = federation.clock.monotonicMilliseconds() + 500
        let second = Task { try await store.transact(insert("second", limit: 500)) }
        try await federation.until { federation.clock.nextWake == due }
        federation.clock.advance(501)
        let error = await #expect(throws: StoreError.self) { try await second.value }
        #expect(error?.code == .timeout && error?.reason.contains("busy with other transactions") == true)
        gate.signal()
        _ = try await first.value
        #expect(try await federation.rows("south", "SELECT id FROM plain") == [[.string("first")]])
        #expect(federation.clock.sleeping == 0, "nobody is watched any more")
    }

    @Test func whoIsCancelledIsNotExecuted() async throws {
        let (federation, store) = try patient()
        let program = try RawProgram(federation.path("south"))
        try program.execute("BEGIN IMMEDIATE")
        let waiting = Task { try await store.transact(insert("cancelled")) }
        try await federation.until { store.board.writeLock.hold != nil }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try program.execute("COMMIT")
        _ = try await store.transact(insert("other"))
        #expect(try await federation.rows("south", "SELECT id FROM plain") == [[.string("other")]])
    }

    /// Whether a client has hung up, as its listener would tell.
    private final class Client: Sendable {
        private let state = Mutex((isGone: false, asked: 0))
        /// - Parameter looks: the client goes after it was looked after so often.
        func hasGone(after looks: Int = .max) -> Bool {
            state.withLock {
                $0.asked += 1
                return $0.isGone || $0.asked > looks
            }
        }
        func hangUp() { state.withLock { $0.isGone = true } }
        func waits<T: Sendable>(after looks: Int = .max, _ body: @Sendable () async throws -> T) async throws -> T {
            let hasGone: @Sendable () -> Bool = { self.hasGone(after: looks) }
            return try await ClientPresence.$current.withValue(ClientPresence(isGone: hasGone)) { try await body() }
        }
    }

    @Test func whoHangsUpWhileTheLockIsWaitedForIsNotExecuted() async throws {
        let (federation, store) = try patient()
        let program = try RawProgram(federation.path("south"))
        try program.execute("BEGIN IMMEDIATE")
        let client = Client()
        let waiting = Task { try await client.waits { try await store.transact(insert("gone", limit: 60_000)) } }
        try await federation.until { store.board.writeLock.hold != nil }
        client.hangUp()
        // Told at once, long before its time is over, and while the lock is taken still.
        let error = await #expect(throws: StoreError.self) { try await waiting.value }
        #expect(error?.code == .clientGone)
        try program.execute("COMMIT")
        _ = try await store.transact(insert("other"))
        #expect(try await federation.rows("south", "SELECT id FROM plain") == [[.string("other")]])
    }

    /// Others wait for the same commit and are executed.
    @Test func whoHangsUpInAGroupLeavesTheOthersTheirTurn() async throws {
        let (federation, store) = try patient()
        let program = try RawProgram(federation.path("south"))
        try program.execute("BEGIN IMMEDIATE")
        let client = Client()
        let first = Task { try await store.transact(insert("first", limit: 60_000)) }
        try await federation.until { store.board.writeLock.hold != nil }
        let second = Task { try await client.waits { try await store.transact(insert("gone", limit: 60_000)) } }
        let third = Task { try await store.transact(insert("third", limit: 60_000)) }
        try await federation.until { store.board.inbox.withLock({ $0.transactions.count }) >= 2 }
        client.hangUp()
        try program.execute("COMMIT")
        _ = try await (first.value, third.value)
        let error = await #expect(throws: StoreError.self) { try await second.value }
        #expect(error?.code == .clientGone)
        #expect(
            try await federation.rows("south", "SELECT id FROM plain ORDER BY id") == [
                [.string("first")], [.string("third")],
            ])
    }

    /// Asked once, when the transaction is begun: whoever hangs up later finds it executed.
    @Test func whatIsBegunIsFinished() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        _ = try await Client().waits(after: 1) { try await store.transact(insert("begun")) }
        #expect(try await federation.rows("south", "SELECT id FROM plain") == [[.string("begun")]])
    }

    /// Operators' commands and confirmations wait for the lock, too.
    @Test func aFenceOfAClientThatHasGoneIsNotMade() async throws {
        let (federation, store) = try patient(["south", "west", "airport"])
        let program = try RawProgram(federation.path("south"))
        try program.execute("BEGIN IMMEDIATE")
        let client = Client()
        let waiting = Task { try await client.waits { try await store.fence("west") } }
        try await federation.until { store.board.writeLock.hold != nil }
        client.hangUp()
        await #expect(throws: StoreError.self) { try await waiting.value }
        try program.execute("COMMIT")
        try await store.housekeep()
        #expect(store.state().logged.elements.isEmpty, "no entry says that west is out")
        #expect(try await client.waits(after: 0) { try? await store.fence("west") } == nil)
        _ = try await Client().waits { try await store.fence("west") }
        #expect(store.state().logged.elements.map(\.seq) == [1])
    }

    /// The queue waits for the lock, and the status says so: nothing that it asks for waits with
    /// the queue.
    @Test func theStatusIsReadBesideTheWait() async throws {
        let (federation, store) = try patient()
        let program = try RawProgram(federation.path("south"))
        try program.execute("BEGIN IMMEDIATE")
        let waiting = Task { try await store.transact(insert("waits", limit: 60_000)) }
        try await federation.until { store.board.writeLock.hold != nil }
        #expect(try await store.futureStamps() == nil)
        _ = try await (store.unsealedRows(), store.firstForks())
        // The queue's patience has not ended meanwhile.
        try program.execute("COMMIT")
        _ = try await waiting.value
    }

    /// Without tasks nobody is told in time; it is not executed nevertheless.
    @Test func aTransactionWhoseTimeHasPassedIsNotBegun() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let job = WaitingTransaction(insert("late", limit: 1_000), now: federation.clock.monotonicMilliseconds()) {
            _, result in
            #expect(throws: StoreError.self) { try result.get() }
        }
        federation.clock.advance(1_001)
        store.core.sync { $0.commit([job]) }
        #expect(!job.isWanted)
        #expect(try await federation.rows("south", "SELECT id FROM plain").isEmpty)
    }

    /// A program that has the lock for longer than the node waits: who asked is told who has it,
    /// and received entries come again.
    @Test func whatIsReceivedMeanwhileIsRefusedWithTheReason() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("west", "INSERT INTO plain(id) VALUES('of west')")
        let program = try RawProgram(federation.path("south"))
        try program.execute("BEGIN IMMEDIATE")
        let error = await #expect(throws: StoreError.self) { try await federation.exchange(from: "west", to: "south") }
        #expect(error?.code == .busy && error?.reason.contains("has had the write lock") == true)
        #expect(try await federation["south"].sealForeign() == .writerActive)
        try program.execute("COMMIT")
        try await federation.exchange(from: "west", to: "south")
        #expect(try await federation.rows("south", "SELECT id FROM plain") == [[.string("of west")]])
    }
}
