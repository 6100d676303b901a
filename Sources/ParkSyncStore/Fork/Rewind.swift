import Dispatch
import Foundation
import ParkSyncCore
import ParkSyncReplication

/// What the file remembers of a log that is being fetched, from one start to the next.
package enum FetchMemory {
    /// 0: none; 1: the file was lost; 2: the file is there, and its log is behind or another one than the peers have.
    package static let kind = "recovering"
    /// A number at which a peer has another entry: only when the log has come so far again is it known which set-aside entries it lacks.
    static let forkedAt = "forked_at"
    /// The newest own entry that was signed, and so may be known elsewhere.
    static let signed = "forked_signed"
    /// The name of this node's present origin; absent as long as it is the park's.
    package static let origin = "origin"
    /// The newest own entry when this node accepted writes after it had lost its file.
    static let recovered = "recovered"
    /// 1: own entries were taken back when the park came back into the zone, and wait to be written anew.
    static let returning = "returning"
    /// When an incarnation was opened last, in Unix milliseconds.
    static let incarnatedAt = "incarnated_at"
    /// Why: a number of `Reissue.Cause`.
    static let incarnatedFor = "incarnated_for"

    package static func number(_ connection: Connection, _ name: String) throws -> UInt64? {
        guard case .integer(let value)? = try StoreFile.meta(connection, name), value >= 0 else { return nil }
        return UInt64(value)
    }

    package static func set(_ connection: Connection, _ name: String, _ value: UInt64?) throws {
        try StoreFile.setMeta(connection, name, value.map { .integer(Int64(clamping: $0)) } ?? .null)
    }
}

extension ParkStore {
    package func standing() -> LogStanding { lock.withLock { publishedStanding } }

    package func carryOut(_ demand: LogDemand, then finish: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        queue.async { [self] in
            finish(
                Result {
                    try settleDoubt()
                    switch demand {
                    case .fetchOwn: try fetchOwn()
                    case .stage(let order): try stage(order)
                    case .takeBranch: try takeBranch()
                    case .acceptWrites: try acceptWrites()
                    case .writeAnew(_, let known): try acceptWrites(givingUp: known)
                    }
                })
        }
    }

    /// Closes the file for writers, and has the log go on as it comes from peers. What is here stays. In one transaction.
    private func fetchOwn() throws {
        liveness.beat()
        var next = current
        try applier.connection.transaction {
            _ = try stopWriting(&next, options.clock.wallMilliseconds())
            try StateLoader.save(applier.connection, next, before: current)
        }
        settle(next)
    }

    /// From here on own entries are those that come from peers. Within the caller's transaction.
    ///
    /// - Returns: the newest own entry that was signed, and so may be known elsewhere.
    func stopWriting(_ next: inout StoreState, _ wall: UInt64) throws -> UInt64 {
        let connection = applier.connection
        let own = next.origins[next.own]
        if !own.isRecovering {
            // What other programs wrote until now gets a number for the time being, and no signature: nobody sees it.
            if !own.isChecking { _ = try applier.sealer.seal(&next, wallMilliseconds: wall) }
            try applier.fold(&next)
        }
        next.origins[next.own].isRecovering = true
        next.origins[next.own].isChecking = false
        next.origins[next.own].hasUnsigned = next.origins[next.own].signed < next.origins[next.own].logged
        let signed = max(next.origins[next.own].signed, try FetchMemory.number(connection, FetchMemory.signed) ?? 0)
        if try FetchMemory.number(connection, FetchMemory.kind) != 1 { try FetchMemory.set(connection, FetchMemory.kind, 2) }
        try FetchMemory.set(connection, FetchMemory.signed, signed)
        try updateGate(next, on: connection)
        next.hasBranch = try FetchMemory.number(connection, FetchMemory.forkedAt) != nil
        return signed
    }

    /// Sets aside own entries that nobody has signed, so that a new incarnation writes them anew. Within the caller's transaction.
    ///
    /// - Returns: whether there were any, and the tables were made anew.
    private func setAsideUnsigned(_ next: inout StoreState, _ wall: UInt64, judgesStamps: Bool = false) throws -> Bool {
        let own = next.origins[next.own]
        let moved = try ForkTable.move(applier.connection, ordinal: own.ordinal, after: own.signed, wallMilliseconds: wall, waits: true)
        guard moved > 0 else { return false }
        try shorten(&next, next.own, to: own.signed)
        (next.origins[next.own].folded, next.origins[next.own].hasUnsigned) = (min(own.folded, own.signed), false)
        try applier.rebuild(&next, wallMilliseconds: wall, judgesStamps: judgesStamps)
        return true
    }

    /// An old copy from the time when the park's clock was ahead goes on from there, until it hears that this was taken back. What programs wrote in
    /// it meanwhile is stamped anew then; nobody has seen it.
    ///
    /// - Returns: whether there was something, and the tables were made anew.
    private func setAsideAhead(_ next: inout StoreState, _ wall: UInt64) throws -> Bool {
        let own = next.origins[next.own]
        guard own.hasUnsigned, let stamp = try next.newestStamp(applier.connection, next.own, through: own.logged),
            HybridLogicalClock.isTooFarAhead(stamp, wallMilliseconds: wall),
            next.withdrawals.contains(where: { $0.origin.park == own.origin.park })
        else { return false }
        return try setAsideUnsigned(&next, wall, judgesStamps: true)
    }

    /// Ends an origin's log at an entry.
    func shorten(_ next: inout StoreState, _ index: Int, to seq: UInt64) throws {
        let connection = applier.connection
        let ordinal = next.origins[index].ordinal
        let origin = next.origins[index].origin
        lock.withLock { vouchedFor.shorten(origin, to: seq) }
        next.origins[index].logged = seq
        next.origins[index].headHash = try LogTable.hash(connection, ordinal: ordinal, seq: seq) ?? EntryChain.genesis
        let head = try connection.int64(
            "SELECT id FROM _parksync_log WHERE id > \(LogTable.id(ordinal, 0)) AND id <= \(LogTable.id(ordinal, seq)) "
                + "AND signature IS NOT NULL ORDER BY id DESC LIMIT 1")
        next.origins[index].signed = head.map { LogTable.seq($0) } ?? 0
        // An entry in the middle of a commit has no signature of its own; the own key can give it one.
        if index == next.own { try applier.sealer.sign(&next, key: options.identity) }
    }

    /// After a lost file the park goes on as its newest incarnation, whose name was in the file. If that one was fenced, it begins a new one.
    ///
    /// - Returns: whether the tables were made anew.
    private func continueNewest(_ next: inout StoreState) throws -> Bool {
        let own = next.origins.indices.filter { next.origins[$0].origin.park == options.origin.park && next.origins[$0].logged > 0 }
        let newest = own.max { Reissue.incarnation(next.origins[$0].origin) < Reissue.incarnation(next.origins[$1].origin) }
        if let newest, newest != next.own {
            try checkApplied(next, newest)
            next.own = newest
            (next.branch, _) = (nil, try BranchTable.clear(applier.connection))
            try StoreFile.setMeta(applier.connection, FetchMemory.origin, .string(next.origins[newest].origin.name))
        }
        let origin = next.origins[next.own]
        guard origin.logged > 0, next.isFenced(origin.origin) else { return false }
        let hasGivenUp = try giveUpUnvouched(&next)
        try Reissue(applier: applier, options: options).beginNext(&next)
        return hasGivenUp
    }

    /// A fence of this park may come when its own log is back already and writes are accepted. As long as it has written nothing since, it goes on as
    /// if the fence had come first: what it had written alone is left out, and a new incarnation begins.
    ///
    /// - Returns: whether it did.
    func goOnAfterLoss() throws -> Bool {
        let (own, connection) = (current.origins[current.own], applier.connection)
        let recovered = try FetchMemory.number(connection, FetchMemory.recovered)
        guard !current.isGated, own.folded == own.logged, recovered == own.logged else { return false }
        var next = current
        try connection.transaction {
            let isRebuilt = try continueNewest(&next)
            next.ownDependencies = next.origins[next.own].dependencies
            try FetchMemory.set(connection, FetchMemory.recovered, nil)
            try updateGate(next, on: connection)
            try StateLoader.save(connection, next, before: isRebuilt ? StoreState() : current)
        }
        lock.withLock { vouchedFor.settle() }
        settle(next)
        return true
    }

    /// Own entries of a fenced log that came back before the fence did are applied here and held everywhere else. They come once more from
    /// whoever has them, and are held here as well.
    private func giveUpUnvouched(_ next: inout StoreState) throws -> Bool {
        let (own, keep) = (next.origins[next.own], next.vouched(next.origins[next.own].origin))
        guard own.folded > keep else { return false }
        let (first, last) = (LogTable.id(own.ordinal, keep), LogTable.end(own.ordinal))
        try applier.connection.execute("DELETE FROM _parksync_log WHERE id > \(first) AND id < \(last)")
        try shorten(&next, next.own, to: keep)
        try applier.rebuild(&next, wallMilliseconds: options.clock.wallMilliseconds())
        return true
    }

    /// A node that fetches its log back hears of a fence late, and may have applied before what the fenced park alone had. Its own entries say
    /// that it knew of the fence and had none of that: so it is held here as everywhere, and the tables are made anew without it.
    ///
    /// - Returns: whether they were.
    private func holdUnvouched(_ next: inout StoreState) throws -> Bool {
        let own = next.origins[next.own]
        var isHeld = false
        for fence in next.fences where own.dependencies[fence.by] >= fence.seq || (fence.by == own.origin && own.folded >= fence.seq) {
            for index in next.origins.indices where index != next.own {
                let origin = next.origins[index].origin
                guard origin.park == fence.park, !fence.returned.contains(origin) else { continue }
                let keep = next.vouched(origin)
                guard next.origins[index].folded > keep else { continue }
                next.origins[index].folded = keep
                isHeld = true
            }
        }
        guard isHeld else { return false }
        try applier.rebuild(&next, wallMilliseconds: options.clock.wallMilliseconds())
        try checkApplied(next, next.own)
        return true
    }

    /// - Throws: `StoreError.notReady` if entries of an own origin wait. Those of a fenced one may wait for ever, and nothing follows them.
    private func checkApplied(_ state: StoreState, _ index: Int) throws {
        let origin = state.origins[index]
        if origin.folded == origin.logged || (state.isLost && state.isFenced(origin.origin)) { return }
        throw StoreError(
            .notReady, "own entries are in the log but wait for others", remedy: "Wait until the peers have sent what they depend on.")
    }

    /// What a later log of the park takes back is known when its first entry is applied. Until then the clock may be that of entries which count
    /// nowhere any more. One that is ahead itself counts nowhere yet.
    ///
    /// - Throws: `StoreError.notReady` while the first entry of such a log waits.
    private func checkFirstEntries(_ state: StoreState) throws {
        for (index, log) in state.origins.enumerated()
        where index != state.own && log.origin.park == options.origin.park && log.logged > 0 && log.folded == 0 && !state.isFenced(log.origin) {
            let held = state.held.first { $0.origin == log.origin }
            if held?.aheadMilliseconds != nil { continue }
            throw StoreError(
                .notReady, "entry \(log.origin):1 is in the log and waits, and may take back what this park wrote before it",
                remedy: held?.remedy ?? "Wait until the peers have sent what it depends on.")
        }
    }

    /// The check is over: entries that were set aside are written anew, and writers are let in. In one transaction.
    ///
    /// - Parameter known: the newest of the own entries that peers have and this node does not get, if any are given up. It goes on as a new
    ///   incarnation then.
    /// - Throws: `StoreError.notReady` while something is still to be fetched or applied, or incarnations follow each other too fast.
    func acceptWrites(givingUp known: VersionVector? = nil) throws {
        guard current.isGated else { return }
        liveness.beat()
        var next = current
        var isRebuilt = false
        let connection = applier.connection
        try connection.transaction {
            if next.origins[next.own].isRecovering {
                if known == nil {
                    try checkApplied(next, next.own)
                    try checkFirstEntries(next)
                    isRebuilt = try setAsideAhead(&next, options.clock.wallMilliseconds())
                } else {
                    isRebuilt = try setAsideUnsigned(&next, options.clock.wallMilliseconds())
                }
                if try holdUnvouched(&next) { isRebuilt = true }
                next.ownDependencies = next.origins[next.own].dependencies
                try Reissue(applier: applier, options: options, known: known ?? VersionVector()).run(&next, givingUp: known != nil)
                for name in [FetchMemory.forkedAt, FetchMemory.signed] { try FetchMemory.set(connection, name, nil) }
                try FetchMemory.set(connection, FetchMemory.kind, 0)
                next.origins[next.own].isRecovering = false
                if next.isLost {
                    if try continueNewest(&next) { isRebuilt = true }
                    try FetchMemory.set(connection, FetchMemory.recovered, next.origins[next.own].logged)
                }
                next.isLost = false
                next.ownDependencies = next.origins[next.own].dependencies
            }
            (next.origins[next.own].isChecking, next.origins[next.own].hasUnsigned) = (false, false)
            next.hasBranch = false
            try applier.sealer.sign(&next, key: options.identity)
            // A fenced park stays shut for another reason.
            try updateGate(next, on: connection)
            try StateLoader.save(connection, next, before: isRebuilt ? StoreState() : current)
        }
        lock.withLock { vouchedFor.settle() }
        settle(next)
    }
}
