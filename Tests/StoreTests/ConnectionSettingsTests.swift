import CSQLite
import Foundation
import Testing

@testable import ParkSyncStore

/// What a connection is opened with, by its role. What is not listed is as in a connection that
/// SQLite opens by itself.
@Suite struct ConnectionSettingsTests {
    /// Settings by the names of their pragmas.
    private static func settings(_ handle: OpaquePointer) throws -> [String: String] {
        let names = [
            "foreign_keys", "busy_timeout", "journal_mode", "synchronous", "wal_autocheckpoint", "journal_size_limit",
            "query_only",
            "ignore_check_constraints", "temp_store", "mmap_size", "cache_size", "locking_mode", "recursive_triggers",
            "trusted_schema",
            "cell_size_check", "automatic_index", "secure_delete", "read_uncommitted", "defer_foreign_keys", "encoding",
            "page_size", "auto_vacuum",
        ]
        var result: [String: String] = [:]
        for name in names {
            let statement = try RawStatement(handle, "PRAGMA \(name)")
            result[name] = try statement.step() ? statement.string(0) : "none"
        }
        return result
    }

    private static func names(_ handle: OpaquePointer, _ list: String) throws -> Set<String> {
        let statement = try RawStatement(handle, "SELECT name FROM pragma_\(list)")
        var names: Set<String> = []
        while try statement.step() { names.insert(statement.string(0)) }
        return names
    }

    /// A connection of a program that sets nothing.
    private final class Plain {
        let handle: OpaquePointer

        init(_ path: String) throws {
            var opened: OpaquePointer?
            let result = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
            handle = try #require(result == SQLITE_OK ? opened : nil)
        }

        deinit { sqlite3_close_v2(handle) }
    }

    private static let roles: [(role: Connection.Role, differs: [String: String])] = [
        (
            .writer,
            [
                "foreign_keys": "1", "synchronous": "2", "wal_autocheckpoint": "10000",
                "journal_size_limit": "\(64 << 20)",
            ]
        ),
        (
            .applier,
            [
                "synchronous": "1", "wal_autocheckpoint": "64000", "journal_size_limit": "\(64 << 20)",
                "ignore_check_constraints": "1",
            ]
        ),
        (.reader, ["query_only": "1"]),
        (.guardian, ["synchronous": "2", "wal_autocheckpoint": "0", "journal_size_limit": "\(64 << 20)"]),
        (.builder, ["journal_mode": "delete", "synchronous": "0", "ignore_check_constraints": "1"]),
    ]

    @Test(arguments: roles.indices) func aConnectionIsSetUpForItsRole(_ index: Int) throws {
        let (role, differs) = Self.roles[index]
        let folder = try ScratchFolder()
        let path = folder.path + "/a.sqlite"
        let plain = try Plain(path)
        #expect(
            sqlite3_exec(
                plain.handle, "PRAGMA journal_mode = WAL; CREATE TABLE t(a INTEGER PRIMARY KEY)", nil, nil, nil)
                == SQLITE_OK)
        if role == .builder {
            #expect(sqlite3_exec(plain.handle, "PRAGMA journal_mode = DELETE", nil, nil, nil) == SQLITE_OK)
        }
        let connection = try Connection(path: path, role: role)
        let expected = try Self.settings(plain.handle).merging(differs) { $1 }
        #expect(try Self.settings(connection.handle) == expected, "\(role)")
        #expect(sqlite3_db_readonly(connection.handle, "main") == (role == .reader ? 1 : 0))
        // SQLite gives a connection no mutex if one thread at a time is to use it.
        #expect(sqlite3_db_mutex(connection.handle) == nil && sqlite3_db_mutex(plain.handle) != nil)
    }

    /// SQL means on every connection what it means to any program that has SQLite alone: no
    /// function, no collation more.
    @Test(arguments: roles.indices) func aConnectionKnowsWhatSQLiteKnows(_ index: Int) throws {
        let folder = try ScratchFolder()
        let plain = try Plain(folder.path + "/a.sqlite")
        #expect(sqlite3_exec(plain.handle, "CREATE TABLE t(a)", nil, nil, nil) == SQLITE_OK)
        let connection = try Connection(path: folder.path + "/a.sqlite", role: Self.roles[index].role)
        for list in ["collation_list", "function_list"] {
            let more = try Self.names(connection.handle, list).subtracting(Self.names(plain.handle, list))
            #expect(more == [], "\(list) of \(Self.roles[index].role)")
        }
    }

    /// But a text in double quotes is a name, and an error tells what it is.
    @Test(arguments: roles.indices) func aConnectionIsStricterThanSQLite(_ index: Int) throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/a.sqlite"
        let plain = try Plain(path)
        #expect(
            sqlite3_exec(plain.handle, "CREATE TABLE t(a INTEGER PRIMARY KEY); INSERT INTO t VALUES(1)", nil, nil, nil)
                == SQLITE_OK)
        let connection = try Connection(path: path, role: Self.roles[index].role)
        let mistaken = "SELECT a FROM t WHERE a = \"no such column\""
        #expect(sqlite3_exec(plain.handle, mistaken, nil, nil, nil) == SQLITE_OK)
        #expect(sqlite3_exec(connection.handle, mistaken, nil, nil, nil) == SQLITE_ERROR)
        guard Self.roles[index].role != .reader else { return }
        #expect(
            sqlite3_exec(connection.handle, "CREATE INDEX i ON t(\"no such column\")", nil, nil, nil) == SQLITE_ERROR)
        let double = sqlite3_exec(connection.handle, "INSERT INTO t VALUES(1)", nil, nil, nil)
        #expect(double == SQLITE_CONSTRAINT | 6 << 8, "SQLITE_CONSTRAINT_PRIMARYKEY, and not the first byte of it")
    }

    @Test func whatIsNoDatabaseIsNotOpened() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/a.sqlite"
        try Data(String(repeating: "no database ", count: 100).utf8).write(to: URL(fileURLWithPath: path))
        for role in [Connection.Role.writer, .reader, .builder] {
            let error = #expect(throws: StoreError.self) { _ = try Connection(path: path, role: role) }
            #expect(error?.sqliteCode == SQLITE_NOTADB, "\(String(describing: error))")
            #expect(
                error?.reason == "Opening \(path): file is not a database (SQLite 26)", "\(String(describing: error))")
        }
        let missing = #expect(throws: StoreError.self) {
            _ = try Connection(path: folder.path + "/none/a.sqlite", role: .writer)
        }
        #expect(
            missing?.reason.hasSuffix("/none/a.sqlite: unable to open database file (SQLite 14)") == true,
            "\(String(describing: missing))")
        #expect(missing?.isOfDisk == true)
    }
}
