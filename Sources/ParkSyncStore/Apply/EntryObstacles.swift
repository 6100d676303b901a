import ParkSyncCore
import ParkSyncReports

/// What keeps a logged entry from being applied, and what waiting entries tell of others.
extension EntryQueue {
    /// Why an entry may not be applied now; nil if it may.
    func obstacle(to entry: DecodedEntry, _ index: Int, state: StoreState, wallMilliseconds: UInt64) throws
        -> StuckEntry?
    {
        func held(_ kind: StuckCause, _ cause: String, _ remedy: String) -> StuckEntry {
            StuckEntry(
                origin: entry.header.origin, seq: entry.header.seq, state: .held, kind: kind, cause: cause,
                remedy: remedy)
        }
        // What counts for nothing waits for nothing: of two parks that were ahead together each may
        // depend on what the other takes back. What it decides about other parks is judged by its
        // past.
        let isWithdrawn = state.isWithdrawn(entry.header.origin, entry.header.seq)
        if isWithdrawn, !entry.isJudgedThoughTakenBack { return nil }
        if case .newerSchema = entry.fitness {
            return held(
                StuckCause(.newerSchema), "it has schema \(entry.header.schemaNumber), this node has \(schema.number)",
                "Install the newer schema files on this node and restart it.")
        }
        if let unvouched = unvouched(entry, state) {
            var left = held(StuckCause(.unvouched, entry.header.origin.name), unvouched.cause, unvouched.remedy)
            left.state = .leftOut
            return left
        }
        if !isWithdrawn, HybridLogicalClock.isTooFarAhead(entry.header.stamp, wallMilliseconds: wallMilliseconds),
            try !hasShown(entry, index, state)
        {
            let ahead = entry.header.stamp.milliseconds - wallMilliseconds
            var waiting = held(
                StuckCause(.future), "its stamp is \(TimeSpan.text(milliseconds: ahead)) ahead of this node's clock",
                futureRemedy(entry, state))
            waiting.aheadMilliseconds = ahead
            return waiting
        }
        if !isWithdrawn, let blocked = try withdrawalObstacle(entry, state) {
            return held(StuckCause(.logGap, blocked.gap.name), blocked.cause, blocked.remedy)
        }
        for dependency in dependencies(entry, index, state) {
            let have =
                state.index(of: dependency.origin).map {
                    $0 == state.own ? state.visibleOfOwn : state.origins[$0].folded
                } ?? 0
            if have < dependency.seq {
                let (rest, remedy) = waiting(for: dependency.origin, by: entry, have: have, state)
                return held(
                    StuckCause(.dependency, dependency.origin.name),
                    "it depends on \(dependency.origin):\(dependency.seq), \(rest)", remedy)
            }
        }
        if isWithdrawn { return nil }
        if let unaware = unaware(entry, index, state) {
            var left = held(StuckCause(.unvouched, entry.header.origin.name), unaware.cause, unaware.remedy)
            left.state = .leftOut
            return left
        }
        if let unjudged = unjudged(entry, index, state) {
            return held(StuckCause(.logGap, unjudged.gap.name), unjudged.cause, UnknownTraces.remedy)
        }
        if let refusal = refusals[entry.header.origin, entry.header.seq] {
            let name = schema.tables[refusal.table].name
            return held(
                StuckCause(.table, name), "table \(name) of this node \(refusal.difference.reason)",
                refusal.difference.remedy)
        }
        guard !obstacles.isEmpty else { return nil }
        for change in entry.changes {
            guard let obstacle = obstacles[Int(change.table)] else { continue }
            let name = schema.tables[Int(change.table)].name
            return held(StuckCause(.table, name), "table \(name) of this node \(obstacle.reason)", obstacle.remedy)
        }
        return nil
    }

    /// How it stands with a log that an entry waits for, and what is to be done. Nobody sends the
    /// log of a park that nobody knows.
    private func waiting(for origin: OriginID, by entry: DecodedEntry, have: UInt64, _ state: StoreState) -> (
        rest: String, remedy: String
    ) {
        let (park, author) = (origin.park, entry.header.origin.park)
        guard park != author, state.index(of: origin) == nil, state.memberKeys[park] == nil else {
            return ("this node has \(have)", "Wait for that entry: it comes from its park or through another one.")
        }
        return (
            "and \(park) is no park of this zone",
            """
            If \(park) is new in the zone, add it to this node's configuration and restart it; else tell the \
            operator of \(author).
            """
        )
    }

    /// Whether this node has shown the entry before, so that no clock decides about it: its park
    /// has written it, or the park's own entries, which are fetched back, depend on it.
    private func hasShown(_ entry: DecodedEntry, _ index: Int, _ state: StoreState) throws -> Bool {
        let (origin, own) = (entry.header.origin, state.origins[state.own])
        let isOwn = index == state.own || (state.ownLog.isLost && origin.park == own.origin.park)
        guard isOwn || entry.header.seq <= wanted[origin] ?? 0 else { return false }
        return try isOwn || !isPassedOver(entry, state)
    }

    /// Whether the own entries that depend on an entry may have passed over it: they depend on a
    /// later log of its park as well, which takes it back, or of which it is not known yet whether
    /// it does.
    private func isPassedOver(_ entry: DecodedEntry, _ state: StoreState) throws -> Bool {
        let header = entry.header
        for later in wanted.keys.sorted()
        where later.isOfSamePark(as: header.origin) && Reissue.incarnation(later) > Reissue.incarnation(header.origin) {
            guard let index = state.index(of: later) else { return true }
            if state.origins[index].folded > 0 { continue }
            guard let first = try self.entry(index, 1, state) else { return true }
            for case .withdrawal(header.origin, let begin, let end) in first.controls
            where begin <= header.seq && header.seq <= end { return true }
        }
        return false
    }

    /// Notes what an entry waits for that this node has shown before.
    ///
    /// - Returns: whether that is more than was known.
    mutating func wants(_ entry: DecodedEntry, _ index: Int, _ state: StoreState) throws -> Bool {
        guard try hasShown(entry, index, state) else { return false }
        var isNew = false
        for dependency in dependencies(entry, index, state) where wanted[dependency.origin] ?? 0 < dependency.seq {
            wanted[dependency.origin] = dependency.seq
            isNew = true
        }
        return isNew
    }

    private func futureRemedy(_ entry: DecodedEntry, _ state: StoreState) -> String {
        let origin = entry.header.origin
        guard state.isFenced(origin) else { return FutureStamp.remedy(of: origin.park) }
        let others = state.origins.filter {
            $0.origin.park != origin.park && !state.isFenced($0.origin) && $0.dependencies[origin] >= entry.header.seq
        }
        return FutureStamp.remedy(ofFenced: origin.park, knownTo: vouched[origin]?.by ?? others.first?.origin.park)
    }

    /// An entry that takes back what was applied here makes the tables anew, which needs the whole
    /// log.
    private func withdrawalObstacle(_ entry: DecodedEntry, _ state: StoreState) throws -> (
        gap: OriginID, cause: String, remedy: String
    )? {
        for case .withdrawal(let origin, let first, _) in entry.controls {
            guard let index = state.index(of: origin), state.origins[index].folded >= first,
                !state.withdrawals.contains(where: { $0.by == entry.header.origin }),
                let gap = try state.firstLogGap(connection)
            else { continue }
            return (
                gap,
                """
                it takes back entries of \(origin) that were applied here, and the log of \(gap) does not reach \
                back to its first entry
                """,
                "Stop the node, move its database away and start it again: it then fetches its state from its peers."
            )
        }
        return nil
    }

    /// Entries of a fenced park count as far as another park has seen them: what any park had comes
    /// to all, what nobody had stays out.
    private func unvouched(_ entry: DecodedEntry, _ state: StoreState) -> (cause: String, remedy: String)? {
        let origin = entry.header.origin
        guard let fence = state.fences.first(where: { $0.park == origin.park && !$0.returned.contains(origin) }) else {
            return nil
        }
        if entry.header.seq == 1, state.fences.allSatisfy({ $0.park != origin.park || knows(entry, $0) }) { return nil }
        guard entry.header.seq > max(state.vouched(origin), vouched[origin]?.seq ?? 0) else { return nil }
        return (
            """
            \(origin.park) was fenced by \(fence.by):\(fence.seq), and no other park is known to have had this \
            entry before
            """,
            """
            Nothing to do if the park is gone. It comes back from a snapshot of another park; what only it had \
            has to be written again.
            """
        )
    }

    private func knows(_ first: DecodedEntry, _ fence: Fence) -> Bool {
        first.header.dependencies.contains { $0.origin == fence.by && $0.seq >= fence.seq }
    }

    /// Entries of a log that may be counted nowhere have to know what all that count are agreed on,
    /// or another park has to have had them before it knew: what is kept aside of dropped traces
    /// goes when that is so. All that the entry depends on is applied.
    private func unaware(_ entry: DecodedEntry, _ index: Int, _ state: StoreState) -> (cause: String, remedy: String)? {
        let (origin, agreed) = (entry.header.origin, state.dropKnowledge.here.agreed)
        guard !agreed.elements.isEmpty, !entry.changes.isEmpty, state.isOneOfSeveral(origin) else { return nil }
        guard !origin.isOfSamePark(as: state.origins[state.own].origin),
            entry.header.seq > max(state.vouched(origin), vouched[origin]?.seq ?? 0),
            !state.dropKnowledge.known(by: origin, dependencies(entry, index, state)).dropped.covers(agreed)
        else { return nil }
        return (
            """
            it does not know of deletions whose traces were dropped, as \(origin.park) itself had acknowledged, \
            and no other park is known to have had it
            """,
            """
            Tell the operator of \(origin.park). If its file is an old copy, fence the park (syncctl fence) and \
            let it come back from a snapshot.
            """
        )
    }

    /// Whether dropped traces would judge what an entry changes that are not known here: those of
    /// compactions that are archived where this node cannot read them. Who has seen all that is
    /// archived knows of all these, and none of them judges it.
    private func unjudged(_ entry: DecodedEntry, _ index: Int, _ state: StoreState) -> (gap: OriginID, cause: String)? {
        let origin = entry.header.origin
        guard let unknown = state.unknownTraces, !entry.changes.isEmpty,
            !origin.isOfSamePark(as: state.origins[state.own].origin)
        else { return nil }
        var past = state.origins[index].dependencies
        for dependency in dependencies(entry, index, state) { past[dependency.origin] = dependency.seq }
        past[origin] = entry.header.seq - 1
        guard let unseen = unknown.elements.first(where: { past[$0.origin] < $0.seq }) else { return nil }
        return (
            unseen.origin,
            """
            its author had not seen \(unseen.origin):\(unseen.seq), and this node does not know which deletions \
            were dropped by entries up to there
            """
        )
    }

    /// Notes which entries the author of a waiting entry must have had, of those that count only as
    /// far as somebody had them.
    ///
    /// - Returns: whether that is more than was known.
    mutating func vouches(_ entry: DecodedEntry, _ state: StoreState) -> Bool {
        guard !state.fences.isEmpty || !state.dropKnowledge.here.agreed.elements.isEmpty, unvouched(entry, state) == nil
        else { return false }
        var isNew = false
        for dependency in entry.header.dependencies where dependency.origin.park != entry.header.origin.park {
            guard state.isFenced(dependency.origin) || state.isOneOfSeveral(dependency.origin) else { continue }
            if dependency.seq <= max(state.vouched(dependency.origin), vouched[dependency.origin]?.seq ?? 0) {
                continue
            }
            vouched[dependency.origin] = (dependency.seq, entry.header.origin.park)
            isNew = true
        }
        return isNew
    }
}
