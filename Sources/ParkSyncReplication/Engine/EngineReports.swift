import ParkSyncCore

/// What the engine tells of its peers.
extension ReplicationEngine {
    /// Parks that refuse this node as a stranger, while nobody takes it for a member: two of them,
    /// or the only peer that there is. One alone may lie, or have forgotten this park.
    package func excluding() -> [String] {
        let peers = sessions.filter { !$0.isOut }
        let refusing = peers.filter { $0.failure?.kind == .stranger && !$0.isInReach }.map(\.park)
        guard !peers.contains(where: \.isInReach), !refusing.isEmpty, refusing.count >= min(2, peers.count) else {
            return []
        }
        return refusing
    }

    /// Sorted by peer. Parks that were taken out of the zone are no peers.
    package func reports() -> [PeerReport] {
        sessions.filter { !$0.isOut }.map { session in
            let link: PeerReport.Link =
                switch session.stage {
                case .waiting(let until): .waiting(until: until)
                case .connecting: .connecting
                case .streaming:
                    own.applied.covers(membership.waitedFor(session.contact.remote?.logged ?? VersionVector()))
                        ? .following : .catchingUp
                case .paused, .out: .paused
                }
            var report = PeerReport(
                peer: session.peer, link: link, failure: session.failure, remote: session.contact.remote,
                lastContactAt: session.contact.lastContactAt,
                lackingSince: session.contact.lack.since,
                clockOffsetMilliseconds: session.contact.clockOffsetMilliseconds,
                agreement: session.contact.agreement,
                relays: plan.relays.origins(relayedBy: session.peer), gone: lacking(session), fit: session.newest.fit)
            (report.proven, report.withholds, report.isUnshown) = (
                session.newest.proven, session.withholds, session.isUnshown
            )
            (report.shown, report.lastFit, report.heads) = (
                session.conduct.shown, session.conduct.lastFit, session.newest.branches[own.origin]?.heads ?? []
            )
            (report.owes, report.isLate) = (session.isAwaited, session.conduct.debt.isLate)
            (report.lie, report.lies) = (session.conduct.lie, session.conduct.lies)
            report.withheld = plan.relays.withheld(by: session.peer)
            return report
        }
    }

    /// Sorted.
    var peers: [OriginID] { sessions.map(\.peer) }

    /// Notes what a peer did apart from its streams. Does nothing for who is no peer.
    package mutating func note(_ lie: PeerLie, of peer: OriginID) {
        if let index = index(of: peer) { sessions[index].conduct.note(lie.kind, lie.reason) }
    }

    /// What a peer did last that no honest node does.
    func lie(of peer: OriginID) -> PeerLie? { index(of: peer).flatMap { sessions[$0].conduct.lie } }

    /// Nil while nothing can be said, and for who is no peer.
    func standing(of peer: OriginID) -> LinkStanding? {
        guard let index = index(of: peer) else { return nil }
        switch sessions[index].stage {
        case .streaming: return .linked
        case .waiting: return sessions[index].failure.map { .lost($0) }
        case .connecting, .paused, .out: return nil
        }
    }

    package func _checkInvariants() {
        assert(zip(sessions, sessions.dropFirst()).allSatisfy { $0.peer < $1.peer }, "sessions are sorted by peer")
        assert(sessions.allSatisfy { $0.peer.park != own.origin.park }, "a node does not call itself")
    }
}
