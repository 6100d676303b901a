import Foundation
import ParkSyncCore
import ParkSyncReplication
import Synchronization
import Testing

@testable import ParkSyncStore

/// Slices that are handed over without waiting: verified while those before are still to be stored.
@Suite struct SliceIntakeTests {
    private final class Outcomes: Sendable {
        private let results = Mutex<[Int: Result<Void, any Error>]>([:])
        func note(_ index: Int, _ result: Result<Void, any Error>) { results.withLock { $0[index] = result } }
        var all: [Int: Result<Void, any Error>] { results.withLock { $0 } }
    }

    /// One slice for each of `count` entries of south.
    private func slices(_ federation: Federation, _ count: Int, value: String = "1") async throws -> [LogSlice] {
        for index in 0..<count {
            try await federation.write("south", "INSERT INTO plain(id, a) VALUES('\(index)', \(value))")
        }
        let origin = try federation.origin("south")
        return try (0..<UInt64(count)).map {
            try #require(try federation["south"].read(origin: origin, after: $0, bytesMax: 1))
        }
    }

    /// Hands all over at once, while the queue that writes is held up, and waits for the outcomes.
    private func receive(_ store: ParkStore, _ slices: [LogSlice]) async -> [Int: Result<Void, any Error>] {
        let outcomes = Outcomes()
        let gate = DispatchSemaphore(value: 0)
        store.queue.async { gate.wait() }
        await withTaskGroup(of: Void.self) { group in
            for (index, slice) in slices.enumerated() {
                let (done, finish) = AsyncStream.makeStream(of: Void.self)
                store.receive(slice) { result in
                    outcomes.note(index, result)
                    finish.finish()
                }
                group.addTask { for await _ in done {} }
            }
            // All have been verified before the first is stored.
            store.verifyQueue.async { gate.signal() }
            await group.waitForAll()
        }
        return outcomes.all
    }

    @Test func allAreVerifiedAheadAndStoredInOrder() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let slices = try await slices(federation, 20)
        let west = try federation["west"]
        let outcomes = await receive(west, slices)
        #expect(outcomes.count == 20 && outcomes.values.allSatisfy { (try? $0.get()) != nil })
        #expect(west.state().applied[try federation.origin("south")] == 20)
        #expect(west.board.inbox.withLock { $0.verifiedAhead.isEmpty }, "what is stored is found in the log")
        // The same again, from another peer, changes nothing.
        #expect(await receive(west, slices.reversed()).values.allSatisfy { (try? $0.get()) != nil })
        #expect(try await federation.rows("west", "SELECT count(*) FROM plain") == [[.integer(20)]])
    }

    /// Two peers send the same entries in pieces that end elsewhere.
    @Test func piecesOfSeveralStreamsMayEndElsewhere() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let single = try await slices(federation, 12)
        let whole = { (first: Int, last: Int) -> LogSlice in
            var slice = single[first]
            for next in single[(first + 1)...last] {
                slice.body += next.body
                slice.count += next.count
                slice.signature = next.signature
            }
            return slice
        }
        let west = try federation["west"]
        let outcomes = await receive(west, [whole(0, 4), whole(0, 2), whole(3, 8), whole(5, 11), whole(9, 11)])
        #expect(outcomes.values.allSatisfy { (try? $0.get()) != nil }, "\(outcomes)")
        #expect(west.state().applied[try federation.origin("south")] == 12)
        #expect(west.board.inbox.withLock { $0.verifiedAhead.isEmpty })
    }

    @Test func nothingBehindADamagedSliceIsKept() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let slices = try await slices(federation, 10)
        let west = try federation["west"]
        var damaged = slices
        damaged[4].body[damaged[4].body.count - 1] ^= 1
        let outcomes = await receive(west, damaged)
        for index in 0..<10 {
            let refusal: SliceRefused.Cause? =
                if case .failure(let error as SliceRefused)? = outcomes[index] { error.cause } else { nil }
            #expect((refusal == nil) == (index < 4), "slice \(index): \(String(describing: refusal))")
            if index > 4 { #expect(refusal == .gap) }
        }
        #expect(west.state().logged[try federation.origin("south")] == 4)
        #expect(await receive(west, Array(slices[4...])).values.allSatisfy { (try? $0.get()) != nil })
        #expect(west.state().applied[try federation.origin("south")] == 10)
    }

    @Test func whatCannotBeStoredIsNotBuiltUpon() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let slices = try await slices(federation, 6, value: "randomblob(100000)")
        let west = try federation["west"]
        _ = await receive(west, Array(slices[..<2]))
        // A full disk: the file may not grow.
        try await west.onQueue { try $0.applier.connection.execute("PRAGMA max_page_count = 1") }
        let outcomes = await receive(west, Array(slices[2...]))
        #expect(outcomes.values.allSatisfy { if case .failure = $0 { true } else { false } })
        try await west.onQueue { try $0.applier.connection.execute("PRAGMA max_page_count = 1073741823") }
        #expect(west.board.inbox.withLock { $0.verifiedAhead.isEmpty })
        #expect(await receive(west, Array(slices[2...])).values.allSatisfy { (try? $0.get()) != nil })
        #expect(west.state().applied[try federation.origin("south")] == 6)
    }

    /// Unicode holds both texts equivalent, SQLite does not.
    @Test func aTextIsTakenForAnotherOnlyIfItsBytesAreEqual() async throws {
        let federation = try Federation(["south"], schema: shapes)
        for (id, value) in [("composed", "\u{E9}"), ("decomposed", "e\u{301}")] {
            try await federation.write(
                "south", "INSERT INTO plain(id, a) VALUES('x', '\(value)') ON CONFLICT DO UPDATE SET a = excluded.a")
            #expect(try await federation.rows("south", "SELECT a FROM plain") == [[.string(value)]], "\(id)")
        }
    }

    @Test func textsFromOutsideAreCompiledOnceAndForgottenInOrder() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        for index in 0..<(GuestStatements.statementsMax + 20) {
            try await federation.write("south", "INSERT INTO plain(id, a) VALUES('\(index)', \(index))")
        }
        let insert = "INSERT INTO plain(id, a) VALUES(?1, ?2)"
        for index in 0..<3 {
            _ = try await store.transact(
                StoreTransaction(statements: [
                    StoreStatement(sql: insert, parameters: [.string("p\(index)"), .integer(Int64(index))])
                ]))
        }
        // One that fails is as good as new afterwards, and its old parameters are gone.
        await #expect(throws: StoreError.self) {
            try await store.transact(
                StoreTransaction(statements: [StoreStatement(sql: insert, parameters: [.string("p0"), .integer(9)])]))
        }
        _ = try await store.transact(
            StoreTransaction(statements: [StoreStatement(sql: insert, parameters: [.string("p9"), .null])]))
        #expect(
            try await federation.rows("south", "SELECT id, a FROM plain WHERE id GLOB 'p*' ORDER BY id") == [
                [.string("p0"), .integer(0)], [.string("p1"), .integer(1)], [.string("p2"), .integer(2)],
                [.string("p9"), .null],
            ])
    }
}
