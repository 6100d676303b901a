import CSQLite
import ParkSyncCore
import Synchronization

/// Asks SQLite what a column's default is, and whether a column can be added to a table that has
/// rows.
///
/// SQLite tells constants from expressions only there: `ALTER TABLE … ADD COLUMN` takes a constant
/// alone once the table has a row. So each default is added to a table with one row in a database
/// of its own, and read back from that row.
final class ColumnDefaults {
    private struct Question: Hashable {
        var expression: ExactText?
        var affinity: Affinity
        var isNotNull: Bool
    }

    private var opened: Connection?
    /// Answers for the whole process: a node compares its tables at each start and each change of
    /// the schema, with the same defaults.
    private static let known = Mutex<[Question: Outcome]>([:])
    private static let knownMax = 4_096

    private func connection() throws -> Connection {
        if let opened { return opened }
        let made = try Connection(path: ":memory:", role: .applier)
        opened = made
        return made
    }

    enum Outcome: Sendable {
        /// What a row gets that does not name the column.
        case value(Value)
        /// What SQLite says against it.
        case refused(String)

        var isNull: Bool { if case .value(.null) = self { true } else { false } }
    }

    /// - Parameters:
    ///   - expression: as `pragma_table_xinfo` gives it; nil for none.
    ///   - isNotNull: whether NOT NULL is asked for as well.
    func value(of expression: String?, affinity: Affinity, isNotNull: Bool = false) throws -> Outcome {
        guard expression != nil || isNotNull else { return .value(.null) }
        let question = Question(expression: expression.map { ExactText($0) }, affinity: affinity, isNotNull: isNotNull)
        if let answer = Self.known.withLock({ $0[question] }) { return answer }
        let answer = try ask(question)
        Self.known.withLock { known in
            if known.count >= Self.knownMax { known.removeAll() }
            known[question] = answer
        }
        return answer
    }

    private func ask(_ question: Question) throws -> Outcome {
        let connection = try connection()
        try connection.execute("DROP TABLE IF EXISTS sample; CREATE TABLE sample(one); INSERT INTO sample VALUES(1)")
        let fallback = question.expression.map { " DEFAULT " + Self.operand($0.text) } ?? ""
        let sql =
            """
            ALTER TABLE sample ADD COLUMN wanted \
            \(Self.type(question.affinity))\(question.isNotNull ? " NOT NULL" : "")\(fallback)
            """
        guard try SQLText.execute(sql, on: connection.handle) == SQLITE_OK else {
            return .refused(sqlite3_errmsg(connection.handle).map { String(cString: $0) } ?? "")
        }
        let statement = try RawStatement(connection.handle, "SELECT wanted FROM sample")
        return .value(try statement.step() ? statement.view(0).copied : .null)
    }

    /// SQLite takes a name without parentheses for a text (`DEFAULT open`), and leaves out the
    /// parentheses around an expression when it describes a column.
    private static func operand(_ expression: String) -> String {
        let tokens = SQLTokens(expression)
        let pieces = tokens.tokens.filter { !$0.isComment }
        return pieces.count == 1 ? tokens.text(pieces[0]) : "(\(expression)\n)"
    }

    private static func type(_ affinity: Affinity) -> String {
        switch affinity {
        case .blob: "BLOB"
        case .text: "TEXT"
        case .numeric: "NUMERIC"
        case .integer: "INTEGER"
        case .real: "REAL"
        }
    }
}
