import CSQLite
import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

@testable import ParkSyncOffice

/// The tables of a node in memory, with all guards of the schema.
final class MemoryDatabase: @unchecked Sendable {
    private let lock = NSLock()
    private var database: OpaquePointer?
    /// Numbers that are drawn, one after the other.
    private var drawn: UInt64 = 0
    private(set) var authors: [String?] = []

    struct Failure: Error { var message: String }

    init(_ rows: String) throws {
        guard sqlite3_open(":memory:", &database) == SQLITE_OK else { throw Failure(message: "no database") }
        for file in CatalogueSchema.files { try run(file.sql) }
        try run("PRAGMA foreign_keys = ON")
        try run(rows)
    }

    deinit { sqlite3_close(database) }

    func run(_ sql: String) throws {
        guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else { throw Failure(message: message) }
    }

    func read(_ query: SQLStatement) throws -> OfficeRows {
        try lock.withLock {
            let statement = try prepared(query)
            defer { sqlite3_finalize(statement) }
            let count = sqlite3_column_count(statement)
            let columns = (0..<count).map { column in
                sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
            }
            var rows: [[JSONValue]] = []
            while true {
                switch sqlite3_step(statement) {
                case SQLITE_ROW: rows.append((0..<count).map { JSONValue(value(statement, $0)) })
                case SQLITE_DONE: return OfficeRows(columns: columns, rows: rows)
                default: throw Failure(message: "\(message): \(query.sql)")
                }
            }
        }
    }

    func write(_ statements: [SQLStatement], author: String?) throws -> [Int] {
        try lock.withLock {
            try run("BEGIN")
            var changes: [Int] = []
            for query in statements {
                let statement = try prepared(query)
                let result = sqlite3_step(statement)
                let refusal = message
                sqlite3_finalize(statement)
                if result == SQLITE_DONE {
                    changes.append(Int(sqlite3_changes(database)))
                    continue
                }
                try run("ROLLBACK")
                throw ProblemDetails(
                    code: result == SQLITE_CONSTRAINT ? "constraint" : "sql-error", title: "Refused", status: 409,
                    detail: refusal, remedy: "Correct it.")
            }
            try run("COMMIT")
            authors.append(author)
            return changes
        }
    }

    func draw() -> UInt64 {
        lock.withLock {
            drawn += 1
            return drawn
        }
    }

    private func prepared(_ query: SQLStatement) throws -> OpaquePointer? {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, query.sql, -1, &statement, nil) == SQLITE_OK else {
            throw Failure(message: "\(message): \(query.sql)")
        }
        // Texts are copied before the call returns.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        for (index, parameter) in (query.parameters ?? []).enumerated() {
            let place = Int32(index + 1)
            switch parameter.value {
            case .null: sqlite3_bind_null(statement, place)
            case .integer(let number): sqlite3_bind_int64(statement, place, number)
            case .real(let bits): sqlite3_bind_double(statement, place, Double(bitPattern: bits))
            case .text(let bytes), .blob(let bytes):
                sqlite3_bind_text(statement, place, String(decoding: bytes, as: UTF8.self), -1, transient)
            }
        }
        return statement
    }

    private func value(_ statement: OpaquePointer?, _ column: Int32) -> Value {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: .double(sqlite3_column_double(statement, column))
        case SQLITE_NULL: .null
        default: .string(sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "")
        }
    }

    private var message: String { sqlite3_errmsg(database).map { String(cString: $0) } ?? "" }
}

/// The node of one park over it.
struct MemoryStore: OfficeStore {
    let database: MemoryDatabase
    var park = "south"
    /// 2026-12-05 10:00 in Shanghai.
    var clock = Instant(seconds: 1_796_436_000)
    var standings = ZoneStanding(applied: "bio:3 south:7", at: Instant(seconds: 1_796_436_000), parks: [])

    init(_ rows: String) throws { database = try MemoryDatabase(rows) }

    func at(_ park: String) -> MemoryStore {
        var store = self
        store.park = park
        return store
    }

    func read(_ query: SQLStatement) async throws -> OfficeRows { try database.read(query) }

    func write(_ statements: [SQLStatement], author: String?, note: String?) async throws -> [Int] {
        try database.write(statements, author: author)
    }

    func standing() async throws -> ZoneStanding { standings }
    func now() -> Instant { clock }
    func draw() -> UInt64 { database.draw() }
}
