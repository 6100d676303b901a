import ParkSyncCore
import ParkSyncReplication
import Synchronization

/// Fetches another branch of the own log beside it, and takes it when it is whole
/// (docs/decisions/0014-amnesia.md, Diverged).
extension ParkStore {
    package func branchFetch() -> BranchFetch? { publishedState.branch }

    package func want(_ origin: OriginID) -> LogPosition {
        let state = publishedState
        guard origin == state.origins[state.own].origin else { return endOfLog(origin) }
        if let branch = state.branch { return LogPosition(after: branch.fetched, hash: branch.hash) }
        guard case .fetching(_, _, isBeside: true) = state.standing else { return endOfLog(origin) }
        // Its heads, and no entries as long as it is not decided whose.
        return LogPosition(after: CoreLimits.entryNumberMax, hash: EntryChain.genesis)
    }

    /// The hash of the entry before a slice, where the slice belongs: in the log, or in the branch
    /// that is fetched beside it.
    func hash(before slice: LogSlice) throws -> [UInt8]? {
        let state = publishedState
        guard let branch = state.branch, slice.origin == state.origins[state.own].origin, slice.first - 1 > branch.after
        else {
            return try hash(of: slice.origin, seq: slice.first - 1)
        }
        return try logReader.withLock { try BranchTable.hash($0, seq: slice.first - 1) }
    }
}

extension StoreCore {
    /// Begins to fetch a branch, or goes on with another peer. What has come stays as far as the
    /// new source names it: a source that cannot continue it has said so itself.
    func stage(_ order: BranchOrder) throws {
        liveness.beat()
        guard let head = order.heads.first, head.seq > order.after, head.seq <= LogTable.seqMax else { return }
        var next = current
        let connection = applier.connection
        let own = next.origins[next.own]
        try connection.transaction {
            guard order.after <= own.signed,
                let common = try LogTable.hash(connection, ordinal: own.ordinal, seq: order.after)
            else {
                throw StoreError(
                    .notReady,
                    """
                    the log no longer has entry \(own.origin):\(order.after), from which \(order.source.park) \
                    has another branch
                    """,
                    remedy: "It is compared again.")
            }
            var kept = order.after
            if next.branch?.after == order.after {
                kept =
                    try order.heads.first {
                        try $0.seq > order.after && BranchTable.hash(connection, seq: $0.seq) == $0.hash
                    }?.seq ?? order.after
            }
            try BranchTable.cut(connection, after: kept)
            if kept == order.after { try BranchTable.cut(connection, after: 0) }
            try BranchTable.save(
                connection,
                BranchFetch(
                    source: order.source, after: order.after,
                    head: LogBranch.Head(seq: head.seq, hash: head.hash, signature: []), fetched: 0,
                    hash: common, bytes: 0))
            next.branch = try BranchTable.load(connection, ordinal: own.ordinal)
        }
        advance(next)
    }

    /// Keeps a piece of the branch that is being fetched. Within the caller's transaction.
    ///
    /// - Throws: `SliceRefused` if it does not belong there, or makes the branch too long.
    func keepBeside(_ slice: VerifiedSlice, _ branch: BranchFetch, _ next: inout StoreState) throws {
        let connection = applier.connection
        func refuse(_ cause: SliceRefused.Cause, _ reason: String) -> SliceRefused {
            SliceRefused(
                cause, origin: slice.origin, first: slice.first, reason: reason,
                remedy:
                    "This node's log and tables are as they were; the branch is asked of another park if one has it.")
        }
        guard let last = slice.entries.last, last.header.seq > branch.fetched else { return }
        guard slice.first <= branch.fetched + 1 else {
            throw refuse(.gap, "of the other branch entries up to \(branch.fetched) have come only")
        }
        let before = slice.entries.first { $0.header.seq == branch.fetched }?.hash ?? slice.previousHash
        guard before == branch.hash else {
            throw refuse(.gap, "it does not continue what has come of the other branch")
        }
        if let end = slice.entries.first(where: { $0.header.seq == branch.head.seq }), end.hash != branch.head.hash {
            // All that came is of a third branch.
            try BranchTable.cut(connection, after: 0)
            next.branch = try BranchTable.load(connection, ordinal: next.origins[next.own].ordinal)
            throw refuse(.wrongChain, "entry \(branch.head.seq) is another one than that whose signed head was shown")
        }
        let fresh = slice.entries.filter { $0.header.seq > branch.fetched }
        let bytes = fresh.reduce(branch.bytes) { $0 &+ UInt64($1.payload.count) }
        guard bytes <= CoreLimits.branchBytesMax else {
            var refusal = refuse(
                .tooLong,
                "the other branch after entry \(branch.after) comes to more than \(CoreLimits.branchBytesMax) bytes")
            refusal.remedy =
                "Stop the node, move its database away, and start it: it then fetches all of its log from its peers."
            throw refusal
        }
        for entry in fresh {
            try BranchTable.insert(connection, entry, signature: entry === last ? slice.signature : nil)
        }
        var newer = branch
        (newer.fetched, newer.hash, newer.bytes) = (last.header.seq, last.hash, bytes)
        next.branch = newer
    }

    /// Sets aside what the own log has and the branch does not share, and goes on with the branch.
    /// In one transaction.
    func takeBranch() throws {
        guard let branch = current.branch, branch.isWhole else { return }
        liveness.beat()
        let wall = options.clock.wallMilliseconds()
        var next = current
        let connection = applier.connection
        try connection.transaction {
            let ordinal = next.origins[next.own].ordinal
            guard
                try BranchTable.isSound(
                    connection, branch, ordinal: ordinal,
                    isSigned: { board.isSigned($0, of: next.origins[next.own].origin) })
            else {
                // It is fetched once more.
                try BranchTable.clear(connection)
                next.branch = nil
                return
            }
            try stopWriting(&next)
            let own = next.origins[next.own]
            let moved = try ForkTable.move(
                connection, ordinal: own.ordinal, after: branch.after, wallMilliseconds: wall, waits: true)
            if moved > 0 {
                try shorten(&next, next.own, to: branch.after)
                next.origins[next.own].folded = min(own.folded, branch.after)
            }
            try BranchTable.moveIntoLog(connection, ordinal: own.ordinal)
            try BranchTable.clear(connection)
            next.branch = nil
            next.origins[next.own].logged = branch.fetched
            next.origins[next.own].signed = branch.fetched
            next.origins[next.own].headHash = branch.hash
            // Entries without a signature decide nothing: nobody has seen them.
            let known = min(next.ownLog.fetch?.signed ?? 0, branch.fetched)
            try move(
                &next,
                on: .tookBranch(forkedAt: try ForkTable.firstOther(connection, ordinal: own.ordinal, through: known)))
            if moved > 0 {
                try applier.rebuild(&next, wallMilliseconds: wall)
            } else {
                try applier.applyAll(&next, wallMilliseconds: wall)
            }
            try StateLoader.save(connection, next, before: moved > 0 ? StoreState() : current)
        }
        advance(next)
    }
}
