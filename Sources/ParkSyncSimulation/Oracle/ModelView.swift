import ParkSyncCore

/// The contents that every node must have at one vector, moved forward from vector to vector.
///
/// A row that an entry between two vectors touched is derived anew from all its changes; the others
/// stay. So a check after each step of a history costs what the step changed. One view serves one
/// node; a vector that does not cover the last one starts from nothing.
package struct ModelView: Sendable {
    package let schema: SharedSchema
    package private(set) var vector = VersionVector()
    private var tables: [String: Table] = [:]

    private struct Row: Sendable {
        var values: [Value]
        var digest: UInt128
    }
    private struct Table: Sendable {
        var rows: [[Value]: Row] = [:]
        var digest: UInt128 = 0
        var conflicts: [[Value]: [ModelConflict]] = [:]
    }

    /// - Parameter schema: of the node whose contents are wanted.
    package init(schema: SharedSchema) { self.schema = schema }

    package mutating func advance(to next: VersionVector, in oracle: ModelOracle) {
        if !next.covers(vector) { (vector, tables) = (VersionVector(), [:]) }
        var touched: [String: Set<[Value]>] = [:]
        for element in next.elements {
            let entries = oracle.entries(of: element.origin).prefix(Int(clamping: element.seq)).dropFirst(
                Int(clamping: vector[element.origin]))
            for entry in entries {
                for change in entry.changes { touched[change.table, default: []].insert(change.key) }
            }
        }
        for row in oracle.rowsTakenBack(from: vector, to: next) { touched[row.table, default: []].insert(row.key) }
        for row in oracle.rowsToForget(from: vector, to: next) { touched[row.table, default: []].insert(row.key) }
        vector = next
        for table in schema.tables { for key in touched[table.name] ?? [] { derive(table, key, oracle) } }
    }

    private mutating func derive(_ table: SharedTable, _ key: [Value], _ oracle: ModelOracle) {
        let row = oracle.row(table, key, at: vector)
        var found = tables.removeValue(forKey: table.name) ?? Table()
        if let old = found.rows.removeValue(forKey: key) { found.digest &-= old.digest }
        if let values = row?.values(table) {
            let digest = SpecEncoding.rowDigest(key: key, values: values)
            found.rows[key] = Row(values: values, digest: digest)
            found.digest &+= digest
        }
        let conflicts = row?.conflicts(table, key: key) ?? []
        found.conflicts[key] = conflicts.isEmpty ? nil : conflicts
        tables[table.name] = found
    }

    package func rowCount(_ table: String) -> Int { tables[table]?.rows.count ?? 0 }

    /// A row's columns outside the key; nil if it is not there.
    package func row(_ table: String, _ key: [Value]) -> [Value]? { tables[table]?.rows[key]?.values }

    /// A table as `Dump` reads it: keys and then the other columns, in the order of the keys.
    package func rows(_ table: String) -> [[Value]] {
        (tables[table]?.rows ?? [:]).sorted { SQLiteOrder.precedes($0.key, $1.key) }.map { $0.key + $0.value.values }
    }

    /// All tables as `Dump` reads them.
    package var dump: Dump {
        Dump(tables: Dictionary(uniqueKeysWithValues: schema.tables.map { ($0.name, rows($0.name)) }))
    }

    package func conflicts() -> Set<ModelConflict> { Set(tables.values.flatMap { $0.conflicts.values.flatMap { $0 } }) }

    /// 16 bytes.
    package func digest(_ table: String) -> [UInt8] { SpecEncoding.bytes(of: tables[table]?.digest ?? 0) }

    /// The hash that nodes compare (docs/reference/log-format.md, Digests).
    package var stateHash: [UInt8] {
        SpecEncoding.stateHash(schema.tables.map { ($0.name, rowCount($0.name), tables[$0.name]?.digest ?? 0) })
    }
}
