/// A local table that the schema files fill, with the same rows at every node that has the schema.
///
/// A row is in force for entries of a schema number from `since` on, and up to the number before
/// `until`. Later schema files only add rows and end them, so that what an entry of an older schema
/// was measured by can be told for ever.
package struct ConstantTable: Hashable, Sendable {
    package var name: String
    /// All of them, in the order of declaration.
    package var columns: [String]
    /// Positions of the columns of its PRIMARY KEY, by which people call a row.
    package var keyColumns: [Int]
    /// Sorted by their encoding.
    package private(set) var rows: [[Value]]

    package static let sinceColumn = "since"
    package static let untilColumn = "until"

    package init(name: String, columns: [String], keyColumns: [Int], rows: [[Value]] = []) {
        (self.name, self.columns, self.keyColumns) = (name, columns, keyColumns)
        self.rows = rows.map { (bytes: Self.encoded($0), row: $0) }.sorted {
            $0.bytes.lexicographicallyPrecedes($1.bytes)
        }.map(\.row)
    }

    package func index(ofColumn name: String) -> Int? { columns.firstIndex { $0.isExactly(name) } }

    private static func encoded(_ row: [Value]) -> [UInt8] {
        var writer = ByteWriter(reserving: 128)
        for value in row { ValueCoding.write(value, to: &writer) }
        return writer.bytes
    }

    /// The schema numbers at which a row is in force.
    package func numbers(of row: [Value]) -> Range<UInt64> {
        guard let since = index(ofColumn: Self.sinceColumn), let until = index(ofColumn: Self.untilColumn),
            case .integer(let first) = row[since], first >= 0
        else { return 0..<0 }
        guard case .integer(let end) = row[until] else { return UInt64(first)..<UInt64.max }
        return UInt64(first)..<max(UInt64(first), UInt64(max(0, end)))
    }

    func write(to writer: inout ByteWriter) {
        writer.prefixed(name)
        writer.varint(columns.count)
        for column in columns { writer.prefixed(column) }
        writer.varint(rows.count)
        for row in rows { for value in row { ValueCoding.write(value, to: &writer) } }
    }
}

/// Columns of a shared table whose values have to be those of a row of a constant table.
package struct AllowedValues: Hashable, Sendable {
    package enum Column: Hashable, Sendable {
        /// Its position in the key.
        case key(Int)
        /// Its position outside the key.
        case plain(Int)
    }
    package let columns: [Column]
    package let constant: String
    package let constantColumns: [String]
    /// By the encoding of the values: the schema numbers at which a row has them.
    private let numbers: [[UInt8]: [Range<UInt64>]]

    /// - Parameter constantColumns: of `table`, one for each of `columns`.
    package init(_ columns: [Column], of table: ConstantTable, _ constantColumns: [String]) {
        (self.columns, constant, self.constantColumns) = (columns, table.name, constantColumns)
        let places = constantColumns.compactMap { table.index(ofColumn: $0) }
        var numbers: [[UInt8]: [Range<UInt64>]] = [:]
        for row in table.rows {
            var writer = ByteWriter(reserving: 64)
            for place in places { ValueCoding.write(row[place], to: &writer) }
            numbers[writer.bytes, default: []].append(table.numbers(of: row))
        }
        self.numbers = numbers
    }

    /// - Parameter values: encoded one after the other.
    func has(_ values: [UInt8], at schemaNumber: UInt64) -> Bool {
        numbers[values]?.contains { $0.contains(schemaNumber) } ?? false
    }

    /// Whether a change says what the columns are. An update that does not is not looked at.
    func isSaid(by kind: IncomingChange.Kind) -> Bool {
        switch kind {
        case .insert: true
        case .delete: false
        case .update(let mask):
            columns.allSatisfy {
                if case .plain(let position) = $0 { mask.contains(position) } else { false }
            }
        }
    }

    func write(to writer: inout ByteWriter) {
        writer.varint(columns.count)
        for column in columns {
            switch column {
            case .key(let position): writer.varint(position << 1)
            case .plain(let position): writer.varint(position << 1 | 1)
            }
        }
        writer.prefixed(constant)
        for column in constantColumns { writer.prefixed(column) }
    }
}

/// Values that stand in no row of a constant table.
package struct DisallowedValues: Hashable, Sendable {
    package var allowed: AllowedValues
    package var values: [Value]
}

extension SharedTable {
    package func name(of column: AllowedValues.Column) -> String {
        switch column {
        case .key(let position): keyColumns[position].name
        case .plain(let position): columns[position].name
        }
    }

    /// The first values of a change that are not allowed; nil if all are. NULL in one of the
    /// columns demands nothing.
    ///
    /// - Parameters:
    ///   - key: asked for only where a column of the key is meant.
    ///   - schemaNumber: what the author had, so that all nodes judge alike.
    ///   - value: of a column outside the key that the change carries.
    package func disallowed(
        _ kind: IncomingChange.Kind, key: @autoclosure () -> [Value], at schemaNumber: UInt64,
        value: (Int) -> ValueView
    ) -> DisallowedValues? {
        // Of a change that was decoded the key is whole.
        func keyed(_ position: Int) -> Value {
            let key = key()
            return key.indices.contains(position) ? key[position] : .null
        }
        for allowed in allowed where allowed.isSaid(by: kind) {
            var writer = ByteWriter(reserving: 64)
            var isWhole = true
            for column in allowed.columns {
                switch column {
                case .key(let position): ValueCoding.write(keyed(position), to: &writer)
                case .plain(let position):
                    let view = value(position)
                    if case .null = view { isWhole = false }
                    ValueCoding.write(view, to: &writer)
                }
            }
            guard isWhole, !allowed.has(writer.bytes, at: schemaNumber) else { continue }
            let values = allowed.columns.map { column in
                switch column {
                case .key(let position): keyed(position)
                case .plain(let position): value(position).copied
                }
            }
            return DisallowedValues(allowed: allowed, values: values)
        }
        return nil
    }

    /// The same of a change as it lies in an entry.
    ///
    /// - Parameters:
    ///   - encoded: the values that it carries, in ascending column order.
    ///   - columnCount: how many columns outside the key the author's table had.
    package func disallowed(
        _ kind: IncomingChange.Kind, key: @autoclosure () -> [Value], at schemaNumber: UInt64,
        encoded: UnsafeRawBufferPointer, columnCount: Int
    ) throws -> DisallowedValues? {
        if allowed.isEmpty || kind == .delete { return nil }
        var values = Array(repeating: ValueView.null, count: max(columns.count, columnCount))
        var cells = ByteReader(encoded)
        if case .update(let mask) = kind {
            for column in mask.columns { values[column] = try ValueCoding.read(from: &cells) }
        } else {
            for column in 0..<columnCount { values[column] = try ValueCoding.read(from: &cells) }
        }
        return disallowed(kind, key: key(), at: schemaNumber) { values[$0] }
    }
}
