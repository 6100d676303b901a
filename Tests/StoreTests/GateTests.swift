import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let schema = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE item(id TEXT NOT NULL PRIMARY KEY, a, b);
    """

/// When other programs may write the shared tables.
@Suite("The tables are shut for programs as long as there is a reason", .serialized) struct GateTests {
    private func zone() async throws -> Federation {
        let federation = try Federation(["airport", "south", "west"], schema: schema)
        try await federation.write("south", "INSERT INTO item VALUES('x', 1, 1)")
        try await federation.converge()
        return federation
    }

    /// Whether a program of South's may write, as SQLite tells it.
    private func mayWrite(_ federation: Federation, _ id: String) throws -> Bool {
        let program = try RawProgram(federation.path("south"))
        defer { program.close() }
        return program.run("INSERT INTO item VALUES('\(id)', 2, 2)") == 0
    }

    /// Another program changes the file's schema, and the node looks what else it has done.
    private func changeSchema(_ federation: Federation, _ sql: String) async throws {
        let program = try RawProgram(federation.path("south"))
        try program.execute(sql)
        program.close()
        _ = try await federation["south"].sealForeign()
        try await federation["south"].housekeep()
    }

    private func exclude(_ federation: Federation) async throws {
        try await federation["south"].setExcluded(by: ["airport", "west"])
        #expect(try !mayWrite(federation, "refused"))
    }

    private func restart(_ federation: Federation, checks: Bool = false) throws {
        federation.closeWithoutCheckpoint("south")
        try federation.open("south", checks: checks)
    }

    @Test("A park that nobody excludes any more stays open after a restart", arguments: [false, true])
    func admittedAgain(checks: Bool) async throws {
        let federation = try await zone()
        try await exclude(federation)
        try restart(federation, checks: checks)
        if checks { try await federation.carryOut(.acceptWrites(withoutParks: []), "south") }
        #expect(try mayWrite(federation, "1"))
        try await changeSchema(federation, "CREATE TABLE mine(a)")
        #expect(try mayWrite(federation, "2"))
        try await federation.write("south", "INSERT INTO item VALUES('node', 1, 1)")
        #expect(try mayWrite(federation, "3"))
        #expect(try federation["south"].counts.fenced == nil)
    }

    @Test("A park that is admitted while its log is fetched is open when that is there") func admittedWhileFetching()
        async throws
    {
        let federation = try await zone()
        try await exclude(federation)
        let store = try federation["south"]
        try await federation.carryOut(.fetchOwn(cause: "a test"), "south")
        #expect(try !mayWrite(federation, "fetching"))
        try await store.setExcluded(by: [])
        #expect(try !mayWrite(federation, "still fetching"))
        try await federation.carryOut(.acceptWrites(withoutParks: []), "south")
        #expect(try mayWrite(federation, "1"))
        try await changeSchema(federation, "CREATE INDEX by_a ON item(a)")
        #expect(try mayWrite(federation, "2"))
    }

    @Test("A park that was excluded once is shut when it is fenced") func fencedLater() async throws {
        let federation = try await zone()
        try await exclude(federation)
        try restart(federation)
        #expect(try mayWrite(federation, "1"))
        _ = try await federation["airport"].fence("south")
        try await federation.exchange(from: "airport", to: "west")
        #expect(try await federation["west"].fence("south").isDecided)
        try await federation.exchange(from: "west", to: "south")
        try await federation.exchange(from: "airport", to: "south")
        #expect(try federation["south"].counts.fenced != nil)
        #expect(try !mayWrite(federation, "2"))
        // Nobody opens it by taking the triggers away, and it stays shut over a restart.
        try await changeSchema(federation, "DROP TRIGGER _parksync_gate_insert_item")
        #expect(try !mayWrite(federation, "3"))
        try restart(federation)
        #expect(try !mayWrite(federation, "4"))
    }

    /// South is taken out of the zone and taken back; it has begun its new log, and nobody has seen
    /// the first entry of that.
    private func returning() async throws -> Federation {
        let federation = try await zone()
        _ = try await federation["airport"].fence("south")
        try await federation.exchange(from: "airport", to: "west")
        #expect(try await federation["west"].fence("south").isDecided)
        for (from, to) in [("west", "airport"), ("airport", "south"), ("west", "south")] {
            try await federation.exchange(from: from, to: to)
        }
        _ = try await federation["airport"].unfence("south")
        try await federation.exchange(from: "airport", to: "west")
        #expect(try await federation["west"].unfence("south").isDecided)
        for (from, to) in [("airport", "south"), ("west", "south")] {
            try await federation.exchange(from: from, to: to)
        }
        #expect(try await federation["south"].acknowledge())
        #expect(try federation["south"].counts.fenced?.reason.contains("comes back") == true)
        #expect(try !mayWrite(federation, "refused"))
        return federation
    }

    /// An entry that is sealed without anything being applied may be what ends a fence. Then the
    /// tables are open with it, for programs as for the node's own clients.
    @Test("A park that comes back is open as soon as an entry follows its first one") func waitingWrite() async throws {
        let federation = try await returning()
        let south = try federation["south"]
        // A write that was captured before the tables were shut, as it were.
        let program = try RawProgram(federation.path("south"))
        try program.execute("DROP TRIGGER _parksync_gate_insert_item")
        #expect(program.run("INSERT INTO item VALUES('waiting', 2, 2)") == 0)
        program.close()
        #expect(try await south.sealForeign() == .sealed)
        #expect(south.ownLog == .writing && south.counts.fenced == nil)
        #expect(try mayWrite(federation, "1"))
        try await federation.write("south", "INSERT INTO item VALUES('node', 1, 1)")
        #expect(try mayWrite(federation, "2"))
        try restart(federation)
        #expect(try mayWrite(federation, "3"))
    }
}
