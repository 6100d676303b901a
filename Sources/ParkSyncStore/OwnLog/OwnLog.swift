import ParkSyncCore
import ParkSyncReplication

/// What this node knows of its own log, and with that whether it may write
/// (docs/decisions/0014-amnesia.md).
///
/// One value and one function: `transition(on:)` says what is to be done for an event, and which
/// state holds when it is done. The steps are carried out in order, in one transaction, while the
/// state of before still holds; if one of them throws, the transaction is undone and the state
/// stays. It owns no clock, no connection and no flag beside it.
package enum OwnLog: Hashable, Sendable {
    /// The log is the newest that is known, and own entries are sealed, signed and served here.
    case writing
    /// After a start: the file may be an old copy. Entries without a signature have their numbers
    /// for the time being only.
    case checking
    /// Own entries come from peers, and are applied like anybody's.
    case fetching(Fetch)
    /// The log is the newest that is known, and the zone does not let this park write.
    case fenced(ZoneObstacle)

    /// Why own entries are fetched, and of which branch.
    package struct Fetch: Hashable, Sendable {
        package enum Cause: String, Hashable, Sendable, CaseIterable {
            /// The file was lost as a whole: any peer may hold what nobody else has.
            case lost
            /// The file is there, and its log is behind, or another one than the peers have.
            case behind
        }
        package var cause: Cause
        /// The newest own entry that was signed when the writing stopped, and so may be known
        /// elsewhere.
        package var signed: UInt64
        /// A branch of this node was given up, and its entries wait to be written anew. This is the
        /// first number at which the log has another entry: only when it has come so far again is
        /// it known which of them it lacks.
        package var forkedAt: UInt64?

        package init(_ cause: Cause, signed: UInt64 = 0, forkedAt: UInt64? = nil) {
            (self.cause, self.signed, self.forkedAt) = (cause, signed, forkedAt)
        }
    }

    package enum Event: Hashable, Sendable {
        /// From here on own entries are those that come from peers. `signed`: the newest own entry
        /// with a signature.
        case stop(signed: UInt64)
        /// The peers' branch has taken the place of what this node wrote behind the last common
        /// entry. `forkedAt`: the first entry that was set aside and may be known elsewhere; nil if
        /// there is none.
        case tookBranch(forkedAt: UInt64?)
        /// The head guard has nothing against writing. `givingUp`: peers have own entries that do
        /// not come.
        case release(givingUp: Bool)
        /// How the zone stands to the park was asked anew; nil if it may write.
        case zone(ZoneObstacle?)
        /// The file was read anew, since nobody knows what became of the last transaction.
        case reread(Fetch?)
    }

    /// What an event asks of the store. Names are those of the functions that do it.
    package enum Step: Hashable, Sendable {
        /// What programs wrote until now gets a number, and no signature: nobody sees it.
        case seal
        /// Own entries are merged into clocks and digests.
        case fold
        /// - Throws: `StoreError.notReady` while own entries wait for others, or a later log of the
        ///   park may take back what is here.
        case demandApplied
        /// What an old copy has written since the park's clock was ahead is set aside, to be
        /// stamped anew.
        case setAsideAhead
        /// Own entries that nobody has signed are set aside, so that a new incarnation writes them
        /// anew.
        case setAsideUnsigned
        /// What only a fenced park had of its log, and was applied here before the fence was known,
        /// is held again.
        case holdUnvouched
        /// Entries that were set aside are written anew.
        case writeAnew(Fetch, givingUp: Bool)
        /// After a lost file the park goes on as the newest incarnation that its peers know. The
        /// file remembers that it has come so far.
        case continueNewest
        case sign
        /// The file remembers why own entries are fetched; nil when they are not.
        case remember(Fetch?)
    }

    // MARK: the transitions

    /// - Returns: what is to be done, and the state that holds afterwards.
    package func transition(on event: Event) -> (steps: [Step], next: OwnLog) {
        switch event {
        case .stop(let signed): stopped(signed)
        case .tookBranch(let forkedAt): tookBranch(forkedAt)
        case .release(let isGivingUp): released(isGivingUp)
        case .zone(let obstacle): judged(obstacle)
        case .reread(let fetch): ([], reread(fetch))
        }
    }

    private func stopped(_ signed: UInt64) -> (steps: [Step], next: OwnLog) {
        var fetch = Fetch(.behind, signed: signed)
        let first: [Step]
        switch self {
        case .writing, .fenced: first = [.seal, .fold]
        // What programs wrote before the start was sealed then, and for the time being.
        case .checking: first = [.fold]
        case .fetching(let before):
            first = []
            fetch = Fetch(before.cause, signed: max(before.signed, signed), forkedAt: before.forkedAt)
        }
        return (first + [.remember(fetch)], .fetching(fetch))
    }

    private func tookBranch(_ forkedAt: UInt64?) -> (steps: [Step], next: OwnLog) {
        guard case .fetching(var fetch) = self, let forkedAt else { return ([], self) }
        fetch.forkedAt = forkedAt
        return ([.remember(fetch)], .fetching(fetch))
    }

    private func released(_ isGivingUp: Bool) -> (steps: [Step], next: OwnLog) {
        switch self {
        case .writing, .fenced: return ([], self)
        case .checking: return ([.sign], .writing)
        case .fetching(let fetch):
            var steps: [Step] = isGivingUp ? [.setAsideUnsigned] : [.demandApplied, .setAsideAhead]
            steps += [.holdUnvouched, .writeAnew(fetch, givingUp: isGivingUp), .remember(nil)]
            if fetch.cause == .lost { steps.append(.continueNewest) }
            steps.append(.sign)
            return (steps, .writing)
        }
    }

    /// A log that is not sure of its numbers is shut for that reason; the zone is asked again when
    /// it is.
    private func judged(_ obstacle: ZoneObstacle?) -> (steps: [Step], next: OwnLog) {
        switch (self, obstacle) {
        case (.checking, _), (.fetching, _), (.writing, nil): ([], self)
        case (.writing, let obstacle?), (.fenced, let obstacle?): ([], .fenced(obstacle))
        case (.fenced, nil): ([], .writing)
        }
    }

    /// The file says whether entries are fetched. Whether the log has been compared since the
    /// start, it does not.
    private func reread(_ fetch: Fetch?) -> OwnLog {
        if let fetch { return .fetching(fetch) }
        if case .fetching = self { return .writing }
        return self
    }

    /// The state of a file that is being opened. The zone is asked next, and the tables are shut or
    /// opened for what comes of it.
    ///
    /// - Parameters:
    ///   - fetch: what the file remembers.
    ///   - isNew: there was no file before.
    ///   - comparesHeads: whether there are peers to compare with.
    static func opened(_ fetch: Fetch?, isNew: Bool, comparesHeads: Bool) -> OwnLog {
        if let fetch { return .fetching(fetch) }
        return !isNew && comparesHeads ? .checking : .writing
    }

    // MARK: what follows from the state

    /// Whether this node seals and signs what is written.
    package var acceptsWrites: Bool { self == .writing }

    /// Whether a number of the own log may mean another entry elsewhere. Nothing is sealed then.
    package var isUncertain: Bool {
        switch self {
        case .checking, .fetching: true
        case .writing, .fenced: false
        }
    }

    package var fetch: Fetch? { if case .fetching(let fetch) = self { fetch } else { nil } }
    package var isFetching: Bool { fetch != nil }
    /// Whether the file was lost as a whole.
    package var isLost: Bool { fetch?.cause == .lost }
    /// Why the zone does not let this park write; nil if it does, or if that is not the question
    /// yet.
    package var obstacle: ZoneObstacle? { if case .fenced(let obstacle) = self { obstacle } else { nil } }

    /// Why the tables are shut for programs; nil if they are open.
    package var gate: Gate.Reason? {
        switch self {
        case .writing: nil
        case .checking: .checking
        case .fetching: .fetching
        case .fenced: .out
        }
    }

    /// Whether rows of own entries are visible that no vector may name yet.
    package func isTentative(signed: UInt64, logged: UInt64) -> Bool { isUncertain && signed < logged }

    /// The newest own entry that the vector may name.
    ///
    /// - Parameter appliesOwn: own entries are applied from the log, as those of others are.
    func visible(folded: UInt64, signed: UInt64, logged: UInt64, appliesOwn: Bool) -> UInt64 {
        switch self {
        case .fetching: min(folded, signed < logged ? signed : folded)
        case _ where appliesOwn: folded
        case .checking: min(signed, logged)
        case .writing, .fenced: logged
        }
    }

    /// What the replication engine needs to know of it.
    func standing(signed: UInt64, logged: UInt64) -> LogStanding {
        switch self {
        case .writing, .fenced: .ready
        case .checking: .checking
        case .fetching(let fetch):
            .fetching(
                isLost: fetch.cause == .lost, hasBranch: fetch.forkedAt != nil,
                isBeside: isTentative(signed: signed, logged: logged))
        }
    }

    /// - Throws: `StoreError.notReady` or `StoreError.fenced`.
    func checkWrites() throws {
        switch self {
        case .writing: return
        case .checking: throw Gate.Reason.checking.error
        case .fetching: throw Gate.Reason.fetching.error
        case .fenced(let obstacle): throw StoreError(.fenced, obstacle.reason, remedy: obstacle.remedy)
        }
    }

    package func _checkInvariants() {
        switch self {
        case .writing, .checking: break
        case .fetching(let fetch):
            assert(fetch.signed <= CoreLimits.entryNumberMax, "an entry's number")
            if let forkedAt = fetch.forkedAt {
                assert((1...CoreLimits.entryNumberMax).contains(forkedAt), "a branch parts at an entry")
            }
        case .fenced(let obstacle): obstacle._checkInvariants()
        }
    }
}
