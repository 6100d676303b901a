import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// How the cost of reading the newest changes, and of starting, grows with the rows that are there.
struct GrowthBench {
    let small: Int
    let large: Int
    let batch: Int
    let rounds: Int
    let bin: String?
    let table: FigureTable

    /// Rows of the smallest file of the start measurement, and of one transaction of the
    /// extraction.
    static let tiny = 10_000
    static let newestChanges = 1_000

    func run() async throws {
        let folder = try BenchFolder()
        for (name, rows) in [("tiny", Self.tiny), ("small", small), ("large", large)] {
            Progress.say("  \(rows) rows")
            let store = try folder.store("south", name)
            let writer = try PlainSQLite(path: folder.path + "/\(name).sqlite", create: false)
            try await writer.run(BenchTable.insert, BenchTable.rows(rows, seed: 3), batch: batch) {
                try await store.sealForeign()
            }
            try await store.close()
        }
        for _ in 0..<max(5, rounds) {
            let few = try await extract(folder, "small", rows: small)
            let many = try await extract(folder, "large", rows: large)
            table.add("extract_ms", "ms", many)
            table.add("extract_growth", "ratio", many / few, target: "<= 1.2")
            let early = try await opening(folder, "tiny")
            let late = try await opening(folder, "large")
            table.add("open_seconds_ratio", "ratio", late / early)
        }
        if let bin { try await starts(bin) }
    }

    /// Milliseconds for the newest changes, of the middle of several reads.
    private func extract(_ folder: BenchFolder, _ name: String, rows: Int) async throws -> Double {
        let store = try folder.store("south", name)
        let origin = store.state().origin
        let entries = UInt64(max(1, Self.newestChanges / batch))
        let after = store.state().logged[origin] - entries
        var times: [Double] = []
        for _ in 0..<50 {
            let watch = Stopwatch()
            guard let slice = try store.read(origin: origin, after: after, bytesMax: .max), slice.count == entries
            else {
                throw BenchFailure("the log of \(rows) rows ends early", remedy: "This is a fault of ParkSync.")
            }
            times.append(watch.milliseconds)
        }
        try await store.close()
        return Figure.percentile(times, 50)
    }

    private func opening(_ folder: BenchFolder, _ name: String) async throws -> Double {
        let watch = Stopwatch()
        let store = try folder.store("south", name)
        defer { store.abandon() }
        return watch.seconds
    }

    /// From the start of the process to the answer that it accepts writes.
    private func starts(_ bin: String) async throws {
        let zone = try await BenchZone(["south", "west"], bin: bin)
        try await zone.fill("south", rows: large, batch: batch, seed: 3)
        try await zone.fill("west", rows: Self.tiny, batch: batch, seed: 4)
        for _ in 0..<max(5, rounds) {
            let many = Stopwatch()
            try await zone.start("south")
            let late = many.seconds
            try await zone.stop("south")
            let few = Stopwatch()
            try await zone.start("west")
            let early = few.seconds
            try await zone.stop("west")
            table.add("start_seconds", "s", late)
            table.add("start_seconds_ratio", "ratio", late / early, target: "<= 2")
        }
    }
}
