import CSQLite
import ParkSyncCore
import ParkSyncStore

/// Makes an object that another file's schema describes, and does nothing else.
///
/// What stands in `sqlite_master` is a text that anybody may have written: SQLite reads its first
/// statement only, and executing it as it is would execute all of them.
struct ObjectSQL {
    private final class Watch {
        let type: String
        let isVirtual: Bool
        init(type: String, isVirtual: Bool) { (self.type, self.isVirtual) = (type, isVirtual) }

        func allows(_ action: Int32, _ first: String?, _ second: String?) -> Bool {
            switch action {
            case SQLITE_CREATE_TABLE: return type == "table"
            case SQLITE_CREATE_INDEX: return type != "view"
            case SQLITE_CREATE_VIEW: return type == "view"
            case SQLITE_CREATE_TRIGGER: return type == "trigger"
            case SQLITE_CREATE_VTABLE:
                return isVirtual && second.map { GuestFunctions.isOpen(module: $0.asciiLowercased) } == true
            case SQLITE_READ, SQLITE_REINDEX: return true
            case SQLITE_FUNCTION:
                return second.map { GuestFunctions.kinds[ExactText($0.asciiLowercased)] != nil } ?? false
            case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE:
                return isVirtual || first?.isSameName(as: "sqlite_master") == true
                    || first?.isSameName(as: "sqlite_sequence") == true
            // A table that is made by a query would hold what the query gives.
            case SQLITE_SELECT: return type != "table" || isVirtual
            case SQLITE_PRAGMA: return SQLGuard.isReadingPragma(first, second)
            default: return false
            }
        }
    }

    let connection: Connection

    /// - Throws: `StoreError.sql` for anything but one statement that makes an object of this type.
    func make(_ row: SchemaRow) throws {
        let tokens = SQLTokens(row.sql)
        let words = tokens.tokens.filter { !$0.isComment }.prefix(3).map { tokens.text($0).asciiLowercased }
        let isVirtual = row.type == "table" && words.count > 1 && words[1] == "virtual"
        let watch = Watch(type: row.type, isVirtual: isVirtual)
        sqlite3_set_authorizer(
            connection.handle,
            { context, action, first, second, _, _ in
                guard let context else { return SQLITE_DENY }
                let name = { (text: UnsafePointer<CChar>?) in text.map { String(cString: $0) } }
                return Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue().allows(
                    action, name(first), name(second))
                    ? SQLITE_OK : SQLITE_DENY
            }, Unmanaged.passUnretained(watch).toOpaque())
        defer { sqlite3_set_authorizer(connection.handle, nil, nil) }
        try withExtendedLifetime(watch) { try execute(row.sql) }
    }

    private func execute(_ sql: String) throws {
        let handle = connection.handle
        let prepared = try SQLText.prepare(sql, on: handle)
        let statement = prepared.statement
        var result = prepared.result
        defer { sqlite3_finalize(statement) }
        guard result == SQLITE_OK, statement != nil else {
            throw StoreError.sqlite(result, connection: handle, doing: "Making \(sql.prefix(200))")
        }
        guard SQLTokens(String(decoding: sql.utf8.suffix(prepared.rest), as: UTF8.self)).tokens.allSatisfy(\.isComment)
        else {
            throw StoreError(
                .sql, "more than one statement stands where one object is described: \(sql.prefix(200))",
                remedy: CopyChecks.remedy)
        }
        repeat { result = sqlite3_step(statement) } while result == SQLITE_ROW
        guard result == SQLITE_DONE else {
            throw StoreError.sqlite(result, connection: handle, doing: "Making \(sql.prefix(200))")
        }
    }
}
