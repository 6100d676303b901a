import ParkSyncCore
import ParkSyncWire

/// Who belongs to the zone, and whose links the operator wants.
extension ReplicationEngine {
    /// A peer has called this node, so it is alive.
    ///
    /// - Parameter origin: what it writes as, if that was told. A park that was taken out is called
    ///   again when it comes back with a new log.
    package mutating func contacted(by park: String, as origin: OriginID? = nil, now: UInt64) -> [EngineAction] {
        guard let index = session(of: park) else { return [] }
        if sessions[index].isOut {
            guard let origin, origin.park == park, own.logged[origin] == 0 else { return [] }
            returning[park] = origin
            return arrangeMembers(now: now) + rearrange(now: now)
        }
        let stage = sessions[index].stage
        sessions[index].hurry(now: now)
        return sessions[index].stage == stage ? [] : arrange(now: now)
    }

    /// - Returns: nil if the park is no peer.
    package mutating func setPaused(_ park: String, _ paused: Bool, now: UInt64) -> [EngineAction]? {
        guard let index = session(of: park), !sessions[index].isOut else { return nil }
        return sessions[index].setPaused(paused, now: now) + shareRoom(now: now) + rearrange(now: now)
    }

    /// Calls a park anew, under the address that it has now.
    package mutating func reopen(_ park: String, now: UInt64) -> [EngineAction] {
        guard let index = session(of: park) else { return [] }
        if sessions[index].isOpen {
            return sessions[index].reopen(sessions[index].newest.asked, now: now) + rearrange(now: now)
        }
        sessions[index].callAtOnce(now: now)
        return rearrange(now: now)
    }

    /// Ends all streams and opens none for this reason; nil to go on.
    package mutating func setHalted(_ failure: LinkFailure?, now: UInt64) -> [EngineAction] {
        halted = failure
        var actions: [EngineAction] = []
        for index in sessions.indices {
            if let failure, sessions[index].isOpen { actions += sessions[index].fail(failure, now) }
            if failure == nil { sessions[index].callAtOnce(now: now) }
        }
        return actions + shareRoom(now: now) + rearrange(now: now)
    }

    /// Closes all streams.
    package mutating func stop(now: UInt64) -> [EngineAction] {
        plan.expire()
        return sessions.indices.flatMap { sessions[$0].setPaused(true, now: now) }
    }

    /// Ends the links to parks that were taken out, and opens those to parks that come back.
    mutating func arrangeMembers(now: UInt64) -> [EngineAction] {
        // What a park comes back with tells by itself whether it has: its first entry is here.
        returning = returning.filter { membership.fenced.contains($0.key) && own.logged[$0.value] == 0 }
        var actions: [EngineAction] = []
        for index in sessions.indices {
            let park = sessions[index].park
            let isOut = membership.fenced.contains(park) && returning[park] == nil
            guard isOut != sessions[index].isOut else { continue }
            actions += sessions[index].setOut(isOut, now: now)
            plan.expire()
        }
        return actions + (actions.isEmpty ? [] : shareRoom(now: now))
    }

    // MARK: strangers

    /// Whether a park has a place in the zone, or had one: its entries may be in logs.
    func isMember(_ park: String) -> Bool { Self.isMember(park, configured, membership) }

    static func isMember(_ park: String, _ configured: Set<String>, _ membership: Membership) -> Bool {
        configured.contains(park) || membership.former.contains(park) || membership.fenced.contains(park)
    }

    /// A log of no member that a peer names, as honest nodes do only with what this node may not
    /// know yet.
    ///
    /// - Parameter logged: what the peer says to have.
    private func stranger(in vectors: [VersionVector], of index: Int, logged: VersionVector, now: UInt64) -> OriginID? {
        for vector in vectors {
            guard let stranger = plan.known.stranger(in: vector, where: { isMember($0) }) else { continue }
            return mayNotKnowYet(index, logged, now: now) ? nil : stranger
        }
        return nil
    }

    /// The key of a park that was taken out of the zone comes with an entry of another one: it may
    /// be among those that are still to come.
    private func mayNotKnowYet(_ index: Int, _ logged: VersionVector, now: UInt64) -> Bool {
        for other in sessions.indices where other != index && sessions[other].isInReach {
            if !lacking(sessions[other]).isEmpty { return true }
            for element in sessions[other].contact.remote?.logged.elements ?? []
            where element.origin.isOfSamePark(as: sessions[other].peer) && own.logged[element.origin] < element.seq
                && !plan.tooLong.keeps(element.origin, from: sessions[other].peer)
            {
                return true
            }
        }
        let session = sessions[index]
        if !lacking(session).isEmpty { return true }
        guard logged.elements.contains(where: { isMember($0.origin.park) && own.logged[$0.origin] < $0.seq }) else {
            return false
        }
        guard let stream = session.phase.stream else { return true }
        return now < stream.gaveAt &+ WireLimits.headMillisecondsMax
    }

    private static func vectors(of state: NodeState) -> [VersionVector] {
        [state.logged, state.applied, state.digest?.vector].compactMap { $0 }
    }

    func namesStranger(_ state: NodeState) -> Bool {
        Self.vectors(of: state).contains { plan.known.stranger(in: $0, where: { isMember($0) }) != nil }
    }

    /// Ends the link to a peer that names logs of no member.
    mutating func refuseStrangers(_ index: Int, now: UInt64) -> [EngineAction] {
        guard sessions[index].isOpen, let state = sessions[index].contact.remote else { return [] }
        guard let stranger = stranger(in: Self.vectors(of: state), of: index, logged: state.logged, now: now) else {
            return []
        }
        return accuse(index, of: stranger, now: now)
    }

    /// The same for signed heads, which are not looked at.
    mutating func refuseStrangers(_ actions: [EngineAction], _ index: Int, now: UInt64) -> [EngineAction] {
        var result: [EngineAction] = []
        for action in actions {
            guard case .compare(_, let branch) = action, !isMember(branch.origin.park) else {
                result.append(action)
                continue
            }
            if sessions[index].isOpen,
                !mayNotKnowYet(index, sessions[index].contact.remote?.logged ?? VersionVector(), now: now)
            {
                result += accuse(index, of: branch.origin, now: now)
            }
        }
        return result
    }

    private func accusation(_ index: Int, _ stranger: OriginID) -> LinkFailure {
        LinkFailure(
            .lying, "\(sessions[index].peer) names a log \(stranger), and \(stranger.park) is no park of this zone",
            remedy:
                "If \(stranger.park) is new in the zone, add it to this node's configuration and restart it; "
                + "else tell the operator of "
                + "\(sessions[index].park).")
    }

    private mutating func accuse(_ index: Int, of stranger: OriginID, now: UInt64) -> [EngineAction] {
        plan.expire()
        let accusation = accusation(index, stranger)
        sessions[index].conduct.note(.unknownOrigin, accusation.reason)
        return sessions[index].isOpen ? sessions[index].fail(accusation, now) : []
    }

    /// What a peer says of itself when it asks for this node's log.
    ///
    /// - Returns: why it is refused; nil if it may be served.
    package mutating func refusal(of request: LogRequest, from park: String, now: UInt64) -> LinkFailure? {
        guard let index = session(of: park) else { return nil }
        let vectors = Self.vectors(of: request.state) + [VersionVector(request.wants.map { ($0.origin, 1) })]
        guard let stranger = stranger(in: vectors, of: index, logged: request.state.logged, now: now) else {
            return nil
        }
        let accusation = accusation(index, stranger)
        sessions[index].conduct.note(.unknownOrigin, accusation.reason)
        return accusation
    }
}
