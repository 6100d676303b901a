import ParkSyncCore
import ParkSyncReports

/// How much has been said of who is in the zone. When it changes, others may wait for what this
/// node says to that.
package struct ZoneNews: Hashable, Sendable {
    private var votes = 0
    private var decisions = 0
    private var fences = 0
    private var acknowledgements = 0

    init() {}
    init(_ state: StoreState) {
        (votes, decisions, fences) = (state.voteCounts.values.reduce(0, +), state.decisions.count, state.fences.count)
        for fence in state.fences {
            acknowledgements += state.origins.count { $0.dependencies[fence.by] >= fence.seq }
        }
    }
}

extension ParkStore {
    /// Proposes to take a park out of the zone, or consents to that; with enough votes it is
    /// decided at once.
    ///
    /// - Parameter author: who says so for this park.
    /// - Throws: `StoreError.invalidInput` for this park itself, one that is no member, one that is
    ///   out already, or in a zone that is too small.
    package func fence(_ park: String, author: String = "") async throws -> FenceReport {
        guard park != options.origin.park, memberKeys[park] != nil else {
            let others = parks.filter { $0 != options.origin.park }.joined(separator: ", ")
            throw StoreError(.invalidInput, "\(park) is not another park of this zone", remedy: "Parks: \(others).")
        }
        return try await onQueueForClient { try $0.fence(park, author: author) }
    }

    /// Proposes to take a park back that was taken out, or consents to that; or takes back this
    /// park's own word for a fence.
    ///
    /// - Parameter author: who says so for this park.
    /// - Throws: `StoreError.invalidInput` if there is nothing to take back.
    package func unfence(_ park: String, author: String = "") async throws -> FenceReport {
        try await onQueueForClient { try $0.unfence(park, author: author) }
    }
}

extension StoreCore {
    fileprivate func fence(_ park: String, author: String) throws -> FenceReport {
        try current.ownLog.checkWrites()
        if let fence = current.fences.first(where: { $0.park == park && $0.returned.isEmpty && !current.isLifted($0) })
        {
            throw StoreError(
                .invalidInput, "\(park) was fenced by \(fence.by):\(fence.seq) already",
                remedy: "syncctl status tells who has yet to acknowledge it.")
        }
        let others = Set(parks).subtracting(current.parksOut).subtracting([park])
        guard others.count >= Ballot.votersMin else {
            throw StoreError(
                .invalidInput,
                "a fence takes \(Ballot.votersMin) parks that agree, and without \(park) this zone has \(others.count)",
                remedy:
                    """
                    Move \(park) from `parks` to `former_parks` in this node's configuration instead, and start \
                    it again.
                    """
            )
        }
        return try vote(park, .out, author: author)
    }

    fileprivate func unfence(_ park: String, author: String) throws -> FenceReport {
        try current.ownLog.checkWrites()
        let isProposed = try current.proposals(applier.connection).contains {
            $0.park == park && $0.ballot.consents.contains(options.origin.park)
        }
        guard park != options.origin.park, isProposed || current.isOut(park) else {
            throw StoreError(
                .invalidInput, "\(park) is not out of the zone, and this park has not proposed it",
                remedy: "syncctl status names parks that are out.")
        }
        let isOut = current.isOut(park)
        var outcome = try vote(park, .back, author: author)
        // Nothing more is needed to take one's own word back.
        if !isOut { outcome.isDecided = true }
        return outcome
    }

    /// Seals this park's word, unless it has said the same already; and the decision, if it is the
    /// last word that was missing.
    private func vote(_ park: String, _ side: ControlRecord.Side, author: String) throws -> FenceReport {
        let mine = options.origin.park
        let known = try Ballot(on: park, side, applier.connection, current, asOf: current.applied)
        if let vote = known.words.first(where: { $0.by.park == mine }) {
            return report(vote.seq, FenceProposalStatus(park, side, known), isDecided: false)
        }
        guard current.voteCounts[current.origins[current.own].origin] ?? 0 < CoreLimits.votesPerLogMax else {
            throw StoreError(
                .tooLarge,
                "this park has given \(CoreLimits.votesPerLogMax) words on others, and no park takes more of one log",
                remedy: "Let the other parks decide.")
        }
        try sealControls(author: author) { next in
            let own = next.origins[next.own]
            let vote = Vote(park: park, side: side, members: parks, by: own.origin, seq: own.logged + 1)
            // Who has never had the park in its configuration checks what it wrote by the key that
            // several name.
            let key: [ControlRecord] =
                side == .out ? memberKeys[park].map { [.memberKey(park: park, key: $0)] } ?? [] : []
            return [.vote(park: park, side, members: parks)] + key + (try decision(on: park, side, next, with: [vote]))
        }
        let own = current.origins[current.own]
        var ballot = try Ballot(on: park, side, applier.connection, current, asOf: current.applied)
        let isDecided = current.decisions.contains { $0.by == own.origin && $0.seq == own.logged && $0.park == park }
        // The votes are used up by what they decided.
        if isDecided { ballot = known.with(mine) }
        return report(own.logged, FenceProposalStatus(park, side, ballot), isDecided: isDecided)
    }

    private func report(_ seq: UInt64, _ proposal: FenceProposalStatus, isDecided: Bool) -> FenceReport {
        FenceReport(
            origin: current.origins[current.own].origin.name, seq: seq, isDecided: isDecided, proposal: proposal)
    }

    /// The records that decide, if the votes are enough; empty if they are not.
    ///
    /// - Parameter votes: of the entry that is about to be sealed.
    private func decision(on park: String, _ side: ControlRecord.Side, _ state: StoreState, with votes: [Vote] = [])
        throws -> [ControlRecord]
    {
        let own = state.origins[state.own]
        var past = state.applied
        past[own.origin] = own.logged + 1
        let ballot = try Ballot(on: park, side, applier.connection, state, asOf: past, by: own.origin, with: votes)
        guard ballot.isCarried else { return [] }
        switch side {
        case .back:
            let fences = state.fencesInForce(park)
            return fences.elements.isEmpty ? [] : [.lift(park: park, fences: fences)]
        case .out:
            guard !state.isOut(park), memberKeys[park] != nil else { return [] }
            let after = VersionVector(
                state.applied.elements.filter { $0.origin.park == park }.map { ($0.origin, $0.seq) })
            return [.fence(park: park, after: after)]
        }
    }

    /// Seals what has enough votes and was not decided, because the last of them were given at the
    /// same time. Only who has voted for it does.
    ///
    /// - Returns: whether there was something.
    func decide() throws -> Bool {
        for (park, side, ballot) in try current.proposals(applier.connection)
        where ballot.isCarried && ballot.consents.contains(options.origin.park) {
            guard try !decision(on: park, side, current).isEmpty else { continue }
            try sealControls { try decision(on: park, side, $0) }
            return true
        }
        return false
    }
}

extension FenceProposalStatus {
    init(_ park: String, _ side: ControlRecord.Side, _ ballot: Ballot) {
        self.init(park: park, kind: side == .out ? .fence : .unfence, consents: ballot.consents, needed: ballot.needed)
    }
}

extension Ballot {
    /// The same with one more consent.
    func with(_ park: String) -> Ballot {
        var result = self
        result.consents = Set(consents + [park]).sorted()
        return result
    }
}
