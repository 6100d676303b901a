import ParkSyncCore
import ParkSyncReports

/// What the parks' own entries say of a fork: whether it is over.
///
/// A fork is healed when its park has gone on in a later log, and every park that counts, that one
/// among them, has acknowledged the entries that the log has here, through the last number of which
/// two are known. An entry says the hash of what its author had seen, so nobody who has the other
/// branch can have acknowledged this one.
struct ForkHealing: Equatable {
    /// Parks that have yet to acknowledge the branch that is here; nil while nothing says that the
    /// fork ends by itself.
    private(set) var waitsFor: [String]?
    /// The log's newest entry, if its author wrote it knowing that the park had gone on in a later
    /// log.
    private(set) var lateEntry: UInt64?

    /// - Parameters:
    ///   - origin: whose log has forked.
    ///   - first: the first number that has two entries.
    ///   - last: the last one of which that is known.
    ///   - parks: the zone's.
    init(_ origin: OriginID, first: UInt64, last: UInt64, _ state: StoreState, parks: [String]) {
        guard let index = state.index(of: origin) else { return }
        let (log, applied) = (state.origins[index], state.applied)
        let frontier = Frontier(state, members: parks)
        let isOut = frontier.fenced.contains(origin.park)
        let goesOn = Frontier.newest(applied).contains { $0.isOfSamePark(as: origin) && $0 != origin }
        // Of a park that is out of the zone entries are not waited for that nobody vouches for.
        guard isOut || (goesOn && applied[origin] >= first) else { return }
        let hasOtherBranch = frontier.members.contains { member in
            member.origin.flatMap { state.index(of: $0) }.map { state.origins[$0].receipt == .otherBranch } ?? false
        }
        guard !hasOtherBranch else { return }
        let isLate = log.dependencies.elements.contains {
            $0.origin.isOfSamePark(as: origin) && Reissue.incarnation($0.origin) > Reissue.incarnation(origin)
        }
        if isLate { lateEntry = log.folded }
        let through = min(last, applied[origin])
        waitsFor = frontier.members.map(\.park).filter { park in
            // Whoever writes on in the log itself has it.
            if isLate, park == origin.park { return false }
            return !state.hasAcknowledged(origin, through, park: park)
        }
    }
}

extension StoreState {
    /// Whether the newest entry of one of a park's logs says that it had seen the entries that are
    /// here, up to a number. A park that goes on with an old copy need not write in its latest log.
    fileprivate func hasAcknowledged(_ origin: OriginID, _ seq: UInt64, park: String) -> Bool {
        origins.indices.contains { index in
            guard origins[index].origin.park == park else { return false }
            if index == own, !appliesOwn { return ownDependencies[origin] >= seq }
            return origins[index].receipt == .fits && origins[index].dependencies[origin] >= seq
        }
    }
}
