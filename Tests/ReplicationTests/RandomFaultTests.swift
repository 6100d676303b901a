import ParkSyncCore
import ParkSyncSimulation
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

/// Three to six nodes together, on links that fail at random.
@Suite struct RandomFaultTests {
    /// Some ten seconds of writes and faults; then everything is healed.
    private func history(_ seed: UInt64, steps: Int = 22, checksPlans: Bool = false) -> VirtualFederation {
        let parks = 3 + Int(seed % 4)
        let federation = VirtualFederation(Array(VirtualFederation.sixParks.prefix(parks)), seed: seed)
        federation.checksPlans = checksPlans
        var random = SplitMix64(state: seed ^ 0xABCD)
        for _ in 0..<steps {
            let a = Int(random.below(UInt64(parks)))
            let b = (a + 1 + Int(random.below(UInt64(parks - 1)))) % parks
            switch random.below(12) {
            case 0: federation.cutPair(a, b)
            case 1: federation.cutWay(a, b)
            case 2: federation.silence(a, b)
            case 3: random.below(3) == 0 ? federation.cutNode(a) : federation.healNode(a)
            case 4: if federation.nodes[a].isUp { federation.stopNode(a) } else { federation.startNode(a) }
            case 5: federation.heal(a, b)
            case 6:
                federation.write(b, bytes: 3_000)
                federation.run(random.below(federation.delayMilliseconds))
                for node in federation.others(than: b) { federation.loseTail(node, b) }
            default: if federation.nodes[a].isUp { federation.write(a, bytes: 1 + Int(random.below(2_000))) }
            }
            federation.run(random.below(1_000))
        }
        federation.healEverything()
        return federation
    }

    /// The longest that a link may take after the last heal: a stream fell silent just before, and
    /// a call is due only then.
    private static let boundMilliseconds = WireLimits.silenceMillisecondsMax + Backoff.lastMilliseconds + 5_000

    @Test(arguments: 0..<12 as Range<UInt64>) func randomFaultsEndInAgreement(block: UInt64) throws {
        var faults: [VirtualFederation.Fault: Int] = [:]
        for seed in (block * 9)..<(block * 9 + 9) {
            let federation = history(seed)
            try #require(
                federation.run(Self.boundMilliseconds) { federation.isConverged } != nil,
                "seed \(seed) does not converge")
            #expect(federation.storeRefusals.isEmpty, "seed \(seed): no entry is asked for at the wrong place")
            for node in federation.nodes { node.engine._checkInvariants() }
            faults.merge(federation.faults) { $0 + $1 }
        }
        for fault in VirtualFederation.Fault.allCases {
            #expect(faults[fault, default: 0] > 0, "\(fault) never happened")
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func everyLinkComesBack(seed: UInt64) throws {
        let federation = history(1_000 + seed)
        #expect(federation.run(2 * Self.boundMilliseconds) { federation.isConverged && federation.isDirect } != nil)
        // A new commit finds every way open.
        federation.run(100)
        federation.write(0)
        let took = try #require(federation.run(1_000) { federation.isConverged })
        #expect(took <= federation.delayMilliseconds + federation.storeMilliseconds)
    }

    /// The engine decides anew only when something has changed that matters; whatever happens, that
    /// is the same as deciding always.
    @Test(arguments: 0..<8 as Range<UInt64>) func aPlanThatIsKeptIsThePlanThatWouldBeMade(seed: UInt64) {
        let federation = history(2_000 + seed, checksPlans: true)
        federation.run(Self.boundMilliseconds)
        #expect(federation.isConverged && federation.outdatedPlans == 0)
    }

    @Test func oneSeedIsOneHistory() {
        let traces = (0..<4 as Range<UInt64>).map { seed in
            let (first, second) = (history(seed), history(seed))
            #expect(first.trace == second.trace && first.faults == second.faults, "seed \(seed)")
            return first.trace
        }
        #expect(Set(traces).count == traces.count)
    }
}
