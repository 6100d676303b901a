import ParkSyncCore

/// Whether a recovering node has everything that it ever wrote.
package enum RecoveryVerdict: Hashable, Sendable {
    /// Parks that were not heard yet, or that have more.
    case waiting(for: [String])
    /// The parks that were left out, for which the operator answers.
    case complete(withoutParks: [String])

    package static func judge(own: NodeState, reports: [PeerReport], mayLeaveOut: Bool) -> RecoveryVerdict {
        var unheard: [String] = []
        var behind: [String] = []
        for report in reports {
            guard let remote = report.remote, report.link == .following || report.link == .catchingUp else {
                unheard.append(report.peer.park)
                continue
            }
            let has = remote.logged.elements.filter { $0.origin.park == own.origin.park }
            if has.contains(where: { $0.seq > own.logged[$0.origin] }) { behind.append(report.peer.park) }
        }
        if !behind.isEmpty { return .waiting(for: behind + unheard) }
        return unheard.isEmpty || mayLeaveOut ? .complete(withoutParks: unheard) : .waiting(for: unheard)
    }
}
