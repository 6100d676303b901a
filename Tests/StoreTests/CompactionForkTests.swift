import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// A park's log forks, and the zone has dropped traces of rows on the strength of one branch that
/// the other one changes.
@Suite(.serialized) struct CompactionForkTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE item(id TEXT NOT NULL PRIMARY KEY, a, b);
        -- parksync: writer any
        CREATE TABLE note(id TEXT NOT NULL PRIMARY KEY, a);
        """
    private static let changes = [
        // Rows that west has deleted and all have acknowledged.
        "UPDATE item SET a = 'of the branch' WHERE id = 'updated'", "DELETE FROM item WHERE id = 'deleted'",
        "DELETE FROM item WHERE id = 'revived'", "INSERT INTO item VALUES('revived', 'again', 1)",
        "UPDATE item SET b = 2 WHERE id = 'revived'",
        // Others.
        "INSERT INTO item VALUES('new', 'of the branch', 1)", "UPDATE item SET b = 3 WHERE id = 'new'",
        "UPDATE item SET a = 'of the branch' WHERE id = 'contested'", "DELETE FROM item WHERE id = 'old'",
        "INSERT INTO note VALUES('n', 1)",
    ]

    /// South's file is of yesterday. Since then west has deleted rows, south has acknowledged that,
    /// and west has dropped their traces; airport has not heard of the last.
    private func made() async throws -> Federation {
        let federation = try Federation(["airport", "south", "west"], schema: Self.schema)
        for id in ["updated", "deleted", "revived", "contested", "old"] {
            try await federation.write("south", "INSERT INTO item VALUES('\(id)', 0, 0)")
        }
        try await federation.converge()
        try federation.copy("south", to: "yesterday")
        try await federation.write("west", "DELETE FROM item WHERE id IN ('updated', 'deleted', 'revived')")
        try await federation.converge()
        try await federation.write("south", "UPDATE item SET a = 'of the log' WHERE id = 'contested'")
        #expect(try await federation["airport"].acknowledge())
        try await federation.converge()
        #expect(try await federation["west"].compact().droppedRows == 3)
        return federation
    }

    private func expectGone(_ federation: Federation, contested: String) async throws {
        try await expectSame(federation)
        let rows: [[Value]] = [
            [.string("contested"), .string(contested), .integer(0)],
            [.string("new"), .string("of the branch"), .integer(3)],
            [.string("revived"), .string("again"), .integer(2)],
        ]
        #expect(try await federation.rows("airport", "SELECT * FROM item ORDER BY id") == rows)
        #expect(try await federation.rows("west", "SELECT * FROM note") == [[.string("n"), .integer(1)]])
        for park in federation.parks {
            let lost = try await federation[park].conflicts(limit: 10).map(\.lost.value)
            #expect(lost == [.string("of the log")], "\(park): \(lost)")
            let report = try Replay(
                from: federation.path(park), into: federation.folder.path + "/replayed-\(park).sqlite",
                members: federation.members,
                schema: federation.schema
            ).run(until: nil)
            #expect(report.findings == [] && !report.isDifferent)
        }
    }

    private func notes(_ federation: Federation, _ origin: String) async throws -> [String] {
        let origin = try #require(OriginID(origin))
        return try await federation["west"].entries(origin: origin, after: nil, limit: 100, changesMax: 1).map(
            \.header.note
        ).filter {
            $0.contains("left out")
        }
    }

    /// - Parameter knows: whether south hears of the compaction before it writes its branch anew.
    @Test(arguments: [true, false], [true, false]) func aPublishedBranchLeavesDeletedRowsAlone(
        knows: Bool, inOneEntry: Bool
    ) async throws {
        let federation = try await made()
        try federation.putBack("yesterday", "south")
        try federation.open("south", checks: true)
        try await federation.check("south", peers: [], policy: HeadGuard.Policy(acceptsWithoutPeers: true))
        federation.clock.advance(1_000)
        if inOneEntry {
            let statements = Self.changes.map { StoreStatement(sql: $0, parameters: []) }
            _ = try await federation["south"].transact(StoreTransaction(statements: statements))
        } else {
            for sql in Self.changes { try await federation.write("south", sql) }
        }
        try await federation.check("south", peers: knows ? ["west", "airport"] : ["airport"])
        #expect(try federation["south"].state().origin.name == "south~2")
        // Airport hears of the branch first, west of the compaction.
        try await federation.exchange(from: "south", to: "airport")
        try await federation.exchange(from: "south", to: "west")
        try await expectGone(federation, contested: "of the branch")
        #expect(try await notes(federation, "south~2").count == (inOneEntry ? 1 : 3))
        #expect(
            try await !federation["south"].forks(limit: 100).isEmpty,
            "what was left out is in the entries as they were signed")
        // The park goes on, and counts for what the zone forgets next.
        try await federation.write("west", "DELETE FROM item WHERE id = 'new'")
        try await federation.converge()
        for park in ["south", "airport"] { #expect(try await federation[park].acknowledge()) }
        try await federation.converge()
        #expect(try await federation["west"].compact().droppedRows >= 1)
        try await expectSame(federation)
    }

    @Test(arguments: [true, false]) func whatNobodyHasSeenLeavesDeletedRowsAlone(knows: Bool) async throws {
        let federation = try await made()
        try federation.putBack("yesterday", "south")
        federation.clock.advance(1_000)
        // Written while the node was down.
        try federation.foreign(
            "south", "sqlite3", ["-batch", "-bail"], input: Self.changes.joined(separator: ";\n") + ";\n")
        try federation.open("south", checks: true)
        try await federation.check("south", peers: knows ? ["west", "airport"] : ["airport"])
        #expect(try federation["south"].state().origin.name == "south")
        try await federation.exchange(from: "south", to: "airport")
        try await federation.exchange(from: "south", to: "west")
        try await expectSame(federation)
        #expect(try await notes(federation, "south") == ["2 changes of rows that were deleted meanwhile are left out"])
        #expect(try await federation["south"].forks(limit: 100) == [], "they prove nothing")
        #expect(try await federation.rows("south", "SELECT count(*) FROM _parksync_fork") == [[.integer(1)]])
        #expect(
            try await federation.rows("west", "SELECT id FROM item ORDER BY id") == [
                [.string("contested")], [.string("new")], [.string("revived")],
            ])
    }
}
