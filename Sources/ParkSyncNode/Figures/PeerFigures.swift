import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// Makes of what the engine knows of a peer the figures that the status has, metrics count and
/// people read. Daemon and simulator have them from here.
package struct PeerFigures: Sendable {
    private let own: NodeState
    /// What is applied here, and what is here and waits for something else than a peer.
    private let shown: VersionVector
    private let membership: Membership
    /// By both of the node's clocks.
    private let now: (wall: UInt64, monotonic: UInt64)

    /// - Parameters:
    ///   - own: what the node says of itself.
    ///   - stuck: entries that wait here or were set aside.
    package init(own: NodeState, stuck: [StuckEntry], membership: Membership, clock: any NodeClock) {
        (self.own, self.membership) = (own, membership)
        now = (clock.wallMilliseconds(), clock.monotonicMilliseconds())
        var shown = own.applied
        for entry in stuck where entry.state != .quarantined {
            shown[entry.origin] = max(shown[entry.origin], own.logged[entry.origin])
        }
        self.shown = shown
    }

    package init(_ store: ParkStore, clock: any NodeClock) {
        self.init(own: store.state(), stuck: store.stuck, membership: store.membership(), clock: clock)
    }

    /// Parks that were taken out of the zone are no peers, also while one of them is called because
    /// it may come back: nothing is waited for from them, and nothing is said of what they have.
    package static func counting(_ reports: [PeerReport], fenced: Set<String>) -> [PeerReport] {
        reports.filter { !fenced.contains($0.peer.park) }
    }

    /// - Parameters:
    ///   - url: where the peer is called.
    ///   - software: what its node has named last; nil before that.
    package func peer(_ report: PeerReport, url: String = "", software: NodeSoftware? = nil) -> NodeStatus.Peer {
        let (link, nextTry) = link(report.link)
        var peer = NodeStatus.Peer(park: report.peer.park, url: url, link: link, relays: report.relays.map(\.name))
        peer.nextTryAt = nextTry
        (peer.lastErrorCode, peer.lastError) = failure(report)
        peer.lie = report.lie.map {
            NodeStatus.Peer.Lie(kind: .init(rawValue: $0.kind.rawValue), reason: $0.reason, count: report.lies)
        }
        peer.lastContactAt = report.lastContactAt
        (peer.version, peer.sqliteVersion) = (software?.version, software?.sqliteVersion)
        peer.clockOffsetMilliseconds = report.clockOffsetMilliseconds
        if let agreement = report.agreement {
            peer.agreement = agreement.isSame ? .same : .different
            peer.agreementVector = agreement.vector.description
            peer.agreementAt = agreement.at
        }
        guard let remote = report.remote else { return peer }
        let needed = shown.missing(from: membership.waitedFor(remote.logged))
        peer.weNeed = needed
        if needed == 0, peer.link == .catchingUp { peer.link = .following }
        peer.weNeedSince = needed > 0 ? report.lackingSince : nil
        let (had, ours) = (remote.applied[own.origin], own.logged[own.origin])
        peer.theyNeed = ours > had ? ours - had : 0
        return peer
    }

    /// The newest own entry that a peer has applied, if it lacks the next; nil if it lacks none, or
    /// was never heard.
    package func lacksOwn(_ report: PeerReport) -> UInt64? {
        guard let had = report.remote?.applied[own.origin], own.logged[own.origin] > had else { return nil }
        return had
    }

    private func failure(_ report: PeerReport) -> (code: NodeStatus.Peer.FailureCode?, text: String?) {
        let park = report.peer.park
        if let origin = report.withheld.first, report.failure == nil {
            return (
                .withheld,
                "\(park) says to have entries of \(origin) up to \(report.remote?.logged[origin] ?? 0), and "
                    + "gave none when it was asked for them. "
                    + "Other parks are asked. Compare what it says with the status of \(origin.park)."
            )
        }
        if let gone = report.gone.first {
            let fetch = own.logged == VersionVector() ? "" : " (syncctl snapshot fetch --from \(park))"
            return (
                .gone,
                """
                \(park) keeps entries of \(gone.origin) only from \(gone.seq) on. This node needs a \
                snapshot\(fetch), or a peer that keeps more.
                """
            )
        }
        return (report.failure.map { NodeStatus.Peer.FailureCode(rawValue: $0.code) }, report.failure?.description)
    }

    private func link(_ link: PeerReport.Link) -> (NodeStatus.Peer.Link, UInt64?) {
        switch link {
        case .connecting: (.connecting, nil)
        case .catchingUp: (.catchingUp, nil)
        case .following: (.following, nil)
        case .paused: (.paused, nil)
        case .waiting(let until):
            (.waiting, now.wall + (until > now.monotonic ? until - now.monotonic : 0))
        }
    }
}
