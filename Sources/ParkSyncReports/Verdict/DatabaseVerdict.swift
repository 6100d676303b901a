/// What is to say of the database file: its write-ahead log and its locks.
package enum DatabaseVerdict {
    /// A program that has the write lock for longer is worth a remark; for much longer, an
    /// operator.
    package static let lockMillisecondsMax: UInt64 = 5_000
    package static let lockMillisecondsBroken: UInt64 = 60_000
    /// A longer write-ahead log that cannot begin anew is worth a remark.
    package static let logBytesWarned: Int64 = 256 << 20
    /// For so long after the wal-index was set right it is worth a remark.
    package static let repairMillisecondsShown: UInt64 = 86_400_000
    /// Another program's checkpoint may take so long.
    package static let unguardedMillisecondsMax: UInt64 = 10_000

    package static func reasons(_ database: DatabaseStatus, now: UInt64) -> [Verdict.Reason] {
        (database.writeLock.map { lock($0, now: now) } ?? [])
            + (database.transaction.map { running($0, now: now) } ?? [])
            + heldBack(database.log, now: now) + guarded(database.log, now: now)
    }

    /// Whether another program keeps the node from writing; what waits for that is not a matter of
    /// moments then.
    package static func isLocked(_ status: NodeStatus) -> Bool {
        status.database?.writeLock.map { Elapsed.between($0.since, status.now) >= lockMillisecondsMax } ?? false
    }

    private static func lock(_ lock: DatabaseStatus.WriteLock, now: UInt64) -> [Verdict.Reason] {
        let age = Elapsed.between(lock.since, now)
        guard age >= lockMillisecondsMax else { return [] }
        return [
            Verdict.Reason(
                age >= lockMillisecondsBroken ? .broken : .degraded, .writeLocked,
                "\(lock.who) has had the write lock of the database for \(Elapsed.age(lock.since, now)): "
                    + "nothing is written, sealed or applied. Let it end its "
                    + "transaction, or end the program.")
        ]
    }

    private static func running(_ transaction: DatabaseStatus.RunningTransaction, now: UInt64) -> [Verdict.Reason] {
        guard Elapsed.between(transaction.since, now) >= lockMillisecondsMax else { return [] }
        let late = Elapsed.between(transaction.deadline, now)
        let isHung = transaction.deadline < now && late >= lockMillisecondsMax
        return [
            Verdict.Reason(
                isHung ? .broken : .degraded, .writingBlocked,
                "a transaction has been executed for \(Elapsed.age(transaction.since, now)) and nobody else "
                    + "writes meanwhile: \(transaction.sql). "
                    + (isHung
                        ? """
                        Its time was over \(Elapsed.age(transaction.deadline, now)) ago and nothing ends it: \
                        restart the node.
                        """
                        : "It ends at its time limit; make it cheaper or shorter."))
        ]
    }

    /// Why nobody can write, when that has lasted for longer than a moment.
    package static func writingBlocked(_ database: DatabaseStatus, now: UInt64) -> String? {
        reasons(database, now: now).first { $0.cause == .writeLocked || $0.cause == .writingBlocked }?.text
    }

    private static func heldBack(_ log: DatabaseStatus.Log, now: UInt64) -> [Verdict.Reason] {
        guard let since = log.heldBackSince, log.bytes >= logBytesWarned else { return [] }
        let who = log.heldBackBy.isEmpty ? "somebody" : log.heldBackBy.joined(separator: ", ")
        let isFull = log.bytes >= log.bytesMax
        return [
            Verdict.Reason(
                isFull ? .broken : .degraded, .logHeldBack,
                "the write-ahead log has \(log.bytes >> 20) MiB and has not been able to begin anew for "
                    + "\(Elapsed.age(since, now)), because \(who) reads the "
                    + "database in one transaction. Let that end, or end the program. "
                    + (isFull
                        ? "Until then no writes are accepted."
                        : "At \(log.bytesMax >> 20) MiB no writes are accepted any more."))
        ]
    }

    private static func guarded(_ log: DatabaseStatus.Log, now: UInt64) -> [Verdict.Reason] {
        var reasons: [Verdict.Reason] = []
        if let since = log.unguardedSince, Elapsed.between(since, now) >= unguardedMillisecondsMax {
            reasons.append(
                Verdict.Reason(
                    .degraded, .logUnguarded,
                    "another program has been writing the write-ahead log back for \(Elapsed.age(since, now)), "
                        + "so that nothing guards against SQLite's "
                        + "WAL-reset race. Let it end, or end the program; see deploy/README.md."))
        }
        if let at = log.repairedAt, Elapsed.between(at, now) < repairMillisecondsShown {
            reasons.append(
                Verdict.Reason(
                    .degraded, .indexRepaired,
                    "the wal-index was wrong and was set right \(Elapsed.age(at, now)) ago: a program died "
                        + "while it wrote, or SQLite's WAL-reset race has "
                        + "struck while the node was down. Compare what programs wrote before."))
        }
        if let failure = log.failure {
            reasons.append(
                Verdict.Reason(
                    .degraded, .logNotWrittenBack,
                    "the write-ahead log cannot be written back: \(Sentence.ended(failure))"))
        }
        return reasons
    }
}
