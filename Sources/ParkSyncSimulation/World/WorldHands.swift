import CSQLite
import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// Hands on a node's file: rows are changed past capture, and have to be found and repaired.
extension World {
    /// An operator looks after this long at the latest.
    static let operatorMillisecondsMax: UInt64 = 12_000

    private enum Hand: UInt64, CaseIterable {
        /// `sqlite3_blob_write` on a text or blob: fires no trigger, and changes no schema.
        case blobWrite
        /// A trigger is dropped, and the row written.
        case writtenWithoutTrigger
        /// The same, and the row is deleted.
        case deletedWithoutTrigger
        /// A counter is changed without its trigger, and a program counts on from there.
        case countedOn
        /// A program of the park says that a counter was something else before a write that never
        /// happened.
        case countForged
        /// What no trigger records is written where captured writes wait. No row changes;
        /// everything else has to go on.
        case garbageCaptured
    }

    // MARK: the fault

    /// A hand that is not seen by capture changes a row of some table, whether the node runs or
    /// not.
    func tamper(_ step: Step, _ park: SimulatedPark) {
        guard park.program == nil, park.hasRun, park.hasFile, !park.disk.isDead, !isLiar(park),
            !judge.isMakingGood(park)
        else { return }
        var draw = SplitMix64(state: step.number)
        let tables = work.schemas[park.schemas - 1].tables
        let hand = Hand.allCases[Int(draw.below(UInt64(Hand.allCases.count)))]
        let table = tables[Int(draw.below(UInt64(tables.count)))]
        do {
            let file = try SQLiteFile(park.path, canWrite: true)
            try file.execute("PRAGMA synchronous = FULL")
            guard try lay(hand, on: table, file, draw.next()) else { return }
            counters.add("row changed past capture")
            counters.add("hand \(hand)")
            judge.tampered(park)
            let wait = 1 + draw.below(Self.operatorMillisecondsMax)
            after(wait) { [unowned self] in inspect(park) }
            if park.disk.isDead { return end(park, .inTheMiddle) }
        } catch {
            counters.add("a hand was refused")
            if park.disk.isDead { return end(park, .inTheMiddle) }
        }
        if park.store != nil { noticeWrite(park) }
    }

    /// - Returns: whether there was a row to change.
    private func lay(_ hand: Hand, on table: SharedTable, _ file: SQLiteFile, _ seed: UInt64) throws -> Bool {
        let name = quoted(table.name)
        let plain = table.columns.filter { !$0.isCounter }.map(\.name)
        switch hand {
        case .blobWrite:
            guard !plain.isEmpty else { return false }
            return try writeBlob(table.name, column: plain[Int(seed % UInt64(plain.count))], file, seed)
        case .writtenWithoutTrigger:
            guard !plain.isEmpty, !table.isAppendOnly else { return false }
            let column = quoted(plain[Int(seed % UInt64(plain.count))])
            return try past("update", of: table, file) {
                """
                UPDATE \(name) SET \(column) = 'hand ' || \(seed % 1_000) WHERE rowid = (SELECT min(rowid) FROM \
                \(name))
                """
            }
        case .deletedWithoutTrigger:
            guard !table.columns.contains(where: \.isCounter) else { return false }
            return try past("delete", of: table, file) {
                "DELETE FROM \(name) WHERE rowid = (SELECT max(rowid) FROM \(name))"
            }
        case .countedOn: return try countOn(table, file, seed)
        case .countForged: return try forgeCount(table, file, seed)
        case .garbageCaptured:
            let garbage = [
                "(77, NULL, 1)", "(NULL, NULL, 1)", "('x', 1, 'y')", "(1, 'x', 'y')", "(1, 1, NULL)", "(2, NULL, NULL)",
                "(-1, 0, x'00')",
            ]
            let values = garbage[Int(seed % UInt64(garbage.count))]
            try file.execute("INSERT INTO \(quoted("_parksync_pending_\(table.name)"))(op, mask, k0) VALUES\(values)")
            return true
        }
    }

    /// The trigger is back before anybody counts, so nothing but the sums can tell.
    private func countOn(_ table: SharedTable, _ file: SQLiteFile, _ seed: UInt64) throws -> Bool {
        guard let counter = table.columns.first(where: \.isCounter), !table.isAppendOnly else { return false }
        let (name, column) = (quoted(table.name), quoted(counter.name))
        let trigger = try file.rows("SELECT sql FROM sqlite_master WHERE name = '_parksync_update_\(table.name)'")
            .first?.first
        guard case .text(let text)? = trigger else { return false }
        let row = "WHERE rowid = (SELECT min(rowid) FROM \(name))"
        let isChanged = try past("update", of: table, file) {
            """
            UPDATE \(name) SET \(column) = \(column) + 1000 + \(seed % 1_000) \(row); \
            \(String(decoding: text, as: UTF8.self))
            """
        }
        guard isChanged else { return false }
        // Where the node's own gate or the row's park refuses it, the changed cell is what there
        // is.
        do {
            try file.execute("UPDATE \(name) SET \(column) = \(column) + 1 \(row)")
            counters.add("changed counter counted on")
        } catch { counters.add("changed counter not counted on") }
        return true
    }

    private func forgeCount(_ table: SharedTable, _ file: SQLiteFile, _ seed: UInt64) throws -> Bool {
        guard let index = table.columns.firstIndex(where: \.isCounter), !table.isAppendOnly, table.keyColumns.count == 1
        else { return false }
        let (name, pending) = (quoted(table.name), quoted("_parksync_pending_\(table.name)"))
        try file.execute(
            "INSERT INTO \(pending)(op, mask, k0, o\(index)) SELECT 1, \(UInt64(1) << UInt64(index)), "
                + "\(quoted(table.keyColumns[0].name)), "
                + "\(quoted(table.columns[index].name)) - 1 - \(seed % 1_000) FROM \(name) ORDER BY rowid LIMIT 1")
        return sqlite3_changes(file.handle) > 0
    }

    /// In one transaction: with the trigger gone, one row is written.
    private func past(_ event: String, of table: SharedTable, _ file: SQLiteFile, _ sql: () -> String) throws -> Bool {
        try file.execute("BEGIN IMMEDIATE")
        do {
            // What is not sealed yet, the log will know as the hand leaves it: an acknowledged row
            // that is deleted then is in no entry.
            let isSealed = try file.rows("SELECT 1 FROM \(quoted("_parksync_pending_\(table.name)")) LIMIT 1").isEmpty
            try file.execute("DROP TRIGGER IF EXISTS \(quoted("_parksync_\(event)_\(table.name)"))")
            if isSealed { try file.execute(sql()) }
            let count = isSealed ? sqlite3_changes(file.handle) : 0
            try file.execute(count > 0 ? "COMMIT" : "ROLLBACK")
            return count > 0
        } catch {
            if file.isInTransaction { try? file.execute("ROLLBACK") }
            throw error
        }
    }

    private func writeBlob(_ table: String, column: String, _ file: SQLiteFile, _ seed: UInt64) throws -> Bool {
        let (name, value) = (quoted(table), quoted(column))
        let sql =
            """
            SELECT rowid FROM \(name) WHERE typeof(\(value)) IN ('text', 'blob') AND length(CAST(\(value) AS \
            BLOB)) > 0 ORDER BY rowid
            """
        let rows = try file.rows(sql)
        guard !rows.isEmpty, case .integer(let rowid)? = rows[Int(seed % UInt64(rows.count))].first else {
            return false
        }
        var blob: OpaquePointer?
        guard sqlite3_blob_open(file.handle, "main", table, column, rowid, 1, &blob) == SQLITE_OK else {
            sqlite3_blob_close(blob)
            return false
        }
        var byte: UInt8 = 0
        var result = sqlite3_blob_read(blob, &byte, 1, 0)
        byte = byte == 0x21 ? 0x22 : 0x21
        if result == SQLITE_OK { result = sqlite3_blob_write(blob, &byte, 1, 0) }
        let closed = sqlite3_blob_close(blob)
        return result == SQLITE_OK && closed == SQLITE_OK
    }

    // MARK: the operator

    /// Somebody has all rows verified, and repairs what differs. Tried again while the node is down
    /// or busy.
    func inspect(_ park: SimulatedPark) {
        guard judge.hasHands(park) else { return }
        let retry = { [unowned self] in after(1_000) { [unowned self] in inspect(park) } }
        guard park.store?.standing().isReady == true, park.program == nil,
            case .success(let found)? = command(park, { try await $0.verifyRows() })
        else { return retry() }
        counters.add("rows verified on demand")
        if found.rows.differing > 0 { counters.add("difference found", Int(found.rows.differing)) }
        let publishes = random.below(2) == 0
        for table in Set(found.rows.differences.map(\.table)).sorted() {
            var outcome: Result<RepairReport, any Error>?
            if publishes {
                outcome = command(park) { try await $0.repair(table: table, keys: nil, .publish, author: "operator") }
                if case .success(let done)? = outcome, let seq = done.seq, let origin = park.store?.state().origin {
                    counters.add("difference published")
                    judge.acknowledge(park, origin, seq, mark: nil)
                }
            }
            // What is another park's, or cannot be published, becomes what the log says.
            if case .success? = outcome { continue }
            guard case .success? = command(park, { try await $0.repair(table: table, keys: nil, .fromLog) }) else {
                return retry()
            }
            counters.add("difference repaired from the log")
        }
        guard case .success(let rest)? = command(park, { try await $0.verifyRows() }) else { return retry() }
        if rest.rows.differing > 0 {
            return judge.fail(11, "\(park.origin) still has rows that differ after their repair")
        }
        if let refused = park.store?.refusedRows.count, refused > 0 { counters.add("garbage set aside", Int(refused)) }
        judge.mended(park)
        look(park)
    }
}

/// Quotes an SQL identifier.
private func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
