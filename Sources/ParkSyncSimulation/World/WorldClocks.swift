import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// What an operator does about a clock that was ahead.
extension World {
    /// `syncctl reissue`, after the clock was set right.
    func reissue(_ park: SimulatedPark) {
        guard let store = park.store, store.standing().isReady, !isLiar(park), !judge.isMakingGood, !work.hasArbiters,
            !saysMuch(park)
        else { return }
        park.clock.offset = 0
        writeAnew(park)
    }

    /// Whether operators end the history: they set all clocks right and have all written anew that
    /// is held then, and no time passes that would end it by itself. Half of the histories in which
    /// nothing but clocks goes wrong.
    var endsByHand: Bool { history.profile == .clock && history.seed % 2 == 1 && !work.hasArbiters }

    /// What an operator does who reads the status, after all clocks were set right.
    func reissueIfAhead(_ park: SimulatedPark) {
        guard let store = park.store, store.standing().isReady else { return }
        guard case .success(let standing?)? = command(park, { try await $0.futureStamps() }), standing.possibleAt == nil
        else { return }
        writeAnew(park)
    }

    private func writeAnew(_ park: SimulatedPark) {
        guard let done = value(command(park) { try await $0.reissueFuture(reason: "the clock was ahead") }, "reissue")
        else { return }
        counters.add("entries written anew", Int(clamping: done.taken.reduce(0) { $0 + $1.last - $1.first + 1 }))
        counters.add("incarnation opened")
        judge.acknowledge(park, done.origin, done.last, mark: nil)
    }

    /// Whether what the park wrote lately says something about the logs, which the model takes for
    /// said.
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
