import ParkSyncCore

/// What the engine tells of its peers.
extension ReplicationEngine {
    /// Parks that refuse this node as a stranger, while nobody takes it for a member: two of them, or the only peer that there is. One alone may
    /// lie, or have forgotten this park.
    package func excluding() -> [String] {
        let peers = sessions.filter { $0.phase != .out }
        let refusing = peers.filter { $0.failure?.kind == .stranger && !$0.isInReach }.map(\.park)
        guard !peers.contains(where: \.isInReach), !refusing.isEmpty, refusing.count >= min(2, peers.count) else { return [] }
        return refusing
    }

    /// Sorted by peer. Parks that were taken out of the zone are no peers.
    package func reports() -> [PeerReport] {
        sessions.filter { $0.phase != .out }.map { session in
            let link: PeerReport.Link =
                switch session.phase {
                case .waiting(let until): .waiting(until: until)
                case .connecting: .connecting
                case .streaming: own.applied.covers(membership.waitedFor(session.remote?.logged ?? VersionVector())) ? .following : .catchingUp
                case .paused, .out: .paused
                }
            var report = PeerReport(
                peer: session.peer, link: link, failure: session.failure, remote: session.remote, lastContactAt: session.lastContactAt,
                lackingSince: session.lack.since, clockOffsetMilliseconds: session.clockOffsetMilliseconds, agreement: session.agreement,
                relays: relays.origins(relayedBy: session.peer), gone: lacking(session), fit: session.fit)
            (report.proven, report.withholds, report.isUnshown) = (session.proven, session.withholds, session.isUnshown)
            (report.shown, report.lastFit, report.heads) = (session.shown, session.lastFit, session.branches[own.origin]?.heads ?? [])
            (report.owes, report.isLate) = (session.isAwaited, session.debt.isLate)
            (report.lie, report.lies) = (session.lie, session.lies)
            report.withheld = relays.withheld(by: session.peer)
            return report
        }
    }

    /// Sorted.
    var peers: [OriginID] { sessions.map(\.peer) }

    /// Notes what a peer did apart from its streams. Does nothing for who is no peer.
    package mutating func note(_ lie: PeerLie, of peer: OriginID) {
        if let index = index(of: peer) { sessions[index].note(lie.kind, lie.reason) }
    }

    /// What a peer did last that no honest node does.
    func lie(of peer: OriginID) -> PeerLie? { index(of: peer).flatMap { sessions[$0].lie } }

    /// Nil while nothing can be said, and for who is no peer.
    func standing(of peer: OriginID) -> LinkStanding? {
        guard let index = index(of: peer) else { return nil }
        switch sessions[index].phase {
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
