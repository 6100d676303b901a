import ParkSyncReports

/// A node's database file and its write-ahead log, for people.
enum DatabaseText {
    static func lines(_ database: DatabaseStatus) -> [String] {
        let race =
            database.log.isGuarded
            ? "guarded"
            : database.isResetRaceFixed
                ? "not guarded; this SQLite has the repair" : "NOT guarded against the WAL-reset race"
        return ["wal       \(StatusText.size(database.log.bytes))  \(race)"]
    }
}
