import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncNode
@testable import ParkSyncStore

/// What the status says of a peer, of what the engine knows.
@Suite struct PeerFiguresTests {
    private struct Clock: NodeClock {
        func monotonicMilliseconds() -> UInt64 { 1_000 }
        func wallMilliseconds() -> UInt64 { 500_000 }
        func sleep(until: UInt64) async throws {}
    }

    private func vector(_ text: String) throws -> VersionVector { try #require(VersionVector(parsing: text)) }

    private func state(_ park: String, applied: String, logged: String? = nil) throws -> NodeState {
        NodeState(
            origin: try #require(OriginID(park)), schemaNumber: 1, schemaHash: [], applied: try vector(applied),
            logged: try vector(logged ?? applied), digest: nil)
    }

    private func figures(_ own: NodeState, stuck: [StuckEntry] = []) -> PeerFigures {
        PeerFigures(own: own, stuck: stuck, membership: Membership(), clock: Clock())
    }

    private func report(_ link: PeerReport.Link, _ remote: NodeState? = nil) throws -> PeerReport {
        PeerReport(
            peer: try #require(OriginID("west")), link: link, remote: remote, lackingSince: 7, relays: [], gone: [])
    }

    @Test func aParkThatIsOutIsNoPeer() throws {
        let reports = try ["airport", "west"].map { name in
            PeerReport(peer: try #require(OriginID(name)), link: .following, relays: [], gone: [])
        }
        #expect(PeerFigures.counting(reports, fenced: []).map(\.peer.park) == ["airport", "west"])
        #expect(PeerFigures.counting(reports, fenced: ["west"]).map(\.peer.park) == ["airport"])
    }

    @Test func whatWasNeverHeardIsNotKnown() throws {
        let peer = figures(try state("south", applied: "south:3")).peer(try report(.waiting(until: 3_500)))
        #expect(peer.link == .waiting && peer.nextTryAt == 502_500, "by the wall clock")
        #expect(peer.weNeed == nil && peer.theyNeed == nil && peer.agreement == .unknown)
        #expect(figures(try state("south", applied: "south:3")).lacksOwn(try report(.following)) == nil)
    }

    @Test func whatIsNeededIsCountedBothWays() throws {
        let own = try state("south", applied: "south:5 west:2", logged: "south:5 west:4")
        let remote = try state("west", applied: "south:3 west:6")
        let report = try report(.catchingUp, remote)
        let peer = figures(own).peer(report)
        #expect(peer.weNeed == 4 && peer.weNeedSince == 7 && peer.link == .catchingUp)
        #expect(peer.theyNeed == 2 && figures(own).lacksOwn(report) == 3)
        // What is here and waits for something else, the peer need not send.
        let held = StuckEntry(
            origin: try #require(OriginID("west")), seq: 3, state: .held, kind: StuckCause(.newerSchema), cause: "a",
            remedy: "b")
        #expect(figures(own, stuck: [held]).peer(report).weNeed == 2)
        let nothing = figures(own).peer(try self.report(.catchingUp, try state("west", applied: "south:5 west:2")))
        #expect(nothing.link == .following && nothing.weNeedSince == nil && nothing.theyNeed == 0)
    }

    @Test func theNewestFailureIsNamedByItsCode() throws {
        let south = try #require(OriginID("south"))
        var report = try report(.waiting(until: 0), try state("west", applied: "south:3"))
        report.withheld = [south]
        let own = figures(try state("south", applied: "south:3"))
        #expect(own.peer(report).lastErrorCode == .withheld)
        report.failure = LinkFailure(.unreachable, "cut", remedy: "None.")
        #expect(own.peer(report).lastErrorCode?.rawValue == "unreachable")
        report.gone = [VersionVector.Element(origin: south, seq: 2)]
        #expect(own.peer(report).lastErrorCode == .gone, "what the operator can do something about")
        #expect(own.peer(report).lastError?.contains("syncctl snapshot fetch --from west") == true)
    }
}
