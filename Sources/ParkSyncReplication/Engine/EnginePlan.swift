import ParkSyncCore

/// How it is decided who is asked for what.
extension ReplicationEngine {
    /// Decides anew who is asked for what. Costs a look at each session, and for each origin that
    /// is relayed at each peer in reach.
    mutating func makePlan(now: UInt64) {
        plan.lookUp(sessions)
        planRelays(now: now)
        let mine = plan.known.origins(of: own.origin.park, base: own.origin)
        let wanted = sessions.indices.map { index in
            let relayed = plan.relays.origins(relayedBy: sessions[index].peer)
            let own = ownOrigins(mine, for: sessions[index])
            let all =
                relayed.isEmpty && own.isEmpty ? plan.direct[index] : Set(plan.direct[index] + relayed + own).sorted()
            return plan.tooLong.isEmpty ? all : all.filter { !plan.tooLong.keeps($0, from: sessions[index].peer) }
        }
        plan.conclude(wanted)
    }

    private mutating func planRelays(now: UInt64) {
        var waits: [UInt64] = []
        var missing: [RelayPlan.Missing] = []
        var isRelaying = false
        for index in sessions.indices {
            guard let since = sessions[index].downSince else { continue }
            let due = since &+ RelayPlan.delayMilliseconds
            if now < due {
                waits.append(due)
            } else {
                isRelaying = true
                for origin in plan.direct[index] {
                    missing.append(RelayPlan.Missing(origin: origin, park: sessions[index].park))
                }
            }
        }
        for park in membership.former.sorted() where park != own.origin.park && session(of: park) == nil {
            isRelaying = true
            for origin in plan.known.named(of: park) { missing.append(RelayPlan.Missing(origin: origin, park: park)) }
        }
        let candidates = missing.isEmpty ? [] : sessions.indices.filter { sessions[$0].isInReach }.map(candidate)
        plan.decideRelays(for: missing, among: candidates, isRelaying: isRelaying, own: own, waits: waits, now: now)
    }

    private func candidate(_ index: Int) -> RelayPlan.Candidate {
        let session = sessions[index]
        let isAsked = plan.wanted.indices.contains(index) && session.newest.asked == plan.wanted[index]
        return RelayPlan.Candidate(
            peer: session.peer, park: session.park, logged: available(from: session),
            isBusy: !isAsked || session.isBusy || session.isHeldBack || session.hasLongFrame)
    }

    /// What the peer could send: what it has, without the origins that it no longer keeps from
    /// where this node stands.
    private func available(from session: PeerSession) -> VersionVector {
        var result = session.contact.remote?.logged ?? VersionVector()
        for element in lacking(session) { result[element.origin] = 0 }
        if !plan.tooLong.isEmpty {
            for element in result.elements where plan.tooLong.keeps(element.origin, from: session.peer) {
                result[element.origin] = 0
            }
        }
        return result
    }
}
