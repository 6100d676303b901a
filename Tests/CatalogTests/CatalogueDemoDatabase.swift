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

    convenience init(seed: UInt64) {
        let demo = Self.demo(seed)
        self.init { execute in
            for phase in CatalogueDemo.Phase.allCases {
                for park in CatalogueDemo.parks {
                    for statement in demo.statements(park: park, phase) ?? [] { execute(statement) }
                }
            }
        }
    }

    /// - Parameter fill: executes the statements of all parks, in an order in which nodes would.
    init(_ fill: ((DemoStatement) -> Void) -> Void) {
        guard sqlite3_open(":memory:", &database) == SQLITE_OK else {
            faults = ["no database"]
            return
        }
        for file in SchemaRows.files where sqlite3_exec(database, file, nil, nil, nil) != SQLITE_OK {
            faults.append(message)
        }
        sqlite3_exec(database, "PRAGMA foreign_keys = ON; BEGIN", nil, nil, nil)
        fill(execute)
        sqlite3_exec(database, "COMMIT", nil, nil, nil)
    }

    deinit { sqlite3_close(database) }

    /// The first column of each row, as text; or why there is none.
    func column(_ query: String) -> [String] { rows(query).map { $0.first ?? "" } }

    private func rows(_ query: String) -> [[String]] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK else { return [[message]] }
        defer { sqlite3_finalize(statement) }
        var found: [[String]] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            found.append(
                (0..<sqlite3_column_count(statement)).map { column in
                    sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
                })
        }
        return found
    }

    /// Why a query cannot be executed with a parameter; nil if it can.
    func fault(of query: String, with parameter: String) -> String? {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK else { return message }
        defer { sqlite3_finalize(statement) }
        if query.contains("?1") { bind(.string(parameter), statement, 1) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: continue
            case SQLITE_DONE: return nil
            default: return message
            }
        }
    }

    /// The tables, or indexes of a part of one, that a query goes through from end to end, by its
    /// program: a cursor that is set to the first or last row, instead of being sought. Tables that
    /// only the schema fills are left out.
    func wholes(of query: String) -> Set<String> {
        var roots: [String: String] = [:]
        for line in column(
            """
            SELECT rootpage || '=' || iif(type = 'index' AND sql LIKE '%WHERE%', name, tbl_name) FROM sqlite_master
            WHERE rootpage > 0
            """)
        {
            guard let sign = line.firstIndex(of: "=") else { continue }
            roots[String(line[..<sign])] = String(line[line.index(after: sign)...])
        }
        let constants = Set(Self.constantTables)
        var cursors: [String: String] = [:]
        var found: Set<String> = []
        for words in rows("EXPLAIN \(query)") {
            // addr, opcode, p1, p2, p3, …
            guard words.count > 4 else { continue }
            switch words[1] {
            case "OpenRead" where words[4] == "0": cursors[words[2]] = roots[words[3], default: ""]
            case "Rewind", "Last": if let table = cursors[words[2]], !constants.contains(table) { found.insert(table) }
            default: break
            }
        }
        return found
    }

    private static let constantTables = [
        "kind", "machine", "field", "state", "move", "reason", "code", "posting",
        // A row a park.
        "park",
    ]

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
