import Foundation
import ParkSyncCore
import ParkSyncReports

/// Captured writes that were refused.
package enum RefusalTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_refused(
          id INTEGER PRIMARY KEY, found_at INTEGER NOT NULL, -- Unix milliseconds
          tbl TEXT NOT NULL, row TEXT NOT NULL, cause TEXT NOT NULL)
        """
    private static let shownMax = 5
    /// Names how many were counted and not kept.
    package static let uncounted = "refused and not kept"

    static func keep(_ connection: Connection, table: String, row: String, cause: String, wallMilliseconds: UInt64)
        throws
    {
        // A program that writes garbage must not fill the disk with it.
        guard
            try connection.int64("SELECT count(*) FROM _parksync_refused") ?? 0
                < Int64(VerificationLimits.refusedRowsMax)
        else {
            return try StoreFile.setMeta(connection, uncounted, .integer(try notKept(connection).adding(1)))
        }
        let statement = try connection.statement(
            """
            INSERT INTO _parksync_refused(id, found_at, tbl, row, cause)
            VALUES((SELECT coalesce(max(id), 0) + 1 FROM _parksync_refused WHERE id BETWEEN 0 AND \(Int64.max - 1)), \
            ?1, ?2, ?3, ?4)
            """)
        statement.bind(1, wallMilliseconds)
        statement.bindText(2, copying: table)
        statement.bindText(3, copying: cut(row))
        statement.bindText(4, copying: cut(cause))
        try statement.run()
    }

    private static func cut(_ text: String) -> String {
        let bytes = text.utf8
        // SQLite's texts for C end at the first NUL.
        let plain = text.replacing("\0", with: "\u{FFFD}")
        let limit = VerificationLimits.refusedTextBytesMax
        return bytes.count <= limit ? plain : String(decoding: plain.utf8.prefix(limit), as: UTF8.self) + "…"
    }

    private static func notKept(_ connection: Connection) throws -> Int64 {
        guard case .integer(let count)? = try StoreFile.meta(connection, uncounted) else { return 0 }
        return max(0, count)
    }

    static func rows(_ connection: Connection, limit: Int) throws -> [RefusedRowReport] {
        let statement = try connection.statement(
            "SELECT id, found_at, tbl, row, cause FROM _parksync_refused ORDER BY id DESC LIMIT ?1")
        defer { statement.reset() }
        statement.bind(1, limit)
        var result: [RefusedRowReport] = []
        while try statement.step() {
            result.append(
                RefusedRowReport(
                    id: statement.int64(0), foundAt: UInt64(clamping: statement.int64(1)), table: statement.string(2),
                    row: statement.string(3),
                    cause: statement.string(4)))
        }
        return result
    }

    static func load(_ connection: Connection) throws -> RefusedRowsStatus {
        var found = RefusedRowsStatus()
        found.count = try notKept(connection).adding(
            try connection.int64("SELECT count(*) FROM _parksync_refused") ?? 0)
        found.newest = try rows(connection, limit: shownMax)
        return found
    }

    /// - Parameter ids: nil for all, and the count of those that were not kept.
    /// - Returns: how many were dropped.
    static func drop(_ connection: Connection, _ ids: [Int64]?) throws -> Int64 {
        let before = try load(connection).count
        if let ids {
            for id in ids {
                let statement = try connection.statement("DELETE FROM _parksync_refused WHERE id = ?1")
                statement.bind(1, id)
                try statement.run()
            }
        } else {
            try connection.statement("DELETE FROM _parksync_refused").run()
            try StoreFile.setMeta(connection, uncounted, .integer(0))
        }
        return max(0, before - (try load(connection).count))
    }
}

extension ParkStore {
    package var refusedRows: RefusedRowsStatus { publishedState.refused }

    /// Captured writes that were refused, the newest first.
    package func refused(limit: Int) async throws -> [RefusedRowReport] {
        try await readers.read(.node) { reader in
            try reader.snapshot { try RefusalTable.rows(reader.connection, limit: limit) }
        }
    }

    /// Forgets captured writes that were refused.
    ///
    /// - Parameter ids: nil for all.
    /// - Returns: how many were dropped.
    package func dropRefused(_ ids: [Int64]?) async throws -> Int64 {
        try await onQueue { core in
            let connection = core.applier.connection
            var next = core.current
            let count = try connection.transaction {
                let count = try RefusalTable.drop(connection, ids)
                next.refused = try RefusalTable.load(connection)
                return count
            }
            core.current = next
            core.publish(next)
            return count
        }
    }
}

extension Int64 {
    /// The sum, or the nearest number that there is.
    func adding(_ other: Int64) -> Int64 {
        let (sum, isBeyond) = addingReportingOverflow(other)
        return isBeyond ? (other < 0 ? .min : .max) : sum
    }
}
