import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// A park on which the others have voted, so that it may be out of the zone.
struct FencedPark {
    var node: Int
}

/// What operators do about a park that is gone, and what is asked of it from then on.
extension World {
    /// With fewer, those who are left are too few to disagree.
    static let fenceNodesMin = 4

    /// The park is stopped, and the operators of the others vote it out; once in a history. Nobody
    /// who is down votes, so it may not come to a majority.
    func fence(_ park: SimulatedPark, at other: SimulatedPark) {
        guard names.count >= Self.fenceNodesMin, fenced == nil, park !== other, !isLiar(park), !isLiar(other),
            park.hasRun, other.store != nil,
            !judge.isMakingGood
        else { return }
        park.isWanted = false
        stop(park) { [unowned self] in
            guard fenced == nil else { return }
            for voter in [other] + honest.filter({ $0 !== park && $0 !== other }) {
                guard let origin = voter.store?.state().origin else { continue }
                guard let outcome = value(command(voter) { try await $0.fence(park.origin.park) }, "vote for a fence")
                else { continue }
                fenced = FencedPark(node: park.index)
                if outcome.isDecided { counters.add("fence decided with a vote") }
                judge.acknowledge(voter, origin, outcome.seq, mark: nil)
            }
        }
    }

    /// Fences of the park, as far as the model knows.
    private func fences(_ park: SimulatedPark) -> [ModelFence] {
        judge.oracle.fences.filter { $0.park == park.origin.park }
    }

    /// Whether the park takes no part: an entry says so, and none of its own that has seen that
    /// began a log.
    func isOut(_ park: SimulatedPark) -> Bool {
        guard let fenced, fenced.node == park.index else { return false }
        return fences(park).contains(where: judge.oracle.isInForce)
    }

    /// All of whom it is asked that they agree in the end.
    var agreeing: [SimulatedPark] { honest.filter { !isOut($0) } }

    /// A park that knows that it is out writes nothing, and says why. While its log is compared
    /// with the others' or fetched, it is that which it says.
    func checkFence(_ park: SimulatedPark, _ store: ParkStore) {
        guard isOut(park), let fence = fences(park).first(where: { $0.isIn(store.state().applied) }) else { return }
        counters.add("fence heard")
        if store.counts.fenced == nil, !store.counts.ownLog.isUncertain {
            judge.fail(
                10, "\(park.origin) has applied \(fence.by), which takes it out of the zone, and does not say so")
        }
        for origin in judge.oracle.origins where origin.park == park.origin.park {
            guard let entry = judge.oracle.entries(of: origin).last, fence.isIn(entry.seen) else { continue }
            judge.fail(
                6,
                """
                \(park.origin) writes \(entry.name) although it has applied \(fence.by), which takes it out of \
                the zone
                """
            )
        }
    }

    /// The park's file is deleted, and it comes back with what another node has.
    func comeBack(_ park: SimulatedPark) {
        guard isOut(park), mayLose(park) else { return }
        let fences = fences(park)
        let knowing = parks.first { other in
            guard other !== park, let store = other.store, !store.counts.isRecovering else { return false }
            return fences.allSatisfy { $0.isIn(store.state().applied) }
        }
        guard let knowing else { return }
        counters.add("park came back")
        beginAnew(park, from: knowing)
    }
}
