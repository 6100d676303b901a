import CSQLite
import ParkSyncCore

/// Reads a table's description from SQLite and refuses what cannot be merged.
enum SchemaIntrospection {
    /// - Parameter refuse: makes the error from a reason and a remedy.
    static func table(
        _ name: String, on connection: OpaquePointer, _ defaults: ColumnDefaults,
        refuse: (String, String) -> SchemaError
    ) throws -> SharedTable {
        guard name.utf8.count <= CoreLimits.identifierBytesMax else {
            throw refuse(
                "its name has \(name.utf8.count) bytes, and no other park would take its entries",
                "Use at most \(CoreLimits.identifierBytesMax) bytes.")
        }
        try refuseUniqueIndexes(name, on: connection, refuse: refuse)
        let options = try options(of: name, on: connection)
        let hasKeyIndex = try hasKeyIndex(name, on: connection)
        let declared = try declaredColumns(of: name, on: connection, refuse: refuse)
        let keyCount = declared.filter { $0.key > 0 }.count
        var keys: [(position: Int64, column: SharedColumn)] = []
        var columns: [SharedColumn] = []
        for column in declared {
            var described = try describe(column, isStrict: options.isStrict, defaults, refuse: refuse)
            guard column.key > 0 else {
                columns.append(described)
                continue
            }
            try refuseLocalKey(column, of: name, on: connection, refuse: refuse)
            // `INTEGER PRIMARY KEY DESC` is no alias of the rowid: SQLite gives it an index, and it
            // takes NULL.
            let isRowid =
                keyCount == 1 && column.type.isSameName(as: "INTEGER") && !options.withoutRowid && !hasKeyIndex
            try refuseAsKey(column, described.affinity, mayBeNull: !isRowid && !options.withoutRowid, refuse: refuse)
            described.isNotNull = true
            keys.append((column.key, described))
        }
        guard !keys.isEmpty else {
            throw refuse("it has no primary key", "Declare one: a shared row is found by its key on every node.")
        }
        guard keys.count <= CoreLimits.keyColumnsMax else {
            throw refuse("the key has \(keys.count) columns", "Use at most \(CoreLimits.keyColumnsMax).")
        }
        guard columns.count <= CoreLimits.columnsPerTableMax else {
            throw refuse(
                "it has \(columns.count) columns outside the key",
                "Use at most \(CoreLimits.columnsPerTableMax); move some into a child table.")
        }
        return SharedTable(
            name: name, keyColumns: keys.sorted { $0.position < $1.position }.map(\.column), columns: columns)
    }

    /// A column as SQLite tells of it.
    private struct DeclaredColumn {
        var name: String
        var type: String
        var isNotNull: Bool
        /// The expression of its default.
        var fallback: String?
        /// Its place in the primary key, from 1; 0 outside it.
        var key: Int64
    }

    private static func declaredColumns(
        of name: String, on connection: OpaquePointer, refuse: (String, String) -> SchemaError
    ) throws -> [DeclaredColumn] {
        let statement = try RawStatement(
            connection,
            """
            SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(\(literal(name))) \
            ORDER BY cid
            """
        )
        var declared: [DeclaredColumn] = []
        while try statement.step() {
            let columnName = statement.string(0)
            guard statement.int64(5) == 0 else {
                throw refuse("column \(columnName) is generated", "Compute it in a view instead.")
            }
            guard columnName.utf8.count <= CoreLimits.identifierBytesMax else {
                throw refuse("a column name is too long", "Use at most \(CoreLimits.identifierBytesMax) bytes.")
            }
            declared.append(
                DeclaredColumn(
                    name: columnName, type: statement.string(1), isNotNull: statement.int64(2) != 0,
                    fallback: statement.isNull(3) ? nil : statement.string(3), key: statement.int64(4)))
        }
        // SQLite tells them apart, and readers of JSON and people do not.
        guard Set(declared.map(\.name)).count == declared.count else {
            throw refuse(
                "two of its columns look the same and differ in their Unicode composition only",
                "Give one another name.")
        }
        return declared
    }

    private static func describe(
        _ column: DeclaredColumn, isStrict: Bool, _ defaults: ColumnDefaults, refuse: (String, String) -> SchemaError
    ) throws -> SharedColumn {
        // In a STRICT table ANY keeps every value as it is, and the other types take no others.
        let isAny = isStrict && column.type.isSameName(as: "ANY")
        let affinity = isAny ? .blob : affinity(of: column.type)
        switch try defaults.value(of: column.fallback, affinity: affinity) {
        case .value(let value):
            return SharedColumn(
                name: column.name, affinity: affinity, isNotNull: column.isNotNull, defaultValue: value,
                isStrict: isStrict && !isAny)
        case .refused(let message):
            throw refuse(
                "the default of column \(column.name), `\(column.fallback ?? "")`, is no constant: \(message)",
                "Write a literal, or let the program that inserts the row give the value.")
        }
    }

    /// What makes keys that other nodes do not find again.
    private static func refuseLocalKey(
        _ column: DeclaredColumn, of table: String, on connection: OpaquePointer,
        refuse: (String, String) -> SchemaError
    ) throws {
        guard !isCountedByNode(table, column.name, on: connection) else {
            throw refuse("AUTOINCREMENT counts per node", "Leave it out, and put the park into the key.")
        }
        if let collation = collation(table, column.name, on: connection), !collation.isSameName(as: "BINARY") {
            throw refuse(
                "key column \(column.name) is compared by \(collation) where a statement names no collation",
                "Use the BINARY collation, so that equal keys are equal bytes.")
        }
    }

    private static func refuseAsKey(
        _ column: DeclaredColumn, _ affinity: Affinity, mayBeNull: Bool, refuse: (String, String) -> SchemaError
    ) throws {
        guard !mayBeNull || column.isNotNull else {
            throw refuse(
                "key column \(column.name) may be NULL, and a row without a key cannot be merged",
                "Declare it NOT NULL.")
        }
        guard [.text, .integer, .blob].contains(affinity), !column.type.isEmpty else {
            throw refuse(
                "key column \(column.name) has the type `\(column.type)`",
                "Declare it TEXT, INTEGER or BLOB, so that equal keys are equal bytes.")
        }
    }

    private static func refuseUniqueIndexes(
        _ name: String, on connection: OpaquePointer, refuse: (String, String) -> SchemaError
    ) throws {
        let indexes = try RawStatement(
            connection, "SELECT name, \"unique\", origin FROM pragma_index_list(\(literal(name))) ORDER BY seq")
        while try indexes.step() {
            let index = indexes.string(0)
            let origin = indexes.string(2)
            if origin != "pk", indexes.int64(1) != 0 {
                throw refuse(
                    "\(index) is UNIQUE, which parted parks cannot keep",
                    "Make it the primary key, or use a plain index and find duplicates after the merge.")
            }
            if origin == "pk" {
                let collations = try RawStatement(
                    connection, "SELECT coll FROM pragma_index_xinfo(\(literal(index))) WHERE key = 1")
                while try collations.step() {
                    if collations.string(0) == "BINARY" { continue }
                    throw refuse(
                        "the key is compared by \(collations.string(0))",
                        "Use the BINARY collation, so that equal keys are equal bytes.")
                }
            }
        }
    }

    /// AUTOINCREMENT, as SQLite itself says.
    private static func isCountedByNode(_ table: String, _ column: String, on connection: OpaquePointer) -> Bool {
        var counts: Int32 = 0
        return sqlite3_table_column_metadata(connection, "main", table, column, nil, nil, nil, nil, &counts)
            == SQLITE_OK && counts != 0
    }

    /// The collation of the column itself; its index may have another one.
    private static func collation(_ table: String, _ column: String, on connection: OpaquePointer) -> String? {
        var name: UnsafePointer<CChar>?
        guard sqlite3_table_column_metadata(connection, "main", table, column, nil, &name, nil, nil, nil) == SQLITE_OK
        else { return nil }
        return name.map { String(cString: $0) }
    }

    private static func options(of name: String, on connection: OpaquePointer) throws -> (
        withoutRowid: Bool, isStrict: Bool
    ) {
        let statement = try RawStatement(
            connection, "SELECT wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = \(literal(name))")
        return try statement.step() ? (statement.int64(0) != 0, statement.int64(1) != 0) : (false, false)
    }

    private static func hasKeyIndex(_ name: String, on connection: OpaquePointer) throws -> Bool {
        try RawStatement(connection, "SELECT 1 FROM pragma_index_list(\(literal(name))) WHERE origin = 'pk'").step()
    }

    /// sqlite.org/datatype3.html, section 3.1.
    static func affinity(of type: String) -> Affinity {
        let lower = Array(type.asciiLowercased.utf8)
        let contains = { (word: String) in lower.indices.contains { lower[$0...].starts(with: word.utf8) } }
        if contains("int") { return .integer }
        if contains("char") || contains("clob") || contains("text") { return .text }
        if lower.isEmpty || contains("blob") { return .blob }
        if contains("real") || contains("floa") || contains("doub") { return .real }
        return .numeric
    }
}
