import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// What an operator does about a clock that was ahead.
extension World {
    /// `syncctl reissue`, after the clock was set right.
    func reissue(_ park: SimulatedPark) {
        guard let store = park.store, store.standing().isReady, !isLiar(park), !judge.isMakingGood, !work.hasArbiters, !saysMuch(park) else { return }
        park.clock.offset = 0
        guard let done = value(command(park) { try await $0.reissueFuture(reason: "the clock was ahead") }, "reissue") else { return }
        counters.add("entries written anew", Int(clamping: done.taken.last - done.taken.first + 1))
        counters.add("incarnation opened")
        judge.acknowledge(park, done.origin, done.last, mark: nil)
    }

    /// Whether what the park wrote lately says something about the logs, which the model takes for said.
    private func saysMuch(_ park: SimulatedPark) -> Bool {
        guard let origin = park.store?.state().origin else { return true }
        return judge.oracle.entries(of: origin).contains {
            $0.controls.contains { control in
                switch control {
                case .vote, .fence, .lift, .compaction: true
                case .incarnation, .memberKey, .withdrawal: false
                }
            }
        }
    }
}
