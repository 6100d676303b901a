import ParkSyncCore
import ParkSyncReplication
import Synchronization

/// Which entries of this node's park peers were found to have as they are here.
///
/// A node that fetches its own entries back hands out none that nobody else has: its file may be an
/// old copy, in which a number means another entry than elsewhere. But what a peer has is known to
/// the zone. Were it not handed out, two such nodes would wait for one another, each for entries
/// that its own depend on: as long as a park is in reach, nobody else is asked for its entries.
struct MatchedEntries: Hashable, Sendable {
    private var matches: [OriginID: UInt64] = [:]
    /// The last entry before those of which different peers may have different ones.
    private var disputed: [OriginID: UInt64] = [:]

    /// - Parameters:
    ///   - common: the last entry that the peer and this node were found to share.
    ///   - isDecided: it is known already which of several branches is kept here.
    /// - Returns: whether more may be handed out than before.
    mutating func note(_ fit: BranchFit, _ common: UInt64?, of origin: OriginID, isDecided: Bool) -> Bool {
        let before = last(origin)
        if fit != .accounted, let common { matches[origin] = max(matches[origin] ?? 0, common) }
        if !isDecided, case .differs(let common, _) = fit {
            disputed[origin] = min(disputed[origin] ?? .max, common ?? 0)
        }
        return last(origin) > before
    }

    /// The log ends here now, and goes on with a branch that was decided on.
    mutating func shorten(_ origin: OriginID, to seq: UInt64) {
        disputed[origin] = nil
        if let known = matches[origin] { matches[origin] = min(known, seq) }
    }

    /// This node may write again.
    mutating func decide() { disputed = [:] }

    func last(_ origin: OriginID) -> UInt64 { min(matches[origin] ?? 0, disputed[origin] ?? .max) }
}

extension ParkStore {
    package func served(_ origin: OriginID) -> UInt64 {
        guard origin.isOfSamePark(as: options.origin) else { return .max }
        return board.known.withLock { known -> UInt64 in
            let standing = known.state.standing
            return switch standing {
            // Not every peer was compared yet, and nobody waits for long.
            case .checking: 0
            case .fetching: standing.servesOwn ? .max : known.matched.last(origin)
            case .ready: .max
            }
        }
    }

    /// A peer's copy of a log was compared.
    func note(_ fit: BranchFit, _ common: UInt64?, of origin: OriginID) {
        guard origin.isOfSamePark(as: options.origin) else { return }
        let isMore = board.known.withLock { known in
            let standing = known.state.standing
            var isDecided = false
            if case .fetching(_, hasBranch: true, _) = standing { isDecided = true }
            return known.matched.note(fit, common, of: origin, isDecided: isDecided) && standing.isFetching
        }
        // Whoever waits for these entries looks again. Not from here: the caller may hold what an
        // observer waits for.
        if isMore { core.async { $0.publish($0.current) } }
    }
}
