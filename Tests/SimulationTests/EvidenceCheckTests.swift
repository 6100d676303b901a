import Foundation
import ParkSyncCore

import Testing

@testable import ParkSyncReplication
@testable import ParkSyncSimulation
@testable import ParkSyncStore

/// Checks of logs, bookings, old files and of what nodes say, each with the breach that it reports.
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
        expect(try check { $0[$0.count - 1].signature?[3] ^= 1 }, [.evidence], at: "west", naming: "has a signature that is not its park's")
        expect(try check { $0.remove(at: 1) }, [.evidence], at: "west", naming: "south:2 is missing")
        expect(try check { $0[$0.count - 1].signature = nil }, [.evidence], at: "west", naming: "are not signed")
        expect(Checks.evidence(scene.observations[2], members: ["west": []]), [.evidence], at: "west", naming: "log of airport", "no member")
    }

    @Test func aForkThatNobodyNotices() async throws {
        let scene = try await Scene()
        let (south, west, airport) = (try scene.origin("south"), try scene.origin("west"), try scene.origin("airport"))
        let forked = try scene.altered("west") { $0.log[south]?[1].hash[5] ^= 1 }
        expect(Checks.forks(forked, noticed: [:], liars: []), [.evidence], at: "west", naming: "south:2 is", "on airport")
        expect(Checks.forks(forked, noticed: [airport: [west]], liars: [south]), [.evidence], at: "west", naming: "neither says so")
        #expect(Checks.forks(forked, noticed: [west: [south]], liars: [south]) == [])
        #expect(Checks.forks(scene.observations, noticed: [:], liars: []) == [])
    }

    @Test func aSlotThatIsGivenTwice() async throws {
        let scene = try await Scene()
        func booked(_ intervals: [(Int, Int)], resource: String = "south:instrument:1", outcome: String = "confirmed") throws -> [BrokenPromise] {
            let altered = try scene.altered("airport") { observation in
                observation.tables.tables["booking_decision"] = intervals.enumerated().map { index, interval in
                    [
                        .string(resource), .string("west:booking:\(index)"), .integer(1), .string(outcome), .null,
                        .string("2026-12-07T0\(interval.0):00:00Z"),
                        .string("2026-12-07T0\(interval.1):00:00Z"), .string("2026-12-01T00:00:00Z"),
                    ]
                }
            }
            return Checks.doubleBooking(altered[0])
        }
        #expect(try booked([(1, 2), (2, 3), (0, 1)]) == [])
        expect(try booked([(1, 3), (2, 4)]), [.neverDoubleBooked], at: "airport", naming: "west:booking:0", "west:booking:1", "2026-12-07T02:00:00Z")
        #expect(try booked([(1, 3), (2, 4)], resource: "south:instrument:2") == [])
        #expect(try booked([(1, 3), (2, 4)], outcome: "waitlisted") == [])
        expect(try booked([(1, 3)], resource: "south:instrument:9"), [.neverDoubleBooked], at: "airport", naming: "has 0 places")
    }

    /// South's file is put back to an earlier one, on the disk, and South goes on as if nothing had happened.
    @Test func anOldFileThatForks() async throws {
        let scene = try await Scene()
        let federation = scene.federation
        let backup = federation.path("south") + ".old"
        try SQLiteFile(federation.path("south"), canWrite: true).execute("VACUUM INTO '\(backup)'")
        try await scene.perform(
            Activity(label: "later", channel: .api, statements: [Activity.Statement("INSERT INTO parent VALUES('later', 'x')")]), at: "south")
        try await federation.settle()
        try scene.look()
        #expect(Checks.oldBackup(scene.observations[1], acceptsWrites: true, ledger: scene.ledger, others: scene.observations) == [])
        let next = scene.oracle.vector[try scene.origin("south")]
        let old = try NodeWitness.observe(try SQLiteFile(backup), schemas: federation.schemas)
        // Behind, and it knows: no breach. Behind, and it takes writes: a breach. Once it has numbered anew: a fork.
        #expect(Checks.oldBackup(old, acceptsWrites: false, ledger: scene.ledger, others: scene.observations) == [])
        expect(
            Checks.oldBackup(old, acceptsWrites: true, ledger: scene.ledger, others: scene.observations), [.oldBackup], at: "south",
            naming: "south:\(next) is not here")
        var forked = old
        var entry = scene.observations[1].log[old.origin]?.last
        entry?.hash[0] ^= 1
        if let entry { forked.log[old.origin]?.append(entry) }
        expect(
            Checks.oldBackup(forked, acceptsWrites: false, ledger: Ledger(), others: scene.observations), [.oldBackup], at: "south",
            naming: "south:\(next) was given twice")
        expect(Checks.oldBackup(old, acceptsWrites: true, ledger: scene.ledger, others: []), [.oldBackup], at: "south", naming: "it was acknowledged")
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
        let stuck = { (state: StuckEntry.State) in StuckEntry(origin: south, seq: 1, state: state, cause: "a", remedy: "b") }
        expect(try check { $0.stuck = [stuck(.held)] }, [.truthfulStatus], at: "west", naming: "south:1 waits")
        expect(try check { $0.stuck = [stuck(.quarantined)] }, [.truthfulStatus], at: "west", naming: "south:1 is set aside, and it is not")
        let behind = try scene.altered("west") { observation in
            observation.applied[south] -= 1
            observation.quarantined = [EntryName(south, 1)]
        }
        var claims = try scene.claims("west")
        claims.state.applied = behind[2].applied
        let broken = Checks.ownStatus(claims, behind[2], oracle: scene.oracle)
        expect(broken, [.truthfulStatus], at: "west", naming: "in the log and not applied")
        expect(broken, [.truthfulStatus], at: "west", naming: "south:1 is set aside, and nothing says so")
        claims.stuck = [stuck(.quarantined), StuckEntry(origin: south, seq: observation.applied[south], state: .held, cause: "", remedy: "b")]
        expect(Checks.ownStatus(claims, behind[2], oracle: scene.oracle), [.truthfulStatus], at: "west", naming: "without cause")
        claims.stuck[1].cause = "a"
        #expect(Checks.ownStatus(claims, behind[2], oracle: scene.oracle) == [])
        #expect(west == claims.state.origin)
    }

    @Test func aNodeThatSaysOfPeersWhatIsNotSo() async throws {
        let scene = try await Scene()
        var history = StateHistory()
        for observation in scene.observations { history.note(observation) }
        #expect(Set(history.hashes.values).count == 1 && history.hashes.count == 3)
        var claims = try scene.claims("west")
        let remote = try scene.federation["south"].state()
        var report = PeerReport(
            peer: remote.origin, link: .following, failure: nil, remote: remote, lastContactAt: 1, lackingSince: nil, clockOffsetMilliseconds: 0,
            agreement: Agreement(isSame: true, vector: scene.oracle.vector, at: 1), relays: [], gone: [])
        claims.peers = [report]
        #expect(Checks.peerStatus(claims, history: history) == [])
        // The model agrees with what stores say of themselves.
        #expect(history.hashes.values.first == claims.state.digest?.hash)
        report.agreement?.isSame = false
        claims.peers = [report]
        expect(Checks.peerStatus(claims, history: history), [.truthfulStatus], at: "west", naming: "different")
        var other = StateHistory()
        let altered = try scene.altered("south") { $0.tables.tables["item"]?.removeLast() }
        for observation in altered { other.note(observation) }
        #expect(Checks.peerStatus(claims, history: other) == [])
        report.agreement?.isSame = true
        report.remote?.logged[remote.origin] += 1
        claims.peers = [report]
        expect(Checks.peerStatus(claims, history: other), [.truthfulStatus], at: "west", naming: "the same at")
        expect(Checks.peerStatus(claims, history: history), [.truthfulStatus], at: "west", naming: "it follows south")
    }

    /// A row that comes back by an author who had not seen that it was deleted.
    @Test func aRowThatComesBackByNobodyWhoKnew() async throws {
        let scene = try await Scene()
        let settled = scene.oracle.vector
        var liar = LyingPark(try scene.origin("bio-city"), key: try scene.federation.key("south"))
        let values: [Value] = [.null, .null, .null, .null, .null, .null, .string("x"), .integer(0), .integer(0)]
        let block = LyingPark.Block("item", columns: 9, [LyingPark.Change([.string("gone")], values, length: 3)])
        let blind = liar.payload([block], now: scene.federation.clock.wallMilliseconds())
        var oracle = scene.oracle
        try oracle.add(blind)
        expect(
            Checks.resurrections(settled: settled, now: oracle.vector, oracle: oracle), [.noResurrection], at: "bio-city", naming: "item ('gone')",
            "bio-city:1")
        let knowing = liar.payload([block], now: scene.federation.clock.wallMilliseconds(), dependencies: settled.elements)
        oracle = scene.oracle
        try oracle.add(knowing)
        #expect(Checks.resurrections(settled: settled, now: oracle.vector, oracle: oracle) == [])
        // Where not every node had applied the deletion, nothing is said.
        oracle = scene.oracle
        try oracle.add(blind)
        #expect(Checks.resurrections(settled: VersionVector(), now: oracle.vector, oracle: oracle) == [])
    }

    /// A row that somebody altered in the file, behind the triggers' back: every check that reads rows says so.
    @Test func aFileThatWasAltered() async throws {
        let scene = try await Scene()
        let federation = scene.federation
        let file = try SQLiteFile(federation.path("airport"), canWrite: true)
        try file.execute("DROP TRIGGER _parksync_update_item; UPDATE item SET b = 'altered' WHERE id = 'kept'")
        let observation = try federation.observe("airport")
        let broken = scene.all([observation, scene.observations[1]])
        #expect(Set(broken.map(\.promise)) == [.sameVectorSameState, .wholeTransactions, .digestsAreKept], "\(broken)")
        let replayed = try Checks.replay(
            observation, path: federation.path("airport"), output: federation.folder + "/altered.sqlite", members: federation.members)
        expect(replayed, [.replayGivesTheSame], at: "airport", naming: "item")
    }
}
