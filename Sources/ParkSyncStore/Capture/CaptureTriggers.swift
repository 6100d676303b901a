import ParkSyncCore

/// The SQL that records every write to a shared table, whoever writes it.
///
/// Plain SQL only: a trigger that called a function of ours would break every other program's write. Each table has a
/// pending table of its own without column types, so that values are kept exactly as they are stored.
enum CaptureTriggers {
    /// What a pending row records.
    enum Operation: Int64 {
        case insert = 0
        case update = 1
        case delete = 2
        /// A row with counters is about to be replaced: REPLACE fires no delete trigger, and the counters' old values
        /// are needed to know by how much they change.
        case replacing = 3
    }

    static func pendingTable(_ table: String) -> String { "_parksync_pending_" + table }

    /// Statements that make the pending tables and the triggers of all shared tables, for a node of `park`.
    static func statements(for schema: SharedSchema, park: String) -> [String] {
        let rowsMax = RowBudget.rowsMax(schema)
        return schema.tables.flatMap { table in
            let builder = Builder(table: table, park: park, rowsMax: rowsMax)
            return [builder.pending] + builder.triggers
        }
    }

    private static let recoveringReason =
        "this node is fetching its own entries back from its peers; writes are accepted when syncctl status says ready"
    static let fencedReason = "this park was taken out of the zone; syncctl status says how it comes back"

    /// Statements that refuse writes while the node may not accept any.
    static func gate(for table: SharedTable, reason: String = recoveringReason) -> [String] {
        ["INSERT", "UPDATE", "DELETE"].map { event in
            """
            CREATE TRIGGER IF NOT EXISTS \(quoted("_parksync_gate_\(event.lowercased())_\(table.name)")) BEFORE \(event) ON \(quoted(table.name)) BEGIN \
            SELECT RAISE(ABORT, 'ParkSync: \(reason)'); END
            """
        }
    }

    static func dropGate(for table: SharedTable) -> [String] {
        ["insert", "update", "delete"].map { "DROP TRIGGER IF EXISTS \(quoted("_parksync_gate_\($0)_\(table.name)"))" }
    }

    private struct Builder {
        let table: SharedTable
        let park: String
        let rowsMax: Int

        var name: String { quoted(table.name) }
        var pendingName: String { quoted(pendingTable(table.name)) }
        var keyNames: [String] { table.keyColumns.indices.map { "k\($0)" } }
        var columnNames: [String] { table.columns.indices.map { "c\($0)" } }
        var hasCounters: Bool { table.columns.contains { $0.isCounter } }

        var pending: String {
            "CREATE TABLE IF NOT EXISTS \(pendingName)(id INTEGER PRIMARY KEY, op, mask, \((keyNames + columnNames).joined(separator: ", ")))"
        }

        func keys(_ row: String) -> [String] { table.keyColumns.map { "\(row).\(quoted($0.name))" } }

        func record(_ operation: Operation, mask: String, row: String, values: [String]?) -> String {
            let columns = ["op", "mask"] + keyNames + (values == nil ? [] : columnNames)
            let expressions = ["\(operation.rawValue)", mask] + keys(row) + (values ?? [])
            return "INSERT INTO \(pendingName)(\(columns.joined(separator: ", "))) VALUES(\(expressions.joined(separator: ", ")));"
        }

        var newValues: [String] { table.columns.map { "NEW.\(quoted($0.name))" } }

        /// A counter travels as a delta.
        var updatedValues: [String] {
            table.columns.map { $0.isCounter ? "NEW.\(quoted($0.name)) - OLD.\(quoted($0.name))" : "NEW.\(quoted($0.name))" }
        }

        /// Whether a column's stored value changed, to the bit: `IS NOT` alone goes by the column's collation and takes
        /// 1 and 1.0 for the same. No SQL function that every SQLite has tells -0.0 from 0.0, and only a column without
        /// a type keeps the sign, so there a real zero that stays one counts as written.
        func changed(_ column: SharedColumn) -> String {
            let (new, old) = ("NEW.\(quoted(column.name))", "OLD.\(quoted(column.name))")
            let plain = "\(new) COLLATE BINARY IS NOT \(old)"
            guard column.affinity == .blob || column.affinity == .numeric else { return "(\(plain))" }
            return "(\(plain) OR typeof(\(new)) <> typeof(\(old)) OR (typeof(\(new)) = 'real' AND \(new) = 0))"
        }

        var mask: String {
            let bits = table.columns.enumerated().map { "(\(changed($1))<<\($0))" }
            return bits.isEmpty ? "0" : "(" + bits.joined(separator: "|") + ")"
        }

        var keyChanged: String {
            zip(keys("NEW"), keys("OLD")).map { "\($0) COLLATE BINARY IS NOT \($1)" }.joined(separator: " OR ")
        }

        /// The table's limit of rows in one transaction, checked on the row number that the pending table just gave.
        var countCheck: String {
            "SELECT RAISE(ABORT, 'ParkSync: a transaction may touch at most \(rowsMax) rows of a table; "
                + "commit in smaller transactions, and start parksyncd if it is down') "
                + "WHERE last_insert_rowid() > \(rowsMax);"
        }

        func authority(_ row: String) -> String {
            guard case .homePark(let position) = table.writeRule, position < table.keyColumns.count else { return "" }
            let column = table.keyColumns[position].name
            let prefix = park + ":"
            let message = "ParkSync: only the park named in front of \(table.name).\(column) may write this row; this node is \(park)"
            return
                "SELECT RAISE(ABORT, \(literal(message))) WHERE substr(\(row).\(quoted(column)), 1, \(prefix.utf8.count)) IS NOT \(literal(prefix));"
        }

        /// A difference of two integers can leave 64 bits; SQLite would then make it a real and lose bits.
        var counterCheck: String {
            let wrong = table.columns.filter(\.isCounter).flatMap { column -> [String] in
                let (new, old) = ("NEW.\(quoted(column.name))", "OLD.\(quoted(column.name))")
                return ["typeof(\(new)) <> 'integer'", "typeof(\(new) - \(old)) <> 'integer'"]
            }
            guard !wrong.isEmpty else { return "" }
            return "SELECT RAISE(ABORT, 'ParkSync: a counter changes by a whole number of at most 63 bits') WHERE \(wrong.joined(separator: " OR "));"
        }

        var newCounterCheck: String {
            let wrong = table.columns.filter(\.isCounter).map { "typeof(NEW.\(quoted($0.name))) <> 'integer'" }
            guard !wrong.isEmpty else { return "" }
            return "SELECT RAISE(ABORT, 'ParkSync: a counter is a whole number') WHERE \(wrong.joined(separator: " OR "));"
        }

        var refuseChange: String {
            let message = "ParkSync: \(table.name) is append-only; correct a row by inserting a reversal"
            return "SELECT RAISE(ABORT, \(literal(message)));"
        }

        func trigger(_ suffix: String, _ event: String, when condition: String? = nil, _ body: [String]) -> String {
            let guardClause = condition.map { " WHEN \($0)" } ?? ""
            return "CREATE TRIGGER \(quoted("_parksync_\(suffix)_\(table.name)")) \(event) ON \(name)\(guardClause) BEGIN "
                + body.filter { !$0.isEmpty }.joined(separator: " ") + " END"
        }

        func whereKey(is row: String) -> String {
            table.keyColumns.map { "\(quoted($0.name)) = \(row).\(quoted($0.name))" }.joined(separator: " AND ")
        }

        /// Records the row that a REPLACE is about to evict. OR IGNORE leaves this record behind; sealing then ignores it.
        var replacing: String {
            let columns = ["op", "mask"] + keyNames + columnNames
            let values = ["\(Operation.replacing.rawValue)", "0"] + keys(name) + table.columns.map { "\(name).\(quoted($0.name))" }
            return
                "INSERT INTO \(pendingName)(\(columns.joined(separator: ", "))) SELECT \(values.joined(separator: ", ")) FROM \(name) WHERE \(whereKey(is: "NEW"));"
        }

        var triggers: [String] {
            var result: [String] = []
            let fullMask = "\(ColumnMask.first(table.columns.count).rawValue)"
            if table.isAppendOnly {
                let message = "ParkSync: \(table.name) is append-only and this key exists; correct a row by inserting a reversal"
                let exists = "SELECT RAISE(ABORT, \(literal(message))) WHERE EXISTS(SELECT 1 FROM \(name) WHERE \(whereKey(is: "NEW")));"
                result.append(trigger("before_insert", "BEFORE INSERT", [exists]))
                result.append(trigger("update", "BEFORE UPDATE", [refuseChange]))
                result.append(trigger("delete", "BEFORE DELETE", [refuseChange]))
            } else {
                if hasCounters {
                    result.append(trigger("before_insert", "BEFORE INSERT", [replacing]))
                    result.append(trigger("before_rename", "BEFORE UPDATE OF \(keyList)", when: keyChanged, [replacing]))
                }
                result.append(
                    trigger(
                        "update", "AFTER UPDATE", when: "NOT (\(keyChanged))",
                        [authority("NEW"), counterCheck, record(.update, mask: mask, row: "NEW", values: updatedValues), countCheck]))
                result.append(
                    trigger(
                        "rename", "AFTER UPDATE OF \(keyList)", when: keyChanged,
                        [
                            authority("OLD"), authority("NEW"), newCounterCheck, record(.delete, mask: "0", row: "OLD", values: nil),
                            record(.insert, mask: fullMask, row: "NEW", values: newValues), countCheck,
                        ]))
                // An update from 1 to 1.0 changes no key for SQLite, so this does not ask whether it has changed.
                if !keyCheck.isEmpty { result.append(trigger("key", "AFTER UPDATE OF \(keyList)", [keyCheck])) }
                result.append(trigger("delete", "AFTER DELETE", [authority("OLD"), record(.delete, mask: "0", row: "OLD", values: nil), countCheck]))
            }
            result.append(
                trigger(
                    "insert", "AFTER INSERT",
                    [authority("NEW"), keyCheck, newCounterCheck, record(.insert, mask: fullMask, row: "NEW", values: newValues), countCheck]))
            return result + meters
        }

        var keyList: String { table.keyColumns.map { quoted($0.name) }.joined(separator: ", ") }

        /// Keys that SQLite takes for equal must be equal bytes: 1 and 1.0 are one key to it, and two to the log.
        var keyCheck: String {
            table.keyColumns.map { column in
                let value = "NEW.\(quoted(column.name))"
                switch column.affinity {
                case .integer:
                    let message = "ParkSync: \(table.name).\(column.name) is part of the key and takes whole numbers only"
                    return "SELECT RAISE(ABORT, \(literal(message))) WHERE typeof(\(value)) <> 'integer';"
                case .blob:
                    let message =
                        "ParkSync: \(table.name).\(column.name) is part of the key and takes no real number; use an integer, a text or a blob"
                    return "SELECT RAISE(ABORT, \(literal(message))) WHERE typeof(\(value)) = 'real';"
                case .text, .numeric, .real: return ""
                }
            }.filter { !$0.isEmpty }.joined(separator: " ")
        }

        /// A text's or blob's bytes. Not `length()` of the text: it counts characters, stops at the first NUL, and reads the
        /// text to do so, while the cast copies nothing.
        func bytes(_ value: String) -> String { "ifnull(length(CAST(\(value) AS BLOB)), 0)" }

        /// The size of the key in the log (see `KeyCoding`), and never less. In front of other components a zero byte counts
        /// twice; in the hexadecimal digits it can be found anywhere, so that rare keys count a little more than they have.
        func keyBytes(_ row: String) -> String {
            table.keyColumns.enumerated().map { index, column in
                if column.affinity == .integer { return "9" }
                let value = "\(row).\(quoted(column.name))"
                let isLast = index == table.keyColumns.count - 1
                let zeros = isLast ? "1" : "3 + (length(hex(\(value))) - length(replace(hex(\(value)), '00', ''))) / 2"
                let size = "\(bytes(value)) + \(zeros)"
                return column.affinity == .blob ? "CASE typeof(\(value)) WHEN 'integer' THEN 9 ELSE \(size) END" : size
            }.joined(separator: " + ")
        }

        /// Whether the texts and blobs of a row's columns are too long to go unmetered; nil if they cannot be. A column of
        /// numbers may hold a text or blob too: those compare as greater than every number.
        func isLarge(_ row: String, _ columns: [SharedColumn]) -> String? {
            let isNumber = { (column: SharedColumn) in column.affinity == .integer || column.affinity == .real }
            let sum = columns.filter { !isNumber($0) }.map { bytes("\(row).\(quoted($0.name))") }.joined(separator: " + ")
            let texts = sum.isEmpty ? [] : ["(\(sum)) > \(CoreLimits.unmeteredRowBytesMax)"]
            let inNumbers = columns.filter { isNumber($0) && !$0.isCounter && !table.keyColumns.contains($0) }
            let terms = texts + inNumbers.map { "\(row).\(quoted($0.name)) > 9e999" }
            return terms.isEmpty ? nil : terms.joined(separator: " OR ")
        }

        /// Large rows are added up in one place, so that a transaction of many large rows is refused while it is written.
        /// A key that is too long for the log is large, and is looked at only here.
        var meters: [String] {
            let keyMessage = "ParkSync: a key of \(table.name) may have at most \(CoreLimits.keyBytesMax) bytes; use a shorter one"
            let keyLimit = "SELECT RAISE(ABORT, \(literal(keyMessage))) WHERE \(keyBytes("NEW")) > \(CoreLimits.keyBytesMax);"
            let values = table.columns.map { bytes("NEW.\(quoted($0.name))") }
            var result: [String] = []
            if let condition = isLarge("NEW", table.keyColumns + table.columns) {
                let body = [keyLimit] + meter(([keyBytes("NEW")] + values).joined(separator: " + "))
                result += ["INSERT", "UPDATE"].map { trigger("meter_\($0.lowercased())", "AFTER \($0)", when: condition, body) }
            }
            if !table.isAppendOnly, let condition = isLarge("OLD", table.keyColumns) {
                result.append(trigger("meter_delete", "AFTER DELETE", when: condition, meter(keyBytes("OLD"))))
                result.append(trigger("meter_rename", "AFTER UPDATE OF \(keyList)", when: condition, meter(keyBytes("OLD"))))
            }
            return result
        }

        func meter(_ size: String) -> [String] {
            let message =
                "ParkSync: the large rows of a transaction may add up to at most \(CoreLimits.meteredBytesPerEntryMax) bytes; "
                + "commit in smaller transactions, and start parksyncd if it is down"
            return [
                "UPDATE _parksync_meter SET bytes = bytes + \(size);",
                "SELECT RAISE(ABORT, \(literal(message))) FROM _parksync_meter WHERE bytes > \(CoreLimits.meteredBytesPerEntryMax);",
            ]
        }
    }
}
