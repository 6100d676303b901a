import ParkSyncCore

/// The pending table and the capture triggers of one shared table.
struct TableCapture {
    let table: SharedTable
    let layout: TableLayout
    let park: String
    /// How much may wait to be sealed, so that one entry can always hold it.
    let budget: RowBudget

    private typealias Operation = CaptureTriggers.Operation

    private var name: String { quoted(table.name) }
    private var pendingName: String { quoted(CaptureTriggers.pendingTable(table.name)) }
    private var keyNames: [String] { table.keyColumns.indices.map { "k\($0)" } }
    private var counters: [Int] { table.columns.indices.filter { table.columns[$0].isCounter } }
    private var keyList: String { table.keyColumns.map { quoted($0.name) }.joined(separator: ", ") }

    /// The columns of the pending table behind its number.
    var pendingColumns: [String] { ["op", "rid", "mask"] + keyNames + counters.map(CaptureTriggers.counterColumn) }

    /// Without column types, so that keys are kept exactly as they are stored.
    var pending: String {
        let columns = ["id INTEGER PRIMARY KEY"] + pendingColumns
        return "CREATE TABLE IF NOT EXISTS \(pendingName)(\(columns.joined(separator: ", ")))"
    }

    var triggers: [String] {
        let writes = table.isAppendOnly ? appendOnly : updates + deletes
        return inserts + writes
    }

    // MARK: Inserts

    private var inserts: [String] {
        let meters = CaptureMeters(table: table, budget: budget)
        var result = [
            trigger(
                "insert", "BEFORE INSERT", when: "NOT \(exists)",
                [authority("NEW"), keyCheck, newCounterCheck, announcement, countCheck]),
            trigger(
                "written", "AFTER INSERT", when: isUnannounced + hasReservedRowid,
                [
                    reservedRowidCheck, authority("NEW"), appendCheck, keyCheck, newCounterCheck,
                    record(.written, row: "NEW"), countCheck,
                ]
                    + meters.rowIfLarge),
        ]
        if !counters.isEmpty {
            result.append(trigger("replacing", "BEFORE INSERT", when: exists, [replacing, countCheck]))
        }
        if table.isAppendOnly {
            let message =
                """
                \(table.name) is append-only and this key exists with other values; correct a row by inserting \
                a reversal
                """
            let differs = table.columns.map { "(\(isOther($0, than: "\(name).\(quoted($0.name))")))" }.joined(
                separator: " OR ")
            if !differs.isEmpty {
                let other = "EXISTS(SELECT 1 FROM \(name) WHERE \(whereKey) AND (\(differs)))"
                result.append(trigger("append", "BEFORE INSERT", when: other, [CaptureTriggers.refuse(message)]))
            }
        }
        if let rowid = layout.hiddenRowid {
            let evicts =
                """
                NEW.\(rowid) <> -1 AND EXISTS(SELECT 1 FROM \(name) AS o WHERE o.\(rowid) = NEW.\(rowid) AND \
                (\(keyDiffers("o"))))
                """
            result.append(trigger("evict", "BEFORE INSERT", when: evicts, [CaptureTriggers.refuse(rowidMessage)]))
        }
        return result
    }

    /// Before an insert, a rowid that the program has not chosen reads as -1: so no row may have
    /// that one, or what happens to it could not be told. Below it SQLite would come to it by
    /// counting on.
    private var hasReservedRowid: String { layout.rowid.map { " OR \(isReserved($0))" } ?? "" }
    private func isReserved(_ rowid: String) -> String { layout.isRowidKey ? "NEW.\(rowid) = -1" : "NEW.\(rowid) < 0" }
    private var reservedRowidCheck: String {
        guard let rowid = layout.rowid else { return "" }
        return CaptureTriggers.refuse(layout.isRowidKey ? reservedKeyMessage : rowidMessage, where: isReserved(rowid))
    }

    private var reservedKeyMessage: String {
        """
        -1 is no key of \(table.name), since SQLite's triggers take it for one that is still to be chosen; give \
        another number
        """
    }

    private var rowidMessage: String {
        "a row of \(table.name) is known by its key, and its rowid is SQLite's to choose; leave the rowid out"
    }

    /// What replaces another row was announced by nobody; rows that triggers of others write in
    /// between were.
    private var appendCheck: String {
        guard table.isAppendOnly else { return "" }
        let isIt = zip(keyNames, keys("NEW")).map { "\($0) IS \($1)" }.joined(separator: " AND ")
        var known = "(op = \(Operation.insert.rawValue) AND \(isIt))"
        if layout.isRowidKey, let key = keys("NEW").first {
            known += " OR (op = \(Operation.numbering.rawValue) AND k0 < \(key))"
        }
        return CaptureTriggers.refuse(
            "\(table.name) is append-only, and a row of it is not replaced; correct a row by inserting a reversal",
            where: "NOT EXISTS(SELECT 1 FROM \(pendingName) WHERE \(known))")
    }

    /// Records the insert. A key that SQLite chooses is not known yet: it is the highest one and
    /// one more.
    private var announcement: String {
        guard layout.isRowidKey, let key = table.keyColumns.first else { return record(.insert, row: "NEW") }
        let column = quoted(key.name)
        let full = CaptureTriggers.refuse(
            "the highest number of \(table.name) is taken, and SQLite would choose a key at random; give one",
            where: "NEW.\(column) = -1 AND (SELECT max(\(column)) FROM \(name)) = \(Int64.max)")
        return full
            + " INSERT INTO \(pendingName)(op, k0) VALUES(CASE NEW.\(column) WHEN -1 THEN "
            + "\(Operation.numbering.rawValue) "
            + "ELSE \(Operation.insert.rawValue) END, CASE NEW.\(column) WHEN -1 THEN ifnull((SELECT max(\(column)) "
            + "FROM \(name)), 0) ELSE NEW.\(column) END);"
    }

    /// Whether the newest pending row does not speak of this row. When triggers of others have
    /// written in between, one too many is recorded.
    private var isUnannounced: String {
        let isKey = zip(keyNames, keys("NEW")).map { "\($0) IS \($1)" }.joined(separator: " AND ")
        var isIt = "op = \(Operation.insert.rawValue) AND \(isKey)"
        if layout.isRowidKey, let key = keys("NEW").first {
            isIt =
                """
                CASE op WHEN \(Operation.insert.rawValue) THEN \(isKey) WHEN \(Operation.numbering.rawValue) \
                THEN k0 < \(key) END
                """
        }
        return "(SELECT \(isIt) FROM \(pendingName) ORDER BY id DESC LIMIT 1) IS NOT 1"
    }

    /// Records the row that a REPLACE is perhaps about to evict.
    private var replacing: String {
        let columns = ["op"] + keyNames + counters.map(CaptureTriggers.counterColumn)
        let values =
            ["\(Operation.replacing.rawValue)"] + keys(name)
            + counters.map { "\(name).\(quoted(table.columns[$0].name))" }
        return
            "INSERT INTO \(pendingName)(\(columns.joined(separator: ", "))) SELECT "
            + "\(values.joined(separator: ", ")) FROM \(name) "
            + "WHERE \(whereKey);"
    }

    // MARK: Updates and deletes

    private var updates: [String] {
        // An update of the rowid that is the key names no column of it, so it cannot be told by the
        // columns that a statement sets.
        let ofKey = layout.isRowidKey ? "UPDATE" : "UPDATE OF \(keyList)"
        let rowidCheck =
            layout.hiddenRowid.map { CaptureTriggers.refuse(rowidMessage, where: "NEW.\($0) IS NOT OLD.\($0)") } ?? ""
        let reservedKey =
            layout.isRowidKey
            ? keys("NEW").first.map { CaptureTriggers.refuse(reservedKeyMessage, where: "\($0) = -1") } : nil
        var result = [
            trigger(
                "update", "BEFORE UPDATE", when: "NOT (\(keyDiffers("OLD")))",
                [
                    authority("NEW"), rowidCheck, counterCheck, record(.update, row: "OLD", mask: mask, with: counters),
                    countCheck,
                ]),
            trigger(
                "rename", "BEFORE \(ofKey)", when: keyDiffers("OLD"),
                [
                    reservedKey ?? "", authority("OLD"), authority("NEW"), rowidCheck, keyCheck, newCounterCheck,
                    record(.delete, row: "OLD"),
                    budget.step(table), record(.insert, row: "NEW", where: "NOT \(exists)"), budget.step(table),
                    pendingCheck,
                ]),
            // The row that has the new key may be evicted, and foreign-key actions of that may undo
            // the rest.
            trigger(
                "overwriting", "BEFORE \(ofKey)", when: "(\(keyDiffers("OLD"))) AND \(exists)",
                [replacing, countCheck]),
            trigger(
                "renamed", "AFTER \(ofKey)", when: "(\(keyDiffers("OLD"))) AND \(isUnannounced)",
                [record(.written, row: "NEW"), countCheck] + CaptureMeters(table: table, budget: budget).rowIfLarge),
        ]
        // An update from 1 to 1.0 changes no key for SQLite, so this does not ask whether it has
        // changed.
        if !keyCheck.isEmpty { result.append(trigger("key", "BEFORE \(ofKey)", [keyCheck])) }
        return result
    }

    private var deletes: [String] {
        [trigger("delete", "BEFORE DELETE", [authority("OLD"), record(.delete, row: "OLD"), countCheck])]
    }

    private var appendOnly: [String] {
        let refusal = CaptureTriggers.refuse("\(table.name) is append-only; correct a row by inserting a reversal")
        return [trigger("update", "BEFORE UPDATE", [refusal]), trigger("delete", "BEFORE DELETE", [refusal])]
    }

    // MARK: Parts

    private func trigger(_ suffix: String, _ event: String, when condition: String? = nil, _ body: [String]) -> String {
        CaptureTriggers.trigger(suffix, event, on: table, when: condition, body)
    }

    /// OR REPLACE puts a column's default in the place of NULL, after the triggers before the write
    /// have seen NULL.
    private func value(_ column: SharedColumn, of row: String) -> String {
        let plain = "\(row).\(quoted(column.name))"
        return row == "NEW" && column.defaultValue != .null
            ? "ifnull(\(plain), \(sqlLiteral(column.defaultValue)))" : plain
    }

    private func keys(_ row: String) -> [String] { table.keyColumns.map { value($0, of: row) } }

    /// The row of the table that has NEW's key.
    private var whereKey: String {
        zip(table.keyColumns, keys("NEW")).map { "\(name).\(quoted($0.name)) = \($1)" }.joined(separator: " AND ")
    }

    private var exists: String { "EXISTS(SELECT 1 FROM \(name) WHERE \(whereKey))" }

    /// Whether NEW's key is another one than that of `row`.
    private func keyDiffers(_ row: String) -> String {
        zip(keys("NEW"), keys(row)).map { "\($0) COLLATE BINARY IS NOT \($1)" }.joined(separator: " OR ")
    }

    /// - Parameters:
    ///   - old: the counters whose present values are recorded.
    ///   - condition: when the record is made.
    private func record(
        _ operation: Operation, row: String, mask: String? = nil, with old: [Int] = [], where condition: String? = nil
    ) -> String {
        var (columns, values) = (["op"], ["\(operation.rawValue)"])
        if let rowid = layout.hiddenRowid, operation != .insert {
            columns.append("rid")
            values.append("\(row).\(rowid)")
        }
        if let mask {
            columns.append("mask")
            values.append(mask)
        }
        columns += keyNames + old.map(CaptureTriggers.counterColumn)
        values += keys(row) + old.map { "\(row).\(quoted(table.columns[$0].name))" }
        let source =
            condition.map { "SELECT \(values.joined(separator: ", ")) WHERE \($0)" }
            ?? "VALUES(\(values.joined(separator: ", ")))"
        return "INSERT INTO \(pendingName)(\(columns.joined(separator: ", "))) \(source);"
    }

    /// Whether a column's value is another one than `old`: `IS NOT` alone goes by the column's
    /// collation and takes 1 and 1.0 for the same.
    private func isOther(_ column: SharedColumn, than old: String) -> String {
        let new = "NEW.\(quoted(column.name))"
        let plain = "\(new) COLLATE BINARY IS NOT \(old)"
        return mayHoldReals(column) ? "\(plain) OR typeof(\(new)) <> typeof(\(old))" : plain
    }

    /// Columns that keep 1 and 1.0 apart, and the sign of a zero.
    private func mayHoldReals(_ column: SharedColumn) -> Bool {
        column.affinity == .blob || column.affinity == .numeric
    }

    /// Whether a column's stored value may change from `old`, to the bit. No SQL function that
    /// every SQLite has tells -0.0 from 0.0, so a real zero that stays one counts as written.
    private func isChanged(_ column: SharedColumn, from old: String) -> String {
        let new = "NEW.\(quoted(column.name))"
        return isOther(column, than: old) + (mayHoldReals(column) ? " OR (typeof(\(new)) = 'real' AND \(new) = 0)" : "")
    }

    private var mask: String {
        let bits = table.columns.enumerated().map { "((\(isChanged($1, from: "OLD.\(quoted($1.name))")))<<\($0))" }
        return bits.isEmpty ? "0" : "(" + bits.joined(separator: "|") + ")"
    }

    private var countMessage: String {
        """
        a transaction may touch at most \(CoreLimits.changesPerTableMax) rows of a table; commit in smaller \
        transactions, and start parksyncd if it is down
        """
    }

    /// The limits of a transaction, checked on the row number that the pending table just gave.
    private var countCheck: String {
        CaptureTriggers.refuse(countMessage, where: "last_insert_rowid() > \(CoreLimits.changesPerTableMax)") + " "
            + budget.step(table)
    }

    /// The same where it is not certain that a row was recorded.
    private var pendingCheck: String {
        CaptureTriggers.refuse(
            countMessage, where: "EXISTS(SELECT 1 FROM \(pendingName) WHERE id > \(CoreLimits.changesPerTableMax))")
    }

    private func authority(_ row: String) -> String {
        guard case .homePark(let position) = table.writeRule, position < table.keyColumns.count else { return "" }
        let column = table.keyColumns[position].name
        let prefix = park + ":"
        return CaptureTriggers.refuse(
            "only the park named in front of \(table.name).\(column) may write this row; this node is \(park)",
            where: "substr(\(keys(row)[position]), 1, \(prefix.utf8.count)) IS NOT \(literal(prefix))")
    }

    /// A difference of two integers can leave 64 bits; SQLite would then make it a real and lose
    /// bits.
    private var counterCheck: String {
        let wrong = counters.flatMap { index -> [String] in
            let column = quoted(table.columns[index].name)
            // NULL is refused by the column, or becomes its default.
            return [
                "typeof(NEW.\(column)) NOT IN ('integer', 'null')",
                "typeof(NEW.\(column) - OLD.\(column)) NOT IN ('integer', 'null')",
            ]
        }
        guard !wrong.isEmpty else { return "" }
        return CaptureTriggers.refuse(
            "a counter changes by a whole number of at most 63 bits", where: wrong.joined(separator: " OR "))
    }

    private var newCounterCheck: String {
        let wrong = counters.map { "typeof(NEW.\(quoted(table.columns[$0].name))) NOT IN ('integer', 'null')" }
        guard !wrong.isEmpty else { return "" }
        return CaptureTriggers.refuse("a counter is a whole number", where: wrong.joined(separator: " OR "))
    }

    /// Keys that SQLite takes for equal must be equal bytes: 1 and 1.0 are one key to it, and two
    /// to the log.
    private var keyCheck: String {
        table.keyColumns.map { column in
            let value = value(column, of: "NEW")
            let part = "\(table.name).\(column.name) is part of the key and takes"
            return switch column.affinity {
            case .integer:
                CaptureTriggers.refuse(
                    "\(part) whole numbers only", where: "typeof(\(value)) NOT IN ('integer', 'null')")
            case .blob:
                CaptureTriggers.refuse(
                    "\(part) no real number; use an integer, a text or a blob", where: "typeof(\(value)) = 'real'")
            case .text, .numeric, .real: ""
            }
        }.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
