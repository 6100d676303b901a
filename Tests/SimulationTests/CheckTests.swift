import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import Testing

@testable import ParkSyncSimulation

/// Each check reports the breach of its promise, and says nothing where nothing is wrong.
@Suite struct CheckTests {
    @Test func nothingIsWrongWithTheTruth() async throws {
        let scene = try await Scene()
        #expect(scene.all(scene.observations) == [])
        #expect(Checks.sealedOnce(scene.oracle) == [])
        for (park, observation) in zip(Scene.parks, scene.observations) {
            #expect(observation.applied == scene.oracle.vector && observation.isQuiet && !observation.conflicts.isEmpty)
            #expect(Checks.ownStatus(try scene.claims(park), observation, oracle: scene.oracle) == [])
        }
    }

    @Test func aTransactionThatIsInTwoEntries() async throws {
        let scene = try await Scene()
        var park = LyingPark(try scene.origin("bio-city"), key: try scene.federation.key("south"))
        var oracle = scene.oracle
        for id in ["twice", "once", "twice"] {
            let row = LyingPark.Change([.string(id)], [.string("bio-city"), .null])
            let payload = park.payload(
                [LyingPark.Block("journal", columns: 2, [row])], now: scene.federation.clock.wallMilliseconds())
            _ = try park.sign(payload)
            try oracle.add(payload)
        }
        expect(
            Checks.sealedOnce(oracle), [.exactlyOnce], at: "bio-city", naming: "journal bio-city ('twice')",
            "bio-city:1 and bio-city:3")
        #expect(Checks.sealedOnce(oracle, sparing: ["bio-city"]) == [])
    }

    @Test func tablesThatDifferAtOneVector() async throws {
        let scene = try await Scene()
        let altered = try scene.altered("west") { observation in
            guard let row = observation.tables.tables["item"]?.firstIndex(where: { $0[0] == .string("kept") }) else {
                return
            }
            observation.tables.tables["item"]?[row][2] = .string("other")
        }
        expect(
            Checks.sameVectorSameState(altered), [.sameVectorSameState], at: "west", naming: "item ('kept')",
            "b = 'other'", "b = NULL")
        // At different vectors nothing is said; nor of a row that a program has just written.
        #expect(Checks.sameVectorSameState(try scene.altered("west") { $0.applied[$0.origin] += 1 }) == [])
        let unsealed = altered.map { observation in
            var copy = observation
            copy.unsealed = [RowName("item", [.string("kept")])]
            return copy
        }
        #expect(Checks.sameVectorSameState(unsealed) == [])
    }

    @Test func anEntryBeforeWhatItsAuthorHadSeen() async throws {
        let scene = try await Scene()
        let south = try scene.origin("south")
        let early = try scene.altered("airport") { $0.applied[south] = 1 }
        expect(
            Checks.causalOrder(early[0], oracle: scene.oracle), [.causalOrder], at: "airport",
            naming: "had seen south:", "here it is 1")
        let invented = try scene.altered("airport") { $0.applied[south] += 1 }
        expect(
            Checks.causalOrder(invented[0], oracle: scene.oracle), [.causalOrder], at: "airport",
            naming: "nobody wrote it")
    }

    @Test func tablesThatNoSetOfEntriesGives() async throws {
        let scene = try await Scene()
        let view = scene.oracle.contents(at: scene.oracle.vector, schema: try scene.federation["south"].schema)
        // Half of a transaction: the counter was added and the column not.
        let half = try scene.altered("south") { observation in
            guard let row = observation.tables.tables["item"]?.firstIndex(where: { $0[0] == .string("kept") }) else {
                return
            }
            observation.tables.tables["item"]?[row][8] = .integer(5)
        }
        expect(
            Checks.wholeTransactions(half[1], expected: view, oracle: scene.oracle), [.wholeTransactions], at: "south",
            naming: "item ('kept')",
            "n = 5",
            "n = 4")
        // A model that was told of one entry less.
        var short = ModelOracle(schemas: scene.federation.schemas)
        for origin in scene.oracle.origins {
            for entry in scene.oracle.entries(of: origin).dropLast() { try short.add(entry.payload) }
        }
        let behind = short.contents(at: scene.oracle.vector, schema: view.schema)
        #expect(
            Checks.wholeTransactions(scene.observations[1], expected: behind, oracle: short).contains {
                $0.promise == .wholeTransactions
            })
        // A deleted row that is there.
        let back = try scene.altered("south") { observation in
            var row = observation.tables.rows("item").first { $0[0] == .string("kept") } ?? []
            row[0] = .string("gone")
            observation.tables.tables["item"]?.insert(row, at: 0)
        }
        expect(
            Checks.wholeTransactions(back[1], expected: view, oracle: scene.oracle), [.noResurrection], at: "south",
            naming: "item ('gone')", "absent"
        )
        let twice = try scene.altered("south") { observation in
            let first = observation.tables.rows("item").prefix(1)
            observation.tables.tables["item"]?.insert(contentsOf: first, at: 0)
        }
        expect(
            Checks.wholeTransactions(twice[1], expected: view, oracle: scene.oracle), [.wholeTransactions], at: "south",
            naming: "twice")
    }

    @Test func aWriteWithoutAuthority() async throws {
        let scene = try await Scene()
        var liar = LyingPark(try scene.origin("bio-city"), key: try scene.federation.key("south"))
        let told = try liar.tell(.foreignRow, now: scene.federation.clock.wallMilliseconds(), victim: "south")
        for payload in told.payloads { try scene.oracle.add(payload) }
        let name = EntryName(liar.origin, 1)
        let aside = try scene.altered("west") { observation in
            (observation.applied[name.origin], observation.quarantined) = (1, [name])
        }
        #expect(Checks.authority(aside[2], oracle: scene.oracle) == [])
        let applied = try scene.altered("west") { $0.applied[name.origin] = 1 }
        expect(
            Checks.authority(applied[2], oracle: scene.oracle), [.authority], at: "west",
            naming: "bio-city:1 was applied", "owned ('south:0')")
        let refused = try scene.altered("west") { $0.quarantined = [EntryName($0.origin, 1)] }
        expect(
            Checks.authority(refused[2], oracle: scene.oracle), [.authority], at: "west", naming: "west:1",
            "nothing is wrong")
    }

    @Test func aDigestThatIsNotThatOfItsRows() async throws {
        let scene = try await Scene()
        let view = scene.oracle.contents(at: scene.oracle.vector, schema: scene.observations[0].schema)
        let wrong = try scene.altered("airport") { $0.figures["item"]?.digest[15] ^= 1 }
        expect(
            Checks.digests(wrong[0], expected: view), [.digestsAreKept], at: "airport", naming: "digest of item",
            "its rows have")
        let miscounted = try scene.altered("airport") { $0.figures["item"]?.rows += 1 }
        expect(
            Checks.digests(miscounted[0], expected: view), [.digestsAreKept], at: "airport", naming: "digest of item")
        let unlike = scene.oracle.contents(at: VersionVector(), schema: scene.observations[0].schema)
        expect(
            Checks.digests(scene.observations[0], expected: unlike), [.digestsAreKept], at: "airport",
            naming: "by the log it is")
        let lost = try scene.altered("airport") { $0.conflicts.removeAll() }
        expect(
            Checks.conflicts(lost[0], expected: view), [.sameVectorSameState], at: "airport",
            naming: "the inbox lacks item ('kept') a")
        #expect(
            Checks.digests(
                try scene.altered("airport") { ($0.folded, $0.figures) = (VersionVector(), [:]) }[0], expected: view)
                == [])
    }
}
