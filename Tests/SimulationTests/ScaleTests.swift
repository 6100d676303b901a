import ParkSyncCore
import ParkSyncReplication
import ParkSyncSimulation
import Testing

/// Federations of twelve and more, in each shape that the bench measures.
@Suite struct ScaleTests {
    static let shapes: [Topology] = [.mesh, .hub, .hubs(members: 3), .relay(chord: 3)]

    @Test(arguments: shapes) func twelveNodesAgree(_ shape: Topology) throws {
        let run = ScaleRun(shape, nodes: 12)
        let start = run.start()
        #expect(start.milliseconds != nil && start.copies == 12 * 11 * 4)
        let vector = VersionVector(ScaleRun.names(12).map { ($0, 4) })
        for node in 0..<12 { #expect(run.federation.log(node).vector == vector) }
        let commit = run.commit()
        #expect(commit.milliseconds != nil && commit.copies == 11)
        for phase in [start, commit] {
            #expect(phase.bytesMin == phase.copies * 502)
            #expect(phase.traffic.entries.bytes >= phase.bytesMin && phase.traffic.bytes > phase.traffic.entries.bytes)
            #expect(phase.engineNanoseconds == 0, "nobody handed in a stopwatch")
        }
        #expect(run.federation.storeRefusals.isEmpty)
    }

    @Test func inAMeshEachEntryComesOverOneLinkAndOnce() {
        let run = ScaleRun(.mesh, nodes: 12)
        let start = run.start()
        #expect(start.rounds == 1 && start.streamsOpen == 12 * 11 && start.streamsOpened == 12 * 11)
        #expect(start.bytesRatio < 1.5)
        #expect(run.federation.names.indices.allSatisfy { run.federation.reports($0).allSatisfy { $0.relays.isEmpty } })
    }

    @Test func aHubPassesOnWhatTheOthersWrite() {
        let run = ScaleRun(.hub, nodes: 12)
        let start = run.start()
        #expect(start.rounds == 2 && start.streamsOpen == 2 * 11)
        for (way, origins) in run.federation.received {
            #expect(way.from == 0 || way.to == 0)
            if way.to == 0 { #expect(origins.count == 11) }
        }
    }

    @Test func hubsPassOnWhatTheirGroupsWrite() {
        let run = ScaleRun(.hubs(members: 3), nodes: 12)
        let start = run.start()
        #expect(start.rounds == 3 && start.streamsOpen == 4 * 3 + 2 * 8)
        #expect(run.commit().rounds == 3)
        for way in run.federation.received.keys { #expect(Topology.hubs(members: 3).joins(way.from, way.to, of: 12)) }
    }

    @Test func whatIsOutOfReachIsRelayed() {
        let run = ScaleRun(.relay(chord: 3), nodes: 12)
        let federation = run.federation
        #expect(run.start().rounds >= 3)
        for (way, origins) in federation.received {
            #expect(Topology.relay(chord: 3).joins(way.from, way.to, of: 12))
            #expect(!origins.keys.contains(federation.names[way.from]))
        }
        for node in 0..<12 {
            let relayed = Set(federation.reports(node).flatMap(\.relays))
            let far = federation.others(than: node).filter { !Topology.relay(chord: 3).joins(node, $0, of: 12) }
            #expect(relayed == Set(far.map { federation.names[$0] }))
        }
        // The one that wrote reaches four others; the rest heard of it from them.
        #expect(run.commit().rounds >= 2)
    }

    @Test(arguments: shapes) func withoutRelayingOnlyAMeshAgrees(_ shape: Topology) {
        let run = ScaleRun(shape, nodes: 12, millisecondsMax: 3_000)
        run.federation.dropsRelays = true
        #expect((run.start().milliseconds != nil) == (shape == .mesh))
    }

    /// The check of convergence must be able to fail.
    @Test(arguments: shapes) func aLogThatDropsAnEntryIsNoticed(_ shape: Topology) {
        let names = ScaleRun.names(12)
        let run = ScaleRun(
            shape, nodes: 12, millisecondsMax: 3_000, prepare: { if $0.origin == names[5] { $0.drop(names[9]) } })
        let start = run.start()
        #expect(start.milliseconds == nil && !run.federation.isConverged)
        #expect(run.federation.log(5).vector[names[9]] == 0 && run.federation.log(5).vector[names[8]] == 4)
    }

    @Test(arguments: shapes) func oneSeedIsOneHistory(_ shape: Topology) {
        let traces = ([1, 1, 2] as [UInt64]).map { seed in
            let run = ScaleRun(shape, nodes: 12, seed: seed)
            _ = run.start()
            let commit = run.commit()
            return [run.federation.trace, UInt64(commit.traffic.bytes), UInt64(commit.engineEvents)]
        }
        #expect(traces[0] == traces[1] && traces[1][0] != traces[2][0])
    }

    /// Each node tells each other its whole vectors after a commit: this is what limits a mesh.
    @Test func theBytesOfACommitGrowWithTheStateThatIsReported() {
        let ratios = [6, 12, 24].map { nodes in
            let run = ScaleRun(.mesh, nodes: nodes)
            _ = run.start()
            let commit = run.commit()
            #expect(commit.traffic.states.messages == nodes * (nodes - 1))
            return commit.bytesRatio
        }
        #expect(ratios[1] > 2 * ratios[0] && ratios[2] > 2 * ratios[1])
    }
}
