import ParkSyncCore

/// Rows of one table of a dump by the names of their columns.
package struct NamedRows: Sendable {
    package let rows: [[Value]]
    private let positions: [String: Int]

    /// Nil if the schema has no such table.
    package init?(_ dump: Dump, _ schema: SharedSchema, _ name: String) {
        guard let table = schema.tables.first(where: { $0.name == name }) else { return nil }
        rows = dump.rows(name)
        positions = Dictionary((table.keyColumns + table.columns).enumerated().map { ($1.name, $0) }) { first, _ in
            first
        }
    }

    package subscript(row: [Value], name: String) -> Value? {
        guard let position = positions[name], row.indices.contains(position) else { return nil }
        return row[position]
    }

    /// Nil where there is no text.
    package func text(_ row: [Value], _ name: String) -> String? {
        guard case .text(let bytes)? = self[row, name] else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    package func integer(_ row: [Value], _ name: String) -> Int64? {
        guard case .integer(let number)? = self[row, name] else { return nil }
        return number
    }
}
