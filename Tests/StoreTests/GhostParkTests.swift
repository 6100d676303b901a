import Crypto
import Foundation
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

/// Parks that one member invents, to have somebody who votes with it.
@Suite("Parks that do not exist", .serialized) struct GhostParkTests {
    private let keys = Dictionary(
        uniqueKeysWithValues: ["airport", "ghost", "south", "west"].map { ($0, Curve25519.Signing.PrivateKey()) })

    /// Airport, South and West, which know nothing of a park `ghost`.
    private func zone() async throws -> Federation {
        let federation = try Federation(["airport", "south", "west"], schema: schema, keys: keys)
        for park in federation.parks {
            federation.closeWithoutCheckpoint(park)
            FileSystem.removeDatabase(federation.path(park))
            try federation.open(park, tuned: { $0.members["ghost"] = nil })
        }
        try await federation.write("south", "INSERT INTO item VALUES('x', 1, 1)")
        try await federation.exchange(from: "south", to: "airport")
        return federation
    }

    private func block(_ records: [ControlRecord]) -> ForgedLog.Block {
        ForgedLog.Block(
            table: ControlRecord.tableName, columns: 1,
            changes: records.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
                ForgedLog.Change(key: [.string($0.key)], values: [.string($0.text)])
            })
    }

    private func key(_ federation: Federation, _ park: String) -> ControlRecord {
        .memberKey(park: park, key: Array(federation.key(park).publicKey.rawRepresentation))
    }

    private func out(_ park: String, _ members: [String]) -> ControlRecord {
        .vote(park: park, .out, members: members.sorted())
    }

    @Test("Ghosts that a member gives keys to have no log and no vote") func ghosts() async throws {
        let federation = try await zone()
        let (west, ghost) = (try federation.origin("west"), try federation.origin("ghost"))
        var (liar, invented) = (ForgedLog(federation, park: "west"), ForgedLog(federation, park: "ghost"))
        let lies = [
            try liar.entry([block([key(federation, "ghost")])]),
            try liar.entry([block([out("ghost", ["ghost", "west"]), key(federation, "ghost")])]),
            try liar.entry([
                block([
                    out("ghost", ["ghost", "west"]), .fence(park: "ghost", after: VersionVector()),
                    key(federation, "ghost"),
                ])
            ]),
        ]
        let word = try invented.entry(
            [block([out("south", ["ghost", "south", "west"])])],
            dependencies: [VersionVector.Element(origin: west, seq: 1)])
        let fence = try liar.entry(
            [block([out("south", ["ghost", "south", "west"]), .fence(park: "south", after: VersionVector())])],
            dependencies: [VersionVector.Element(origin: ghost, seq: 1)])
        for park in ["airport", "south"] {
            let store = try federation[park]
            for slice in lies { try await store.receive(slice) }
            await #expect(throws: SliceRefused.self) { try await store.receive(word) }
            try await store.receive(fence)
            #expect(store.membership().former == [] && store.membership().fenced == [], "\(park)")
            #expect(store.state().logged[ghost] == 0)
            #expect(store.stuck.map(\.state) == [.quarantined, .quarantined, .held], "\(store.stuck)")
            #expect(store.stuck.allSatisfy { $0.origin == west })
            let held = store.stuck.last
            #expect(
                held?.cause.contains("ghost is no park of this zone") == true && held?.remedy.contains("west") == true,
                "\(store.stuck)")
            #expect(try await store.retention().proposals == nil)
            #expect(store.counts.fenced == nil)
        }
        // The word of the one is kept over a restart, and is still one.
        federation.closeWithoutCheckpoint("south")
        try federation.open("south", tuned: { $0.members["ghost"] = nil })
        await #expect(throws: SliceRefused.self) { try await federation["south"].receive(word) }
        #expect(try federation["south"].membership().former == [])
        try await federation.write("south", "INSERT INTO item VALUES('y', 1, 1)")
    }

    @Test("The key that two parks give beside their votes is taken, in whatever order they come") func twoWitnesses()
        async throws
    {
        let federation = try await zone()
        let ghost = try federation.origin("ghost")
        let parks = ["airport", "ghost", "south", "west"]
        var (first, second, gone) = (
            ForgedLog(federation, park: "west"), ForgedLog(federation, park: "airport"),
            ForgedLog(federation, park: "ghost")
        )
        let row = try gone.entry([])
        let one = try first.entry(
            [block([out("ghost", parks), key(federation, "ghost")])],
            dependencies: [VersionVector.Element(origin: ghost, seq: 1)])
        let other = try second.entry([block([out("ghost", parks), key(federation, "ghost")])])
        let south = try federation["south"]
        try await south.receive(one)
        await #expect(throws: SliceRefused.self) { try await south.receive(row) }
        #expect(south.membership().former == [])
        try await south.receive(other)
        #expect(south.membership().former == ["ghost"])
        try await south.receive(row)
        #expect(south.stuck == [] && south.state().applied[ghost] == 1, "\(south.stuck)")
    }

    @Test("A node that begins from a snapshot counts the key that one park gave before", arguments: [false, true])
    func wordsBeforeASnapshot(isCut: Bool) async throws {
        let honest = ["airport", "bio-city", "south", "west"]
        let federation = try Federation(
            honest, schema: schema,
            keys: keys.merging(["bio-city": Curve25519.Signing.PrivateKey()]) { first, _ in first })
        for park in honest {
            federation.closeWithoutCheckpoint(park)
            FileSystem.removeDatabase(federation.path(park))
            try federation.open(park, tuned: { $0.members["ghost"] = nil })
        }
        let (ghost, south) = (try federation.origin("ghost"), try federation["south"])
        try await federation.write("south", "INSERT INTO item VALUES('x', 1, 1)")
        let words = block([out("ghost", honest + ["ghost"]), key(federation, "ghost")])
        var (first, second, gone) = (
            ForgedLog(federation, park: "west"), ForgedLog(federation, park: "bio-city"),
            ForgedLog(federation, park: "ghost")
        )
        // Entries that go before the snapshot is made.
        for _ in 0..<12 { try await south.receive(try first.entry([])) }
        try await south.receive(try first.entry([words]))
        if isCut {
            federation.clock.advance(1)
            #expect(try await south.archive(ArchivePolicy(keepEntries: 4, keepMilliseconds: 0)).entries > 0)
            for file in ArchiveFolder(database: federation.path("south")).files() {
                try FileManager.default.removeItem(atPath: file.file)
            }
        }
        let file = federation.folder.path + "/snapshot"
        let made = try await south.makeSnapshot(at: file, id: [UInt8](repeating: 7, count: SnapshotManifest.idBytes))
        federation.closeWithoutCheckpoint("airport")
        FileSystem.removeDatabase(federation.path("airport"))
        try SnapshotCandidate(
            origin: try federation.origin("airport"), members: federation.members.filter { $0.key != "ghost" },
            schema: federation.schema
        )
        .build(federation.path("airport"), from: file, made.manifest, confirmation: isCut ? .waived : .missing)
        let airport = try federation.open("airport", tuned: { $0.members["ghost"] = nil })
        #expect(airport.state().applied == south.state().applied && airport.membership().former == [])
        let (other, row) = (try second.entry([words]), try gone.entry([]))
        for store in [south, airport] {
            await #expect(throws: SliceRefused.self) { try await store.receive(row) }
            try await store.receive(other)
            #expect(store.membership().former == ["ghost"])
            try await store.receive(row)
            #expect(store.stuck == [] && store.state().applied[ghost] == 1, "\(store.stuck)")
        }
        #expect(south.state().digest == airport.state().digest)
    }

    @Test("An entry with thousands of votes is set aside at once") func manyVotes() async throws {
        let federation = try await zone()
        let south = try federation["south"]
        var liar = ForgedLog(federation, park: "west")
        func votes(_ count: Int) -> [ControlRecord] { (0..<count).map { out("p\($0)", ["p\($0)", "west"]) } }
        try await south.receive(try liar.entry([block(votes(CoreLimits.votesPerEntryMax))]))
        #expect(south.stuck == [])
        try await south.receive(try liar.entry([block(votes(20_000))]))
        try await south.receive(try liar.entry([block(votes(CoreLimits.votesPerEntryMax + 1))]))
        #expect(
            south.stuck.map(\.state) == [.quarantined, .quarantined]
                && south.stuck.allSatisfy { $0.origin.park == "west" }, "\(south.stuck)")
        #expect(south.stuck.first?.cause.contains("\(CoreLimits.controlRecordsPerEntryMax)") == true, "\(south.stuck)")
        // As many as are allowed, again and again, until its log has as many as any may have.
        let rounds = CoreLimits.votesPerLogMax / CoreLimits.votesPerEntryMax - 1
        for round in 0..<rounds + 100 {
            let words = (0..<CoreLimits.votesPerEntryMax).map { out("p\(round)-\($0)", ["south", "west"]) }
            try await south.receive(try liar.entry([block(words)]))
            if round == rounds - 1 { #expect(south.stuck.count == 2) }
        }
        try await expectBounded(federation, stuck: 102, entries: 3 + UInt64(rounds) + 100)
        #expect(south.stuck.last?.cause.contains("\(CoreLimits.votesPerLogMax) are allowed") == true, "\(south.stuck)")
        #expect(try await south.retention().proposals == nil, "votes on parks that nobody knows")
        // The same from the log alone, and when the tables are made anew.
        let verified = try await south.verify()
        #expect(verified.findings == [])
        federation.closeWithoutCheckpoint("south")
        try federation.open("south", tuned: { $0.members["ghost"] = nil })
        try await expectBounded(federation, stuck: 102, entries: 3 + UInt64(rounds) + 100)
        try await federation.write("south", "INSERT INTO item VALUES('y', 1, 1)")
    }

    @Test("An honest proposal is seen among thousands of others, and one vote an entry is no way around")
    func singleVotes() async throws {
        let federation = try await zone()
        let (airport, south) = (try federation["airport"], try federation["south"])
        var liar = ForgedLog(federation, park: "west")
        for number in 0..<CoreLimits.votesPerLogMax + 50 {
            try await south.receive(
                try liar.entry([block([out(number.isMultiple(of: 2) ? "airport" : "p\(number)", ["south", "west"])])]))
        }
        try await expectBounded(federation, stuck: 50, entries: UInt64(CoreLimits.votesPerLogMax) + 50)
        _ = try await airport.fence("west")
        try await federation.exchange(from: "airport", to: "south")
        let proposals = try await south.retention().proposals ?? []
        #expect(
            proposals.map(\.park) == ["airport", "west"] && proposals.last?.consents == ["airport"], "\(proposals)")
        #expect(try await south.fence("west").isDecided)
        #expect(south.membership().fenced == ["west"])
        #expect(try await south.retention().proposals == nil, "who is out wants nothing")
    }

    /// No more of West's votes are kept than its log may have; it is named for the others.
    private func expectBounded(_ federation: Federation, stuck: Int, entries: UInt64) async throws {
        let (south, west) = (try federation["south"], try federation.origin("west"))
        #expect(south.stuck.allSatisfy { $0.origin == west && $0.state == .quarantined })
        #expect(south.stuck.count == stuck && south.state().applied[west] == entries, "\(south.stuck.count)")
        #expect(south.publishedState.voteCounts[west] == CoreLimits.votesPerLogMax)
    }
}
