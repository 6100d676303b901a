import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let forms = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE item(id INTEGER NOT NULL PRIMARY KEY, a);
    """

/// A log that somebody deleted, and cursors that somebody changed: the node says what is wrong,
/// writes nothing, and neither ends nor crashes.
@Suite(.serialized) struct LogDamageTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        var sql: String
        /// What the message has to name.
        var names: String
        /// What nobody compares while the node runs, and what would make it another node after the
        /// next start.
        var isOnlySeenAtTheStart = false
        var testDescription: String { sql }
    }

    static let damage: [Damage] = [
        Damage(sql: "DELETE FROM _parksync_log", names: "log"),
        Damage(sql: "DELETE FROM _parksync_log WHERE id >> 40 = 1", names: "south"),
        Damage(sql: "DELETE FROM _parksync_log WHERE id >> 40 = 2", names: "west"),
        Damage(
            sql: "DELETE FROM _parksync_log WHERE id = (SELECT max(id) FROM _parksync_log WHERE id >> 40 = 1)",
            names: "south"),
        Damage(sql: "UPDATE _parksync_origin SET folded = 1000000 WHERE name = 'west'", names: "cursor of west"),
        Damage(sql: "UPDATE _parksync_origin SET folded = 9223372036854775807", names: "cursor"),
        Damage(sql: "UPDATE _parksync_origin SET folded = -1 WHERE name = 'south'", names: "cursor"),
        Damage(sql: "UPDATE _parksync_origin SET folded = 'x' WHERE name = 'south'", names: "cursor"),
        Damage(sql: "UPDATE _parksync_origin SET ordinal = 9223372036854775807 WHERE name = 'west'", names: ""),
        Damage(sql: "DELETE FROM _parksync_origin WHERE name = 'west'", names: "cursor"),
        Damage(sql: "DROP TABLE _parksync_log", names: ""),
        Damage(
            sql: "UPDATE _parksync_origin SET name = 'west~2' WHERE name = 'west'", names: "which is west:",
            isOnlySeenAtTheStart: true),
        Damage(
            sql: "UPDATE _parksync_origin SET name = CASE name WHEN 'west' THEN 'east' ELSE name END",
            names: "the log of east ends with",
            isOnlySeenAtTheStart: true),
        Damage(
            sql: "UPDATE _parksync_table SET ordinal = ordinal + 100", names: "_parksync_table",
            isOnlySeenAtTheStart: true),
        Damage(
            sql: "DELETE FROM _parksync_schema", names: "_parksync_schema has lost schema files",
            isOnlySeenAtTheStart: true),
        Damage(
            sql: "UPDATE _parksync_schema SET number = 2", names: "_parksync_schema has lost schema files",
            isOnlySeenAtTheStart: true),
        Damage(
            sql: "UPDATE _parksync_log SET payload = x'00' WHERE id = (SELECT max(id) FROM _parksync_log)",
            names: "was altered and cannot",
            isOnlySeenAtTheStart: true),
    ]

    private func zone() async throws -> Federation {
        let federation = try Federation(["south", "west"], schema: forms)
        for index in 0..<5 {
            for (number, park) in federation.parks.enumerated() {
                try await federation.write(park, "INSERT INTO item VALUES(\(index * 2 + number), 'a')")
            }
        }
        try await federation.converge()
        return federation
    }

    @Test(arguments: damage.filter { !$0.isOnlySeenAtTheStart }) func isToldWhileTheNodeRuns(_ damage: Damage)
        async throws
    {
        let federation = try await zone()
        let south = try federation["south"]
        #expect(south.damage == nil)
        let program = try RawProgram(federation.path("south"))
        try program.execute(damage.sql)
        await #expect(throws: StoreError.self) { try await south.sealForeign() }
        let found = try #require(south.damage)
        #expect(found.isOfFile && found.reason.contains(damage.names), "\(found)")
        let refusal = await #expect(throws: StoreError.self) {
            try await federation.write("south", "INSERT INTO item VALUES(99, 'b')")
        }
        #expect(refusal?.code == .damaged)
        #expect(try await federation.rows("south", "SELECT count(*) FROM item") == [[.integer(10)]], "reading goes on")
        try await south.close()
    }

    @Test(arguments: damage) func isToldAtTheStart(_ damage: Damage) async throws {
        let federation = try await zone()
        federation.closeWithoutCheckpoint("south")
        let program = try RawProgram(federation.path("south"))
        try program.execute(damage.sql)
        let error = #expect(throws: StoreError.self) { try federation.open("south") }
        #expect(error?.isOfFile == true && error?.reason.contains(damage.names) == true, "\(String(describing: error))")
    }

    /// Peers would wait for an entry that nobody shows them, and say so for ever.
    @Test(arguments: [("south", "NULL"), ("south", "x'00'"), ("south", "'x'"), ("west", "NULL"), ("west", "x'00'")])
    func aHeadThatHasLostItsSignatureIsTold(_ park: String, _ signature: String) async throws {
        let federation = try await zone()
        let south = try federation["south"]
        let program = try RawProgram(federation.path("south"))
        let newest =
            """
            (SELECT max(l.id) FROM _parksync_log l JOIN _parksync_origin o ON l.id >> 40 = o.ordinal WHERE \
            o.name = '\(park)')
            """
        try program.execute("UPDATE _parksync_log SET signature = \(signature) WHERE id = \(newest)")
        await #expect(throws: StoreError.self) { try await south.sealForeign() }
        let found = try #require(south.damage)
        #expect(found.isOfFile && found.reason.contains("entry \(park):5 has lost its signature"), "\(found)")
        #expect(found.remedy.contains("restart the node"), "\(found)")
        #expect(
            found.remedy.contains(park == "south" ? "signs the entry anew" : "gets the signature from a peer"),
            "\(found)")
        await #expect(throws: StoreError.self) {
            try await federation.write("south", "INSERT INTO item VALUES(99, 'b')")
        }
        // The remedy is one.
        federation.closeWithoutCheckpoint("south")
        try federation.open("south")
        #expect(try federation["south"].damage == nil)
        if park == "west" {
            #expect(
                try federation["south"].state().logged[federation.origin("west")] < 5,
                "what nobody has signed is shown to nobody")
            try await federation.exchange(from: "west", to: "south")
            #expect(try federation["south"].state().logged[federation.origin("west")] == 5)
        }
        #expect(
            try await federation.rows("south", "SELECT length(signature) FROM _parksync_log WHERE id = \(newest)") == [
                [.integer(64)]
            ])
        try await federation.write("south", "INSERT INTO item VALUES(99, 'b')")
        try await federation.converge()
        #expect(try await federation.rows("west", "SELECT count(*) FROM item") == [[.integer(11)]])
        #expect(try await federation["south"].verify().findings == [])
    }

    /// They would decide which entries count.
    @Test(arguments: [
        ("_parksync_withdrawal", "(by, origin, first, last) VALUES(2, 2, 2, 500)"),
        ("_parksync_fence", "VALUES('west', 1, 3, 'west:1', '')"),
        ("_parksync_vote", "VALUES('west', 1, 3, 'out', 'south west')"),
        ("_parksync_decision", "VALUES('west', 1, 3, 'out', '-', '-')"),
        ("_parksync_vote", "VALUES('west', 2, 999, 'out', 'south west')"),
    ]) func rowsThatNoEntryStandsForAreToldAtTheStart(_ planted: (table: String, row: String)) async throws {
        let federation = try await zone()
        federation.closeWithoutCheckpoint("south")
        let program = try RawProgram(federation.path("south"))
        try program.execute("INSERT INTO \(planted.table) \(planted.row)")
        let error = #expect(throws: StoreError.self) { try federation.open("south") }
        #expect(
            error?.isOfFile == true && error?.reason.contains("and the log does not") == true,
            "\(String(describing: error))")
        try program.execute("DELETE FROM \(planted.table)")
        try federation.open("south")
        try await federation.converge()
    }

    /// Which rows were deleted and made again is kept in a list, so that sealing need not read each
    /// row's clock. What is signed goes by the clock.
    @Test(arguments: [2, 3, 9, Int64.max]) func aPlantedLifeChangesNoEntry(_ length: Int64) async throws {
        let federation = try await zone()
        try await federation.write("south", "DELETE FROM item WHERE id = 2")
        try await federation.write("south", "INSERT INTO item VALUES(2, 'again')")
        try await federation.converge()
        let program = try RawProgram(federation.path("south"))
        try program.execute(
            """
            INSERT INTO _parksync_life(tbl, key, causal_length)
              SELECT l.tbl, c.key, \(length) FROM _parksync_life l, _parksync_clock_item c WHERE c.key <> l.key;
            UPDATE _parksync_life SET causal_length = \(length)
            """)
        try await federation.write(
            "south", "UPDATE item SET a = 'b' WHERE id IN (0, 2)", "DELETE FROM item WHERE id = 4")
        try await federation.write("west", "UPDATE item SET a = 'c' WHERE id = 6")
        try await federation.converge()
        #expect(try await federation.dump("west") == federation.dump("south"))
        #expect(
            try await federation.rows("west", "SELECT id, a FROM item WHERE id < 8 AND id % 2 = 0 ORDER BY id") == [
                [.integer(0), .string("b")], [.integer(2), .string("b")], [.integer(6), .string("c")],
            ])
    }

    /// What is put back as it was ends it.
    @Test func endsWithItsCause() async throws {
        let federation = try await zone()
        let south = try federation["south"]
        let program = try RawProgram(federation.path("south"))
        try program.execute("CREATE TEMP TABLE kept AS SELECT * FROM _parksync_log; DELETE FROM _parksync_log")
        await #expect(throws: StoreError.self) { try await south.sealForeign() }
        try program.execute("INSERT INTO _parksync_log SELECT * FROM kept")
        try await south.sealForeign()
        #expect(south.damage == nil)
        try await federation.write("south", "INSERT INTO item VALUES(99, 'b')")
    }

    /// Entries in the middle of a log are missed by a walk along it, and at its beginning.
    @Test(arguments: ["id = (1 << 40) + 3", "id IN ((2 << 40) + 1, (2 << 40) + 2)"])
    func gapsAreFoundByAndBy(_ which: String) async throws {
        let federation = try await zone()
        let south = try federation["south"]
        try await south.walkLog()
        #expect(south.damage == nil)
        let program = try RawProgram(federation.path("south"))
        try program.execute(
            """
            CREATE TEMP TABLE kept AS SELECT * FROM _parksync_log WHERE \(which); DELETE FROM _parksync_log \
            WHERE \(which)
            """
        )
        try await south.walkLog()
        let found = try #require(south.damage)
        #expect(found.reason.contains("missing in the log"), "\(found)")
        await #expect(throws: StoreError.self) {
            try await federation.write("south", "INSERT INTO item VALUES(99, 'b')")
        }
        try program.execute("INSERT INTO _parksync_log SELECT * FROM kept")
        try await south.walkLog()
        #expect(south.damage == nil)
    }
}
