import ParkSyncReports

/// The database file: its write-ahead log and its locks.
struct DatabaseMetrics {
    let database: DatabaseStatus
    let now: UInt64

    func write(to writer: inout MetricsWriter) {
        let log = database.log
        writer.gauge(
            "parksync_sqlite_reset_race_fixed", "1 when the node's SQLite has the repair of the WAL-reset race itself.",
            database.isResetRaceFixed ? 1 : 0)
        writer.gauge(
            "parksync_wal_guarded", "1 when nobody but the node can write the write-ahead log back.",
            log.isGuarded ? 1 : 0)
        writer.gauge("parksync_wal_bytes", "Size of the write-ahead log.", log.bytes)
        writer.gauge(
            "parksync_wal_pending_frames", "Frames of the write-ahead log that are not in the database file yet.",
            log.frames > log.writtenBackFrames ? log.frames - log.writtenBackFrames : 0)
        seconds(
            "parksync_wal_held_back_seconds",
            "How long somebody who reads has kept the write-ahead log from beginning anew; 0 if nobody does.",
            since: log.heldBackSince, &writer)
        writer.family(
            "parksync_wal_index_repairs_total", "counter", "How often the wal-index was wrong and was set right.",
            [([], "\(log.repairs)")])
        seconds(
            "parksync_write_lock_wait_seconds",
            "How long other programs have kept the write lock from the node; 0 when it is free.",
            since: database.writeLock?.since, &writer)
        seconds(
            "parksync_transaction_running_seconds",
            "For how long a client's transaction has been executed, for which all other writing waits; 0 if none is.",
            since: database.transaction?.since, &writer)
    }

    private func seconds(_ name: String, _ help: String, since: UInt64?, _ writer: inout MetricsWriter) {
        writer.family(name, "gauge", help, [([], MetricsWriter.seconds(since.map { Elapsed.between($0, now) } ?? 0))])
    }
}
