import GRDBSQLite

/// What failed in the store, where, and the remedy.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable, for programs.
    package enum Code: String, Hashable, Sendable {
        case sql, constraint, timeout, forbidden, tooLarge, busy, diskFull, damaged, readOnly
        case schema, format, notReady, fenced, clock, unknownTable, unknownRow, unknownConflict, invalidInput, internalState
    }
    package var code: Code
    package var reason: String
    package var remedy: String

    package init(_ code: Code, _ reason: String, remedy: String) {
        self.code = code
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String { "\(reason). \(remedy)" }

    /// From an SQLite result code and the connection's message.
    static func sqlite(_ result: Int32, connection: OpaquePointer?, doing what: String) -> StoreError {
        let message = connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? String(cString: sqlite3_errstr(result))
        let reason = "\(what): \(message)"
        switch result & 0xFF {
        case SQLITE_FULL:
            return StoreError(.diskFull, reason, remedy: "Free disk space for the state folder; nothing was written and the call may be repeated.")
        case SQLITE_BUSY, SQLITE_LOCKED:
            return StoreError(.busy, reason, remedy: "Another program holds the write lock; let it commit, then repeat.")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            return StoreError(
                .damaged, reason, remedy: "The file is damaged: stop the node, move the file away, and let it fetch its state from its peers.")
        case SQLITE_IOERR, SQLITE_CANTOPEN:
            return StoreError(.damaged, reason, remedy: "Check the disk and the permissions of the state folder.")
        case SQLITE_READONLY: return StoreError(.readOnly, reason, remedy: "Check the permissions of the state folder.")
        case SQLITE_INTERRUPT: return StoreError(.timeout, reason, remedy: "Make the statement cheaper (an index?) or raise its time limit.")
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH: return StoreError(.constraint, reason, remedy: "Nothing was written; correct the values.")
        case SQLITE_AUTH:
            return StoreError(
                .forbidden, reason, remedy: "Only reads and writes of the parks' tables are allowed here; schema changes come by schema files.")
        case SQLITE_TOOBIG: return StoreError(.tooLarge, reason, remedy: "Split the value or the transaction.")
        default:
            let isForeign = message.contains("no such collation sequence") || message.contains("unknown function")
            return StoreError(
                .sql, reason,
                remedy: isForeign
                    ? "Nothing was written. An index or trigger of another program needs what only that program has: drop it, see syncctl status."
                    : "Correct the SQL; nothing was written.")
        }
    }
}
