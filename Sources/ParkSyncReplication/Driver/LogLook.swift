import ParkSyncCore

/// What an engine is told of its log, read at one moment.
package struct LogLook: Sendable {
    package var state: NodeState
    /// Nil if it is as it was.
    package var standing: LogStanding?
    package var membership: Membership
    package var branch: BranchFetch?

    package init(_ log: some ChangeLog) {
        (state, standing, membership) = (log.state(), log.standing(), log.membership())
        branch = log.branchFetch()
    }
}

extension ReplicationEngine {
    /// The log may have changed.
    package mutating func saw(_ look: LogLook, now: UInt64, wall: UInt64) -> [EngineAction] {
        ownStateChanged(
            look.state, now: now, wall: wall, standing: look.standing, membership: look.membership, branch: look.branch)
    }

    /// The log has done what the engine wanted of it, or is to be asked for it again.
    package mutating func carriedOut(_ look: LogLook, now: UInt64, wall: UInt64) -> [EngineAction] {
        carriedOut(now: now) + saw(look, now: now, wall: wall)
    }
}

extension StoreOutcome {
    /// - Parameter result: what `ChangeLog.receive` ended with.
    package init(_ result: Result<Void, any Error>) {
        switch result {
        case .success: self = .stored
        case .failure(let refusal as SliceRefused): self = .refused(refusal)
        case .failure(let error): self = .failed(ErrorWords.of(error))
        }
    }
}

/// What became of what the engine wanted of its log.
package enum DemandOutcome: Hashable, Sendable {
    /// The engine is told at once.
    case done
    /// The engine is told after `retryMilliseconds`, and then wants it again.
    case failed(String)

    /// How long what the log could not do waits.
    package static let retryMilliseconds: UInt64 = 500

    /// - Parameter result: what `ChangeLog.carryOut` ended with.
    package init(_ result: Result<Void, any Error>) {
        switch result {
        case .success: self = .done
        case .failure(let error): self = .failed("\(error)")
        }
    }

    /// Why the log could not do it.
    package var failure: String? {
        guard case .failed(let failure) = self else { return nil }
        return failure
    }
}
