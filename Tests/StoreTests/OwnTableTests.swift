import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let forms = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE item(id INTEGER NOT NULL PRIMARY KEY, a);
    """

/// What another program does to ParkSync's own tables and files beside writing rows into them.
@Suite(.serialized) struct OwnTableTests {
    private func zone() async throws -> Federation {
        let federation = try Federation(["south", "west"], schema: forms)
        for (number, park) in federation.parks.enumerated() {
            try await federation.write(park, "INSERT INTO item VALUES(\(number), 'a')")
        }
        try await federation.converge()
        return federation
    }

    static let objects = [
        "CREATE TRIGGER evil AFTER INSERT ON _parksync_log BEGIN DELETE FROM _parksync_log WHERE id = new.id; END",
        "CREATE TRIGGER evil BEFORE INSERT ON _parksync_log BEGIN SELECT raise(ABORT, 'no'); END",
        "CREATE TRIGGER evil BEFORE UPDATE ON _parksync_log BEGIN SELECT raise(IGNORE); END",
        "CREATE UNIQUE INDEX evil ON _parksync_log(typeof(payload)) WHERE id % 1099511627776 > 1",
        "CREATE TRIGGER evil BEFORE INSERT ON _parksync_meta BEGIN SELECT raise(ABORT, 'no'); END",
        "CREATE TRIGGER evil BEFORE INSERT ON _parksync_pending_item BEGIN SELECT raise(ABORT, 'no'); END",
        "CREATE TRIGGER evil AFTER UPDATE ON _parksync_origin BEGIN UPDATE _parksync_origin SET folded = 0; END",
        "CREATE UNIQUE INDEX evil ON _parksync_clock_item(length(clock))",
        "CREATE UNIQUE INDEX evil ON _parksync_life(causal_length)",
        "CREATE UNIQUE INDEX evil ON _parksync_member(length(park))",
    ]

    @Test(arguments: objects) func whatHangsOnThemIsDroppedBeforeAWrite(_ sql: String) async throws {
        let federation = try await zone()
        let south = try federation["south"]
        let program = try RawProgram(federation.path("south"))
        let table = try #require(sql.split(separator: " ").first { $0.hasPrefix("_parksync_") }?.prefix { $0 != "(" })
        if program.run(sql) != 0 {
            // No such column in this version: any index does.
            try program.execute("CREATE INDEX evil ON \(table)(1)")
        }
        for index in 10..<13 { try await federation.write("south", "INSERT INTO item VALUES(\(index), 'b')") }
        #expect(program.text("SELECT count(*) FROM sqlite_master WHERE name = 'evil'") == "0")
        #expect(
            south.droppedObjects.count == 1 && south.droppedObjects.newest.first?.contains("evil on \(table)") == true)
        let own = south.state().origin
        let logged = south.state().logged[own]
        #expect(
            program.text("SELECT count(*) FROM _parksync_log WHERE id >> 40 = 1") == "\(logged)", "each is in the log")
        try await federation.converge()
        #expect(try await federation.rows("west", "SELECT count(*) FROM item") == [[.integer(5)]])
        #expect(south.damage == nil)
    }

    @Test(arguments: objects) func whatHangsOnThemIsDroppedAtTheStart(_ sql: String) async throws {
        let federation = try await zone()
        federation.closeWithoutCheckpoint("south")
        let program = try RawProgram(federation.path("south"))
        if program.run(sql) != 0 { try program.execute("CREATE INDEX evil ON _parksync_member(1)") }
        let south = try federation.open("south")
        #expect(program.text("SELECT count(*) FROM sqlite_master WHERE name = 'evil'") == "0")
        #expect(south.droppedObjects.count == 1)
        try await federation.write("south", "INSERT INTO item VALUES(10, 'b')")
    }

    /// Whatever takes an entry away in the transaction that has written it.
    @Test(arguments: [
        "AFTER INSERT ON main._parksync_log BEGIN DELETE FROM _parksync_log WHERE id = new.id; END",
        "BEFORE INSERT ON main._parksync_log BEGIN SELECT raise(IGNORE); END",
        "BEFORE UPDATE ON main._parksync_log BEGIN SELECT raise(IGNORE); END",
    ])
    func anEntryThatIsNotInTheLogIsNotAcknowledged(_ body: String) async throws {
        let federation = try await zone()
        let south = try federation["south"]
        // On the connection itself, where nobody finds it.
        try await south.onQueue { try $0.writer.execute("CREATE TEMP TRIGGER evil \(body)") }
        let refusal = await #expect(throws: StoreError.self) {
            try await federation.write("south", "INSERT INTO item VALUES(10, 'b')")
        }
        #expect(
            refusal?.code == .damaged && refusal?.reason.contains("is not in it") == true,
            "\(String(describing: refusal))")
        #expect(try await federation.rows("south", "SELECT count(*) FROM item WHERE id = 10") == [[.integer(0)]])
        try await south.onQueue { try $0.writer.execute("DROP TRIGGER temp.evil") }
        try await federation.write("south", "INSERT INTO item VALUES(10, 'b')")
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var sql: String
        var names: String
        /// What undoes it; nil if nothing does.
        var back: String?
        var testDescription: String { sql }
    }

    static let damage = [
        Damage(sql: "DROP TABLE _parksync_meta", names: "_parksync_meta"),
        Damage(
            sql: "DROP TABLE _parksync_meta; CREATE VIEW _parksync_meta AS SELECT 'format' AS name, 2 AS value",
            names: "_parksync_meta"),
        Damage(sql: "DROP TABLE _parksync_clock_item", names: "_parksync_clock_item"),
        Damage(sql: "DROP TABLE _parksync_origin", names: "_parksync_origin"),
        Damage(sql: "DROP TABLE _parksync_life", names: "_parksync_life"),
        Damage(sql: "DROP TABLE _parksync_conflict; CREATE TABLE _parksync_conflict(x)", names: "_parksync_conflict"),
        Damage(
            sql: "ALTER TABLE _parksync_log RENAME TO zz", names: "_parksync_log",
            back: "ALTER TABLE \"zz\" RENAME TO \"_parksync_log\""),
        Damage(
            sql: "ALTER TABLE _parksync_log ADD COLUMN x", names: "_parksync_log",
            back: "ALTER TABLE \"_parksync_log\" DROP COLUMN \"x\""),
    ]

    @Test(arguments: damage) func isToldWhileTheNodeRuns(_ damage: Damage) async throws {
        let federation = try await zone()
        let south = try federation["south"]
        let program = try RawProgram(federation.path("south"))
        try program.execute(damage.sql)
        let refusal = await #expect(throws: StoreError.self) {
            try await federation.write("south", "INSERT INTO item VALUES(99, 'b')")
        }
        #expect(
            refusal?.isOfFile == true && refusal?.reason.contains(damage.names) == true,
            "\(String(describing: refusal))")
        #expect(await south.lookedForDamage()?.reason.contains(damage.names) == true)
        guard let back = damage.back else { return }
        #expect(refusal?.remedy.contains("`\(back)`") == true, "\(refusal?.remedy ?? "")")
        try program.execute(back)
        #expect(await south.lookedForDamage() == nil)
        try await federation.write("south", "INSERT INTO item VALUES(99, 'b')")
    }

    @Test(arguments: damage) func isToldAtTheStart(_ damage: Damage) async throws {
        let federation = try await zone()
        federation.closeWithoutCheckpoint("south")
        let program = try RawProgram(federation.path("south"))
        try program.execute(damage.sql)
        let error = #expect(throws: StoreError.self) { try federation.open("south") }
        #expect(error?.isOfFile == true && error?.reason.contains(damage.names) == true, "\(String(describing: error))")
        guard let back = damage.back else { return }
        try program.execute(back)
        try federation.open("south")
        try await federation.write("south", "INSERT INTO item VALUES(99, 'b')")
    }

    @Test(arguments: ["", "-wal", "-shm"]) func aFileThatIsMovedAwayTakesNoWrites(_ suffix: String) async throws {
        let federation = try await zone()
        let south = try federation["south"]
        let path = federation.path("south") + suffix
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        let refusal = await #expect(throws: StoreError.self) {
            try await federation.write("south", "INSERT INTO item VALUES(99, 'b')")
        }
        #expect(refusal?.isOfFile == true && refusal?.reason.contains(path) == true, "\(String(describing: refusal))")
        #expect(south.damage != nil)
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(await south.lookedForDamage()?.reason.contains("replaced") == true)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        #expect(await south.lookedForDamage() == nil)
        try await federation.write("south", "INSERT INTO item VALUES(99, 'b')")
    }

    @Test func aVerificationThatFailsIsToldUntilOneEnds() async throws {
        let federation = try await zone()
        let south = try federation["south"]
        await south.noteVerificationFailure(StoreError.ofFile("unreadable", remedy: "Wait."))
        #expect(south.rowsStatus.failure == RowsStatus.Failure(cause: "unreadable. Wait.", isOfFile: true))
        federation.closeWithoutCheckpoint("south")
        let again = try federation.open("south")
        #expect(
            again.rowsStatus.failure == RowsStatus.Failure(cause: "unreadable. Wait.", isOfFile: true),
            "also after a restart")
        _ = try await again.verifyRows()
        #expect(again.rowsStatus.failure == nil)
    }
}
