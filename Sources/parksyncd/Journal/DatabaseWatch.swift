import ParkSyncReports

/// Finds out what has changed between two looks at the database's locks and its write-ahead log:
/// what begins, and what ends.
struct DatabaseWatch {
    private var lockedSince: UInt64?
    private var blockedSince: UInt64?
    private var isHeldBack = false
    private var isUnguarded = false
    private var repairs = 0

    mutating func look(at database: DatabaseStatus, now: UInt64) -> [Event] {
        lock(database.writeLock, now) + running(database.transaction, now) + heldBack(database.log, now)
            + guarded(database.log)
    }

    private mutating func lock(_ lock: DatabaseStatus.WriteLock?, _ now: UInt64) -> [Event] {
        if let lock {
            guard lockedSince == nil, Elapsed.between(lock.since, now) >= DatabaseVerdict.lockMillisecondsMax else {
                return []
            }
            lockedSince = lock.since
            return [.writeLocked(by: lock.who, forMilliseconds: Elapsed.between(lock.since, now))]
        }
        guard let since = lockedSince else { return [] }
        lockedSince = nil
        return [.writeLockFree(afterMilliseconds: Elapsed.between(since, now))]
    }

    private mutating func running(_ transaction: DatabaseStatus.RunningTransaction?, _ now: UInt64) -> [Event] {
        // Its beginning is told by the wall clock, which may be set meanwhile: another transaction
        // is one that has only begun.
        if let transaction, Elapsed.between(transaction.since, now) >= DatabaseVerdict.lockMillisecondsMax {
            guard blockedSince == nil else { return [] }
            blockedSince = transaction.since
            return [.writingBlocked(by: transaction.sql, forMilliseconds: Elapsed.between(transaction.since, now))]
        }
        guard let since = blockedSince else { return [] }
        blockedSince = nil
        return [.writingFree(afterMilliseconds: Elapsed.between(since, now))]
    }

    private mutating func heldBack(_ log: DatabaseStatus.Log, _ now: UInt64) -> [Event] {
        if let since = log.heldBackSince {
            guard !isHeldBack, log.bytes >= DatabaseVerdict.logBytesWarned else { return [] }
            isHeldBack = true
            let readers = log.heldBackBy.isEmpty ? "somebody" : log.heldBackBy.joined(separator: ", ")
            return [.logHeldBack(by: readers, bytes: log.bytes, forMilliseconds: Elapsed.between(since, now))]
        }
        guard isHeldBack else { return [] }
        isHeldBack = false
        return [.logRenewed(bytes: log.bytes)]
    }

    private mutating func guarded(_ log: DatabaseStatus.Log) -> [Event] {
        var events: [Event] = []
        if log.isGuarded == isUnguarded {
            isUnguarded = !log.isGuarded
            events.append(isUnguarded ? .logUnguarded : .logGuarded)
        }
        if log.repairs > repairs { events.append(.indexRepaired(log.repairs - repairs)) }
        repairs = log.repairs
        return events
    }
}

extension Event {
    static func writeLocked(by holder: String, forMilliseconds: UInt64) -> Event {
        Event(
            .lockTaken, [Field("holder", holder), Field("for_s", "\(forMilliseconds / 1_000)")],
            "\(holder) has had the write lock of the database for \(forMilliseconds / 1_000) s; nothing is "
                + "written, sealed or applied until it ends its "
                + "transaction")
    }

    static func writeLockFree(afterMilliseconds: UInt64) -> Event {
        Event(
            .lockFree, [Field("after_s", "\(afterMilliseconds / 1_000)")],
            "the write lock of the database is free again")
    }

    static func writingBlocked(by sql: String, forMilliseconds: UInt64) -> Event {
        Event(
            .writingBlocked, [Field("sql", sql), Field("for_s", "\(forMilliseconds / 1_000)")],
            """
            a client's transaction has been executed for \(forMilliseconds / 1_000) s; nobody else writes \
            before it ends
            """
        )
    }

    static func writingFree(afterMilliseconds: UInt64) -> Event {
        Event(
            .writingFree, [Field("after_s", "\(afterMilliseconds / 1_000)")],
            "a client's long transaction has ended; others write again")
    }

    static func logHeldBack(by readers: String, bytes: Int64, forMilliseconds: UInt64) -> Event {
        Event(
            .walHeldBack,
            [Field("readers", readers), Field("bytes", "\(bytes)"), Field("for_s", "\(forMilliseconds / 1_000)")],
            "the write-ahead log grows, because \(readers) reads the database in one transaction; let that end")
    }

    static func logRenewed(bytes: Int64) -> Event {
        Event(.walRenewed, [Field("bytes", "\(bytes)")], "the write-ahead log has begun anew")
    }

    static let logUnguarded = Event(
        .walUnguarded,
        """
        another program is writing the write-ahead log back; until it ends nothing guards against SQLite's \
        WAL-reset race
        """
    )
    static let logGuarded = Event(.walGuarded, "nobody but the node writes the write-ahead log back again")

    static func indexRepaired(_ count: Int) -> Event {
        Event(
            .walIndexRepaired, [Field("count", "\(count)")],
            """
            the wal-index was wrong and was set right; what programs wrote before may have been passed over for \
            a while
            """
        )
    }
}
