import ParkSyncCore
import ParkSyncReports
import Synchronization

/// Keeps a store's `RowsStatus` for those who ask.
final class RowWatch: Sendable {
    private let standing = Mutex(RowsStatus())

    var current: RowsStatus { standing.withLock { $0 } }
    func change(_ body: (inout RowsStatus) -> Void) { standing.withLock { body(&$0) } }
}

/// What the row verification remembers in the file's meta table.
enum VerificationMemory {
    private static let position = "rows position"
    private static let verified = "rows verified"
    private static let suspicions = "rows suspected"
    private static let failure = "rows not verified"

    /// All that the file remembers, as it is reported; what the differences are is looked up when
    /// somebody asks.
    static func status(_ connection: Connection) throws -> RowsStatus {
        var status = RowsStatus(differing: try DifferenceTable.count(connection))
        status.failure = try loadFailure(connection)
        if let verified = try loadVerified(connection) {
            (status.verifiedAt, status.verifiedRows) = (verified.at, verified.rows)
        }
        return status
    }

    static func loadFailure(_ connection: Connection) throws -> RowsStatus.Failure? {
        guard case .text(let bytes)? = try StoreFile.meta(connection, failure) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return nil }
        return RowsStatus.Failure(cause: String(words[1]), isOfFile: words[0] == "file")
    }

    static func save(_ connection: Connection, failure found: RowsStatus.Failure?) throws {
        guard try loadFailure(connection) != found else { return }
        try StoreFile.setMeta(
            connection, failure, found.map { .string("\($0.isOfFile ? "file" : "other") \($0.cause)") } ?? .null)
    }

    /// Where a verification of all rows stands, so that a restart does not begin it anew.
    static func load(_ connection: Connection) throws -> VerificationPosition? {
        guard case .text(let bytes)? = try StoreFile.meta(connection, position) else { return nil }
        return VerificationPosition(parsing: String(decoding: bytes, as: UTF8.self))
    }

    static func save(_ connection: Connection, _ found: VerificationPosition?) throws {
        try StoreFile.setMeta(connection, position, found.map { .string($0.text) } ?? .null)
    }

    static func loadVerified(_ connection: Connection) throws -> (at: UInt64, rows: Int64, seen: VersionVector)? {
        guard case .text(let bytes)? = try StoreFile.meta(connection, verified) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(
            separator: ";", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3, let at = UInt64(words[0]), let rows = Int64(words[1]),
            let seen = VersionVector(parsing: String(words[2]))
        else {
            return nil
        }
        return (at, rows, seen)
    }

    /// - Parameter seen: what was applied when the verification began.
    static func saveVerified(_ connection: Connection, at: UInt64, rows: Int64, seen: VersionVector) throws {
        try StoreFile.setMeta(connection, verified, .string("\(at);\(rows);\(seen)"))
    }

    /// Tables whose rows may have been written past capture, one a line: since when, and the name.
    static func loadSuspicions(_ connection: Connection) throws -> [RowsStatus.Suspicion] {
        guard case .text(let bytes)? = try StoreFile.meta(connection, suspicions) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let since = UInt64(words[0]), let name = Hex.decode(words[1]) else { return nil }
            return RowsStatus.Suspicion(table: String(decoding: name, as: UTF8.self), since: since)
        }
    }

    private static func save(_ connection: Connection, _ found: [RowsStatus.Suspicion]) throws {
        let text = found.map { "\($0.since) \(Hex.encode($0.table.utf8))" }.joined(separator: "\n")
        try StoreFile.setMeta(connection, suspicions, .string(text))
    }

    static func suspect(_ connection: Connection, _ tables: [String], since: UInt64) throws {
        guard !tables.isEmpty else { return }
        var found = try loadSuspicions(connection).filter { !tables.contains($0.table) }
        found += tables.map { RowsStatus.Suspicion(table: $0, since: since) }
        try save(connection, found.sorted { $0.table < $1.table })
    }

    static func clear(_ connection: Connection, _ table: String, since: UInt64) throws {
        let found = try loadSuspicions(connection)
        let rest = found.filter { $0.table != table || $0.since > since }
        if rest != found { try save(connection, rest) }
    }
}
