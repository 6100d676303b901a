import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// What a write, an apply and a row cost, beside plain SQLite in the same round.
struct StoreBench {
    let rows: Int
    let batch: Int
    let table: FigureTable

    /// One round: plain and tracked runs one after the other on fresh files.
    func round(_ number: Int) async throws {
        let folder = try BenchFolder()
        let samples = BenchTable.rows(rows, seed: UInt64(number) + 1)
        let updates = samples.shuffledForUpdate(seed: UInt64(number) + 99).map { [Value.string("in use"), $0[0]] }
        let deletes = updates.prefix(rows / 4).map { [$0[1]] }

        let plain = try PlainSQLite(path: folder.path + "/plain.sqlite", create: true)
        let plainInsert = try await Cost.of { try await plain.run(BenchTable.insert, samples, batch: batch) }
        try plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        let plainBytes = folder.bytes("plain")
        let plainUpdate = try await Cost.of { try await plain.run(BenchTable.update, updates, batch: batch) }
        let plainDelete = try await Cost.of { try await plain.run(BenchTable.delete, deletes, batch: batch) }

        let store = try folder.store("south", "tracked")
        let tracked = try PlainSQLite(path: folder.path + "/tracked.sqlite", create: false)
        let insert = try await Cost.of { try await tracked.run(BenchTable.insert, samples, batch: batch) { try await store.sealForeign() } }
        let fold = try await Cost.of { try await store.housekeep() }
        try tracked.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        let trackedBytes = folder.bytes("tracked")
        let update = try await Cost.of { try await tracked.run(BenchTable.update, updates, batch: batch) { try await store.sealForeign() } }
        try await store.housekeep()
        let delete = try await Cost.of { try await tracked.run(BenchTable.delete, deletes, batch: batch) { try await store.sealForeign() } }
        try await store.housekeep()

        table.add("plain_insert_rows_per_s", "rows/s", Double(rows) / plainInsert.wall)
        table.add("tracked_insert_rows_per_s", "rows/s", Double(rows) / insert.wall)
        table.add("insert_cost_ratio", "ratio", insert.wall / plainInsert.wall, target: "<= 1.3")
        table.add("insert_total_cost_ratio", "ratio", (insert.wall + fold.wall) / plainInsert.wall, target: "<= 1.8")
        table.add("insert_total_cpu_ratio", "ratio", (insert.cpu + fold.cpu) / plainInsert.cpu, target: "<= 1.8")
        table.add("update_cost_ratio", "ratio", update.wall / plainUpdate.wall, target: "<= 1.3")
        table.add("delete_cost_ratio", "ratio", delete.wall / plainDelete.wall, target: "<= 1.5")
        table.add("file_bytes_per_row", "bytes", Double(trackedBytes) / Double(rows))
        table.add("file_bytes_ratio", "ratio", Double(trackedBytes) / Double(plainBytes), target: "<= 2.2")
        try await applyRound(folder, store, insertSeconds: plainInsert.wall, updateSeconds: plainUpdate.wall)
        try await singleRound(folder, Array(samples.prefix(2_000)))
    }

    /// Another node applies the same log, slice by slice as they would come over the wire.
    private func applyRound(_ folder: BenchFolder, _ source: ParkStore, insertSeconds: Double, updateSeconds: Double) async throws {
        let target = try folder.store("west", "applied")
        let origin = source.state().origin
        let insertEntries = UInt64((rows + batch - 1) / batch)
        let fresh = try await Cost.of { try await copy(from: source, to: target, origin: origin, through: insertEntries) }
        let updates = try await Cost.of { try await copy(from: source, to: target, origin: origin, through: insertEntries * 2) }
        try await copy(from: source, to: target, origin: origin, through: .max)
        table.add("apply_rows_per_s", "rows/s", Double(rows) / fresh.wall)
        table.add("apply_speed_ratio", "ratio", insertSeconds / fresh.wall, target: ">= 3.0")
        table.add("apply_update_speed_ratio", "ratio", updateSeconds / updates.wall, target: ">= 1.5")
        try await source.housekeep()
        guard target.state().digest?.hash == source.state().digest?.hash else {
            throw StoreError(
                .internalState, "the two nodes' digests differ after the apply", remedy: "This is a fault of ParkSync: report it with the seed.")
        }
    }

    private func copy(from source: ParkStore, to target: ParkStore, origin: OriginID, through last: UInt64) async throws {
        var waiting: Task<Void, any Error>?
        var next = target.state().logged[origin]
        while next < last, let slice = try source.read(origin: origin, after: next, bytesMax: 4 << 20) {
            next = slice.last
            // The next slice is read while this one is applied, as over a link.
            try await waiting?.value
            waiting = Task { try await target.receive(slice) }
        }
        try await waiting?.value
    }

    /// One-row durable transactions by eight clients, against a plain program that commits one row at a time.
    private func singleRound(_ folder: BenchFolder, _ samples: [[Value]]) async throws {
        let plain = try PlainSQLite(path: folder.path + "/single-plain.sqlite", create: true)
        let plainCost = try await Cost.of { try await plain.run(BenchTable.insert, samples, batch: 1) }
        let store = try folder.store("south", "single")
        let clients = 8
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
