import ParkSyncCore
import ParkSyncReports

/// Rows as comma-separated values (RFC 4180): a line of names, a line for each row, UTF-8.
package enum CSVText {
    /// - Parameter records: all with these columns.
    package static func text(_ columns: [Column], _ records: [Record]) -> String {
        let head = line(columns.map(\.name))
        return records.reduce(into: head) { text, record in
            text += line(zip(columns, record.values).map { cell($1, $0.type) })
        }
    }

    static func line(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") + "\r\n" }

    private static func cell(_ value: JSONValue, _ type: ValueType) -> String {
        switch (type, value.value) {
        case (_, .null): ""
        case (.boolean, .integer(let number)): number == 0 ? "false" : "true"
        case (.list, .text): harmless(value.texts.joined(separator: "; "))
        case (_, .integer(let number)): "\(number)"
        case (_, .real(let bits)): "\(Double(bitPattern: bits))"
        case (_, .text(let bytes)): harmless(String(decoding: bytes, as: UTF8.self))
        case (_, .blob(let bytes)): Hex.encode(bytes)
        }
    }

    /// What a spreadsheet would take for a formula is a text there, by the sign that says so:
    /// others write what stands in these cells.
    static func harmless(_ text: String) -> String {
        guard let first = text.unicodeScalars.first, "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first) else {
            return text
        }
        return "'" + text
    }

    private static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
