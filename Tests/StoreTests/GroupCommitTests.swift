import Foundation
import CSQLite
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncWire
import Testing

@testable import ParkSyncStore

private let family = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE parent(id TEXT NOT NULL PRIMARY KEY);
    -- parksync: writer any
    CREATE TABLE child(
      id TEXT NOT NULL PRIMARY KEY,
      parent TEXT REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED,
      v
    );
    """

/// Transactions of several clients that share one SQLite transaction.
@Suite struct GroupCommitTests {
    private final class Outcomes: @unchecked Sendable {
        // Written on the store's queue and read after it has finished.
        var results: [Result<TransactionResult, any Error>] = []
    }

    /// Commits the transactions as one group.
    private func commit(_ store: ParkStore, _ transactions: [[StoreStatement]]) -> [Result<
        TransactionResult, any Error
    >] {
        let outcomes = Outcomes()
        store.core.sync { core in
            core.commit(
                transactions.map { statements in
                    WaitingTransaction(
                        StoreTransaction(statements: statements), now: store.options.clock.monotonicMilliseconds()
                    ) {
                        outcomes.results.append($1)
                    }
                })
        }
        return outcomes.results
    }

    private func numbers(_ results: [Result<TransactionResult, any Error>]) -> [UInt64?] {
        results.map { (try? $0.get())?.seq }
    }

    /// An old copy is put back, and another program writes into it before its node starts. What it
    /// wrote has a number for the time being, which the peers may know for something else: a group
    /// of writes that are refused must not sign it.
    @Test(arguments: [1, 2]) func refusedWritesSignNothing(clients: Int) async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id) VALUES('shared')")
        try await federation.converge()
        try federation.copy("south", to: "yesterday")
        try await federation.write("south", "INSERT INTO plain(id) VALUES('published')")
        try await federation.converge()
        try federation.putBack("yesterday", "south")
        try federation.foreign(
            "south", "sqlite3", ["-batch", "-bail"], input: "INSERT INTO plain(id) VALUES('foreign');\n")
        let south = try federation.open("south", checks: true)
        let refused = commit(
            south, (0..<clients).map { [StoreStatement(sql: "INSERT INTO plain(id) VALUES('\($0)')")] })
        #expect(refused.count == clients && numbers(refused).allSatisfy { $0 == nil })
        try await federation.check("south", peers: ["west"])
        #expect(south.state().origin.name == "south" && south.state().logged[south.state().origin] == 3)
        try await expectSame(federation)
        #expect(
            try await federation.rows("west", "SELECT id FROM plain ORDER BY id")
                == ["foreign", "published", "shared"].map { [.string($0)] })
        #expect(try await south.forks(limit: 10) == [])
    }

    @Test func aGroupIsServedInSlicesThatFit() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try federation.foreign(
            "south", "sqlite3", ["-batch", "-bail"],
            input: "INSERT INTO plain(id, a) VALUES('foreign', zeroblob(3000000));\n")
        let store = try federation["south"]
        let size = 700_000
        let large = (0..<6).map { [StoreStatement(sql: "INSERT INTO plain(id, a) VALUES('\($0)', zeroblob(\(size)))")] }
        let small = (6..<40).map { [StoreStatement(sql: "INSERT INTO plain(id, a) VALUES('\($0)', zeroblob(20000))")] }
        #expect(numbers(commit(store, large + small)) == (2...41).map { UInt64($0) })
        let origin = try federation.origin("south")
        var seq: UInt64 = 0
        var sizes: [Int] = []
        while let slice = try store.read(origin: origin, after: seq, bytesMax: 1 << 20) {
            if slice.count > 1 { #expect(slice.body.count <= (1 << 20) + 1_000) }
            sizes.append(slice.body.count)
            seq = slice.last
            try await federation["west"].receive(slice)
        }
        #expect(seq == 41 && sizes.count > 6)
        #expect((sizes.max() ?? .max) < 3_100_000)
        // Between two heads there is never more than this besides one entry, whatever that entry's
        // size.
        #expect(
            Sealer.unsignedBytesMax + CoreLimits.payloadBytesMax < WireLimits.frameBytesMax - SliceCoding.headBytesMax)
        try await expectSame(federation)
    }

    @Test func onlyTheTransactionWithAnOpenReferenceFails() async throws {
        let federation = try Federation(["south", "west"], schema: family)
        let store = try federation["south"]
        let results = commit(
            store,
            [
                [StoreStatement(sql: "INSERT INTO parent VALUES('p')")],
                [StoreStatement(sql: "INSERT INTO child(id, parent) VALUES('lost', 'nobody')")],
                // The next one's own order is free, as long as it is whole at its end.
                [
                    StoreStatement(sql: "INSERT INTO child(id, parent) VALUES('c', 'q')"),
                    StoreStatement(sql: "INSERT INTO parent VALUES('q')"),
                ],
                [StoreStatement(sql: "INSERT INTO parent VALUES('nobody')")],
                [StoreStatement(sql: "DELETE FROM parent WHERE id = 'q'")],
                [StoreStatement(sql: "INSERT INTO child(id, parent) VALUES('d', 'p')")],
            ])
        #expect(numbers(results) == [1, nil, 2, 3, nil, 4])
        for index in [1, 4] {
            let error = #expect(throws: StoreError.self) { try results[index].get() }
            #expect(error?.code == .constraint && error?.reason.contains("FOREIGN KEY") == true)
        }
        try await expectSame(federation)
        #expect(
            try await federation.rows("west", "SELECT id FROM child ORDER BY id") == [[.string("c")], [.string("d")]])
    }

    @Test func aTransactionThatFailsLeavesNothingOfItsOwn() async throws {
        let federation = try Federation(["south", "west"], schema: family)
        let insert = { (id: String) in StoreStatement(sql: "INSERT INTO parent VALUES('\(id)')") }
        // The second fails at its last statement.
        let results = commit(try federation["south"], [[insert("a")], [insert("half"), insert("a")], [insert("b")]])
        #expect(numbers(results) == [1, nil, 2])
        try await expectSame(federation)
        for park in federation.parks {
            #expect(
                try await federation.rows(park, "SELECT id FROM parent ORDER BY id") == [
                    [.string("a")], [.string("b")],
                ])
        }
    }

    /// Refuses the commits whose numbers it was given, as a full disk may do, and notes what peers
    /// are shown just before each.
    private final class CommitRefusal {
        var commits = 0
        var shown: [UInt64] = []
        let refused: Set<Int>
        let store: ParkStore
        init(_ refused: Set<Int>, of store: ParkStore) { (self.refused, self.store) = (refused, store) }
    }

    @Test func aGroupThatCannotBeCommittedIsRunOneByOne() async throws {
        let federation = try Federation(["south", "west"], schema: family)
        let store = try federation["south"]
        // The first is that of the group, the third that of its second transaction.
        let refusal = CommitRefusal([1, 3], of: store)
        sqlite3_commit_hook(
            store.writer.handle,
            { context in
                guard let context else { return 0 }
                let refusal = Unmanaged<CommitRefusal>.fromOpaque(context).takeUnretainedValue()
                refusal.commits += 1
                refusal.shown.append(refusal.store.state().logged[refusal.store.options.origin])
                return refusal.refused.contains(refusal.commits) ? 1 : 0
            }, Unmanaged.passUnretained(refusal).toOpaque())
        let results = commit(
            store, ["a", "b", "c"].map { [StoreStatement(sql: "INSERT INTO parent VALUES('\($0)')")] })
        sqlite3_commit_hook(store.writer.handle, nil, nil)
        #expect(numbers(results) == [1, nil, 2] && refusal.commits == 4)
        // Nothing is shown that a commit may still take back.
        #expect(refusal.shown == [0, 0, 1, 1])
        try await expectSame(federation)
        #expect(
            try await federation.rows("west", "SELECT id FROM parent ORDER BY id") == [[.string("a")], [.string("c")]])
    }
}
