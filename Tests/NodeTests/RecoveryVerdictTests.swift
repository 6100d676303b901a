import ParkSyncCore
import Testing

@testable import ParkSyncReplication

/// When a node that has lost its file may write again.
@Suite struct RecoveryVerdictTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What the peers were heard to have; nil for one that was never heard.
        var peers: [(park: String, logged: String?, link: PeerReport.Link)]
        var acceptsLoss = false
        var verdict: RecoveryVerdict
    }

    /// Of this node, which has `south:4 south~2:1 west:9`.
    static let cases: [Case] = [
        Case(testDescription: "no peers", peers: [], verdict: .complete(withoutParks: [])),
        Case(testDescription: "all have the same", peers: [("west", "south:4 west:9", .following)], verdict: .complete(withoutParks: [])),
        Case(testDescription: "others' entries do not count", peers: [("west", "west:12", .catchingUp)], verdict: .complete(withoutParks: [])),
        Case(testDescription: "one has more", peers: [("west", "south:5", .catchingUp)], verdict: .waiting(for: ["west"])),
        Case(testDescription: "more of a later incarnation", peers: [("west", "south:4 south~2:2", .following)], verdict: .waiting(for: ["west"])),
        Case(
            testDescription: "one was not heard", peers: [("airport", nil, .connecting), ("west", "south:4", .following)],
            verdict: .waiting(for: ["airport"])),
        Case(
            testDescription: "one was heard and is gone: it may have got more since", peers: [("west", "south:4", .waiting(until: 9))],
            verdict: .waiting(for: ["west"])),
        Case(testDescription: "a paused link", peers: [("west", "south:4", .paused)], verdict: .waiting(for: ["west"])),
        Case(
            testDescription: "a loss is accepted", peers: [("airport", nil, .waiting(until: 9)), ("west", "south:4", .following)], acceptsLoss: true,
            verdict: .complete(withoutParks: ["airport"])),
        Case(
            testDescription: "all are lost and that is accepted", peers: [("west", nil, .paused)], acceptsLoss: true,
            verdict: .complete(withoutParks: ["west"])),
        Case(
            testDescription: "what is known to be there is never given up", peers: [("airport", nil, .paused), ("west", "south:5", .following)],
            acceptsLoss: true, verdict: .waiting(for: ["west", "airport"])),
    ]

    private static func state(_ park: String, _ vector: String) throws -> NodeState {
        NodeState(
            origin: try #require(OriginID(park)), schemaNumber: 1, schemaHash: [], applied: VersionVector(),
            logged: try #require(VersionVector(parsing: vector)), digest: nil)
    }

    @Test(arguments: cases) func verdict(_ each: Case) throws {
        let reports = try each.peers.map { peer in
            PeerReport(
                peer: try #require(OriginID(peer.park)), link: peer.link, remote: try peer.logged.map { try Self.state(peer.park, $0) }, relays: [],
                gone: [])
        }
        let own = try Self.state("south", "south:4 south~2:1 west:9")
        #expect(RecoveryVerdict.judge(own: own, reports: reports, mayLeaveOut: each.acceptsLoss) == each.verdict)
    }
}
