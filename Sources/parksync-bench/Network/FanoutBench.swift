import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// Six daemons in full mesh, each writing.
struct FanoutBench {
    let bin: String
    let commitsPerPark: Int
    let table: FigureTable

    static let parks = ["south", "west", "biocity", "airport", "science", "jingrong"]
    /// A head's signature, which travels with each entry that was committed alone.
    static let signatureBytes = 64.0

    func run() async throws {
        let zone = try await BenchZone(Self.parks, bin: bin)
        for park in zone.parks { try await zone.start(park) }
        for (index, park) in zone.parks.enumerated() {
            try await zone.insert(park, BenchTable.rows(1, seed: UInt64(index) + 500)[0])
        }
        try await zone.agree(entries: UInt64(zone.parks.count))
        let before = try await traffic(zone)
        let watch = Stopwatch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, park) in zone.parks.enumerated() {
                group.addTask { [commitsPerPark] in
                    for row in BenchTable.rows(commitsPerPark, seed: UInt64(index) + 900) {
                        try await zone.insert(park, row)
                    }
                }
            }
            try await group.waitForAll()
        }
        let commits = Double(commitsPerPark * zone.parks.count)
        try await zone.agree(entries: UInt64(zone.parks.count * (commitsPerPark + 1)))
        let seconds = watch.seconds
        let after = try await traffic(zone)
        let least = try await payloadBytes(zone) * Double(zone.parks.count - 1)
        table.add("fanout_commits_per_s", "1/s", commits / seconds)
        table.add("fanout_wire_bytes_per_commit", "bytes", (after.sent - before.sent) / commits)
        table.add("fanout_raw_bytes_per_commit", "bytes", (after.raw - before.raw) / commits)
        table.add("fanout_least_bytes_per_commit", "bytes", least / commits)
        table.add("fanout", "ratio", (after.raw - before.raw) / least, target: "<= 1.3")
        try await zone.stopAll()
    }

    private func traffic(_ zone: BenchZone) async throws -> (raw: Double, sent: Double) {
        var sum = (raw: 0.0, sent: 0.0)
        for park in zone.parks {
            sum.raw += try await zone.metric(park, "parksync_peer_sent_raw_bytes")
            sum.sent += try await zone.metric(park, "parksync_peer_sent_bytes")
        }
        return sum
    }

    /// Payloads and signatures of the measured entries, once.
    private func payloadBytes(_ zone: BenchZone) async throws -> Double {
        var sum = 0.0
        for park in zone.parks {
            let parameters = [("origin", park), ("after", "1"), ("limit", "10000")]
            let entries: [EntrySize] = try await zone.client(park).get(LocalPath.entries, parameters)
            sum += entries.reduce(0) { $0 + Double($1.bytes) + ($1.isSigned ? Self.signatureBytes : 0) }
        }
        return sum
    }

    private struct EntrySize: Decodable {
        var bytes: Int
        var isSigned: Bool
        enum CodingKeys: String, CodingKey { case bytes, isSigned = "is_signed" }
    }
}

/// What two connected nodes cost while nobody writes.
struct IdleBench {
    let bin: String
    let seconds: Int
    let table: FigureTable

    func run() async throws {
        let zone = try await BenchZone(["south", "west"], bin: bin)
        for park in zone.parks { try await zone.start(park) }
        for (index, park) in zone.parks.enumerated() {
            try await zone.insert(park, BenchTable.rows(1, seed: UInt64(index) + 77)[0])
        }
        try await zone.agree(entries: 2)
        // What the start left to do ends within this time.
        try await Task.sleep(for: .seconds(3))
        let pids = zone.parks.map { zone.processIdentifier($0) }
        let before = try pids.map { (try ProcessFigures.cpuSeconds($0), try ProcessFigures.wakeUps($0)) }
        let watch = Stopwatch()
        try await Task.sleep(for: .seconds(seconds))
        let elapsed = watch.seconds
        for (pid, earlier) in zip(pids, before) {
            table.add(
                "idle_cpu_percent", "%", (try ProcessFigures.cpuSeconds(pid) - earlier.0) / elapsed * 100,
                target: "< 0.1")
            table.add(
                "idle_wakeups_per_s", "1/s", (try ProcessFigures.wakeUps(pid) - earlier.1) / elapsed, target: "< 5")
        }
        try await zone.stopAll()
    }
}
