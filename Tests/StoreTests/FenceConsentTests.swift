import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let schema = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE item(id TEXT NOT NULL PRIMARY KEY, a, b);
    """

/// Who may take whom out of the zone, and back.
@Suite("Fences by consent", .serialized) struct FenceConsentTests {
    private func block(_ records: ControlRecord...) -> ForgedLog.Block {
        let sorted = records.sorted { $0.key < $1.key }
        return ForgedLog.Block(
            table: ControlRecord.tableName, columns: 1,
            changes: sorted.map { ForgedLog.Change(key: [.string($0.key)], values: [.string($0.text)]) })
    }

    private func word(_ park: String, _ members: [String], _ side: ControlRecord.Side = .out) -> ControlRecord {
        .vote(park: park, side, members: members.sorted())
    }

    private func fence(_ park: String) -> ControlRecord { .fence(park: park, after: VersionVector()) }

    private func zone(_ parks: [String] = ["airport", "south", "west"]) async throws -> Federation {
        let federation = try Federation(parks, schema: schema)
        try await federation.write("south", "INSERT INTO item VALUES('x', 1, 1)")
        try await federation.converge()
        return federation
    }

    private func ids(_ federation: Federation, _ park: String) async throws -> [Value] {
        try await federation.rows(park, "SELECT id FROM item ORDER BY id").map { $0[0] }
    }

    @Test("A lying park takes nobody out, whatever it says of the zone and of itself") func loneFence() async throws {
        let federation = try await zone()
        let (airport, south) = (try federation["airport"], try federation["south"])
        var forged = ForgedLog(federation, park: "west")
        for records in [
            [fence("south")], [word("south", ["south", "west"]), fence("south")],
            [word("south", ["west"]), fence("south")],
            [word("airport", ["west"]), word("south", ["west"]), fence("airport"), fence("south")],
            [.lift(park: "south", fences: VersionVector([(try federation.origin("west"), UInt64(1))]))],
        ] as [[ControlRecord]] {
            let sorted = records.sorted { $0.key < $1.key }
            let slice = try forged.entry([
                ForgedLog.Block(
                    table: ControlRecord.tableName, columns: 1,
                    changes: sorted.map { ForgedLog.Change(key: [.string($0.key)], values: [.string($0.text)]) })
            ])
            for store in [airport, south] { try await store.receive(slice) }
        }
        for store in [airport, south] {
            #expect(store.stuck.map(\.state) == Array(repeating: .quarantined, count: 5))
            #expect(store.stuck.allSatisfy { $0.remedy.contains("west") || $0.remedy.contains("software") })
            #expect(store.membership().fenced == [] && store.counts.fenced == nil)
        }
        try await federation.write("south", "INSERT INTO item VALUES('y', 1, 1)")
        try await federation.write("airport", "INSERT INTO item VALUES('z', 1, 1)")
        for (from, to) in [("south", "airport"), ("airport", "south")] {
            try await federation.exchange(from: from, to: to)
        }
        #expect(try await ids(federation, "south") == ["x", "y", "z"].map { .string($0) })
        #expect(try await federation.dump("south") == federation.dump("airport"))
    }

    @Test("Who has written is counted, whether the voters name it or not") func writersCount() async throws {
        let parks = ["airport", "bio-city", "science-city", "south", "west"]
        let federation = try await zone(parks)
        for park in ["bio-city", "science-city"] {
            try await federation.write(park, "INSERT INTO item VALUES('\(park)', 1, 1)")
        }
        try await federation.exchange(from: "bio-city", to: "south")
        try await federation.exchange(from: "science-city", to: "south")
        let (few, past) = (
            ["airport", "south", "west"],
            try ["bio-city", "science-city"].map { VersionVector.Element(origin: try federation.origin($0), seq: 1) }
        )
        var (first, second) = (ForgedLog(federation, park: "airport"), ForgedLog(federation, park: "west"))
        let store = try federation["south"]
        try await store.receive(try first.entry([block(word("south", few))], dependencies: past))
        let airport = VersionVector.Element(origin: try federation.origin("airport"), seq: 1)
        try await store.receive(
            try second.entry([block(word("south", few), fence("south"))], dependencies: [airport] + past))
        #expect(
            store.stuck.map(\.state) == [.quarantined] && store.stuck.first?.cause.contains("takes 3 parks") == true,
            "\(store.stuck)")
        #expect(store.counts.fenced == nil)
        try await federation.write("south", "INSERT INTO item VALUES('y', 1, 1)")
    }

    @Test("A word that a park shows to one other alone names no honest park where it is missing") func wordForOne()
        async throws
    {
        let parks = ["airport", "science-city", "south", "west"]
        let federation = try await zone(parks)
        let (south, west) = (try federation["south"], try federation["west"])
        var (forged, other) = (ForgedLog(federation, park: "science-city"), ForgedLog(federation, park: "science-city"))
        #expect(try await !south.fence("airport").isDecided)
        try await south.receive(try forged.entry([block(word("airport", parks))]))
        try await west.receive(try other.entry([]))
        #expect(try await south.acknowledge())
        #expect(south.membership().fenced == ["airport"], "it was decided by what South had")
        try await federation.exchange(from: "south", to: "west")
        let stuck = try #require(west.stuck.first)
        #expect(
            west.stuck.count == 1 && stuck.state == .quarantined && stuck.cause.contains("another branch of one"),
            "\(west.stuck)")
        #expect(stuck.remedy.contains("log forks") && !stuck.remedy.contains("operator of south"), "\(stuck)")
        #expect(west.membership().fenced == [])
        // South's rows go on to come.
        try await federation.write("south", "INSERT INTO item VALUES('y', 1, 1)")
        try await federation.exchange(from: "south", to: "west")
        #expect(try await ids(federation, "west") == ["x", "y"].map { .string($0) })
    }

    @Test("Words that cross are enough: whoever hears of both decides, once") func crossingWords() async throws {
        let federation = try await zone(["airport", "bio-city", "south", "west"])
        for park in ["airport", "south"] { #expect(try await !federation[park].fence("west").isDecided) }
        for (from, to) in [("south", "bio-city"), ("airport", "bio-city"), ("south", "airport"), ("airport", "south")] {
            try await federation.exchange(from: from, to: to)
        }
        #expect(try federation["south"].membership().fenced == [])
        #expect(try await federation["bio-city"].retention().proposals?.first?.consents == ["airport", "south"])
        #expect(try await !federation["bio-city"].acknowledge(), "who has not voted decides nothing")
        for park in ["airport", "south"] { #expect(try await federation[park].acknowledge()) }
        try await federation.converge()
        for park in ["airport", "bio-city", "south"] {
            #expect(try federation[park].membership().fenced == ["west"], "\(park)")
            #expect(try await federation[park].retention().proposals == nil)
            #expect(try federation[park].state().digest == federation["south"].state().digest)
        }
        #expect(try await federation["south"].fence("west", isRefused: true))
    }

    @Test("A word can be taken back, and a zone of two has no majority") func wordsTakenBack() async throws {
        let federation = try await zone()
        let south = try federation["south"]
        await #expect(throws: StoreError.self) { try await south.unfence("west") }
        _ = try await south.fence("west")
        #expect(try await south.unfence("west").isDecided)
        #expect(try await south.retention().proposals == nil)
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await !federation["airport"].fence("west").isDecided)
        let two = try Federation(["south", "west"], schema: schema)
        let refusal = await #expect(throws: StoreError.self) { try await two["south"].fence("west") }
        #expect(refusal?.reason.contains("a fence takes 2 parks") == true)
    }

    /// West is taken out while nobody has its last entries. When that is lifted, it goes on with
    /// them.
    private func fencedByMistake() async throws -> Federation {
        let federation = try await zone()
        try await federation.write("west", "INSERT INTO item VALUES('known', 1, 1)")
        try await federation.converge()
        try await federation.write("west", "INSERT INTO item VALUES('only west has it', 1, 1)")
        try await federation.write(
            "west", "UPDATE item SET a = 7 WHERE id = 'known'", "DELETE FROM item WHERE id = 'x'")
        _ = try await federation["south"].fence("west")
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await federation["airport"].fence("west").isDecided)
        for (from, to) in [("airport", "south"), ("south", "west"), ("west", "airport"), ("airport", "south")] {
            try await federation.exchange(from: from, to: to)
        }
        #expect(try await federation["south"].acknowledge())
        let refusal = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(refusal?.code == .fenced && refusal?.remedy.contains("unfence") == true)
        #expect(try federation["south"].stuck.map(\.state) == [.leftOut])
        return federation
    }

    @Test("A fence that was wrong is lifted by as many, and the park goes on with all that it had") func lifted()
        async throws
    {
        let federation = try await fencedByMistake()
        let (airport, south, west) = (try federation["airport"], try federation["south"], try federation["west"])
        let word = try await south.unfence("west")
        let proposal = FenceProposalStatus(park: "west", kind: .unfence, consents: ["south"], needed: 2)
        #expect(word == FenceReport(origin: "south", seq: word.seq, isDecided: false, proposal: proposal))
        #expect(try await !west.acknowledge(), "one is not enough")
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await airport.unfence("west").isDecided)
        try await federation.exchange(from: "airport", to: "south")
        #expect(south.membership().fenced == [] && airport.membership().fenced == [])
        try await federation.exchange(from: "airport", to: "west")
        #expect(try await west.acknowledge())
        #expect(west.state().origin.name == "west~2")
        let early = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(early?.code == .fenced && early?.reason.contains("comes back") == true)
        #expect(try await ids(federation, "west") == ["known", "x"].map { .string($0) })
        for (park, store) in [("airport", airport), ("south", south)] {
            try await federation.exchange(from: "west", to: park)
            #expect(store.stuck == [], "what was left out is taken back")
            #expect(try await store.acknowledge())
            try await federation.exchange(from: park, to: "west")
        }
        #expect(try await west.acknowledge(), "it writes anew what it took back")
        try await federation.write("west", "INSERT INTO item VALUES('back', 1, 1)")
        try await federation.converge()
        for park in federation.parks {
            #expect(
                try await ids(federation, park) == ["back", "known", "only west has it"].map { .string($0) }, "\(park)")
            #expect(try await federation.rows(park, "SELECT a FROM item WHERE id = 'known'") == [[.integer(7)]])
            #expect(try federation[park].state().digest == federation["south"].state().digest, "\(park)")
            #expect(try await federation[park].verify().findings == [], "\(park)")
            #expect(try federation[park].stuck.isEmpty, "\(park)")
        }
        #expect(try await !west.acknowledge())
        // Words are used up: what was enough once is not enough again.
        #expect(try await !south.fence("west").isDecided)
        try await federation.converge()
        #expect(airport.membership().fenced == [])
        let report = try Replay(
            from: federation.path("airport"), into: federation.folder.path + "/r.sqlite", members: federation.members,
            schema: federation.schema
        ).run(until: nil)
        #expect(report.findings == [] && !report.isDifferent)
    }

    @Test("A park that comes back goes on where it was when its node ends in between") func endsInBetween() async throws
    {
        let federation = try await fencedByMistake()
        _ = try await federation["south"].unfence("west")
        try await federation.exchange(from: "south", to: "airport")
        _ = try await federation["airport"].unfence("west")
        try await federation.exchange(from: "airport", to: "south")
        try await federation.exchange(from: "airport", to: "west")
        federation.closeWithoutCheckpoint("west")
        try federation.open("west")
        #expect(try await federation["west"].acknowledge())
        federation.closeWithoutCheckpoint("west")
        try federation.open("west")
        #expect(try federation["west"].counts.fenced?.reason.contains("comes back") == true)
        for park in ["airport", "south"] {
            try await federation.exchange(from: "west", to: park)
            #expect(try await federation[park].acknowledge())
            try await federation.exchange(from: park, to: "west")
        }
        #expect(try await federation["west"].acknowledge())
        federation.closeWithoutCheckpoint("west")
        try federation.open("west")
        try await federation.converge()
        for park in federation.parks {
            #expect(try await ids(federation, park) == ["known", "only west has it"].map { .string($0) }, "\(park)")
        }
    }

    /// West is taken out, and goes on writing: it has not heard of that.
    @Test(
        """
        What a park writes before it hears of its fence changes nothing elsewhere, and comes to all when that \
        is lifted
        """,
        arguments: [false, true])
    func writesBeforeItHears(losesItsFile: Bool) async throws {
        let federation = try await zone()
        try await federation.write("west", "INSERT INTO item VALUES('known', 1, 1)")
        try await federation.converge()
        let (airport, south) = (try federation["airport"], try federation["south"])
        _ = try await south.fence("west")
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await airport.fence("west").isDecided)
        try await federation.exchange(from: "airport", to: "south")
        #expect(try await south.acknowledge())
        if losesItsFile { try await loseFile(federation) }
        let late = try await federation.write(
            "west", "INSERT INTO item VALUES('late', 1, 1)", "DELETE FROM item WHERE id = 'x'")
        #expect(late.seq == 2)
        for (from, to) in [("west", "south"), ("south", "airport"), ("airport", "west"), ("south", "west")] {
            try await federation.exchange(from: from, to: to)
        }
        let west = try federation["west"]
        let refusal = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(refusal?.code == .fenced && refusal?.remedy.contains("unfence west") == true)
        #expect(try await !west.acknowledge(), "it has written since, and is not to leave that out by itself")
        #expect(try await ids(federation, "west") == ["known", "late"].map { .string($0) })
        for (park, store) in [("airport", airport), ("south", south)] {
            #expect(try await ids(federation, park) == ["known", "x"].map { .string($0) }, "\(park)")
            #expect(store.stuck.map(\.state) == [.leftOut] && store.state().digest == south.state().digest, "\(park)")
            #expect(try await store.verify().findings == [], "\(park)")
        }
        _ = try await south.unfence("west")
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await airport.unfence("west").isDecided)
        for (from, to) in [("airport", "south"), ("airport", "west")] {
            try await federation.exchange(from: from, to: to)
        }
        #expect(try await west.acknowledge())
        for park in ["airport", "south"] {
            try await federation.exchange(from: "west", to: park)
            #expect(try await federation[park].acknowledge())
            try await federation.exchange(from: park, to: "west")
        }
        #expect(try await west.acknowledge(), "it writes anew what it took back")
        try await federation.converge()
        for park in federation.parks {
            #expect(try await ids(federation, park) == ["known", "late"].map { .string($0) }, "\(park)")
            #expect(try federation[park].state().digest == south.state().digest, "\(park)")
            #expect(try federation[park].stuck.isEmpty, "\(park)")
            #expect(try await federation[park].verify().findings == [], "\(park)")
        }
    }

    /// West's file is lost; its own log comes back, and what that depends on, before the fence
    /// does.
    private func loseFile(_ federation: Federation) async throws {
        federation.closeWithoutCheckpoint("west")
        FileSystem.removeDatabase(federation.path("west"))
        let (south, west) = (try federation["south"], try federation.open("west", recovers: true, checks: true))
        for park in ["south", "west"] {
            let origin = try federation.origin(park)
            let log = try #require(
                try south.answer(origin, after: west.want(origin), of: west.state().origin, bytesMax: 1 << 20))
            try await west.receive(log)
        }
        try await west.finishRecovery()
        let own = try federation.origin("west")
        #expect(west.counts.fenced == nil && west.state().applied[own] == 1)
    }
}

extension ParkStore {
    /// Whether a fence is refused because there is one.
    fileprivate func fence(_ park: String, isRefused: Bool) async throws -> Bool {
        do { _ = try await fence(park) } catch let error as StoreError {
            return error.code == .invalidInput && error.reason.contains("already")
        }
        return false
    }
}
