import GRDBSQLite
import ParkSyncCore

/// Reads a table's description from SQLite and refuses what cannot be merged.
enum SchemaIntrospection {
    /// - Parameter refuse: makes the error from a reason and a remedy.
    static func table(_ name: String, on connection: OpaquePointer, refuse: (String, String) -> SchemaError) throws -> SharedTable {
        try refuseUniqueIndexes(name, on: connection, refuse: refuse)
        let statement = try RawStatement(
            connection, "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(\(literal(name))) ORDER BY cid")
        var keys: [(position: Int64, column: SharedColumn)] = []
        var columns: [SharedColumn] = []
        let (withoutRowid, isStrict) = try options(of: name, on: connection)
        let hasKeyIndex = try hasKeyIndex(name, on: connection)
        var declared: [(name: String, type: String, notNull: Bool, fallback: String?, key: Int64)] = []
        while try statement.step() {
            let columnName = statement.string(0)
            guard statement.int64(5) == 0 else { throw refuse("column \(columnName) is generated", "Compute it in a view instead.") }
            guard columnName.utf8.count <= CoreLimits.identifierBytesMax else {
                throw refuse("a column name is too long", "Use at most \(CoreLimits.identifierBytesMax) bytes.")
            }
            declared.append(
                (columnName, statement.string(1), statement.int64(2) != 0, statement.isNull(3) ? nil : statement.string(3), statement.int64(4)))
        }
        let keyCount = declared.filter { $0.key > 0 }.count
        for column in declared {
            // In a STRICT table ANY keeps every value as it is, and the other types take no others.
            let isAny = isStrict && column.type.uppercased() == "ANY"
            let affinity = isAny ? .blob : affinity(of: column.type)
            let fallback = try column.fallback.map { try constant($0, on: connection) } ?? .null
            var described = SharedColumn(
                name: column.name, affinity: affinity, isNotNull: column.notNull, defaultValue: fallback, isStrict: isStrict && !isAny)
            guard column.key > 0 else {
                columns.append(described)
                continue
            }
            // `INTEGER PRIMARY KEY DESC` is no alias of the rowid: SQLite gives it an index, and it takes NULL.
            let isRowid = keyCount == 1 && column.type.uppercased() == "INTEGER" && !withoutRowid && !hasKeyIndex
            guard isRowid || withoutRowid || column.notNull else {
                throw refuse("key column \(column.name) may be NULL, and a row without a key cannot be merged", "Declare it NOT NULL.")
            }
            guard [.text, .integer, .blob].contains(affinity), !column.type.isEmpty else {
                throw refuse(
                    "key column \(column.name) has the type `\(column.type)`", "Declare it TEXT, INTEGER or BLOB, so that equal keys are equal bytes."
                )
            }
            described.isNotNull = true
            keys.append((column.key, described))
        }
        guard !keys.isEmpty else { throw refuse("it has no primary key", "Declare one: a shared row is found by its key on every node.") }
        guard keys.count <= CoreLimits.keyColumnsMax else {
            throw refuse("the key has \(keys.count) columns", "Use at most \(CoreLimits.keyColumnsMax).")
        }
        guard columns.count <= CoreLimits.columnsPerTableMax else {
            throw refuse(
                "it has \(columns.count) columns outside the key", "Use at most \(CoreLimits.columnsPerTableMax); move some into a child table.")
        }
        return SharedTable(name: name, keyColumns: keys.sorted { $0.position < $1.position }.map(\.column), columns: columns)
    }

    private static func refuseUniqueIndexes(_ name: String, on connection: OpaquePointer, refuse: (String, String) -> SchemaError) throws {
        let indexes = try RawStatement(connection, "SELECT name, \"unique\", origin FROM pragma_index_list(\(literal(name))) ORDER BY seq")
        while try indexes.step() {
            let index = indexes.string(0)
            let origin = indexes.string(2)
            if origin != "pk", indexes.int64(1) != 0 {
                throw refuse(
                    "\(index) is UNIQUE, which parted parks cannot keep",
                    "Make it the primary key, or use a plain index and find duplicates after the merge.")
            }
            if origin == "pk" {
                let collations = try RawStatement(connection, "SELECT coll FROM pragma_index_xinfo(\(literal(index))) WHERE key = 1")
                while try collations.step() {
                    if collations.string(0) == "BINARY" { continue }
                    throw refuse("the key is compared by \(collations.string(0))", "Use the BINARY collation, so that equal keys are equal bytes.")
                }
            }
        }
        let sql = try RawStatement(connection, "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = \(literal(name))")
        if try sql.step(), sql.string(0).uppercased().contains("AUTOINCREMENT") {
            throw refuse("AUTOINCREMENT counts per node", "Leave it out, and put the park into the key.")
        }
    }

    private static func options(of name: String, on connection: OpaquePointer) throws -> (withoutRowid: Bool, isStrict: Bool) {
        let statement = try RawStatement(connection, "SELECT wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = \(literal(name))")
        return try statement.step() ? (statement.int64(0) != 0, statement.int64(1) != 0) : (false, false)
    }

    private static func hasKeyIndex(_ name: String, on connection: OpaquePointer) throws -> Bool {
        try RawStatement(connection, "SELECT 1 FROM pragma_index_list(\(literal(name))) WHERE origin = 'pk'").step()
    }

    /// sqlite.org/datatype3.html, section 3.1.
    static func affinity(of type: String) -> Affinity {
        let upper = type.uppercased()
        if upper.contains("INT") { return .integer }
        if upper.contains("CHAR") || upper.contains("CLOB") || upper.contains("TEXT") { return .text }
        if upper.isEmpty || upper.contains("BLOB") { return .blob }
        if upper.contains("REAL") || upper.contains("FLOA") || upper.contains("DOUB") { return .real }
        return .numeric
    }

    /// The value of a default that is the same always and everywhere; NULL for one that is computed at insert.
    private static func constant(_ expression: String, on connection: OpaquePointer) throws -> Value {
        let upper = expression.uppercased()
        let isComputed = upper.contains("(") || upper.hasPrefix("CURRENT_")
        if isComputed, !upper.hasPrefix("'") { return .null }
        let statement = try RawStatement(connection, "SELECT \(expression)")
        return try statement.step() ? statement.view(0).copied : .null
    }
}
