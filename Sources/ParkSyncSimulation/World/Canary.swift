import ParkSyncCore
import ParkSyncStore

/// A deliberately wrong merge: who comes last wins, whatever his stamp. If no check notices it, the
/// checks are worth nothing.
enum Canary {
    static let rule = MergeRule { change, current, columns, seen in
        var outcome = RowMerge.merge(change, into: current, columns: columns, seen: seen)
        if outcome.clock.causalLength == change.causalLength, !outcome.incomingLost.isEmpty {
            outcome.taken = outcome.taken.union(outcome.incomingLost)
            outcome.effect = .update
        }
        return outcome
    }
}
