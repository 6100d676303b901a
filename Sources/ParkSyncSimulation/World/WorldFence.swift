import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// A park that was taken out of the zone by an entry of another.
struct FencedPark {
    var node: Int
    /// The entry that says so.
    var entry: EntryName
}

/// What operators do about a park that is gone, and what is asked of it from then on.
extension World {
    /// With fewer, those who are left are too few to disagree.
    static let fenceNodesMin = 4

    /// The park is stopped, and taken out of the zone; once in a history.
    func fence(_ park: SimulatedPark, at other: SimulatedPark) {
        guard names.count >= Self.fenceNodesMin, fenced == nil, park !== other, !isLiar(park), !isLiar(other), park.hasRun, other.store != nil,
            !judge.isMakingGood
        else { return }
        park.isWanted = false
        stop(park) { [unowned self] in
            guard fenced == nil, let origin = other.store?.state().origin else { return }
            let name = park.origin.park
            guard let seq = value(command(other) { try await $0.fence(name) }, "fence") else { return }
            fenced = FencedPark(node: park.index, entry: EntryName(origin, seq))
            judge.acknowledge(other, origin, seq, mark: nil)
        }
    }

    /// Whether the park takes no part: an entry says so, and none of its own that has seen that began a log.
    func isOut(_ park: SimulatedPark) -> Bool {
        // The entry may be lost with the file of its author.
        guard let fenced, fenced.node == park.index, let entry = judge.oracle.entry(fenced.entry), says(entry, park.origin.park) else {
            return false
        }
        return !judge.oracle.origins.contains { origin in
            origin.park == park.origin.park && hasSeenFence(judge.oracle.entry(EntryName(origin, 1)))
        }
    }

    private func says(_ entry: ModelEntry, _ name: String) -> Bool {
        entry.controls.contains { control in
            guard case .fence(let park, _) = control else { return false }
            return park == name
        }
    }

    private func hasSeenFence(_ entry: ModelEntry?) -> Bool {
        guard let entry, let fence = fenced?.entry else { return false }
        return entry.seen[fence.origin] >= fence.seq
    }

    /// All of whom it is asked that they agree in the end.
    var agreeing: [SimulatedPark] { honest.filter { !isOut($0) } }

    /// A park that knows that it is out writes nothing, and says why.
    func checkFence(_ park: SimulatedPark, _ store: ParkStore) {
        guard let fence = fenced?.entry, isOut(park), store.state().applied[fence.origin] >= fence.seq else { return }
        counters.add("fence heard")
        if store.counts.fenced == nil, !store.counts.isRecovering {
            judge.fail(10, "\(park.origin) has applied \(fence), which takes it out of the zone, and does not say so")
        }
        for origin in judge.oracle.origins where origin.park == park.origin.park {
            guard let entry = judge.oracle.entries(of: origin).last, hasSeenFence(entry) else { continue }
            judge.fail(6, "\(park.origin) writes \(entry.name) although it has applied \(fence), which takes it out of the zone")
        }
    }

    /// The park's file is deleted, and it comes back with what another node has.
    func comeBack(_ park: SimulatedPark) {
        guard let fence = fenced?.entry, isOut(park), mayLose(park) else { return }
        let knowing = parks.first { other in
            guard other !== park, let store = other.store, !store.counts.isRecovering else { return false }
            return store.state().applied[fence.origin] >= fence.seq
        }
        guard let knowing else { return }
        counters.add("park came back")
        beginAnew(park, from: knowing)
    }
}
