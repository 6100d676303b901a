import ParkSyncCore

/// The statements by which one shared table, its clocks and its conflicts are read and written,
/// prepared once.
///
/// Those on the table itself are prepared when they are needed: another program can have made of it
/// what SQLite does not compile them for.
final class TableStatements {
    let table: SharedTable
    private let sqlToRead: String
    private let sqlToInsert: String
    private let sqlToDelete: String
    private var read: RawStatement?
    private var insert: RawStatement?
    private var delete: RawStatement?
    let readClock: RawStatement
    let insertClock: RawStatement
    /// Inserts a clock unless the row has one: one search tells both.
    let insertFreshClock: RawStatement
    let updateClock: RawStatement
    private let connection: Connection
    private var updates: [ColumnMask: RawStatement] = [:]
    /// Columns are written in few combinations; beyond this many, whole rows are written instead.
    private static let updateStatementsMax = 64

    init(_ table: SharedTable, on connection: Connection) throws {
        self.table = table
        self.connection = connection
        let name = quoted(table.name)
        let keys = table.keyColumns.map { quoted($0.name) }
        let columns = table.columns.map { quoted($0.name) }
        let whereKey = Self.whereKey(table)
        let clock = quoted(StoreFile.clockTable(table.name))
        let marks = (1...(keys.count + columns.count)).map { "?\($0)" }
        sqlToRead = "SELECT \(columns.isEmpty ? "1" : columns.joined(separator: ", ")) FROM \(name) WHERE \(whereKey)"
        sqlToInsert =
            "INSERT INTO \(name)(\((keys + columns).joined(separator: ", "))) VALUES(\(marks.joined(separator: ", ")))"
        sqlToDelete = "DELETE FROM \(name) WHERE \(whereKey)"
        readClock = try connection.statement("SELECT clock FROM \(clock) WHERE key = ?1")
        insertClock = try connection.statement("INSERT INTO \(clock)(key, clock) VALUES(?1, ?2)")
        insertFreshClock = try connection.statement(
            "INSERT INTO \(clock)(key, clock) VALUES(?1, ?2) ON CONFLICT DO NOTHING")
        updateClock = try connection.statement("UPDATE \(clock) SET clock = ?2 WHERE key = ?1")
    }

    var readRow: RawStatement { get throws { try prepared(&read, sqlToRead) } }
    var insertRow: RawStatement { get throws { try prepared(&insert, sqlToInsert) } }
    var deleteRow: RawStatement { get throws { try prepared(&delete, sqlToDelete) } }

    private func prepared(_ place: inout RawStatement?, _ sql: String) throws -> RawStatement {
        if let place { return place }
        let made = try connection.statement(sql)
        place = made
        return made
    }

    static func whereKey(_ table: SharedTable) -> String {
        table.keyColumns.enumerated().map { "\(quoted($1.name)) = ?\($0 + 1)" }.joined(separator: " AND ")
    }

    /// The UPDATE that sets at least `columns`, and which columns it sets. Parameters: the key,
    /// then those columns in order.
    func update(_ columns: ColumnMask) throws -> (statement: RawStatement, columns: ColumnMask) {
        if let known = updates[columns] { return (known, columns) }
        let chosen = updates.count < Self.updateStatementsMax ? columns : .first(table.columns.count)
        if let known = updates[chosen] { return (known, chosen) }
        let first = table.keyColumns.count + 1
        let sets = chosen.columns.enumerated().map { "\(quoted(table.columns[$1].name)) = ?\(first + $0)" }
        let made = try connection.statement(
            "UPDATE \(quoted(table.name)) SET \(sets.joined(separator: ", ")) WHERE \(Self.whereKey(table))")
        updates[chosen] = made
        return (made, chosen)
    }
}

/// Binds an encoded key to the first parameters of a statement.
enum KeyBinder {
    static func bind(_ key: UnsafeRawBufferPointer, of table: SharedTable, to statement: RawStatement) throws {
        // One text column is the common key: its bytes follow the tag and are bound where they lie.
        if table.keyColumns.count == 1, key.count > 0, key[0] == 0x20 {
            return statement.bindText(1, UnsafeRawBufferPointer(rebasing: key[1...]))
        }
        for (index, value) in try KeyCoding.decode(key, count: table.keyColumns.count).enumerated() {
            statement.bind(Int32(index + 1), copying: value)
        }
    }
}
