import CSQLite

/// What failed in the store, where, and the remedy.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable, for programs.
    package enum Code: String, Hashable, Sendable {
        case sql, constraint, timeout, forbidden, tooLarge, busy, diskFull, damaged, readOnly
        case schema, format, notReady, fenced, clock, clientGone, unknownTable, unknownRow, unknownConflict,
            invalidInput, internalState
    }
    package var code: Code
    package var reason: String
    package var remedy: String
    /// SQLite's extended result code; 0 for what SQLite has no part in.
    package private(set) var sqliteCode: Int32 = 0

    /// Whether `ofFile` has made it.
    private var isMarkedOfFile = false

    /// The file itself is damaged, and there is a remedy of its own for that.
    static func ofFile(_ reason: String, remedy: String) -> StoreError {
        var error = StoreError(.damaged, reason, remedy: remedy)
        error.isMarkedOfFile = true
        return error
    }

    package init(_ code: Code, _ reason: String, remedy: String) {
        self.code = code
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String { "\(reason). \(remedy)" }

    /// Heard only by a client that reads still, though it has ended its side of the connection.
    static var clientGone: StoreError {
        StoreError(
            .clientGone, "the client closed its side of the connection before its write was begun",
            remedy: "Nothing was written. Keep the connection open until the answer is there.")
    }

    /// Whether the file itself is damaged: to open it once more changes nothing.
    package var isOfFile: Bool {
        code == .damaged && (isMarkedOfFile || remedy == Self.damageRemedy || remedy == Self.corruptRemedy)
    }
    /// Whether this machine's disk failed: no file is to blame for it.
    package var isOfDisk: Bool { sqliteCode & 0xFF == SQLITE_IOERR || sqliteCode & 0xFF == SQLITE_CANTOPEN }
    /// Whether a value is longer than SQLite was told to take.
    package var isOfLongValue: Bool { sqliteCode & 0xFF == SQLITE_TOOBIG }
    /// Whether this process had no memory left for SQLite.
    package var isOfMemory: Bool { sqliteCode & 0xFF == SQLITE_NOMEM }
    static let corruptRemedy =
        "The file is damaged: stop the node, move the file away, and let it fetch its state from its peers."

    /// The same failure as one of a whole file: told otherwise, with SQLite's code as it was.
    package func told(as code: Code, _ reason: String, remedy: String) -> StoreError {
        var error = StoreError(code, reason, remedy: remedy)
        error.sqliteCode = sqliteCode
        return error
    }

    /// From an SQLite result code and the connection's message.
    package static func sqlite(_ result: Int32, connection: OpaquePointer?, doing what: String) -> StoreError {
        let message =
            connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
            ?? String(cString: sqlite3_errstr(result))
        // Of the connection's last failure, if that is the one.
        let last = connection.map { sqlite3_extended_errcode($0) } ?? result
        let code = last & 0xFF == result & 0xFF ? last : result
        // Which statement came upon it says nothing of where it is.
        let isCorrupt = [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xFF)
        var error = of(
            code, isCorrupt ? "the database file is corrupt (SQLite: \(message))" : "\(what): \(message)",
            needsForeign: needsForeign(code, message))
        error.sqliteCode = code
        return error
    }

    /// Whether an index of another program needs a collation or a function that only that program
    /// has.
    ///
    /// SQLite has a code for the collation. For the function it has none; these words it uses for
    /// no other thing: a function that a statement itself names is "no such function".
    private static func needsForeign(_ code: Int32, _ message: String) -> Bool {
        code == missingCollation || (code == SQLITE_ERROR && message.hasPrefix("unknown function: "))
    }

    /// `SQLITE_ERROR_MISSING_COLLSEQ`, a macro that the importer does not take.
    private static let missingCollation = SQLITE_ERROR | 1 << 8

    /// `SQLITE_IOERR_DELETE_NOENT`, as the next one a macro that Swift does not see: a file that
    /// was to be deleted is gone already.
    static let goneAlready: Int32 = SQLITE_IOERR | 23 << 8
    /// `SQLITE_IOERR_SHMSIZE`: the file of the wal-index cannot grow. SQLite says that a disk is
    /// full of all other files alone.
    private static let indexCannotGrow: Int32 = SQLITE_IOERR | 19 << 8

    /// A database cannot be opened.
    ///
    /// - Parameters:
    ///   - code: SQLite's extended result code. Many failures share the words "disk I/O error"; it
    ///     tells which it is.
    ///   - isOwn: whether it is the node's own database.
    static func opening(_ path: String, _ code: Int32, _ message: String, isOwn: Bool) -> StoreError {
        var error = of(code, "Opening \(path): \(message) (SQLite \(code))", needsForeign: false)
        if error.code != .diskFull, code & 0xFF != SQLITE_NOMEM, !(isOwn && code & 0xFF == SQLITE_CORRUPT) {
            error = StoreError(
                .damaged, error.reason,
                remedy: "Check that the folder exists, is writable, and that the file is an SQLite database.")
        }
        error.sqliteCode = code
        return error
    }

    private static func of(_ code: Int32, _ reason: String, needsForeign: Bool) -> StoreError {
        if code == indexCannotGrow { return of(SQLITE_FULL, reason, needsForeign: false) }
        switch code & 0xFF {
        case SQLITE_FULL:
            return StoreError(
                .diskFull, reason,
                remedy: "Free disk space for the state folder; nothing was written and the call may be repeated.")
        case SQLITE_BUSY, SQLITE_LOCKED:
            return StoreError(
                .busy, reason, remedy: "Another program holds the write lock; let it commit, then repeat.")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            return StoreError(
                .damaged, reason, remedy: corruptRemedy)
        case SQLITE_IOERR, SQLITE_CANTOPEN:
            return StoreError(.damaged, reason, remedy: "Check the disk and the permissions of the state folder.")
        case SQLITE_READONLY: return StoreError(.readOnly, reason, remedy: "Check the permissions of the state folder.")
        case SQLITE_INTERRUPT:
            return StoreError(
                .timeout, reason, remedy: "Make the statement cheaper (an index?) or raise its time limit.")
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH:
            return StoreError(.constraint, reason, remedy: "Nothing was written; correct the values.")
        case SQLITE_AUTH:
            return StoreError(
                .forbidden, reason,
                remedy:
                    "Only reads and writes of the parks' tables are allowed here; schema changes come by schema files.")
        case SQLITE_NOMEM:
            return StoreError(.sql, reason, remedy: "This process has not the memory for it; nothing was written.")
        case SQLITE_TOOBIG: return StoreError(.tooLarge, reason, remedy: "Split the value or the transaction.")
        default:
            return StoreError(
                .sql, reason,
                remedy: needsForeign
                    ? """
                    Nothing was written. An index or trigger of another program needs what only that program \
                    has: drop it, see syncctl status.
                    """
                    : "Correct the SQL; nothing was written.")
        }
    }
}
