import CSQLite
import ParkSyncCore

/// A shared table does not take what an entry writes, or cannot be read for it: an index of another
/// program fails with the row's values, or a row stands in the way that the log has not.
///
/// Other nodes take the entry, so it waits; it is not set aside.
struct TableRefusal: Error {
    /// The table's index in the schema.
    var table: Int
    /// SQLite's own words.
    var message: String
    var cause: StoreError

    /// Runs what reads or writes the shared table itself.
    ///
    /// - Throws: `TableRefusal` for what that table alone is to blame for; anything else as it is.
    static func telling<T>(_ table: Int, on connection: Connection, _ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as StoreError where isOfTable(error) {
            let message = sqlite3_errmsg(connection.handle).map { String(cString: $0) } ?? error.reason
            throw TableRefusal(table: table, message: message, cause: error)
        }
    }

    /// An expression that fails (SQLITE_ERROR), whose value is too long, or too long for the
    /// memory; a constraint that a row of this node, or an index of another program, makes the
    /// entry break. A lock, the disk or damage concern all tables.
    private static func isOfTable(_ error: StoreError) -> Bool {
        [SQLITE_ERROR, SQLITE_TOOBIG, SQLITE_NOMEM, SQLITE_RANGE, SQLITE_CONSTRAINT].contains(error.sqliteCode & 0xFF)
    }
}

/// Entries that the tables of this node do not take, and why, until the schema changes or they are
/// tried again.
struct TableRefusals {
    struct Refusal: Hashable {
        var table: Int
        var difference: SchemaFit.Difference
        /// SQLite's own words.
        var message: String
    }

    private(set) var waiting: [OriginID: [UInt64: Refusal]] = [:]
    /// What was found out about them before they were tried again.
    private var earlier: [OriginID: [UInt64: Refusal]] = [:]

    subscript(_ origin: OriginID, _ seq: UInt64) -> Refusal? { waiting[origin]?[seq] }
    var isEmpty: Bool { waiting.isEmpty }

    /// The first of each table, in the order of origins.
    var byTable: [Int: SchemaFit.Difference] {
        var found: [Int: SchemaFit.Difference] = [:]
        for origin in waiting.keys.sorted().reversed() {
            for (_, refusal) in (waiting[origin] ?? [:]).sorted(by: { $0.key > $1.key }) {
                found[refusal.table] = refusal.difference
            }
        }
        return found
    }

    mutating func add(_ refusal: Refusal, of entry: DecodedEntry) {
        waiting[entry.header.origin, default: [:]][entry.header.seq] = refusal
    }

    /// What is known of an entry that is refused once more for the same reason.
    func known(_ entry: DecodedEntry, _ refusal: TableRefusal) -> Refusal? {
        guard let known = earlier[entry.header.origin]?[entry.header.seq], known.table == refusal.table,
            known.message == refusal.message
        else {
            return nil
        }
        return known
    }

    /// Lets the entries be tried again.
    mutating func retry() { (earlier, waiting) = (waiting, [:]) }

    /// The tables have changed: nothing that was found out holds.
    mutating func forget() { (earlier, waiting) = ([:], [:]) }
}

extension Applier {
    /// Finds out which index keeps an entry out of its table.
    ///
    /// - Parameters:
    ///   - batch: the entry, within a savepoint that was undone.
    ///   - taken: the state with the cursors moved over it.
    func explain(_ refusal: TableRefusal, _ batch: [DecodedEntry], _ taken: StoreState) throws -> SchemaFit.Difference {
        let table = schema.tables[refusal.table]
        let what = batch.first.map { "what \($0.header.origin):\($0.header.seq) writes" } ?? "an entry"
        var suspects = try TableObstacles.computedIndexes(of: table, on: connection)
        if suspects.count > 1 {
            let culprits = try suspects.filter { try isTaken(batch, taken, without: $0) }
            if !culprits.isEmpty { suspects = culprits }
        }
        if suspects.isEmpty, refusal.cause.code == .constraint {
            return SchemaFit.Difference(
                reason: "has a row that the log has not, in the way of \(what) (\(refusal.message))",
                remedy:
                    """
                    Run `syncctl verify --rows`, and remove that row by `syncctl repair \(table.name) \
                    --from-log`. The entry is tried again then.
                    """
            )
        }
        guard !suspects.isEmpty else {
            return SchemaFit.Difference(
                reason: "does not take \(what): \(refusal.message)",
                remedy:
                    "Undo what another program made of the table: `SELECT type, name, sql FROM sqlite_schema "
                    + "WHERE tbl_name = \(literal(table.name))` "
                    + "shows it. The entry is tried again every few seconds.")
        }
        let names = suspects.joined(separator: ", ")
        return SchemaFit.Difference(
            reason:
                """
                has the \(suspects.count == 1 ? "index" : "indexes") \(names), which cannot keep \(what) \
                (\(refusal.message))
                """,
            remedy: TableRemedy.drop(indexes: suspects))
    }

    /// Whether the table takes an entry without one of its indexes. Nothing of it stays.
    private func isTaken(_ batch: [DecodedEntry], _ taken: StoreState, without index: String) throws -> Bool {
        try connection.statement("SAVEPOINT probe").run()
        defer {
            // What cannot be undone here is undone with the transaction, which fails at its next
            // statement.
            if connection.isInTransaction { try? connection.execute("ROLLBACK TO probe; RELEASE probe") }
        }
        var trial = taken
        do {
            try connection.execute("DROP INDEX main.\(quoted(index))")
            try write(batch, to: &trial)
            return true
        } catch is TableRefusal { return false } catch let error as StoreError where error.code == .constraint {
            return false
        }
    }
}
