import CSQLite
import CSQLiteSwitches
import ParkSyncCore

/// What has to hold of a file, and of its handle, before a connection uses it.
extension Connection {
    /// How often a file may be gone before opening fails. Each time somebody else has to remove one
    /// at that very moment.
    private static let goneTriesMax = 20

    /// Runs `body` again when a file that SQLite was to delete was gone already.
    ///
    /// A log beside an empty database is of an earlier file, and whoever opens the database deletes
    /// it, with no lock that keeps others from doing the same. Of two that open it at once (a node
    /// that was given a new file, a program of the park) the second finds it gone, and SQLite calls
    /// that a disk I/O error. Nothing is wrong then, and the next look finds no log.
    static func unlessGone<T>(_ body: () throws -> T) throws -> T {
        for _ in 1..<goneTriesMax {
            do { return try body() } catch let failure as DatabaseHandle.Failure
                where failure.code == StoreError.goneAlready
            {
                continue
            } catch let error as StoreError where error.sqliteCode == StoreError.goneAlready { continue }
        }
        return try body()
    }

    /// Texts are read and written as the bytes that the file holds, and those are UTF-8 everywhere
    /// else.
    static func refuseOtherEncodings(_ handle: OpaquePointer, _ path: String) throws {
        let prepared = try SQLText.prepare("PRAGMA encoding", on: handle)
        let statement = prepared.statement
        defer { sqlite3_finalize(statement) }
        let result = prepared.result == SQLITE_OK ? sqlite3_step(statement) : prepared.result
        guard result == SQLITE_ROW else {
            throw StoreError.sqlite(result, connection: handle, doing: "Opening \(path)")
        }
        // SQLite converts the answer itself for this function alone.
        guard let encoding = sqlite3_column_text(statement, 0).map({ String(cString: $0) }), encoding != "UTF-8" else {
            return
        }
        throw ForeignHeader.otherEncoding(path, encoding)
    }

    /// No SQL of this connection, its own schema's included, reaches memory or code by SQLite's own
    /// doors.
    static func harden(_ handle: OpaquePointer) throws {
        let result = parksync_sqlite_harden(UnsafeMutableRawPointer(handle))
        guard result == SQLITE_OK else {
            throw StoreError.sqlite(result, connection: handle, doing: "Closing what SQL must not reach")
        }
    }
}
