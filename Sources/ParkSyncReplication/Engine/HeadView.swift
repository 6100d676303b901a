import ParkSyncCore

/// A node's peers, as its head guard sorts them.
struct HeadView {
    /// Compared, or without entries of this node.
    private(set) var heard: [PeerReport] = []
    /// Not asked yet, or asked and not answered.
    private(set) var undecided: [String] = []
    /// Out of reach: the last call failed, or the link is paused.
    private(set) var away: [String] = []
    /// Out of reach, and it has shown own entries that are not here: it may come back and send
    /// them.
    private(set) var owing: [String] = []
    /// Found to lie about this node's log, to hide what it says to have, or not to send what it has
    /// shown.
    private(set) var discredited: [String] = []
    private let own: NodeState
    private let reports: [PeerReport]

    var isWithoutPeers: Bool { reports.isEmpty }
    /// Sorted.
    var missing: [String] { (undecided + away + owing + discredited).sorted() }

    init(own: NodeState, reports: [PeerReport]) {
        (self.own, self.reports) = (own, reports)
        for report in reports { sort(report) }
    }

    private mutating func sort(_ report: PeerReport) {
        let isOpen = report.link == .following || report.link == .catchingUp
        if isOpen, let remote = report.remote {
            let isCompared = report.fit != nil || (remote.logged[own.origin] == 0 && !report.withholds)
            if report.isLate {
                discredited.append(report.peer.park)
            } else if isCompared, !report.isUnshown {
                heard.append(report)
            } else if report.withholds {
                discredited.append(report.peer.park)
            } else {
                undecided.append(report.peer.park)
            }
        } else if report.failure?.kind == .lying {
            discredited.append(report.peer.park)
        } else if report.owes {
            owing.append(report.peer.park)
        } else if report.link == .paused || report.failure != nil {
            away.append(report.peer.park)
        } else {
            undecided.append(report.peer.park)
        }
    }

    /// Why this node may not write; nil if no peer that was heard objects.
    var divergence: String? {
        for report in heard {
            switch report.fit {
            case .more:
                return "\(report.peer.park) has \(own.origin) up to \(report.proven[own.origin]), this node up to "
                    + "\(own.logged[own.origin])"
            case .differs(_, let from): return other(report, from)
            case .same, .accounted, nil: continue
            }
        }
        return nil
    }

    /// A log that the park began after this node's file was copied, if this is an old copy whose
    /// own log the peers have as it is here; nil if there is none. Its first entry may take back
    /// what the file has: before that is known, this node must not write by what it goes on from.
    var laterLog: String? {
        for report in heard {
            guard let element = report.proven.elements.first(where: { isUnknown($0.origin) }) else { continue }
            return
                "\(report.peer.park) has \(element.origin) up to \(element.seq), of which this node has applied nothing"
        }
        return nil
    }

    private func isUnknown(_ origin: OriginID) -> Bool {
        origin != own.origin && origin.isOfSamePark(as: own.origin) && own.applied[origin] == 0
    }

    private func other(_ report: PeerReport, _ from: UInt64) -> String {
        "\(report.peer.park) has another entry \(own.origin):\(from) than this node"
    }

    /// Whose branch is to be fetched beside the log; nil if nobody's, or if the one that is asked
    /// will do. Of several branches, the one is taken that the first peer in the order of names
    /// holds, and sends.
    ///
    /// - Parameter isBeside: also what continues the log is fetched beside it.
    func order(besides branch: BranchFetch?, isBeside: Bool) -> BranchOrder? {
        if let branch, let report = reports.first(where: { $0.peer == branch.source }), isCredible(report, of: branch) {
            return nil
        }
        for report in heard {
            switch report.fit {
            case .differs(let common?, let from):
                return BranchOrder(source: report.peer, after: common, heads: report.heads, cause: other(report, from))
            case .more where isBeside:
                let cause =
                    """
                    \(report.peer.park) has \(own.origin) up to \(report.proven[own.origin]), where this node \
                    has entries without a signature
                    """
                return BranchOrder(
                    source: report.peer, after: own.logged[own.origin], heads: report.heads, cause: cause)
            default: continue
            }
        }
        return nil
    }

    /// Whether the source of a branch may still send the rest of it.
    private func isCredible(_ report: PeerReport, of branch: BranchFetch) -> Bool {
        if report.isLate || report.failure?.kind == .lying { return false }
        guard report.link == .following || report.link == .catchingUp else { return report.owes }
        return report.fit == nil || report.heads.first.map { $0.seq >= branch.head.seq } ?? false
    }

    /// Parks that have entries of this node's park which are to be fetched first.
    func behind(ignoringForks: Bool) -> [String] {
        let lacking = heard.filter { report in
            let isOtherBranch: Bool
            switch report.fit {
            case .accounted: isOtherBranch = true
            case .differs: if ignoringForks { isOtherBranch = true } else { return true }
            case .more: return true
            case .same, nil: isOtherBranch = false
            }
            return report.proven.elements.contains {
                $0.seq > own.logged[$0.origin] && !(isOtherBranch && $0.origin == own.origin)
            }
        }
        return lacking.map(\.peer.park) + owing
    }

    /// Own entries that are not here and were shown by somebody who does not send them: their
    /// numbers are taken. A branch that parted from the log before its end is none: if it comes,
    /// all that was written here since is written anew.
    var taken: VersionVector {
        var taken = VersionVector()
        for report in reports {
            for element in report.shown.elements where element.seq > own.logged[element.origin] {
                if element.origin == own.origin, report.lastFit != .more { continue }
                taken[element.origin] = max(taken[element.origin], element.seq)
            }
        }
        return taken
    }
}
