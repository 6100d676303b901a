import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Random transactions of odd programs, with random triggers of theirs beside the node's:
/// afterwards the log has to say what the tables hold.
@Suite struct CaptureRandomTests {
    private struct Program {
        var random: SplitMix64

        private mutating func one(_ choices: [String]) -> String { choices.randomElement(using: &random) ?? "" }
        private mutating func key(_ table: String) -> String {
            let number = Int.random(in: 1...4, using: &random)
            return table == "numbered" ? "\(number)" : "'k\(number)'"
        }
        private mutating func value() -> String {
            one(["1", "1.0", "'one'", "NULL", "x'00'", "-0.0", "\(Int.random(in: 0...9, using: &random))"])
        }
        private mutating func number() -> String { "\(Int.random(in: -3...9, using: &random))" }

        private static let tables = ["plain", "numbered", "tally"]
        private static let column = ["plain": "a", "numbered": "v", "tally": "n"]

        private mutating func insert(_ table: String) -> String {
            let head = one(["INSERT", "INSERT OR IGNORE", "REPLACE", "INSERT OR REPLACE", "INSERT OR FAIL"])
            let column = Self.column[table] ?? ""
            let value = table == "tally" ? number() : value()
            let id = table == "numbered" && one(["given", "chosen"]) == "chosen" ? "NULL" : key(table)
            let tail =
                head == "INSERT"
                ? one(["", " ON CONFLICT DO NOTHING", " ON CONFLICT DO UPDATE SET \(column) = \(number())"]) : ""
            return "\(head) INTO \(table)(id, \(column)) VALUES(\(id), \(value))\(tail)"
        }

        private mutating func update(_ table: String) -> String {
            let head = one(["UPDATE", "UPDATE OR IGNORE", "UPDATE OR REPLACE"])
            let column = Self.column[table] ?? ""
            let assignment =
                table == "tally"
                ? one(["n = n + \(number())", "n = \(number())", "v = \(value())"]) : "\(column) = \(value())"
            let all = one([assignment, "id = \(key(table))", "\(assignment), id = \(key(table))"])
            return "\(head) \(table) SET \(all) WHERE id = \(key(table))"
        }

        private mutating func statement(_ table: String) -> String {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4: insert(table)
            case 4..<8: update(table)
            default: "DELETE FROM \(table) WHERE id = \(key(table))"
            }
        }

        /// A trigger that writes to the same table, to another one, or ends the statement.
        private mutating func trigger(_ index: Int) -> String {
            let table = one(Self.tables)
            let event = one(["INSERT", "UPDATE", "DELETE"])
            let row = event == "DELETE" ? "OLD" : "NEW"
            let column = Self.column[table] ?? ""
            let number = number()
            let other = statement(one(Self.tables))
            let body = one([
                "SELECT RAISE(IGNORE)", "UPDATE \(table) SET \(column) = \(number) WHERE id = \(row).id",
                "DELETE FROM \(table) WHERE id = \(row).id",
                "INSERT OR IGNORE INTO \(table)(id, \(column)) VALUES(\(row).id, \(number))", other,
            ])
            // A trigger before the write that touches its row leaves the write undefined, as
            // SQLite's manual says.
            let timing = body == other || body == "SELECT RAISE(IGNORE)" ? one(["BEFORE", "AFTER"]) : "AFTER"
            return "CREATE \(one(["TEMP", ""])) TRIGGER odd_\(index) \(timing) \(event) ON \(table) BEGIN \(body); END"
        }

        mutating func script() -> String {
            let triggers = (0..<Int.random(in: 0...2, using: &random)).map { trigger($0) }
            let drops = triggers.indices.map { "DROP TRIGGER odd_\($0)" }
            let table = one(Self.tables)
            var writes = (0..<Int.random(in: 1...5, using: &random)).map { _ in statement(table) }
            // The one thing that triggers cannot see: a REPLACE that evicts, ended by somebody's
            // trigger before the node's (decision 3).
            if triggers.contains(where: {
                $0.contains("AFTER") && !$0.contains("DELETE ON") && $0.contains("RAISE(IGNORE)")
            }) {
                writes = writes.map {
                    $0.replacing("OR REPLACE", with: "OR FAIL").replacing("REPLACE", with: "INSERT OR FAIL")
                }
            }
            if writes.count > 2 { writes = ["BEGIN"] + writes + ["COMMIT"] }
            return (["PRAGMA recursive_triggers = \(one(["ON", "OFF"]))"] + triggers + writes + drops).joined(
                separator: ";\n")
        }
    }

    @Test(arguments: 1...5) func theLogSaysWhatTheTablesHold(seed: Int) async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        var program = Program(random: SplitMix64(state: UInt64(seed)))
        var scripts: [String] = []
        for _ in 0..<40 {
            let script = program.script()
            scripts.append(script)
            federation.clock.advance(1)
            // Without -bail: statements that SQLite or a trigger refuses are part of what programs
            // do.
            do { try federation.foreign("south", "sqlite3", ["-batch"], input: script + ";\n") } catch let error
                as StoreError
                where error.code == .sql
            {}
            try await federation.write(
                "west", "UPDATE OR IGNORE tally SET n = n + 1", "UPDATE plain SET b = b + 1 WHERE id = 'k2'")
            try await expectSame(federation, scripts.suffix(3).joined(separator: "\n---\n"))
            #expect(
                try federation["south"].refusedRows.count == 0 && federation["south"].differencesFound == 0,
                "\(scripts.suffix(3))")
            let south = try federation["south"].state()
            if try await federation.dump("south") != federation.dump("west") || south.digest == nil { break }
        }
        #expect(scripts.count == 40, "it ended after \(scripts.last ?? "")")
    }
}
