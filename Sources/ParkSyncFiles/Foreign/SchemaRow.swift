import ParkSyncCore
import ParkSyncStore

/// A row of `sqlite_master`: what the schema of a file says, as text. Nothing of it is executed
/// here.
struct SchemaRow: Hashable {
    var type: String
    var name: String
    var table: String
    /// Empty for what SQLite makes by itself.
    var sql: String

    static let rowsMax = 20_000
    static let bytesMax = 32 << 20

    /// In the order in which they were made.
    ///
    /// - Throws: `StoreError.damaged` if there are more than any node has.
    static func all(_ connection: Connection, in database: String = "main") throws -> [SchemaRow] {
        let statement = try RawStatement(
            connection.handle, "SELECT type, name, tbl_name, sql FROM \(database).sqlite_master ORDER BY rowid")
        var rows: [SchemaRow] = []
        var bytes = 0
        while try statement.step() {
            let row = SchemaRow(
                type: statement.string(0), name: statement.string(1), table: statement.string(2),
                sql: statement.string(3))
            bytes += row.name.utf8.count + row.table.utf8.count + row.sql.utf8.count
            guard rows.count < rowsMax, bytes <= bytesMax else {
                throw StoreError(
                    .damaged, "its schema has more than \(rowsMax) objects or \(bytesMax) bytes",
                    remedy: CopyChecks.remedy)
            }
            rows.append(row)
        }
        return rows
    }

    /// Whether it says the same as another, but for comments and white space.
    func isSame(as other: SchemaRow) -> Bool {
        guard type.isExactly(other.type), name.isSameName(as: other.name), table.isSameName(as: other.table) else {
            return false
        }
        return sql.isExactly(other.sql) || Self.pieces(sql) == Self.pieces(other.sql)
    }

    private static func pieces(_ sql: String) -> [ExactText] {
        let tokens = SQLTokens(sql)
        return tokens.tokens.filter { !$0.isComment }.map {
            ExactText($0.kind == .word ? tokens.text($0).asciiLowercased : tokens.text($0))
        }
    }

    /// Whether reading it evaluates nothing: a table, none of whose columns is computed. What is
    /// asked of rows that are written may be anything.
    var isStored: Bool { type == "table" && isOneStatement && !has(["as", "generated", "select", "virtual", "with"]) }

    /// Whether nothing in it is ever evaluated: a table of columns, or an index of columns.
    var isPlain: Bool {
        if sql.isEmpty { return true }
        guard isOneStatement, !has(["as", "check", "generated", "select", "virtual", "where", "with"]) else {
            return false
        }
        let (words, symbols) = (words, symbols)
        switch type {
        case "table":
            return !words.indices.dropLast().contains { words[$0] == "default" && symbols[$0 + 1] == UInt8(ascii: "(") }
        case "index":
            // An expression has a parenthesis or an operator of its own.
            let found = symbols.compactMap { $0 }
            return found.allSatisfy { "(),.".utf8.contains($0) } && found.count { $0 == UInt8(ascii: "(") } == 1
        default: return false
        }
    }

    private var pieces: (tokens: SQLTokens, all: [SQLToken]) {
        let tokens = SQLTokens(sql)
        return (tokens, tokens.tokens.filter { !$0.isComment })
    }

    /// Piece by piece; empty for what is no word.
    private var words: [String] {
        let (tokens, all) = pieces
        return all.map { $0.kind == .word ? tokens.text($0).asciiLowercased : "" }
    }

    private var symbols: [UInt8?] { pieces.all.map { if case .symbol(let byte) = $0.kind { byte } else { nil } } }

    private var isOneStatement: Bool {
        pieces.tokens.openLine == nil && words.first == "create" && !symbols.contains(UInt8(ascii: ";"))
    }

    private func has(_ wanted: [String]) -> Bool { words.contains { word in wanted.contains { $0.isExactly(word) } } }
}
