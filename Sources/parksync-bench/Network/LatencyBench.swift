import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire
import Synchronization

/// How soon a commit of one node is visible at another: two daemons, mutual TLS.
struct LatencyBench {
    let bin: String
    let commits: Int
    let rounds: Int
    let table: FigureTable

    static let commitsPerSecond = 500.0
    static let clients = 16
    static let patienceSeconds = 10.0

    func run() async throws {
        let zone = try await BenchZone(["south", "west"], bin: bin)
        for park in zone.parks { try await zone.start(park) }
        try await zone.insert("south", BenchTable.rows(1, seed: 999)[0])
        try await zone.agree(entries: 1)
        for number in 0..<rounds {
            Progress.say("  round \(number + 1) of \(rounds)")
            let sync = try BareSync.milliseconds(in: zone.folder, count: 300)
            table.add("bare_fsync_ms_p50", "ms", Figure.percentile(sync, 50))
            try await visible(zone, number)
            try await propagation(zone, number, syncP50: Figure.percentile(sync, 50))
        }
        try await zone.stopAll()
    }

    /// One commit after the other: from its answer until another program sees the row in the other
    /// node's file.
    private func visible(_ zone: BenchZone, _ number: Int) async throws {
        let reader = try PlainSQLite(path: zone.database("west"), create: false)
        var (seen, acknowledged): ([Double], [Double]) = ([], [])
        for row in BenchTable.rows(max(50, commits / rounds), seed: UInt64(number) + 31) {
            let commit = Stopwatch()
            try await zone.insert("south", row)
            acknowledged.append(commit.milliseconds)
            let watch = Stopwatch()
            while try reader.rows("SELECT 1 FROM sample WHERE id = ?", [row[0]]) == 0 {
                guard watch.seconds < Self.patienceSeconds else {
                    throw BenchFailure("a commit never arrived", remedy: "See the logs of the nodes.")
                }
                usleep(20)
            }
            seen.append(watch.milliseconds)
        }
        table.add("commit_ms", "ms", Figure.percentile(acknowledged, 50))
        table.add("visible_after_ack_ms", "ms", Figure.percentile(seen, 50))
        table.add("visible_after_ack_ms_p99", "ms", Figure.percentile(seen, 99))
    }

    /// Commits at a steady rate, whatever those before need: from the moment a commit was due until
    /// its event at the other node.
    private func propagation(_ zone: BenchZone, _ number: Int, syncP50: Double) async throws {
        let rows = BenchTable.rows(commits, seed: UInt64(number) + 61)
        let arrivals = ArrivalTimes()
        let lines = try zone.client("west").lines("GET", LocalPath.changes)
        let reading = Task {
            for try await line in lines where line.hasPrefix("id: ") { arrivals.note(line, wanted: "south") }
        }
        defer { reading.cancel() }
        try await zone.until("no subscription", every: .milliseconds(5)) {
            // The subscription is up when an event comes through it.
            try await zone.insert("south", BenchTable.rows(1, seed: UInt64.random(in: 0 ... .max))[0])
            return arrivals.newest > 0
        }
        let start = Stopwatch()
        let due = try await withThrowingTaskGroup(of: [(UInt64, UInt64)].self) { group in
            for client in 0..<Self.clients {
                group.addTask { [rows] in
                    var result: [(UInt64, UInt64)] = []
                    for index in stride(from: client, to: rows.count, by: Self.clients) {
                        let moment = start.start + UInt64(Double(index) / Self.commitsPerSecond * 1e9)
                        let now = DispatchTime.now().uptimeNanoseconds
                        if moment > now { try await Task.sleep(for: .nanoseconds(moment - now), tolerance: .zero) }
                        result.append((try await zone.insert("south", rows[index]), moment))
                    }
                    return result
                }
            }
            return try await group.reduce(into: [(UInt64, UInt64)]()) { $0 += $1 }
        }
        let last = due.map(\.0).max() ?? 0
        try await zone.until("commits never arrived", every: .milliseconds(2)) { arrivals.newest >= last }
        let times = due.compactMap { seq, moment in arrivals.time(of: seq).map { Double($0 &- moment) / 1e6 } }
        table.add(
            "propagation_ms", "ms", Figure.percentile(times, 50), target: String(format: "<= %.2f", 2 * syncP50 + 2))
        table.add("propagation_ms_p99", "ms", Figure.percentile(times, 99))
        table.add("propagation_ms_p999", "ms", Figure.percentile(times, 99.9))
    }
}

/// When each entry of one origin was first covered by an event.
final class ArrivalTimes: Sendable {
    private struct State {
        var times: [UInt64: UInt64] = [:]
        var last: UInt64 = 0
    }
    private let state = Mutex(State())

    /// - Parameter line: `id: ` and a vector.
    func note(_ line: String, wanted: String) {
        let now = DispatchTime.now().uptimeNanoseconds
        guard let vector = VersionVector(parsing: line.dropFirst(4)), let origin = OriginID(wanted) else { return }
        state.withLock { state in
            let seq = vector[origin]
            while state.last < seq {
                state.last += 1
                if state.times[state.last] == nil { state.times[state.last] = now }
            }
            if state.times.isEmpty { state.last = seq }
        }
    }

    var newest: UInt64 { state.withLock { $0.last } }
    func time(of seq: UInt64) -> UInt64? { state.withLock { $0.times[seq] } }
}
