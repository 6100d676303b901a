import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import ParkSyncWire

/// How fast another node applies a log, beside the speed at which plain SQLite takes the same
/// writes in arrival order.
struct ApplyBench {
    let rows: Int
    let batch: Int
    let table: FigureTable

    func round(_ number: Int) async throws {
        let folder = try BenchFolder()
        let samples = BenchTable.rows(rows, seed: UInt64(number) + 7)
        let updates = samples.shuffledForUpdate(seed: UInt64(number) + 70).map { [Value.string("in use"), $0[0]] }
        let plain = try PlainSQLite(path: folder.path + "/plain.sqlite", create: true)
        let plainInsert = try await Cost.of { try await plain.run(BenchTable.insert, samples, batch: batch) }
        let plainUpdate = try await Cost.of { try await plain.run(BenchTable.update, updates, batch: batch) }

        let source = try folder.store("south", "source")
        let writer = try PlainSQLite(path: folder.path + "/source.sqlite", create: false)
        let target = try folder.store("west", "target")
        try await writer.run(BenchTable.insert, samples, batch: batch) { try await source.sealForeign() }
        let fresh = try await Cost.of { try await copy(from: source, to: target) }
        try await writer.run(BenchTable.update, updates, batch: batch) { try await source.sealForeign() }
        let updated = try await Cost.of { try await copy(from: source, to: target) }

        // Both write the same rows while they are parted; what one applies from the other then
        // loses or wins, row by row.
        let conflicting = Array(updates.prefix(rows / 4))
        let other = try PlainSQLite(path: folder.path + "/target.sqlite", create: false)
        try await other.run(BenchTable.update, conflicting.map { [Value.string("retired"), $0[1]] }, batch: batch) {
            try await target.sealForeign()
        }
        try await target.housekeep()
        try await writer.run(BenchTable.update, conflicting.map { [Value.string("lent"), $0[1]] }, batch: batch) {
            try await source.sealForeign()
        }
        try await source.housekeep()
        let conflicted = try await Cost.of { try await copy(from: source, to: target) }
        try await copy(from: target, to: source)
        try await source.housekeep()
        try await target.housekeep()
        guard target.state().digest?.hash == source.state().digest?.hash,
            target.state().applied == source.state().applied
        else {
            throw BenchFailure(
                "the two nodes' digests differ after the apply",
                remedy: "This is a fault of ParkSync: report it with the seed.")
        }
        let conflicts = target.counts.conflicts
        try await source.close()
        try await target.close()

        table.add("apply_plain_insert_rows_per_s", "rows/s", Double(rows) / plainInsert.wall)
        table.add("apply_rows_per_s", "rows/s", Double(rows) / fresh.wall)
        table.add("apply_speed_ratio", "ratio", plainInsert.wall / fresh.wall, target: ">= 3.0")
        table.add("apply_cpu_us_per_row", "us", fresh.cpu / Double(rows) * 1e6)
        table.add("apply_update_speed_ratio", "ratio", plainUpdate.wall / updated.wall, target: ">= 1.5")
        table.add("apply_conflict_speed_ratio", "ratio", plainUpdate.wall / 4 / conflicted.wall, target: ">= 1.0")
        table.add("apply_conflicts_recorded", "records", Double(conflicts))
    }

    /// Several slices are under way at a time, as over a link.
    private func copy(from source: ParkStore, to target: ParkStore) async throws {
        let origin = source.state().origin
        var next = target.state().logged[origin]
        var waiting: [Task<Void, any Error>] = []
        while let slice = try source.read(origin: origin, after: next, bytesMax: WireLimits.storeBatchBytesMax) {
            next = slice.last
            let (done, finish) = AsyncThrowingStream.makeStream(of: Void.self)
            target.receive(slice) { result in
                switch result {
                case .success: finish.finish()
                case .failure(let error): finish.finish(throwing: error)
                }
            }
            waiting.append(Task { for try await _ in done {} })
            if waiting.count > WireLimits.storingBytesMax / WireLimits.storeBatchBytesMax {
                try await waiting.removeFirst().value
            }
        }
        for task in waiting { try await task.value }
    }
}
