import ParkSyncCore

/// Decides when a node may write: not before its own log was compared with what its peers hold of it.
///
/// An old copy of the database that is put back looks like any other file. Whoever wrote on would give a number a second time. So a node
/// compares at every start, and goes on comparing while it runs, since a peer with more may come back late. Only what carries the own signature
/// counts against the own log; a peer that names something else, or shows nothing, is left out. Owns no clock.
package struct HeadGuard: Hashable, Sendable {
    /// What the operator has said.
    package struct Policy: Hashable, Sendable {
        /// A lost file is taken as recovered although some peers stay away.
        package var acceptsLoss: Bool
        /// An existing file may be written though no peer was heard, or some are yet to answer.
        package var acceptsWithoutPeers: Bool
        /// What peers have shown to exist and do not send is given up.
        package var abandonsEntries: Bool
        package init(acceptsLoss: Bool = false, acceptsWithoutPeers: Bool = false, abandonsEntries: Bool = false) {
            self.acceptsLoss = acceptsLoss
            self.acceptsWithoutPeers = acceptsWithoutPeers
            self.abandonsEntries = abandonsEntries
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
            let behind = view.behind(ignoringForks: hasBranch)
            if policy.abandonsEntries, !behind.isEmpty || (!hasBranch && view.rewind != nil) {
                return .demand(.writeAnew(withoutParks: view.missing))
            }
            if !hasBranch, let rewind = view.rewind { return .demand(rewind) }
            // With a branch set aside, further ones are left to their holders: the entries here are written anew in any case.
            if !behind.isEmpty { return .waiting(for: behind + view.undecided) }
            guard isLost else { return conclude(view) }
            let missing = view.missing
            return missing.isEmpty || policy.acceptsLoss ? .demand(.acceptWrites(withoutParks: missing)) : .waiting(for: missing)
        }
    }

    /// An existing file needs one peer that was heard, and of the others to know that they are out of reach. A peer that lies about it has been
    /// heard too: were it otherwise, it could keep a park from writing whenever the others are away.
    private func conclude(_ view: View) -> Verdict {
        if !view.undecided.isEmpty, !policy.acceptsWithoutPeers { return .waiting(for: view.undecided) }
        guard !view.heard.isEmpty || !view.discredited.isEmpty || policy.acceptsWithoutPeers || view.isWithoutPeers else { return .alone }
        return .demand(.acceptWrites(withoutParks: view.missing))
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
        /// Found to lie about this node's log, or to hide what it says to have.
        var discredited: [String] = []
        let own: NodeState
        let isWithoutPeers: Bool

        /// Sorted.
        var missing: [String] { (undecided + away + discredited).sorted() }

        init(own: NodeState, reports: [PeerReport]) {
            self.own = own
            isWithoutPeers = reports.isEmpty
            for report in reports {
                let isOpen = report.link == .following || report.link == .catchingUp
                if isOpen, let remote = report.remote {
                    let isCompared = report.fit != nil || (remote.logged[own.origin] == 0 && !report.withholds)
                    if isCompared, !report.isUnshown {
                        heard.append(report)
                    } else if report.withholds {
                        discredited.append(report.peer.park)
                    } else {
                        undecided.append(report.peer.park)
                    }
                } else if report.failure?.kind == .lying {
                    discredited.append(report.peer.park)
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
                    return "\(report.peer.park) has \(own.origin) up to \(report.proven[own.origin]), this node up to "
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
                return report.proven.elements.contains { $0.seq > own.logged[$0.origin] && !(isOtherBranch && $0.origin == own.origin) }
            }.map(\.peer.park)
        }
    }
}
