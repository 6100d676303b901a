/// Who may write a shared table's rows. Decided by the change itself, so that every node decides
/// alike.
package enum WriteRule: Hashable, Sendable {
    /// Any park.
    case anyPark
    /// Only the park named in front of the first `:` of this key column, as in
    /// `south:instrument:4711`. The number is the position among the key columns.
    case homePark(keyColumn: Int)
}

/// SQLite's column affinity, as derived from the declared type (sqlite.org/datatype3.html, section
/// 3.1).
package enum Affinity: UInt8, Hashable, Sendable {
    case blob = 0
    case text = 1
    case numeric = 2
    case integer = 3
    case real = 4
}

package struct SharedColumn: Hashable, Sendable {
    package var name: String
    package var affinity: Affinity
    package var isNotNull: Bool
    /// Concurrent changes add up instead of replacing one another.
    package var isCounter: Bool
    /// What a row has that was written before the column existed.
    package var defaultValue: Value
    /// SQLite refuses values of other types: a column of a STRICT table, unless it is declared ANY.
    package var isStrict: Bool

    package init(
        name: String, affinity: Affinity, isNotNull: Bool, isCounter: Bool = false, defaultValue: Value = .null,
        isStrict: Bool = false
    ) {
        self.isStrict = isStrict
        self.name = name
        self.affinity = affinity
        self.isNotNull = isNotNull
        self.isCounter = isCounter
        self.defaultValue = defaultValue
    }

    /// The value for a column that a change does not carry: the default, or a zero of the column's
    /// kind if NULL is not allowed. A counter begins at zero whatever its default: an insert
    /// carries its whole value, which is added.
    package var absentValue: Value {
        if isCounter { return .integer(0) }
        if defaultValue != .null || !isNotNull { return defaultValue }
        switch affinity {
        case .text: return .text([])
        case .blob: return .blob([])
        case .integer, .numeric: return .integer(0)
        case .real: return .double(0)
        }
    }
}

package struct SharedTable: Hashable, Sendable {
    package var name: String
    /// In the order of the PRIMARY KEY.
    package var keyColumns: [SharedColumn]
    /// The other columns in the order of declaration. Later schema numbers only append.
    package var columns: [SharedColumn]
    package var writeRule: WriteRule
    /// Rows are only ever inserted; corrections are new rows.
    package var isAppendOnly: Bool
    /// What its rows have to be besides, on every node.
    package var allowed: [AllowedValues] = []

    package init(
        name: String, keyColumns: [SharedColumn], columns: [SharedColumn], writeRule: WriteRule = .anyPark,
        isAppendOnly: Bool = false
    ) {
        self.name = name
        self.keyColumns = keyColumns
        self.columns = columns
        self.writeRule = writeRule
        self.isAppendOnly = isAppendOnly
    }

    package var mergeColumns: MergeColumns {
        var counters = ColumnMask.none
        for (index, column) in columns.enumerated() where column.isCounter { counters.insert(index) }
        return MergeColumns(all: .first(columns.count), counters: counters)
    }

    /// Why `park` may not make this change, or nil if it may. Both the capture triggers and the
    /// apply ask this rule.
    package func refusal(of kind: IncomingChange.Kind, key: [Value], by park: String) -> String? {
        if isAppendOnly, kind != .insert { return "\(name) is append-only: correct a row by inserting a reversal" }
        guard case .homePark(let position) = writeRule, position < key.count else { return nil }
        guard case .text(let bytes) = key[position] else {
            return "\(name).\(keyColumns[position].name) names no home park"
        }
        let home = bytes.prefix { $0 != UInt8(ascii: ":") }
        if home.count < bytes.count, Array(home) == Array(park.utf8) { return nil }
        return "\(name): only the park \(String(decoding: home, as: UTF8.self)) may write this row, not \(park)"
    }
}

/// All shared tables at one schema number.
package struct SharedSchema: Hashable, Sendable {
    /// Counts up from 1 with each schema file.
    package var number: UInt64
    /// Sorted by the bytes of the name.
    package private(set) var tables: [SharedTable]
    /// Local tables that the schema files fill. Sorted likewise.
    package private(set) var constants: [ConstantTable]
    /// For each earlier number that is known, how many columns outside the key each table had. No
    /// part of `canonicalBytes`.
    package var earlier: [UInt64: [ExactText: Int]] = [:]

    package init(number: UInt64, tables: [SharedTable], constants: [ConstantTable] = []) {
        self.number = number
        self.tables = tables.sorted { $0.name.precedesExactly($1.name) }
        self.constants = constants.sorted { $0.name.precedesExactly($1.name) }
    }

    package func index(ofTable name: String) -> Int? { tables.firstIndex { $0.name.isExactly(name) } }

    /// How many columns outside the key a table had at a schema number, or nil if there was none:
    /// entries are judged by the schema that their author had, so that nodes with different schemas
    /// judge alike.
    package func columnCount(ofTable name: String, at schemaNumber: UInt64) -> Int? {
        if schemaNumber == number { return index(ofTable: name).map { tables[$0].columns.count } }
        return earlier[schemaNumber]?[ExactText(name)]
    }

    /// The same bytes for the same schema on every node; their hash tells whether two parks share
    /// the same tables, and measure them by the same constant rows. A schema without constants has
    /// nothing behind its tables.
    package var canonicalBytes: [UInt8] {
        var writer = ByteWriter(reserving: 1024)
        writer.raw("parksync/schema/1".utf8)
        writer.varint(number)
        writer.varint(tables.count)
        for table in tables {
            writer.prefixed(table.name)
            switch table.writeRule {
            case .anyPark: writer.varint(0)
            case .homePark(let column): writer.varint(column + 1)
            }
            writer.byte(table.isAppendOnly ? 1 : 0)
            for columns in [table.keyColumns, table.columns] {
                writer.varint(columns.count)
                for column in columns {
                    writer.prefixed(column.name)
                    writer.byte(column.affinity.rawValue)
                    writer.byte((column.isNotNull ? 1 : 0) | (column.isCounter ? 2 : 0) | (column.isStrict ? 4 : 0))
                    ValueCoding.write(column.defaultValue, to: &writer)
                }
            }
        }
        if constants.isEmpty { return writer.bytes }
        writer.varint(constants.count)
        for constant in constants { constant.write(to: &writer) }
        for table in tables {
            writer.varint(table.allowed.count)
            for allowed in table.allowed { allowed.write(to: &writer) }
        }
        return writer.bytes
    }
}
