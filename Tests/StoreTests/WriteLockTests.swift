import Foundation
import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// Another program has the write lock for long: time limits count from the request, and nobody is executed who has given up.
@Suite struct WriteLockTests {
    private func insert(_ id: String, limit: Int = 10_000) -> StoreTransaction {
        StoreTransaction(statements: [StoreStatement(sql: "INSERT INTO plain(id) VALUES('\(id)')")], timeoutMilliseconds: limit)
    }

    private func waitForSleeper(_ federation: Federation) async { while federation.clock.sleeping == 0 { await Task.yield() } }

    @Test func whoseTimeIsOverIsToldSoAndNotExecutedAfterwards() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let program = try RawProgram(federation.path("south"))
        try program.execute("BEGIN IMMEDIATE")
        let began = federation.clock.wallMilliseconds()
        let waiting = Task { try await store.transact(insert("late", limit: 1_000)) }
        while store.databaseFigures.writeLock == nil { await Task.yield() }
        #expect(store.databaseFigures.writeLock?.since == began)
        await waitForSleeper(federation)
        federation.clock.advance(1_001)
        let error = await #expect(throws: StoreError.self) { try await waiting.value }
        #expect(error?.code == .timeout && error?.reason.contains("1000 ms") == true && error?.reason.contains("write lock") == true)
        #expect(store.databaseFigures.writeLock?.since == began, "it is had by the same program still")
        try program.execute("COMMIT")
        _ = try await store.transact(insert("in time"))
        #expect(store.databaseFigures.writeLock == nil)
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
        await waitForSleeper(federation)
        let second = Task { try await store.transact(insert("second", limit: 500)) }
        while store.lock.withLock({ store.waitingTransactions.count }) < 2 { await Task.yield() }
        federation.clock.advance(501)
        let error = await #expect(throws: StoreError.self) { try await second.value }
        #expect(error?.code == .timeout && error?.reason.contains("busy with other transactions") == true)
        gate.signal()
        _ = try await first.value
        #expect(try await federation.rows("south", "SELECT id FROM plain") == [[.string("first")]])
        #expect(federation.clock.sleeping == 0, "nobody is watched any more")
    }

    @Test func whoIsCancelledIsNotExecuted() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let program = try RawProgram(federation.path("south"))
        try program.execute("BEGIN IMMEDIATE")
        let waiting = Task { try await store.transact(insert("cancelled")) }
        while store.databaseFigures.writeLock == nil { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try program.execute("COMMIT")
        _ = try await store.transact(insert("other"))
        #expect(try await federation.rows("south", "SELECT id FROM plain") == [[.string("other")]])
    }

    /// Without tasks nobody is told in time; it is not executed nevertheless.
    @Test func aTransactionWhoseTimeHasPassedIsNotBegun() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let job = WaitingTransaction(insert("late", limit: 1_000), now: federation.clock.monotonicMilliseconds()) { _, result in
            #expect(throws: StoreError.self) { try result.get() }
        }
        federation.clock.advance(1_001)
        store.queue.sync { store.commit([job]) }
        #expect(!job.isWanted)
        #expect(try await federation.rows("south", "SELECT id FROM plain").isEmpty)
    }

    /// A program that has the lock for longer than the node waits: who asked is told who has it, and received entries come again.
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
