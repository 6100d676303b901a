import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import Testing

@testable import ParkSyncSimulation

/// Fences, incarnations and forged control records: the model's verdicts against those of shipped
/// stores.
@Suite struct ModelFenceTests {
    private func expectModel(
        _ federation: SmallFederation, _ oracle: ModelOracle, _ parks: [String], _ comment: Comment
    ) throws {
        let observations = try parks.map { try federation.observe($0) }
        #expect(Checks.all(observations, oracle: oracle, members: federation.members) == [], comment)
        for (park, observation) in zip(parks, observations) {
            #expect(
                observation.applied == oracle.appliedEverywhere(writingAs: observation.writesAs), "\(park), \(comment)")
            let claims = StatusClaims(state: try federation[park].state(), stuck: try federation[park].stuck)
            #expect(Checks.ownStatus(claims, observation, oracle: oracle) == [], comment)
        }
    }

    /// What one park had of a fenced one comes to all; what nobody had stays out.
    @Test func whatNobodyVouchesForIsHeld() async throws {
        let parks = ["airport", "south", "west"]
        let federation = try SmallFederation(parks)
        for park in parks { try await federation.write(park, "INSERT INTO item(id) VALUES('\(park)')") }
        try await federation.converge()
        try await federation.write("west", "INSERT INTO item(id) VALUES('airport knows')")
        try await federation.exchange(from: "west", to: "airport")
        try await federation.write("west", "INSERT INTO item(id) VALUES('nobody knows')")
        _ = try await federation["south"].fence("west")
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await federation["airport"].fence("west").isDecided)
        var oracle = ModelOracle(schemas: federation.schemas)
        try federation.inform(&oracle)
        let west = try federation.origin("west")
        try await federation.converge()
        try await federation.converge()
        try federation.inform(&oracle)
        #expect(
            oracle.vector[west] == 3 && oracle.appliedEverywhere()[west] == 2
                && oracle.appliedEverywhere(writingAs: west)[west] == 3)
        try expectModel(federation, oracle, parks, "at the end")
    }

    /// Any of four parks is fenced while all go on as long as they know of nothing; two may be.
    @Test(arguments: 1...8) func anyFenceEndsAlike(seed: UInt64) async throws {
        var chance = Chance(seed: seed)
        let parks = ["airport", "bio-city", "south", "west"]
        let federation = try SmallFederation(parks)
        for park in parks { try await federation.write(park, "INSERT INTO item(id) VALUES('\(park)')") }
        try await federation.converge()
        for step in 0..<60 {
            guard let park = chance.pick(parks), let other = chance.pick(parks.filter { $0 != park }) else { continue }
            do {
                switch chance.below(10) {
                case 0..<3:
                    try await federation.write(
                        park, "INSERT OR REPLACE INTO item(id, a) VALUES('k\(chance.below(3))', \(step))")
                case 3: try await federation.write(park, "DELETE FROM item WHERE id = 'k\(chance.below(3))'")
                case 4: _ = try await federation[park].acknowledge()
                case 5: _ = try await federation[park].compact()
                default: try await federation.exchange(from: park, to: other, bytesMax: 1)
                }
                // Two of three agree, and need not have heard of one another.
                if step == 20 { _ = try await federation["south"].fence("west") }
                if step == 22 { _ = try await federation["airport"].fence("west") }
                if step == 40, seed.isMultiple(of: 2) { _ = try await federation["airport"].fence("bio-city") }
                if step == 42, seed.isMultiple(of: 2) { _ = try await federation["south"].fence("bio-city") }
            } catch let error as StoreError { #expect(error.code == .fenced, "seed \(seed) step \(step): \(error)") }
        }
        for _ in 0..<3 {
            try await federation.converge()
            for park in parks { _ = try await federation[park].acknowledge() }
        }
        try await federation.converge()
        _ = try await federation["south"].compact()
        try await federation.converge()
        var oracle = ModelOracle(schemas: federation.schemas)
        try federation.inform(&oracle)
        // Who is out may have had what those who are in never heard of.
        let stays = parks.filter { park in !oracle.fences.contains { $0.park == park } }
        #expect(stays.count < parks.count && stays.contains("south"))
        try expectModel(federation, oracle, stays, "seed \(seed)")
    }

    private func vector(_ elements: (origin: OriginID, seq: UInt64)...) -> VersionVector {
        VersionVector(elements.map { ($0.origin, $0.seq) })
    }

    /// A park whose software is not ours, and what it says about the logs.
    private struct Forger {
        var park: LyingPark
        let federation: SmallFederation
        /// What it has said that it had.
        private var seen = VersionVector()

        init(_ origin: String, _ federation: SmallFederation) throws {
            self.federation = federation
            let name = try #require(OriginID(origin))
            park = LyingPark(name, key: try federation.key(name.park))
        }

        /// Tells everybody, the model included.
        mutating func tell(
            _ controls: [ControlRecord] = [], row: String? = nil, had: VersionVector, to oracle: inout ModelOracle
        ) async throws {
            federation.clock.advance(1)
            var blocks: [LyingPark.Block] = []
            if !controls.isEmpty {
                let sorted = controls.sorted { $0.key < $1.key }
                blocks.append(
                    LyingPark.Block(
                        ControlRecord.tableName, columns: 1,
                        sorted.map { LyingPark.Change([.string($0.key)], [.string($0.text)]) }))
            }
            if let row {
                blocks.append(
                    LyingPark.Block("owned", columns: 2, [LyingPark.Change([.string(row)], [.null, .integer(0)])]))
            }
            for element in had.elements { seen[element.origin] = element.seq }
            // Where it names entries that nobody has, no hash fits.
            let heads = seen.elements.compactMap { element in
                oracle.entry(EntryName(element.origin, element.seq)).map {
                    (origin: element.origin, seq: element.seq, hash: $0.hash)
                }
            }
            let payload = park.payload(
                blocks, now: federation.clock.wallMilliseconds(), dependencies: had.elements,
                seenHash: SpecEncoding.seenHash(heads))
            let slice = try park.sign(payload)
            for name in ["airport", "south"] { try await federation[name].receive(slice) }
            try oracle.add(payload)
        }
    }

    /// South has deleted three rows, of which Airport has acknowledged two; nobody else has
    /// written.
    private func deletions() async throws -> (SmallFederation, ModelOracle) {
        let federation = try SmallFederation(["airport", "bio-city", "south", "west"])
        try await federation.write("south", "INSERT INTO item(id) VALUES('x'), ('y'), ('z')")
        for key in ["x", "y"] { try await federation.write("south", "DELETE FROM item WHERE id = '\(key)'") }
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await federation["airport"].acknowledge())
        try await federation.write("south", "DELETE FROM item WHERE id = 'z'")
        for (from, to) in [("south", "airport"), ("airport", "south")] {
            try await federation.exchange(from: from, to: to)
        }
        var oracle = ModelOracle(schemas: federation.schemas)
        try federation.inform(&oracle)
        return (federation, oracle)
    }

    private func expectVerdicts(_ federation: SmallFederation, _ oracle: ModelOracle, _ quarantined: String...) throws {
        try expectModel(federation, oracle, ["airport", "south"], "\(quarantined)")
        #expect(oracle.quarantined(at: oracle.vector).keys.map(\.description).sorted() == quarantined)
    }

    @Test func frontiersThatNobodyAcknowledged() async throws {
        var (federation, oracle) = try await deletions()
        let (airport, south) = (try federation.origin("airport"), try federation.origin("south"))
        func compaction(_ seq: UInt64) -> [ControlRecord] { [.compaction(frontier: vector((south, seq)))] }
        var forger = try Forger("bio-city", federation)
        // Deletions that its author had not seen; those that only South has; all that two parks
        // have; more than Airport had.
        try await forger.tell(compaction(2), had: VersionVector(), to: &oracle)
        try await forger.tell(compaction(2), had: vector((south, 2)), to: &oracle)
        try await forger.tell(compaction(4), row: "bio-city:1", had: vector((airport, 1), (south, 4)), to: &oracle)
        try await forger.tell(compaction(3), row: "bio-city:2", had: VersionVector(), to: &oracle)
        try expectVerdicts(federation, oracle, "bio-city:1", "bio-city:3")
        #expect(oracle.compactions.map(\.by.seq) == [2, 4])
        #expect(try federation.observe("south").tables.rows("owned").map { $0[0] } == [.string("bio-city:2")])
        #expect(try await federation["south"].retention().tombstoneRows == 1)
    }

    private static let word = ControlRecord.vote(park: "west", .out, members: ["airport", "bio-city", "south", "west"])

    /// Airport wants West out, and South has heard of it.
    private func agree(_ federation: SmallFederation, _ oracle: inout ModelOracle) async throws {
        _ = try await federation["airport"].fence("west")
        try await federation.exchange(from: "airport", to: "south")
        try federation.inform(&oracle)
    }

    /// One park alone takes nobody out, whatever it says of who is in the zone, of its own vote,
    /// and of what it knows.
    @Test func oneParkAloneFencesNobody() async throws {
        var (federation, oracle) = try await deletions()
        let (airport, south) = (try federation.origin("airport"), try federation.origin("south"))
        var forger = try Forger("bio-city", federation)
        let fence = ControlRecord.fence(park: "west", after: VersionVector())
        func word(_ members: String...) -> ControlRecord { .vote(park: "west", .out, members: members) }
        try await forger.tell([fence], had: VersionVector(), to: &oracle)
        try await forger.tell([word("bio-city", "west"), fence], had: VersionVector(), to: &oracle)
        try await forger.tell([word("bio-city"), fence], had: VersionVector(), to: &oracle)
        try await forger.tell([.vote(park: "south", .out, members: ["west"])], had: VersionVector(), to: &oracle)
        try await forger.tell([fence], had: vector((airport, 1), (south, 4)), to: &oracle)
        try await forger.tell([.vote(park: "bio-city", .out, members: ["south"])], had: VersionVector(), to: &oracle)
        try await forger.tell([.lift(park: "west", fences: vector((south, 1)))], had: VersionVector(), to: &oracle)
        try expectVerdicts(
            federation, oracle, "bio-city:1", "bio-city:2", "bio-city:3", "bio-city:5", "bio-city:6", "bio-city:7")
        #expect(oracle.fences == [] && oracle.votes.map(\.by.seq) == [4])
        // With another's word it counts; what the voters say of the members decides how many it
        // takes.
        try await agree(federation, &oracle)
        try await forger.tell(
            [word("a", "b", "c", "d", "e", "f", "g", "west"), fence], had: vector((airport, 2)), to: &oracle)
        try await forger.tell([word("west"), fence], had: VersionVector(), to: &oracle)
        try expectVerdicts(
            federation, oracle, "bio-city:1", "bio-city:2", "bio-city:3", "bio-city:5", "bio-city:6", "bio-city:7",
            "bio-city:8")
        #expect(oracle.fences.map(\.by.seq) == [9])
        // A vote decides once.
        try await forger.tell([fence], had: VersionVector(), to: &oracle)
        #expect(oracle.fences.map(\.by.seq) == [9])
    }

    /// A key alone says nothing, and no entry says more than a node can judge.
    @Test func parksThatNobodyKnows() async throws {
        var (federation, oracle) = try await deletions()
        var forger = try Forger("bio-city", federation)
        let key = ControlRecord.memberKey(park: "ghost", key: Array(repeating: 7, count: 32))
        func word(_ park: String) -> ControlRecord { .vote(park: park, .out, members: ["bio-city", park].sorted()) }
        try await forger.tell([key], had: VersionVector(), to: &oracle)
        try await forger.tell([word("ghost"), key], had: VersionVector(), to: &oracle)
        try await forger.tell(
            [.vote(park: "ghost", .back, members: ["ghost"]), key], had: VersionVector(), to: &oracle)
        try await forger.tell(
            [word("ghost"), .fence(park: "ghost", after: VersionVector()), key], had: VersionVector(), to: &oracle)
        let many = (1_000..<1_064).map { word("p\($0)") }
        try await forger.tell(many, had: VersionVector(), to: &oracle)
        try await forger.tell(many + [word("ghost")], had: VersionVector(), to: &oracle)
        try expectVerdicts(federation, oracle, "bio-city:1", "bio-city:3", "bio-city:4", "bio-city:6")
        #expect(try federation["south"].membership().former == [])
    }

    @Test func fencesThatNobodyMayBuild() async throws {
        var (federation, oracle) = try await deletions()
        let (west, city) = (try federation.origin("west"), try federation.origin("bio-city"))
        try await agree(federation, &oracle)
        var forger = try Forger("bio-city", federation)
        try await forger.tell([.fence(park: "bio-city", after: VersionVector())], had: VersionVector(), to: &oracle)
        try await forger.tell(
            [Self.word, .fence(park: "west", after: vector((west, 1)))], had: VersionVector(), to: &oracle)
        let knowing = vector((try federation.origin("airport"), 2), (try federation.origin("south"), 4))
        try await forger.tell(
            [Self.word, .fence(park: "west", after: VersionVector())], row: "bio-city:3", had: knowing, to: &oracle)
        try expectVerdicts(federation, oracle, "bio-city:1", "bio-city:2")
        #expect(oracle.fences == [ModelFence(park: "west", by: EntryName(city, 3))])
        // West comes back knowing of it: with rows, without, and as somebody who knows nothing,
        // whom nobody vouches for.
        var (first, second, third) = (
            try Forger("west", federation), try Forger("west~2", federation), try Forger("west~3", federation)
        )
        let had = vector((city, 3))
        try await first.tell(row: "west:1", had: had, to: &oracle)
        try await second.tell(had: had, to: &oracle)
        try await second.tell(row: "west:2", had: VersionVector(), to: &oracle)
        try await third.tell(row: "west:3", had: VersionVector(), to: &oracle)
        try expectVerdicts(federation, oracle, "bio-city:1", "bio-city:2", "west:1")
        #expect(
            oracle.appliedEverywhere()[third.park.origin] == 0 && oracle.appliedEverywhere()[second.park.origin] == 2)
        #expect(
            try federation.observe("south").tables.rows("owned").map { $0[0] } == [
                .string("bio-city:3"), .string("west:2"),
            ])
        // Somebody who is in had it: so all have it.
        try await second.tell(row: "west:4", had: vector((third.park.origin, 1)), to: &oracle)
        #expect(oracle.appliedEverywhere()[third.park.origin] == 0, "a park does not vouch for itself")
        try await forger.tell(had: vector((third.park.origin, 1)), to: &oracle)
        #expect(oracle.appliedEverywhere() == oracle.vector)
        try expectVerdicts(federation, oracle, "bio-city:1", "bio-city:2", "west:1")
        // The word of a park that is out itself counts for nothing.
        _ = try await federation["south"].fence("bio-city")
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await federation["airport"].fence("bio-city").isDecided)
        try await federation.exchange(from: "airport", to: "south")
        try federation.inform(&oracle)
        var fourth = try Forger("west~4", federation)
        try await fourth.tell(row: "west:5", had: VersionVector(), to: &oracle)
        try await forger.tell(had: vector((fourth.park.origin, 1)), to: &oracle)
        #expect(oracle.appliedEverywhere()[fourth.park.origin] == 0 && oracle.appliedEverywhere()[city] == 4)
        try expectVerdicts(federation, oracle, "bio-city:1", "bio-city:2", "west:1")
    }

    /// A fenced park is waited for until all who stay have acknowledged the fence.
    @Test func whoIsFencedStopsCounting() async throws {
        var (federation, oracle) = try await deletions()
        let (airport, south) = (try federation.origin("airport"), try federation.origin("south"))
        let (west, city) = (try federation.origin("west"), try federation.origin("bio-city"))
        var forger = try Forger("bio-city", federation)
        var silent = try Forger("west", federation)
        let compaction = [ControlRecord.compaction(frontier: vector((south, 3)))]
        try await silent.tell(row: "west:1", had: VersionVector(), to: &oracle)
        try await agree(federation, &oracle)
        var had = vector((airport, 2), (south, 4), (west, 1))
        try await forger.tell([Self.word, .fence(park: "west", after: vector((west, 1)))], had: had, to: &oracle)
        try await forger.tell(compaction, had: VersionVector(), to: &oracle)
        for park in ["airport", "south"] { #expect(try await federation[park].acknowledge()) }
        for (from, to) in [("south", "airport"), ("airport", "south")] {
            try await federation.exchange(from: from, to: to)
        }
        try federation.inform(&oracle)
        had = vector((airport, 3))
        try await forger.tell(compaction, had: had, to: &oracle)
        had = vector((south, 5))
        try await forger.tell(compaction, had: had, to: &oracle)
        try expectVerdicts(federation, oracle, "bio-city:2", "bio-city:3")
        #expect(oracle.compactions.map(\.by) == [EntryName(city, 4)])
        // West comes back, and counts again as soon as somebody has heard of that.
        var back = try Forger("west~2", federation)
        try await back.tell(had: vector((city, 1)), to: &oracle)
        try await forger.tell(compaction, had: VersionVector(), to: &oracle)
        try await forger.tell(compaction, had: vector((back.park.origin, 1)), to: &oracle)
        try await back.tell(had: vector((south, 3)), to: &oracle)
        try await forger.tell(compaction, had: vector((back.park.origin, 2)), to: &oracle)
        try expectVerdicts(federation, oracle, "bio-city:2", "bio-city:3", "bio-city:6")
    }

    /// Entries count once all of their past is known, whatever the order in which the model hears
    /// of them.
    @Test func theOrderOfHearingDecidesNothing() async throws {
        let (federation, oracle) = try await deletions()
        _ = try await federation["south"].fence("west")
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await federation["airport"].fence("west").isDecided)
        try await federation.exchange(from: "airport", to: "south")
        var informed = oracle
        try federation.inform(&informed)
        let expected = informed.contents(at: informed.vector, schema: federation.schemas[2]).dump
        for origins in [informed.origins, Array(informed.origins.reversed())] {
            var other = ModelOracle(schemas: federation.schemas)
            for origin in origins { for entry in informed.entries(of: origin) { try other.add(entry.payload) } }
            #expect(
                other.reached == informed.vector && other.appliedEverywhere() == informed.appliedEverywhere()
                    && other.fences == informed.fences)
            #expect(other.contents(at: other.vector, schema: federation.schemas[2]).dump == expected)
        }
        // Without south's first entry nothing of what follows can be told.
        var blind = ModelOracle(schemas: federation.schemas)
        for entry in informed.entries(of: try federation.origin("airport")) { try blind.add(entry.payload) }
        #expect(blind.reached == VersionVector() && blind.appliedEverywhere() == VersionVector())
    }
}
