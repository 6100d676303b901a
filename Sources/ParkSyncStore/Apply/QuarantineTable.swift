import CSQLite
import ParkSyncCore
import ParkSyncReports

/// Entries that were set aside for good.
enum QuarantineTable {
    static func keep(
        _ connection: Connection, _ entry: DecodedEntry, _ index: Int, cause: String, remedy: String,
        _ state: inout StoreState
    ) throws {
        let statement = try connection.statement(
            "INSERT INTO _parksync_quarantine(origin, seq, cause, remedy) VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"
        )
        statement.bind(1, state.origins[index].ordinal)
        statement.bind(2, entry.header.seq)
        statement.bindText(3, copying: cause)
        statement.bindText(4, copying: remedy)
        try statement.run()
        // The file says whether it was there already: there is no list to look through.
        guard sqlite3_changes(connection.handle) > 0 else { return }
        state.quarantine.add(
            StuckEntry(
                origin: entry.header.origin, seq: entry.header.seq, state: .quarantined, kind: StuckCause(.refused),
                cause: cause, remedy: remedy))
    }
}
