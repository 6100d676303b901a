import CSQLite
import Foundation
import ParkSyncCore

@testable import ParkSyncCatalog

/// The constant rows of the catalogue's schema files, as SQLite reads them.
enum SchemaRows {
    static let machines = load()
    static let moves = rows(
        "SELECT machine, from_state, to_state, act, by_whom FROM move WHERE until IS NULL ORDER BY 1, 2, 3, 4"
    )
    .map { Machines.Move(machine: $0[0], from: $0[1], to: $0[2], act: $0[3], byWhom: $0[4]) }
    static let names = rows("SELECT machine FROM machine WHERE until IS NULL ORDER BY 1").map { $0[0] }
    static let reasons = rows("SELECT code, coalesce(override_by, '') FROM reason WHERE until IS NULL ORDER BY 1")
        .map { Machines.Reason(code: $0[0], overrideBy: Machines.Authority(rawValue: $0[1].text)) }
    static let states = rows(
        """
        SELECT machine, state, occupies, ends, coalesce(waits_for, ''), coalesce(deadline, '') FROM state
        WHERE until IS NULL ORDER BY 1, 2
        """
    ).map {
        Machines.State(
            machine: $0[0], name: $0[1], occupies: $0[2] == "1", ends: $0[3] == "1",
            waitsFor: $0[4] == "" ? nil : $0[4], deadline: $0[5] == "" ? nil : $0[5])
    }

    private static func load() -> Machines {
        let askers = rows("SELECT machine FROM machine WHERE arbiter = 'asker'").map { $0[0] }
        return Machines(decidedByAsker: Set(askers), states: states, moves: moves, reasons: reasons)
    }

    static let files: [String] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/ParkSyncCatalog/schema")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".sql") }.sorted().map {
            (try? String(contentsOf: folder.appending(path: $0), encoding: .utf8)) ?? ""
        }
    }()

    /// Nothing if the files or the query cannot be executed.
    static func rows(_ query: String) -> [[ExactText]] {
        var database: OpaquePointer?
        guard sqlite3_open(":memory:", &database) == SQLITE_OK else { return [] }
        defer { sqlite3_close(database) }
        for file in files { sqlite3_exec(database, file, nil, nil, nil) }
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK else { return [] }
        defer { sqlite3_finalize(statement) }
        var found: [[ExactText]] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            found.append(
                (0..<sqlite3_column_count(statement)).map { column in
                    ExactText(sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "")
                })
        }
        return found
    }
}
