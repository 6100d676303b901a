import ParkSyncCore

/// Decides when a node may write: not before its own log was compared with what its peers hold of
/// it.
///
/// An old copy of the database that is put back looks like any other file. Whoever wrote on would
/// give a number a second time. So a node compares at every start, and goes on comparing while it
/// runs, since a peer with more may come back late. Only what carries the own signature counts
/// against the own log; a peer that names something else, or shows nothing, is left out. Owns no
/// clock.
package struct HeadGuard: Hashable, Sendable {
    /// What the operator has said.
    package struct Policy: Hashable, Sendable {
        /// A lost file is taken as recovered although some peers stay away.
        package var acceptsLoss: Bool
        /// An existing file may be written though no peer was heard, or some are yet to answer.
        package var acceptsWithoutPeers: Bool
        /// What peers have shown to exist and do not send is not waited for any longer.
        package var abandonsEntries: Bool
        package init(acceptsLoss: Bool = false, acceptsWithoutPeers: Bool = false, abandonsEntries: Bool = false) {
            self.acceptsLoss = acceptsLoss
            self.acceptsWithoutPeers = acceptsWithoutPeers
            self.abandonsEntries = abandonsEntries
        }
    }

    package enum Judgement: Hashable, Sendable {
        /// Nothing is to be done.
        case fine
        /// Parks that have to be heard, or to send what they have, before this node writes.
        case waiting(for: [String])
        /// No peer is in reach.
        case alone
        case demand(LogDemand)
    }

    package var policy = Policy()
    /// A demand is being carried out; until it is, nothing else is demanded.
    private(set) var isBusy = false

    package init() {}

    /// What is to be done now.
    ///
    /// - Parameters:
    ///   - branch: what is being fetched beside the log.
    ///   - hasWritten: this node was ready before, so its file has been compared.
    package func judge(
        _ standing: LogStanding, own: NodeState, reports: [PeerReport], branch: BranchFetch? = nil,
        hasWritten: Bool = false
    ) -> Judgement {
        let view = HeadView(own: own, reports: reports)
        // Whoever sent it: it is signed with the own key, and whole.
        if let branch, branch.isWhole {
            return .demand(.takeBranch(cause: "\(branch.source.park) has sent all of another branch of \(own.origin)"))
        }
        switch standing {
        case .ready: return view.divergence.map { .demand(.fetchOwn(cause: $0)) } ?? .fine
        case .checking:
            if let cause = view.divergence ?? view.laterLog { return .demand(.fetchOwn(cause: cause)) }
            return conclude(view, .acceptWrites(withoutParks: view.missing))
        case .fetching(let isLost, let hasBranch, let isBeside):
            if !hasBranch, let order = view.order(besides: branch, isBeside: isBeside) { return .demand(.stage(order)) }
            // With a branch set aside, further ones are left to their holders: the entries here are
            // written anew in any case.
            let behind = view.behind(ignoringForks: hasBranch)
            if !behind.isEmpty { return .waiting(for: behind + view.undecided) }
            let taken = view.taken
            let demand: LogDemand =
                taken.elements.isEmpty
                ? .acceptWrites(withoutParks: view.missing) : .writeAnew(withoutParks: view.missing, known: taken)
            guard isLost else { return conclude(view, demand, hasWritten: hasWritten) }
            return view.missing.isEmpty || policy.acceptsLoss ? .demand(demand) : .waiting(for: view.missing)
        }
    }

    /// An existing file needs one peer that was heard, and of the others to know that they are out
    /// of reach. A peer that lies about it has been heard too: were it otherwise, it could keep a
    /// park from writing whenever the others are away.
    private func conclude(_ view: HeadView, _ demand: LogDemand, hasWritten: Bool = false) -> Judgement {
        if !view.undecided.isEmpty, !policy.acceptsWithoutPeers { return .waiting(for: view.undecided) }
        guard
            !view.heard.isEmpty || !view.discredited.isEmpty || policy.acceptsWithoutPeers || view.isWithoutPeers
                || hasWritten
        else {
            return .alone
        }
        return .demand(demand)
    }

    /// The same as `judge`, for whoever carries demands out: gives each of them once.
    mutating func next(
        _ standing: LogStanding, own: NodeState, reports: [PeerReport], branch: BranchFetch? = nil,
        hasWritten: Bool = false
    ) -> LogDemand? {
        guard !isBusy,
            case .demand(let demand) = judge(
                standing, own: own, reports: reports, branch: branch, hasWritten: hasWritten)
        else {
            return nil
        }
        isBusy = true
        return demand
    }

    /// A demand was carried out, or could not be.
    mutating func finished() { isBusy = false }
}
