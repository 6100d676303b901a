import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncReplication
@testable import ParkSyncSimulation
@testable import ParkSyncStore

/// Checks of logs and of what nodes say, each with the breach that it reports.
@Suite struct EvidenceCheckTests {
    @Test func aLogThatProvesNothing() async throws {
        let scene = try await Scene()
        let south = try scene.origin("south")
        func check(_ body: (inout [NodeObservation.LoggedEntry]) -> Void) throws -> [BrokenPromise] {
            let altered = try scene.altered("west") { observation in
                var log = observation.log[south] ?? []
                body(&log)
                observation.log[south] = log
            }
            return Checks.evidence(altered[2], members: scene.federation.members)
        }
        #expect(try check { _ in } == [])
        expect(try check { $0[0].payload[20] ^= 1 }, [.evidence], at: "west", naming: "south:1 is logged with the hash")
        expect(try check { $0[1].hash[0] ^= 1 }, [.evidence], at: "west", naming: "south:2 is logged with the hash")
        expect(
            try check { $0[$0.count - 1].signature?[3] ^= 1 }, [.evidence], at: "west",
            naming: "has a signature that is not its park's")
        expect(try check { $0.remove(at: 1) }, [.evidence], at: "west", naming: "south:2 is missing")
        expect(try check { $0[$0.count - 1].signature = nil }, [.evidence], at: "west", naming: "are not signed")
        expect(
            Checks.evidence(scene.observations[2], members: ["west": []]), [.evidence], at: "west",
            naming: "log of airport", "no member")
    }

    @Test func aForkThatNobodyNotices() async throws {
        let scene = try await Scene()
        let (south, west, airport) = (try scene.origin("south"), try scene.origin("west"), try scene.origin("airport"))
        let forked = try scene.altered("west") { $0.log[south]?[1].hash[5] ^= 1 }
        expect(
            Checks.forks(forked, noticed: [:], liars: []), [.evidence], at: "west", naming: "south:2 is", "on airport")
        expect(
            Checks.forks(forked, noticed: [airport: [west]], liars: [south]), [.evidence], at: "west",
            naming: "neither says so")
        #expect(Checks.forks(forked, noticed: [west: [south]], liars: [south]) == [])
        #expect(Checks.forks(scene.observations, noticed: [:], liars: []) == [])
    }

    @Test func aNodeThatSaysWhatIsNotSo() async throws {
        let scene = try await Scene()
        let (south, west) = (try scene.origin("south"), try scene.origin("west"))
        let observation = scene.observations[2]
        func check(_ body: (inout StatusClaims) -> Void) throws -> [BrokenPromise] {
            var claims = try scene.claims("west")
            body(&claims)
            return Checks.ownStatus(claims, observation, oracle: scene.oracle)
        }
        expect(try check { $0.state.applied[south] += 1 }, [.truthfulStatus], at: "west", naming: "is applied")
        expect(try check { $0.state.logged[south] += 1 }, [.truthfulStatus], at: "west", naming: "the log ends at")
        expect(try check { $0.state.schemaNumber = 2 }, [.truthfulStatus], at: "west", naming: "schema 2")
        #expect(try scene.claims("west").state.digest != nil)
        expect(try check { $0.state.digest?.hash[0] ^= 1 }, [.truthfulStatus], at: "west", naming: "by the log it is")
        let stuck = { (state: NodeStatus.Stuck.State) in
            StuckEntry(origin: south, seq: 1, state: state, kind: StuckCause(.refused), cause: "a", remedy: "b")
        }
        expect(try check { $0.stuck = [stuck(.held)] }, [.truthfulStatus], at: "west", naming: "south:1 waits")
        expect(
            try check { $0.stuck = [stuck(.quarantined)] }, [.truthfulStatus], at: "west",
            naming: "south:1 is set aside, and it is not")
        let behind = try scene.altered("west") { observation in
            observation.applied[south] -= 1
            observation.quarantined = [EntryName(south, 1)]
        }
        var claims = try scene.claims("west")
        claims.state.applied = behind[2].applied
        let broken = Checks.ownStatus(claims, behind[2], oracle: scene.oracle)
        expect(broken, [.truthfulStatus], at: "west", naming: "in the log and not applied")
        expect(broken, [.truthfulStatus], at: "west", naming: "south:1 is set aside, and nothing says so")
        claims.stuck = [
            stuck(.quarantined),
            StuckEntry(
                origin: south, seq: observation.applied[south], state: .held, kind: StuckCause(.failed), cause: "",
                remedy: "b"),
        ]
        expect(
            Checks.ownStatus(claims, behind[2], oracle: scene.oracle), [.truthfulStatus], at: "west",
            naming: "without cause")
        claims.stuck[1].cause = "a"
        #expect(Checks.ownStatus(claims, behind[2], oracle: scene.oracle) == [])
        #expect(west == claims.state.origin)
    }

    /// A row that is there although everybody who inserted it was followed by somebody who deleted
    /// it.
    @Test func aRowThatComesBack() async throws {
        let scene = try await Scene()
        let schema = scene.observations[0].schema
        func breaches(_ oracle: ModelOracle, liars: Set<OriginID> = []) -> [BrokenPromise] {
            Checks.resurrections(at: oracle.vector, schema: schema, oracle: oracle, liars: liars)
        }
        #expect(breaches(scene.oracle) == [])
        var liar = LyingPark(try scene.origin("bio-city"), key: try scene.federation.key("south"))
        let values: [Value] = [.null, .null, .null, .null, .null, .null, .string("x"), .integer(0), .integer(0)]
        var oracle = scene.oracle
        for change in [
            LyingPark.Change([.string("gone")], values, length: 3), LyingPark.Change([.string("gone")], kind: .delete),
        ] {
            #expect(breaches(oracle) == [])
            let payload = liar.payload(
                [LyingPark.Block("item", columns: 9, [change])], now: scene.federation.clock.wallMilliseconds())
            _ = try liar.sign(payload)
            try oracle.add(payload)
        }
        expect(breaches(oracle), [.noResurrection], at: "bio-city", naming: "item ('gone')", "bio-city:1", "bio-city:2")
        #expect(breaches(oracle, liars: [liar.origin]) == [])
    }

    /// A row that somebody altered in the file, behind the triggers' back: every check that reads
    /// rows says so.
    @Test func aFileThatWasAltered() async throws {
        let scene = try await Scene()
        let federation = scene.federation
        let file = try SQLiteFile(federation.path("airport"), canWrite: true)
        try file.execute("DROP TRIGGER _parksync_update_item; UPDATE item SET b = 'altered' WHERE id = 'kept'")
        let observation = try federation.observe("airport")
        let broken = scene.all([observation, scene.observations[1]])
        #expect(Set(broken.map(\.promise)) == [.sameVectorSameState, .wholeTransactions, .digestsAreKept], "\(broken)")
    }
}
