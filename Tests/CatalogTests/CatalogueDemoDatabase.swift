import CSQLite
import Foundation
import ParkSyncCore

@testable import ParkSyncCatalog

/// The catalogue's schema in memory with the demo data of all parks, phase after phase, as one node
/// would have it.
final class CatalogueDemoDatabase: @unchecked Sendable {
    /// Statements that were refused, and why.
    private(set) var faults: [String] = []
    private var database: OpaquePointer?

    static func demo(_ seed: UInt64) -> CatalogueDemo {
        // No SHA-256, but as long as one and different for different texts.
        CatalogueDemo(seed: seed) { bytes in
            var random = DemoRandom(seed: 0, stream: String(decoding: bytes, as: UTF8.self))
            return (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
    }

    init(seed: UInt64) {
        guard sqlite3_open(":memory:", &database) == SQLITE_OK else {
            faults = ["no database"]
            return
        }
        for file in SchemaRows.files where sqlite3_exec(database, file, nil, nil, nil) != SQLITE_OK {
            faults.append(message)
        }
        sqlite3_exec(database, "PRAGMA foreign_keys = ON; BEGIN", nil, nil, nil)
        let demo = Self.demo(seed)
        for phase in CatalogueDemo.Phase.allCases {
            for park in CatalogueDemo.parks {
                for statement in demo.statements(park: park, phase) ?? [] { execute(statement) }
            }
        }
        sqlite3_exec(database, "COMMIT", nil, nil, nil)
    }

    deinit { sqlite3_close(database) }

    /// The first column of each row, as text.
    func column(_ query: String) -> [String] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK else { return [message] }
        defer { sqlite3_finalize(statement) }
        var found: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            found.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "")
        }
        return found
    }

    private func execute(_ demo: DemoStatement) {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, demo.sql, -1, &statement, nil) == SQLITE_OK else {
            faults.append("\(message): \(demo.sql)")
            return
        }
        defer { sqlite3_finalize(statement) }
        for (index, value) in demo.parameters.enumerated() { bind(value, statement, Int32(index + 1)) }
        if sqlite3_step(statement) != SQLITE_DONE {
            guard case .text(let id)? = demo.parameters.first else { return faults.append(message) }
            faults.append("\(String(decoding: id, as: UTF8.self)): \(message)")
        }
    }

    private func bind(_ value: Value, _ statement: OpaquePointer?, _ index: Int32) {
        // The text is copied before the call returns.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .integer(let number): sqlite3_bind_int64(statement, index, number)
        case .text(let bytes):
            let text = String(decoding: bytes, as: UTF8.self)
            sqlite3_bind_text(statement, index, text, -1, transient)
        default: sqlite3_bind_null(statement, index)
        }
    }

    private var message: String { sqlite3_errmsg(database).map { String(cString: $0) } ?? "" }
}
