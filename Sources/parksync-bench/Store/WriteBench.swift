import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// What a write costs and a row takes, beside plain SQLite in the same round.
struct WriteBench {
    let rows: Int
    let batch: Int
    let table: FigureTable

    static let clients = 8
    static let singleCommits = 2_000
    /// As `SealSchedule` has it.
    static let sealPauseMilliseconds = 10

    /// One round: plain and tracked runs one after the other on fresh files.
    func round(_ number: Int) async throws {
        let folder = try BenchFolder()
        let made = BenchSamples(rows, round: number)
        let (samples, updates, deletes) = (made.rows, made.updates, made.deletes)

        let plain = try PlainSQLite(path: folder.path + "/plain.sqlite", create: true)
        let store = try folder.store("south", "tracked")
        let plainInsert = try await Cost.of { try await plain.run(BenchTable.insert, samples, batch: batch) }
        let insert = try await Cost.of { try await transact(store, BenchTable.insert, samples) }
        let fold = try await Cost.of { try await store.housekeep() }
        try plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        try await store.writeLogBack()
        let (plainBytes, trackedBytes) = (folder.bytes("plain"), folder.bytes("tracked"))
        try FileManager.default.copyItem(
            atPath: folder.path + "/tracked.sqlite", toPath: folder.path + "/archived.sqlite")
        let archived = try await archive(folder, "archived", samples)
        try await verify(store)

        let plainUpdate = try await Cost.of { try await plain.run(BenchTable.update, updates, batch: batch) }
        let update = try await Cost.of { try await transact(store, BenchTable.update, updates) }
        try await store.housekeep()
        let plainDelete = try await Cost.of { try await plain.run(BenchTable.delete, deletes, batch: batch) }
        let delete = try await Cost.of { try await transact(store, BenchTable.delete, deletes) }
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
        table.add("file_bytes_ratio_archived", "ratio", Double(archived.file) / Double(plainBytes), target: "<= 1.35")
        table.add("archive_bytes_per_row", "bytes", Double(archived.segments) / Double(rows))
        try await foreignRound(
            folder, samples, updates, insertSeconds: plainInsert.wall, updateSeconds: plainUpdate.wall)
        try await singleRound(folder, Array(samples.prefix(Self.singleCommits)))
    }

    /// All rows against the log, as the node does it in the background.
    private func verify(_ store: ParkStore) async throws {
        var verified: Int64 = 0
        let cost = try await Cost.of { verified = try await store.verifyRows().tables.reduce(0) { $0 + $1.rows } }
        guard verified == rows else {
            throw BenchFailure("\(verified) of \(rows) rows were verified", remedy: "This is a fault of ParkSync.")
        }
        // A million of them in an hour, with two hundredths of a processor.
        table.add("verify_us_per_row", "us", cost.cpu / Double(rows) * 1e6, target: "<= 72")
    }

    /// Archives all entries but the newest, a small one, as a zone of one park may, and gives the
    /// free pages back.
    private func archive(_ folder: BenchFolder, _ name: String, _ samples: [[Value]]) async throws -> (
        file: Int, segments: Int
    ) {
        let store = try folder.store("south", name, parks: ["south"])
        _ = try await store.transact(
            StoreTransaction(statements: [
                StoreStatement(sql: BenchTable.update, parameters: [.string("in use"), samples[0][0]])
            ]))
        try await store.housekeep()
        let outcome = try await store.archive(ArchivePolicy(keepEntries: 1, keepMilliseconds: 0))
        guard outcome.entries + 1 == store.state().logged[store.state().origin] else {
            throw BenchFailure("only \(outcome.entries) entries were archived", remedy: "This is a fault of ParkSync.")
        }
        try await store.vacuum()
        try await store.close()
        return (folder.bytes(name), outcome.fileBytes)
    }

    /// Transactions of many rows through the store's call: executed, sealed and durable when it
    /// returns.
    private func transact(_ store: ParkStore, _ sql: String, _ rows: [[Value]]) async throws {
        for start in stride(from: 0, to: rows.count, by: batch) {
            let statements = rows[start..<min(rows.count, start + batch)].map {
                StoreStatement(sql: sql, parameters: $0)
            }
            _ = try await store.transact(StoreTransaction(statements: statements))
        }
    }

    /// Another program writes as fast as it can; its writes are sealed beside it, as the daemon
    /// does, until all are durable.
    private func foreignRound(
        _ folder: BenchFolder, _ samples: [[Value]], _ updates: [[Value]], insertSeconds: Double, updateSeconds: Double
    ) async throws {
        let store = try folder.store("south", "foreign")
        let program = try PlainSQLite(path: folder.path + "/foreign.sqlite", create: false)
        let insert = try await Cost.of {
            try await beside(store) { try await program.run(BenchTable.insert, samples, batch: batch) }
        }
        try await store.housekeep()
        let update = try await Cost.of {
            try await beside(store) { try await program.run(BenchTable.update, updates, batch: batch) }
        }
        guard try await store.unsealedRows() == 0 else {
            throw BenchFailure("writes were not sealed", remedy: "This is a fault of ParkSync.")
        }
        try await store.close()
        table.add("foreign_insert_cost_ratio", "ratio", insert.wall / insertSeconds)
        table.add("foreign_update_cost_ratio", "ratio", update.wall / updateSeconds)
    }

    private func beside(_ store: ParkStore, _ write: () async throws -> Void) async throws {
        let done = StopFlag()
        let sealing = Task {
            while !done.isSet {
                try await store.sealForeign()
                try await Task.sleep(for: .milliseconds(Self.sealPauseMilliseconds))
            }
        }
        try await write()
        done.set()
        try await sealing.value
        while try await store.sealForeign() == .sealed {}
    }

    /// One-row durable transactions by eight clients, against a plain program that commits one row
    /// at a time.
    private func singleRound(_ folder: BenchFolder, _ samples: [[Value]]) async throws {
        for milliseconds in try BareSync.milliseconds(in: folder.path, count: 200) {
            table.add("bare_fsync_ms", "ms", milliseconds)
        }
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
                                StoreTransaction(statements: [
                                    StoreStatement(sql: BenchTable.insert, parameters: samples[index])
                                ]))
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
