import ParkSyncCore
import ParkSyncReports
import ParkSyncStore

/// Finds rows of shared tables that refer to nothing.
///
/// Foreign keys never stop an apply, so a merge can leave such rows: one park deletes a row while
/// another writes one that refers to it. A program that does not switch SQLite's checks on can
/// write them too. Either way the rows are what the log says, which the digests prove: nothing is
/// damaged.
struct ReferenceCheck {
    let connection: Connection
    let schema: SharedSchema

    /// Rows that are named; the others are counted.
    static let rowsMax = 100

    private struct Reference {
        var parent: String
        var columns: [String] = []
        var parentColumns: [String?] = []
    }

    func run() throws -> (rows: [DanglingReference], count: Int) {
        var rows: [DanglingReference] = []
        var count = 0
        for table in schema.tables {
            for reference in try references(of: table.name) { count += try find(reference, in: table, &rows) }
        }
        return (rows, count)
    }

    private func references(of table: String) throws -> [Reference] {
        let statement = try RawStatement(
            connection.handle,
            "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(\(literal(table))) ORDER BY id, seq")
        var found: [Int64: Reference] = [:]
        while try statement.step() {
            let id = statement.int64(0)
            found[id, default: Reference(parent: statement.string(1))].columns.append(statement.string(2))
            found[id]?.parentColumns.append(statement.isNull(3) ? nil : statement.string(3))
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// - Returns: how many rows refer to nothing.
    private func find(_ reference: Reference, in table: SharedTable, _ rows: inout [DanglingReference]) throws -> Int {
        let parentColumns = try columns(of: reference)
        let keys = table.keyColumns.map { "c." + quoted($0.name) }
        let values = reference.columns.map { "c." + quoted($0) }
        // As SQLite compares: by the parent column's affinity and collation. A reference with a
        // NULL in it refers to nothing by intent.
        let matches = zip(parentColumns, reference.columns).map { "p.\(quoted($0)) = c.\(quoted($1))" }.joined(
            separator: " AND ")
        let present = values.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
        // Of a parent that is no table, or has no such columns, nothing exists.
        let exists =
            parentColumns.count == reference.columns.count
            ? "EXISTS(SELECT 1 FROM \(quoted(reference.parent)) AS p WHERE \(matches))" : "0"
        let statement = try RawStatement(
            connection.handle,
            "SELECT \((keys + values).joined(separator: ", ")) FROM \(quoted(table.name)) AS c WHERE \(present) "
                + "AND NOT \(exists) ORDER BY \(keys.joined(separator: ", "))")
        var count = 0
        while try statement.step() {
            count += 1
            guard rows.count < Self.rowsMax else { continue }
            let all = (keys + values).indices.map { JSONValue(statement.view(Int32($0)).copied) }
            rows.append(
                DanglingReference(
                    table: table.name, key: Array(all.prefix(keys.count)), columns: reference.columns,
                    values: Array(all.dropFirst(keys.count)),
                    parent: reference.parent))
        }
        return count
    }

    /// A reference that names no columns is one to the parent's primary key. None if there is no
    /// such table.
    private func columns(of reference: Reference) throws -> [String] {
        let statement = try RawStatement(
            connection.handle, "SELECT name, pk FROM pragma_table_info(\(literal(reference.parent))) ORDER BY pk")
        // SQLite takes names for the same that differ in the case of ASCII letters, and in nothing
        // else.
        func folded(_ name: String) -> [UInt8] { name.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 } }
        var (all, keys): (Set<[UInt8]>, [String]) = ([], [])
        while try statement.step() {
            all.insert(folded(statement.string(0)))
            if statement.int64(1) > 0 { keys.append(statement.string(0)) }
        }
        let named = reference.parentColumns.compactMap { $0 }
        guard named.count == reference.columns.count else { return keys }
        return named.allSatisfy { all.contains(folded($0)) } ? named : []
    }
}
