import CSQLite
import ParkSyncCore

/// What a statement of a schema file does, as SQLite tells it while it compiles the statement, and
/// whether it may.
///
/// SQLite's authorizer is asked on the database in memory, and again on the node's file: only there
/// are ParkSync's own tables.
final class SchemaAuthorizer {
    struct Refusal {
        var reason: String
        var remedy: String
    }

    /// Tables whose rows the statement writes. SQLite says so of a table that is dropped, too.
    private(set) var written: Set<ExactText> = []
    private(set) var dropped: Set<ExactText> = []
    private(set) var altered: Set<ExactText> = []
    /// Tables that get an index.
    private(set) var indexed: Set<ExactText> = []
    private(set) var refusal: Refusal?

    /// - Parameter isNode: whether `connection` is a node's file, in which ParkSync's own tables
    ///   and triggers must be left alone.
    let isNode: Bool

    init(isNode: Bool = false) { self.isNode = isNode }

    /// Runs `body` while this is asked about each statement that the connection compiles.
    func watching<T>(_ connection: Connection, _ body: () throws -> T) rethrows -> T {
        sqlite3_set_authorizer(
            connection.handle,
            { context, action, first, second, _, _ in
                guard let context else { return SQLITE_DENY }
                let name = { (text: UnsafePointer<CChar>?) in text.map { String(cString: $0) } }
                return Unmanaged<SchemaAuthorizer>.fromOpaque(context).takeUnretainedValue().allows(
                    action, name(first), name(second))
                    ? SQLITE_OK : SQLITE_DENY
            }, Unmanaged.passUnretained(self).toOpaque())
        defer { sqlite3_set_authorizer(connection.handle, nil, nil) }
        return try body()
    }

    /// Before each statement.
    func begin() { (written, dropped, altered, indexed, refusal) = ([], [], [], [], nil) }

    private func refuse(_ reason: String, _ remedy: String) -> Bool {
        refusal = refusal ?? Refusal(reason: reason, remedy: remedy)
        return false
    }

    private func allows(_ action: Int32, _ first: String?, _ second: String?) -> Bool {
        let table = ExactText(first ?? "")
        switch action {
        case SQLITE_TRANSACTION, SQLITE_SAVEPOINT:
            return refuse(
                "the statement begins or ends a transaction, and a node executes its schema files in one of its own",
                "Leave BEGIN, COMMIT, ROLLBACK and SAVEPOINT out.")
        case SQLITE_ATTACH, SQLITE_DETACH:
            return refuse(
                "the statement reaches into another database", "A schema file describes the node's own database only.")
        case SQLITE_PRAGMA:
            // FTS5 and R-Tree ask some themselves.
            if SQLGuard.isReadingPragma(first, second) { return true }
            // SQLite itself asks whether the rows keep the CHECK of a column that is added. A node
            // does not look at CHECKs then: its rows may be another park's, which keep them or not,
            // and all nodes add the column alike.
            if !altered.isEmpty, table.text.isSameName(as: "quick_check") { return true }
            return refuse(
                "PRAGMA \(table) is no part of a schema: the settings of the file are the node's", "Leave it out.")
        case SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_TEMP_INDEX, SQLITE_CREATE_TEMP_TRIGGER, SQLITE_CREATE_TEMP_VIEW:
            return refuse("what is TEMPORARY is gone when the node closes the file", "Leave TEMP out.")
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE: written.insert(table)
        case SQLITE_DROP_TABLE, SQLITE_DROP_VTABLE: dropped.insert(table)
        case SQLITE_ALTER_TABLE: altered.insert(ExactText(second ?? ""))
        case SQLITE_CREATE_INDEX: indexed.insert(ExactText(second ?? ""))
        default: break
        }
        return isNode ? leavesOwnAlone(action, first, second) : true
    }

    private func leavesOwnAlone(_ action: Int32, _ first: String?, _ second: String?) -> Bool {
        let name: String?
        switch action {
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE, SQLITE_DROP_TABLE, SQLITE_DROP_TRIGGER, SQLITE_DROP_INDEX,
            SQLITE_DROP_VIEW:
            name = first
        case SQLITE_ALTER_TABLE: name = second
        default: name = nil
        }
        guard let name, SQLGuard.isInternal(name) else { return true }
        return refuse("the statement changes \(name), which is ParkSync's own", "Leave it alone.")
    }
}
