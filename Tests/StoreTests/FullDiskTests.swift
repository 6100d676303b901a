import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// A disk without room, as SQLite's page limit makes one for a connection.
@Suite struct FullDiskTests {
    private func limit(_ store: ParkStore, room: Int64?) throws {
        let pages = try store.writer.int64("PRAGMA page_count") ?? 0
        for connection in [store.writer, store.applier] {
            let sql = "PRAGMA max_page_count = \(room.map { pages + $0 } ?? 1_000_000_000)"
            var outcome: Result<Void, any Error> = .success(())
            store.queue.sync { outcome = Result { try connection.execute(sql) } }
            try outcome.get()
        }
    }

    private func insert(_ name: String, bytes: Int) -> String {
        "INSERT INTO plain(id, a) VALUES('\(name)', randomblob(\(bytes)))"
    }

    @Test func aWriteFailsReadsGoOnAndNothingIsLost() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        for index in 0..<20 { try await federation.write("south", insert("before\(index)", bytes: 1_000)) }
        let store = try federation["south"]
        let head = store.state()
        try limit(store, room: 10)
        for _ in 0..<3 {
            let error = await #expect(throws: StoreError.self) {
                try await federation.write("south", insert("large", bytes: 1_000_000))
            }
            #expect(
                error?.code == .diskFull && error?.remedy.contains("Free disk space") == true,
                "\(String(describing: error))")
        }
        #expect(store.state() == head)
        #expect(try await federation.rows("south", "SELECT count(*) FROM plain") == [[.integer(20)]])
        // A small one still fits, and what was refused has left nothing behind.
        try await federation.write("south", insert("small", bytes: 10))
        try limit(store, room: nil)
        try await federation.write("south", insert("large", bytes: 1_000_000))
        try await expectSame(federation)
        #expect(try await federation.rows("west", "SELECT count(*) FROM plain") == [[.integer(22)]])
    }

    @Test func theTransactionsThatFitSurviveAGroupThatDoesNot() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let store = try federation["south"]
        try limit(store, room: 30)
        let codes = Codes()
        let jobs = [insert("a", bytes: 100), insert("large", bytes: 1_000_000), insert("b", bytes: 100)].map { sql in
            WaitingTransaction(
                StoreTransaction(statements: [StoreStatement(sql: sql)]), now: federation.clock.monotonicMilliseconds()
            ) {
                codes.add($1)
            }
        }
        store.core.sync { $0.commit(jobs) }
        #expect(codes.all == [nil, .diskFull, nil])
        try limit(store, room: nil)
        try await expectSame(federation)
        #expect(
            try await federation.rows("west", "SELECT id FROM plain ORDER BY id") == [[.string("a")], [.string("b")]])
    }

    private final class Codes: @unchecked Sendable {
        // Written on the store's queue and read after it has finished.
        private(set) var all: [StoreError.Code?] = []
        func add(_ result: Result<TransactionResult, any Error>) {
            do {
                _ = try result.get()
                all.append(nil)
            } catch { all.append((error as? StoreError)?.code ?? .internalState) }
        }
    }

    @Test func aForeignWriteIsSealedWhenThereIsRoom() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try federation.foreign(
            "south", "sqlite3", ["-batch", "-bail"], input: insert("foreign", bytes: 300_000) + ";\n")
        let store = try federation["south"]
        try limit(store, room: 5)
        let error = await #expect(throws: StoreError.self) { try await store.sealForeign() }
        #expect(error?.code == .diskFull)
        #expect(try await store.unsealedRows() == 1)
        #expect(try await federation.rows("south", "SELECT count(*) FROM plain") == [[.integer(1)]])
        try limit(store, room: nil)
        try await expectSame(federation)
        #expect(try await federation.rows("west", "SELECT count(*) FROM plain") == [[.integer(1)]])
    }

    @Test func aSliceThatDoesNotFitCanBeReceivedAgain() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let origin = try federation.origin("west")
        for index in 0..<5 { try await federation.write("west", insert("w\(index)", bytes: 100_000)) }
        let slice = try #require(try federation["west"].read(origin: origin, after: 0, bytesMax: 1 << 20))
        let store = try federation["south"]
        try await federation.write("south", insert("own", bytes: 10))
        let head = store.state()
        // Room for none of it, and for the log but not for the tables.
        for room: Int64 in [5, 150] {
            try limit(store, room: room)
            let error = await #expect(throws: StoreError.self) { try await store.receive(slice) }
            #expect(error?.code == .diskFull)
            #expect(store.state().applied == head.applied && store.state().logged == head.logged)
            #expect(try await federation.rows("south", "SELECT count(*) FROM plain") == [[.integer(1)]])
        }
        try limit(store, room: nil)
        try await store.receive(slice)
        try await expectSame(federation)
        #expect(try await federation.rows("south", "SELECT count(*) FROM plain") == [[.integer(6)]])
    }
}
