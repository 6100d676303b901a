import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let mergeSchema = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE item(
      id TEXT NOT NULL PRIMARY KEY,
      a, b TEXT,
      n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
    );
    -- parksync: writer any
    CREATE TABLE tag(item TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY(item, tag)) WITHOUT ROWID;
    """

/// An independent and obviously correct merge: it keeps every change for ever and derives the
/// tables by definition.
private struct Oracle {
    struct Write {
        var id: WriteID
        var seen: VersionVector
        var length: CausalLength
        var kind: IncomingChange.Kind
        var values: [String: Value]
        func hasSeen(_ other: WriteID) -> Bool {
            other.origin == id.origin ? other.seq < id.seq : seen[other.origin] >= other.seq
        }
    }
    /// Table, then key, then all changes.
    var rows: [String: [[Value]: [Write]]] = [:]

    mutating func add(_ entry: LoggedEntry, seen: VersionVector) {
        for change in entry.changes {
            let write = Write(
                id: entry.header.write, seen: seen, length: change.causalLength, kind: change.kind,
                values: Dictionary(uniqueKeysWithValues: change.values.map { ($0.column, $0.value) }))
            rows[change.table, default: [:]][change.key, default: []].append(write)
        }
    }

    func table(_ table: SharedTable) -> [[Value]: [Value]] {
        var result: [[Value]: [Value]] = [:]
        for (key, writes) in rows[table.name] ?? [:] {
            guard let length = writes.map(\.length).max(), length.isAlive else { continue }
            let current = writes.filter { $0.length == length }
            result[key] = table.columns.map { column in
                if column.isCounter {
                    let sum = current.reduce(Int64(0)) { sum, write in
                        if case .integer(let delta)? = write.values[column.name] { return sum &+ delta }
                        return sum
                    }
                    return .integer(sum)
                }
                return current.filter { $0.values[column.name] != nil }.max { $0.id < $1.id }?.values[column.name]
                    ?? .null
            }
        }
        return result
    }

    /// Values of plain columns that nobody who saw them has replaced, without the one that won.
    func conflicts(_ table: SharedTable) -> Set<String> {
        var result: Set<String> = []
        for (key, writes) in rows[table.name] ?? [:] {
            let length = writes.map(\.length).max() ?? .never
            for column in table.columns where !column.isCounter {
                let touching = writes.filter {
                    $0.kind == .insert || $0.kind == .delete || $0.values[column.name] != nil
                }
                let winner = touching.filter { $0.length == length && $0.values[column.name] != nil }.max {
                    $0.id < $1.id
                }
                for write in touching where write.values[column.name] != nil && write.id != winner?.id {
                    let isOvertaken = touching.contains { $0.hasSeen(write.id) }
                    if !isOvertaken { result.insert("\(table.name) \(key) \(column.name) \(write.id)") }
                }
            }
        }
        return result
    }
}

@Suite struct ConvergenceTests {
    /// Random histories on real files: every kind of write, any order of delivery, duplicates,
    /// restarts.
    @Test(arguments: 1...12) func randomHistoriesConvergeToTheModel(seed: Int) async throws {
        var random = SplitMix64(state: UInt64(seed))
        let parks = Array(["airport", "south", "west", "bio-city"].prefix(Int.random(in: 2...4, using: &random)))
        let federation = try Federation(parks, schema: mergeSchema)
        for _ in 0..<60 {
            guard let park = parks.randomElement(using: &random) else { continue }
            switch Int.random(in: 0..<12, using: &random) {
            case 10, 11: try await randomConfirmation(federation, park, &random)
            case 0..<6: try await randomWrite(federation, park, &random)
            case 6, 7:
                guard let other = parks.randomElement(using: &random), other != park else { continue }
                try await federation.exchange(
                    from: park, to: other, bytesMax: Bool.random(using: &random) ? 1 : 1 << 20)
            case 8:
                // A duplicate of what is known already must change nothing.
                guard let other = parks.randomElement(using: &random), other != park else { continue }
                let origin = try federation.origin(park)
                if let slice = try federation[park].read(origin: origin, after: 0, bytesMax: 1 << 20) {
                    try await federation[other].receive(slice)
                }
            default:
                federation.closeWithoutCheckpoint(park)
                try federation.open(park)
            }
        }
        try await expectSame(federation, "seed \(seed)")
        try await expectModel(federation, seed)
    }

    private func randomWrite(_ federation: Federation, _ park: String, _ random: inout SplitMix64) async throws {
        federation.clock.advance(UInt64.random(in: 0...2, using: &random))
        let statements = (0..<Int.random(in: 1...3, using: &random)).map { _ -> StoreStatement in
            let key = Value.string("k\(Int.random(in: 0..<3, using: &random))")
            let value = Value.integer(Int64.random(in: 0..<1_000, using: &random))
            switch Int.random(in: 0..<9, using: &random) {
            case 0:
                return StoreStatement(
                    sql: "INSERT OR IGNORE INTO item(id, a, b, n) VALUES(?, ?, 'x', 1)", parameters: [key, value])
            case 1:
                return StoreStatement(sql: "REPLACE INTO item(id, a, n) VALUES(?, ?, 10)", parameters: [key, value])
            case 2: return StoreStatement(sql: "UPDATE item SET a = ? WHERE id = ?", parameters: [value, key])
            case 3: return StoreStatement(sql: "UPDATE item SET b = ? WHERE id = ?", parameters: [value, key])
            case 4:
                return StoreStatement(sql: "UPDATE item SET n = n + 3, a = ? WHERE id = ?", parameters: [value, key])
            case 5: return StoreStatement(sql: "DELETE FROM item WHERE id = ?", parameters: [key])
            case 6:
                return StoreStatement(
                    sql: "INSERT INTO item(id, b) VALUES(?, ?) ON CONFLICT DO UPDATE SET n = n + 1, b = excluded.b",
                    parameters: [key, value])
            case 7:
                return StoreStatement(
                    sql: "INSERT OR IGNORE INTO tag VALUES(?, 't' || (? % 3))", parameters: [key, value])
            default:
                return StoreStatement(
                    sql: "DELETE FROM tag WHERE item = ? AND tag = 't' || (? % 3)", parameters: [key, value])
            }
        }
        _ = try await federation[park].transact(StoreTransaction(statements: statements))
    }

    /// Whoever confirms a conflict sees it go; the model says that it goes everywhere.
    private func randomConfirmation(_ federation: Federation, _ park: String, _ random: inout SplitMix64) async throws {
        let open = try await federation[park].conflicts(limit: 100, includesEqual: true)
        guard let chosen = open.randomElement(using: &random) else { return }
        let before = try await federation.dump(park)
        let outcome = try await federation[park].confirm([chosen.id], author: "tester", note: "it is right")
        #expect(outcome.ids.contains(chosen.id))
        let left = try await federation[park].conflicts(limit: 100, includesEqual: true).map(\.id)
        #expect(left.sorted() == Set(open.map(\.id)).subtracting(outcome.ids).sorted())
        #expect(try await federation.dump(park) == before)
    }

    private func expectModel(_ federation: Federation, _ seed: Int) async throws {
        let park = federation.parks[0]
        let store = try federation[park]
        var oracle = Oracle()
        for name in federation.parks {
            var seen = VersionVector()
            let origin = try federation.origin(name)
            guard store.state().applied[origin] > 0 else { continue }
            for entry in try await store.entries(origin: origin, after: 0, limit: 10_000, changesMax: .max) {
                for dependency in entry.header.dependencies { seen[dependency.origin] = dependency.seq }
                oracle.add(entry, seen: seen)
            }
        }
        for table in federation.schema.schema.tables {
            let expected = oracle.table(table)
            let found = try await federation.dump(park)[table.name] ?? []
            let keyCount = table.keyColumns.count
            #expect(
                Dictionary(
                    uniqueKeysWithValues: found.map { (Array($0.prefix(keyCount)), Array($0.dropFirst(keyCount))) })
                    == expected,
                "seed \(seed)")
            for name in federation.parks {
                #expect(
                    try await openConflicts(federation, name, table) == oracle.conflicts(table), "seed \(seed), \(name)"
                )
            }
        }
    }

    private func openConflicts(_ federation: Federation, _ park: String, _ table: SharedTable) async throws -> Set<
        String
    > {
        let rows = try await federation.rows(
            park,
            """
            SELECT c.key, c.column, o.name, c.seq, c.stamp FROM _parksync_conflict c JOIN _parksync_table t ON \
            t.ordinal = c.tbl JOIN _parksync_origin o ON o.ordinal = c.origin WHERE t.name = ?
            """,
            [.string(table.name)])
        var result: Set<String> = []
        for row in rows {
            guard case .blob(let key) = row[0], case .integer(let column) = row[1], case .text(let name) = row[2],
                case .integer(let seq) = row[3],
                case .integer(let stamp) = row[4], let origin = OriginID(utf8: name[...])
            else { continue }
            let write = WriteID(stamp: Stamp(rawValue: UInt64(stamp)), origin: origin, seq: UInt64(seq))
            let values = try KeyCoding.decode(key, count: table.keyColumns.count)
            result.insert("\(table.name) \(values) \(table.columns[Int(column)].name) \(write)")
        }
        return result
    }

    @Test func transactionsStayWholeAndCausal() async throws {
        let federation = try Federation(["south", "west", "airport"], schema: mergeSchema)
        try await federation.write("south", "INSERT INTO item(id, a) VALUES('request', 1)")
        try await federation.exchange(from: "south", to: "west")
        try await federation.write("west", "UPDATE item SET b = 'decided' WHERE id = 'request'")
        // Airport hears of the decision first: it must not show, and status must name what it waits
        // for.
        let west = try federation.origin("west")
        if let slice = try federation["west"].read(origin: west, after: 0, bytesMax: 1) {
            try await federation["airport"].receive(slice)
        }
        #expect(try await federation.rows("airport", "SELECT * FROM item") == [])
        let held = try federation["airport"].stuck
        #expect(held.count == 1 && held.first?.cause.contains("south:1") == true, "\(held)")
        try await expectSame(federation)
        #expect(try federation["airport"].stuck == [])
    }

    /// A transfer touches two rows of one table and one of another; whoever reads while it arrives
    /// sees all of it or nothing.
    @Test func readersNeverSeeHalfATransaction() async throws {
        let federation = try Federation(["south", "west"], schema: mergeSchema)
        try await federation.write("south", "INSERT INTO item(id, n) VALUES('a', 500), ('b', 500)")
        try await federation.exchange(from: "south", to: "west")
        for index in 1...200 {
            let (from, to) = index % 3 == 0 ? ("a", "b") : ("b", "a")
            try await federation.write(
                "south", "UPDATE item SET n = n - \(index) WHERE id = '\(from)'",
                "INSERT INTO tag VALUES('transfer', '\(index)')",
                "UPDATE item SET n = n + \(index), a = ifnull(a, 0) + 1 WHERE id = '\(to)'")
        }
        let west = try federation["west"]
        let reader = Task {
            var seen: Set<Int64> = []
            while !seen.contains(200) {
                let sql = "SELECT (SELECT sum(n) FROM item), (SELECT sum(a) FROM item), (SELECT count(*) FROM tag)"
                let cursor = try await QueryCursor.open(sql, [], on: west, timeoutMilliseconds: 600_000)
                let rows = try await cursor.next(.max)
                cursor.finish()
                guard case .integer(let count)? = rows.first?.last else { continue }
                #expect(rows == [[.integer(1_000), count == 0 ? .null : .integer(count), .integer(count)]])
                seen.insert(count)
            }
        }
        // It would read on for ever if the entries did not come.
        defer { reader.cancel() }
        try await federation.exchange(from: "south", to: "west", bytesMax: 1)
        try await reader.value
        try await expectSame(federation)
    }
}
