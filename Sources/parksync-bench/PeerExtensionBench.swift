import Foundation
import CSQLite
import ParkSyncCore
import ParkSyncStore

/// The CRDT extensions that the bench knows: how a table is tracked, where its changes are read and
/// applied, what precedes closing.
private enum PeerExtension: String, CaseIterable {
    case crSQLite = "cr-sqlite"
    case sqliteSync = "sqlite-sync"

    var track: String {
        switch self {
        case .crSQLite: "SELECT crsql_as_crr('sample')"
        case .sqliteSync: "SELECT cloudsync_init('sample')"
        }
    }

    /// A virtual table: reading it yields the changes in order, inserting into it applies them.
    var changes: String {
        switch self {
        case .crSQLite: "crsql_changes"
        case .sqliteSync: "cloudsync_changes"
        }
    }

    var finish: String {
        switch self {
        case .crSQLite: "SELECT crsql_finalize()"
        case .sqliteSync: "SELECT cloudsync_terminate()"
        }
    }
}

/// Measures a CRDT extension for SQLite that the user has, on the bench's row and in the same round
/// beside plain SQLite.
///
/// The same program writes both tables: `PlainSQLite` with its statements, transactions and
/// durability.
struct PeerExtensionBench {
    /// The extension's shared library.
    let path: String
    let rows: Int
    /// Rows of one transaction.
    let batch: Int
    let table: FigureTable

    /// One round: each kind of write on the plain table, then on the tracked one.
    func round(_ number: Int) async throws {
        let folder = try BenchFolder()
        let made = BenchSamples(rows, round: number)
        let (samples, updates, deletes) = (made.rows, made.updates, made.deletes)

        let plain = try PlainSQLite(path: folder.path + "/plain.sqlite", create: true)
        let peer = try PlainSQLite(path: folder.path + "/peer.sqlite", create: true)
        let kind = try peer.load(path)
        defer { try? peer.execute(kind.finish) }
        try peer.track(kind)

        let plainInsert = try await Cost.of { try await plain.run(BenchTable.insert, samples, batch: batch) }
        let insert = try await Cost.of { try await peer.run(BenchTable.insert, samples, batch: batch) }
        for database in [plain, peer] { try database.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
        table.add("peer_insert_cost_ratio", "ratio", insert.wall / plainInsert.wall)
        table.add("peer_file_bytes_per_row", "bytes", Double(folder.bytes("peer")) / Double(rows))
        table.add("peer_file_bytes_ratio", "ratio", Double(folder.bytes("peer")) / Double(folder.bytes("plain")))

        let apply = try applySeconds(kind, from: peer, folder)
        table.add("peer_apply_speed_ratio", "ratio", plainInsert.wall / apply)

        let plainUpdate = try await Cost.of { try await plain.run(BenchTable.update, updates, batch: batch) }
        let update = try await Cost.of { try await peer.run(BenchTable.update, updates, batch: batch) }
        table.add("peer_update_cost_ratio", "ratio", update.wall / plainUpdate.wall)

        let plainDelete = try await Cost.of { try await plain.run(BenchTable.delete, deletes, batch: batch) }
        let delete = try await Cost.of { try await peer.run(BenchTable.delete, deletes, batch: batch) }
        table.add("peer_delete_cost_ratio", "ratio", delete.wall / plainDelete.wall)
        try require(peer, "SELECT count(*) FROM sample", rows - deletes.count, "rows after the deletes")
    }

    /// Seconds to apply the changes of all rows to a second, empty database, `batch` rows a
    /// transaction.
    ///
    /// The changes come from a plain file, into which they are read out before: only their
    /// application counts.
    private func applySeconds(_ kind: PeerExtension, from source: PlainSQLite, _ folder: BenchFolder) throws -> Double {
        let columns = try source.columnNames("SELECT * FROM \(kind.changes)")
        let list = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        // Columns without a type keep every value as it is.
        let untyped = columns.indices.map { "c\($0)" }.joined(separator: ", ")
        try source.execute("ATTACH '\(folder.path)/changes.sqlite' AS staged")
        try source.execute("CREATE TABLE staged.changes(\(untyped))")
        try source.execute("INSERT INTO staged.changes SELECT \(list) FROM \(kind.changes) WHERE db_version > 0")
        try source.execute("DETACH staged")

        let target = try PlainSQLite(path: folder.path + "/applied.sqlite", create: true)
        let sameKind = try target.load(path)
        defer { try? target.execute(sameKind.finish) }
        try target.track(kind)
        try target.execute("ATTACH '\(folder.path)/changes.sqlite' AS staged")
        let count = try target.integer("SELECT count(*) FROM staged.changes")
        let perTransaction = max(1, count / max(1, rows) * batch)
        let start = ContinuousClock.now
        try target.copyRows(
            from: "SELECT \(untyped) FROM staged.changes ORDER BY rowid",
            into: "INSERT INTO \(kind.changes)(\(list)) VALUES(\(columns.map { _ in "?" }.joined(separator: ", ")))",
            columns: columns.count, perTransaction: perTransaction)
        let seconds = (ContinuousClock.now - start) / .seconds(1)

        try target.execute("DETACH staged")
        try target.execute("ATTACH '\(folder.path)/peer.sqlite' AS origin")
        try require(target, "SELECT count(*) FROM sample", rows, "rows after the apply")
        try require(
            target, "SELECT count(*) FROM (SELECT * FROM sample EXCEPT SELECT * FROM origin.sample)", 0,
            "rows unlike their origin")
        try target.execute("DETACH origin")
        return seconds
    }

    private func require(_ database: PlainSQLite, _ sql: String, _ expected: Int, _ what: String) throws {
        let found = try database.integer(sql)
        guard found == expected else {
            throw PeerError(
                "\(path) left \(found) \(what) instead of \(expected)",
                remedy: "Compare with a version of the extension that keeps every row.")
        }
    }
}

extension PlainSQLite {
    /// Loads the extension into this connection and tells by its functions which one it is.
    fileprivate func load(_ path: String) throws -> PeerExtension {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw PeerError("\(path) cannot be read", remedy: "Give the path of an SQLite extension.")
        }
        guard sqlite3_enable_load_extension(handle, 1) == SQLITE_OK else {
            throw PeerError(
                "this SQLite library loads no extensions", remedy: "Use a build without SQLITE_OMIT_LOAD_EXTENSION.")
        }
        defer { sqlite3_enable_load_extension(handle, 0) }
        // A name without a folder would be looked for among the system's libraries.
        let absolute = URL(fileURLWithPath: path).path
        var reason: String?
        // SQLite guesses the entry point from the file's name; a renamed file is found by the names
        // that the known extensions have.
        for entry in [nil, "sqlite3_crsqlite_init", "sqlite3_cloudsync_init"] as [String?] {
            var message: UnsafeMutablePointer<CChar>?
            if sqlite3_load_extension(handle, absolute, entry, &message) == SQLITE_OK { return try recognise(path) }
            reason = reason ?? message.map { String(cString: $0) }
            sqlite3_free(message)
        }
        throw PeerError(
            "\(path) cannot be loaded: \(reason ?? "no reason given")",
            remedy: "Give the path of an SQLite extension for this machine.")
    }

    private func recognise(_ path: String) throws -> PeerExtension {
        guard let kind = PeerExtension.allCases.first(where: { compiles($0.track) }) else {
            let known = PeerExtension.allCases.map(\.rawValue).joined(separator: " nor ")
            throw PeerError(
                "\(path) is neither \(known): it lacks their functions", remedy: "Give the path of one of these.")
        }
        return kind
    }

    fileprivate func track(_ kind: PeerExtension) throws {
        do {
            try execute(kind.track)
            // A version that does not suit this SQLite shows it here.
            try execute("SELECT count(*) FROM \(kind.changes)")
        } catch let error as StoreError {
            throw PeerError(
                """
                \(kind.rawValue) does not track the table with SQLite \(String(cString: sqlite3_libversion())): \
                \(error.reason)
                """,
                remedy: "Use a version of the extension that suits this SQLite.")
        }
    }

    /// Whether `sql` can be prepared: its functions and tables exist.
    private func compiles(_ sql: String) -> Bool {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        return sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK
    }

    private func prepare(_ sql: String) throws -> OpaquePointer? {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw failure(sql) }
        return statement
    }

    fileprivate func columnNames(_ sql: String) throws -> [String] {
        let statement = try prepare(sql)
        defer { sqlite3_finalize(statement) }
        return (0..<sqlite3_column_count(statement)).compactMap {
            sqlite3_column_name(statement, $0).map { String(cString: $0) }
        }
    }

    fileprivate func integer(_ sql: String) throws -> Int {
        let statement = try prepare(sql)
        defer { sqlite3_finalize(statement) }
        guard sqlite3_step(statement) == SQLITE_ROW else { throw failure(sql) }
        return Int(sqlite3_column_int64(statement, 0))
    }

    /// Inserts every row that `selection` yields, values handed on as they are.
    fileprivate func copyRows(from selection: String, into insertion: String, columns: Int, perTransaction: Int) throws
    {
        let reader = try prepare(selection)
        defer { sqlite3_finalize(reader) }
        let writer = try prepare(insertion)
        defer { sqlite3_finalize(writer) }
        var open = 0
        while true {
            let step = sqlite3_step(reader)
            if step == SQLITE_DONE { break }
            guard step == SQLITE_ROW else { throw failure(selection) }
            if open == 0 { try execute("BEGIN IMMEDIATE") }
            for column in 0..<Int32(columns) {
                sqlite3_bind_value(writer, column + 1, sqlite3_column_value(reader, column))
            }
            guard sqlite3_step(writer) == SQLITE_DONE else { throw failure(insertion) }
            sqlite3_reset(writer)
            open += 1
            if open == perTransaction {
                try execute("COMMIT")
                open = 0
            }
        }
        if open > 0 { try execute("COMMIT") }
    }
}
