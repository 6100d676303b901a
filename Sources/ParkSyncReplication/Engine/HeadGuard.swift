import ParkSyncCore

/// Decides when a node may write: not before its own log was compared with what its peers hold of it.
///
/// An old copy of the database that is put back looks like any other file. Whoever wrote on would give a number a second time. So a node
/// compares at every start, and goes on comparing while it runs, since a peer with more may come back late. Owns no clock.
package struct HeadGuard: Hashable, Sendable {
    /// What the operator has said.
    package struct Policy: Hashable, Sendable {
        /// A lost file is taken as recovered although some peers stay away.
        package var acceptsLoss: Bool
        /// An existing file may be written though no peer was heard.
        package var acceptsWithoutPeers: Bool
        package init(acceptsLoss: Bool = false, acceptsWithoutPeers: Bool = false) {
            self.acceptsLoss = acceptsLoss
            self.acceptsWithoutPeers = acceptsWithoutPeers
        }
    }

    package enum Verdict: Hashable, Sendable {
        /// Nothing is to be done.
        case settled
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
    package func judge(_ standing: LogStanding, own: NodeState, reports: [PeerReport]) -> Verdict {
        let view = View(own: own, reports: reports)
        switch standing {
        case .ready: return view.divergence.map { .demand(.fetchOwn(cause: $0)) } ?? .settled
        case .checking:
            if let cause = view.divergence { return .demand(.fetchOwn(cause: cause)) }
            return conclude(view)
        case .fetching(let isLost, let hasBranch):
            if !hasBranch, let rewind = view.rewind { return .demand(rewind) }
            // With a branch set aside, further ones are left to their holders: the entries here are written anew in any case.
            if !view.behind(ignoringForks: hasBranch).isEmpty { return .waiting(for: view.behind(ignoringForks: hasBranch) + view.undecided) }
            guard isLost else { return conclude(view) }
            let missing = view.undecided + view.away
            return missing.isEmpty || policy.acceptsLoss ? .demand(.acceptWrites(withoutParks: missing.sorted())) : .waiting(for: missing.sorted())
        }
    }

    /// An existing file needs one peer that was heard, and of the others to know that they are out of reach.
    private func conclude(_ view: View) -> Verdict {
        if !view.undecided.isEmpty, !(view.heard.isEmpty && policy.acceptsWithoutPeers) { return .waiting(for: view.undecided) }
        guard !view.heard.isEmpty || policy.acceptsWithoutPeers || view.isWithoutPeers else { return .alone }
        return .demand(.acceptWrites(withoutParks: (view.away + view.undecided).sorted()))
    }

    /// The same as `judge`, for whoever carries demands out: gives each of them once.
    mutating func next(_ standing: LogStanding, own: NodeState, reports: [PeerReport]) -> LogDemand? {
        guard !isBusy, case .demand(let demand) = judge(standing, own: own, reports: reports) else { return nil }
        isBusy = true
        return demand
    }

    /// A demand was carried out, or could not be.
    mutating func finished() { isBusy = false }

    /// The peers, as the guard sorts them.
    private struct View {
        /// Compared, or without entries of this node.
        var heard: [PeerReport] = []
        /// Not asked yet, or asked and not answered.
        var undecided: [String] = []
        /// Out of reach: the last call failed, or the link is paused.
        var away: [String] = []
        let own: NodeState
        let isWithoutPeers: Bool

        init(own: NodeState, reports: [PeerReport]) {
            self.own = own
            isWithoutPeers = reports.isEmpty
            for report in reports {
                let isOpen = report.link == .following || report.link == .catchingUp
                if isOpen, let remote = report.remote {
                    if report.fit != nil || remote.logged[own.origin] == 0 { heard.append(report) } else { undecided.append(report.peer.park) }
                } else if report.link == .paused || report.failure != nil {
                    away.append(report.peer.park)
                } else {
                    undecided.append(report.peer.park)
                }
            }
        }

        /// Why this node may not write; nil if no peer that was heard objects.
        var divergence: String? {
            for report in heard {
                switch report.fit {
                case .more:
                    return "\(report.peer.park) has \(own.origin) up to \(report.remote?.logged[own.origin] ?? 0), this node up to "
                        + "\(own.logged[own.origin])"
                case .differs(_, let from): return "\(report.peer.park) has another entry \(own.origin):\(from) than this node"
                case .same, .accounted, nil: continue
                }
            }
            return nil
        }

        /// Of several branches, the one is kept that the first peer in the order of names holds.
        var rewind: LogDemand? {
            for report in heard {
                guard case .differs(let common?, let from) = report.fit else { continue }
                return .rewind(after: common, forkedAt: from, cause: "\(report.peer.park) has another entry \(own.origin):\(from) than this node")
            }
            return nil
        }

        /// Parks that have entries of this node's park which are to be fetched first.
        func behind(ignoringForks: Bool) -> [String] {
            heard.filter { report in
                let isOtherBranch: Bool
                switch report.fit {
                case .accounted: isOtherBranch = true
                case .differs: if ignoringForks { isOtherBranch = true } else { return true }
                case .more: return true
                case .same, nil: isOtherBranch = false
                }
                let theirs = report.remote?.logged.elements.filter { $0.origin.isOfSamePark(as: own.origin) } ?? []
                return theirs.contains { $0.seq > own.logged[$0.origin] && !(isOtherBranch && $0.origin == own.origin) }
            }.map(\.peer.park)
        }
    }
}
