import CSQLite
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports

/// The write lock of a database, for those who wait for it: any number of programs share it.
struct WriteLock: Sendable {
    let watch: WriteLockWatch
    let clock: any NodeClock
    /// The database's file.
    let path: String

    /// Nil if the lock was free when the store asked last.
    var hold: DatabaseStatus.WriteLock? {
        watch.since.map {
            DatabaseStatus.WriteLock(
                since: $0, holders: LockHolders.find(LockHolders.write, of: path).map(\.description))
        }
    }

    /// Who has it and for how long, as part of a sentence; nil if nobody is known to have it.
    private var sentence: String? {
        hold.map { hold in
            let now = clock.wallMilliseconds()
            return
                """
                \(hold.who) has had the write lock of the database for \
                \(TimeSpan.text(milliseconds: now > hold.since ? now - hold.since : 0))
                """
        }
    }

    /// Why a transaction was not begun within its time limit.
    func notBegun(_ job: WaitingTransaction) -> StoreError {
        let limit = "the transaction was not begun within its time limit of \(job.transaction.timeoutMilliseconds) ms"
        guard let sentence else {
            return StoreError(
                .timeout, "\(limit): the node was busy with other transactions",
                remedy: "Nothing was written. Repeat it, or give it a longer time limit.")
        }
        return StoreError(
            .timeout, "\(limit): \(sentence)",
            remedy:
                """
                Nothing was written. Let that program end its transaction, then repeat; `syncctl status` shows \
                the lock.
                """
        )
    }

    /// The same error, with who has the lock.
    func naming(_ error: any Error) -> any Error {
        guard let error = error as? StoreError, error.code == .busy, let sentence else { return error }
        return StoreError(
            .busy, sentence,
            remedy:
                """
                Nothing was written. Let that program end its transaction, then repeat; `syncctl status` shows \
                the lock.
                """
        )
    }
}

extension ParkStore {
    /// What the database file and its locks are doing. Who reads it is only looked for while the
    /// log cannot begin anew.
    package var databaseStatus: DatabaseStatus {
        var log = board.logFigures.current
        let writeLock = board.writeLock
        if log.heldBackSince != nil {
            log.heldBackBy = LockHolders.find(LockHolders.readers, of: writeLock.path).map(\.description)
        }
        return DatabaseStatus(
            sqliteVersion: String(cString: sqlite3_libversion()),
            isResetRaceFixed: SQLiteRelease.isResetRaceFixed(sqlite3_libversion_number()),
            log: log, writeLock: writeLock.hold, transaction: runningTransaction)
    }

    private var runningTransaction: DatabaseStatus.RunningTransaction? {
        guard let running = board.liveness.running else { return nil }
        let (now, wall) = (options.clock.monotonicMilliseconds(), options.clock.wallMilliseconds())
        // On the wall clock as it is now.
        let since = wall - min(wall, now - min(now, running.since))
        let (deadline, overflow) = since.addingReportingOverflow(
            running.deadline - min(running.deadline, running.since))
        return DatabaseStatus.RunningTransaction(since: since, deadline: overflow ? .max : deadline, sql: running.sql)
    }
}

extension StoreCore {
    /// Why nothing is written that need not be; nil while the log is not too long.
    func logRefusal() -> StoreError? {
        let log = board.logFigures.current
        guard log.heldBackSince != nil, log.bytes >= options.logBytesMax else { return nil }
        let readers = LockHolders.find(LockHolders.readers, of: writeLock.path)
        let who = readers.isEmpty ? "somebody" : readers.map(\.description).joined(separator: ", ")
        return StoreError(
            .busy,
            """
            the write-ahead log has \(log.bytes) bytes and cannot begin anew, because \(who) has been reading \
            the database all that time
            """,
            remedy: "Let that program end its transaction or query, or end the program; nothing was written.")
    }
}

/// What is known of SQLite's releases.
package enum SQLiteRelease {
    /// Whether a release, as in 3040001 for 3.40.1, has the repair of the WAL-reset race:
    /// https://sqlite.org/wal.html#walresetbug.
    package static func isResetRaceFixed(_ number: Int32) -> Bool {
        number >= 3_051_003 || (3_050_007..<3_051_000).contains(number) || (3_044_006..<3_045_000).contains(number)
    }
}
