import ParkSyncCore

/// The triggers that add up the bytes of large rows of one shared table, so that a transaction of
/// many large rows is refused while it is written. A key that is too long for the log is large, and
/// is looked at only here.
struct CaptureMeters {
    let table: SharedTable
    let budget: RowBudget

    /// Before the write, so that no trigger of somebody else can end the statement in front of
    /// them. A row that is inserted over another one is met by `rowIfLarge` if it replaces that.
    var triggers: [String] {
        var result: [String] = []
        if let condition = isLarge("NEW", table.keyColumns + table.columns) {
            let key = table.keyColumns.map { "o.\(quoted($0.name)) = NEW.\(quoted($0.name))" }.joined(
                separator: " AND ")
            let isNew = "(\(condition)) AND NOT EXISTS(SELECT 1 FROM \(quoted(table.name)) AS o WHERE \(key))"
            result.append(CaptureTriggers.trigger("meterinsert", "BEFORE INSERT", on: table, when: isNew, newRow()))
            result.append(CaptureTriggers.trigger("meterupdate", "BEFORE UPDATE", on: table, when: condition, newRow()))
        }
        if !table.isAppendOnly, let condition = isLarge("OLD", table.keyColumns) {
            let keyList = table.keyColumns.map { quoted($0.name) }.joined(separator: ", ")
            result += [("meterdelete", "BEFORE DELETE"), ("meterrename", "BEFORE UPDATE OF \(keyList)")].map {
                CaptureTriggers.trigger($0, $1, on: table, when: condition, meter(keyBytes("OLD")))
            }
        }
        return result
    }

    /// The statements that add a new row if it is large.
    var rowIfLarge: [String] { isLarge("NEW", table.keyColumns + table.columns).map { newRow(where: $0) } ?? [] }

    private func newRow(where condition: String? = nil) -> [String] {
        let keyLimit = CaptureTriggers.refuse(
            "a key of \(table.name) may have at most \(CoreLimits.keyBytesMax) bytes; use a shorter one",
            where: "\(keyBytes("NEW")) > \(CoreLimits.keyBytesMax)")
        let values = table.columns.map { bytes("NEW.\(quoted($0.name))") }
        return [keyLimit] + meter(([keyBytes("NEW")] + values).joined(separator: " + "), where: condition)
    }

    /// A text's or blob's bytes. Not `length()` of the text: it counts characters, stops at the
    /// first NUL, and reads the text to do so, while the cast copies nothing.
    private func bytes(_ value: String) -> String { "ifnull(length(CAST(\(value) AS BLOB)), 0)" }

    /// The size of the key in the log (see `KeyCoding`), and never less. In front of other
    /// components a zero byte counts twice; in the hexadecimal digits it can be found anywhere, so
    /// that rare keys count a little more than they have.
    private func keyBytes(_ row: String) -> String {
        table.keyColumns.enumerated().map { index, column in
            if column.affinity == .integer { return "9" }
            let value = "\(row).\(quoted(column.name))"
            let isLast = index == table.keyColumns.count - 1
            let zeros = isLast ? "1" : "3 + (length(hex(\(value))) - length(replace(hex(\(value)), '00', ''))) / 2"
            let size = "\(bytes(value)) + \(zeros)"
            return column.affinity == .blob ? "CASE typeof(\(value)) WHEN 'integer' THEN 9 ELSE \(size) END" : size
        }.joined(separator: " + ")
    }

    /// Whether the texts and blobs of a row's columns are too long to go unmetered; nil if they
    /// cannot be. A column of numbers may hold a text or blob too: those compare as greater than
    /// every number.
    private func isLarge(_ row: String, _ columns: [SharedColumn]) -> String? {
        let isNumber = { (column: SharedColumn) in column.affinity == .integer || column.affinity == .real }
        let sum = columns.filter { !isNumber($0) }.map { bytes("\(row).\(quoted($0.name))") }.joined(separator: " + ")
        let texts = sum.isEmpty ? [] : ["(\(sum)) > \(CoreLimits.unmeteredRowBytesMax)"]
        let inNumbers = columns.filter { isNumber($0) && !$0.isCounter && !table.keyColumns.contains($0) }
        let terms = texts + inNumbers.map { "\(row).\(quoted($0.name)) > 9e999" }
        return terms.isEmpty ? nil : terms.joined(separator: " OR ")
    }

    private func meter(_ size: String, where condition: String? = nil) -> [String] {
        budget.meter(size, where: condition)
    }
}
