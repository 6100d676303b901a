import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// What a write costs and a row takes, beside plain SQLite in the same round.
struct WriteBench {
    let rows: Int
    let batch: Int
    let table: FigureTable

    static let clients = 8
    static let singleCommits = 2_000

    /// One round: plain and tracked runs one after the other on fresh files.
    func round(_ number: Int) async throws {
        let folder = try BenchFolder()
        let samples = BenchTable.rows(rows, seed: UInt64(number) + 1)
        let updates = samples.shuffledForUpdate(seed: UInt64(number) + 99).map { [Value.string("in use"), $0[0]] }
        let deletes = updates.prefix(rows / 4).map { [$0[1]] }

        let plain = try PlainSQLite(path: folder.path + "/plain.sqlite", create: true)
        let store = try folder.store("south", "tracked")
        let tracked = try PlainSQLite(path: folder.path + "/tracked.sqlite", create: false)
        let seal: () async throws -> Void = { try await store.sealForeign() }

        let plainInsert = try await Cost.of { try await plain.run(BenchTable.insert, samples, batch: batch) }
        let insert = try await Cost.of { try await tracked.run(BenchTable.insert, samples, batch: batch, afterCommit: seal) }
        let fold = try await Cost.of { try await store.housekeep() }
        try plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        try tracked.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        let (plainBytes, trackedBytes) = (folder.bytes("plain"), folder.bytes("tracked"))
        let logBytes = try tracked.int64("SELECT sum(pgsize) FROM dbstat WHERE name = '_parksync_log'")

        let plainUpdate = try await Cost.of { try await plain.run(BenchTable.update, updates, batch: batch) }
        let update = try await Cost.of { try await tracked.run(BenchTable.update, updates, batch: batch, afterCommit: seal) }
        try await store.housekeep()
        let plainDelete = try await Cost.of { try await plain.run(BenchTable.delete, deletes, batch: batch) }
        let delete = try await Cost.of { try await tracked.run(BenchTable.delete, deletes, batch: batch, afterCommit: seal) }
        try await store.close()

        table.add("plain_insert_rows_per_s", "rows/s", Double(rows) / plainInsert.wall)
        table.add("tracked_insert_rows_per_s", "rows/s", Double(rows) / insert.wall)
        table.add("insert_cost_ratio", "ratio", insert.wall / plainInsert.wall, target: "<= 1.3")
        table.add("insert_cpu_ratio", "ratio", insert.cpu / plainInsert.cpu)
        table.add("insert_total_cost_ratio", "ratio", (insert.wall + fold.wall) / plainInsert.wall, target: "<= 1.8")
        table.add("insert_total_cpu_ratio", "ratio", (insert.cpu + fold.cpu) / plainInsert.cpu, target: "<= 1.8")
        table.add("update_cost_ratio", "ratio", update.wall / plainUpdate.wall, target: "<= 1.3")
        table.add("update_cpu_ratio", "ratio", update.cpu / plainUpdate.cpu)
        table.add("delete_cost_ratio", "ratio", delete.wall / plainDelete.wall, target: "<= 1.5")
        table.add("file_bytes_per_row", "bytes", Double(trackedBytes) / Double(rows))
        table.add("file_bytes_ratio", "ratio", Double(trackedBytes) / Double(plainBytes), target: "<= 2.2")
        table.add("file_bytes_without_log_ratio", "ratio", (Double(trackedBytes) - Double(logBytes)) / Double(plainBytes))
        try await singleRound(folder, Array(samples.prefix(Self.singleCommits)))
    }

    /// One-row durable transactions by eight clients, against a plain program that commits one row at a time.
    private func singleRound(_ folder: BenchFolder, _ samples: [[Value]]) async throws {
        for milliseconds in try BareSync.milliseconds(in: folder.path, count: 200) { table.add("bare_fsync_ms", "ms", milliseconds) }
        let plain = try PlainSQLite(path: folder.path + "/single-plain.sqlite", create: true)
        let plainCost = try await Cost.of { try await plain.run(BenchTable.insert, samples, batch: 1) }
        let store = try folder.store("south", "single")
        let clients = Self.clients
        let cost = try await Cost.of {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<clients {
                    group.addTask {
                        for index in stride(from: client, to: samples.count, by: clients) {
                            _ = try await store.transact(
                                StoreTransaction(statements: [StoreStatement(sql: BenchTable.insert, parameters: samples[index])]))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await store.close()
        table.add("single_commit_cost_ratio", "ratio", cost.wall / plainCost.wall, target: "<= 1.0")
        table.add("single_commits_per_s", "1/s", Double(samples.count) / cost.wall)
    }
}

extension Array where Element == [Value] {
    /// The same rows in another random order.
    func shuffledForUpdate(seed: UInt64) -> [[Value]] {
        var random = SplitMix64(state: seed)
        return shuffled(using: &random)
    }
}
