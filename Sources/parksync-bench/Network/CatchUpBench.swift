import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncStore
import Synchronization

/// An empty node catches up with a long log: two daemons, mutual TLS, compression; and what readers
/// notice of it.
struct CatchUpBench {
    let bin: String
    let rows: Int
    let batch: Int
    let rounds: Int
    let table: FigureTable

    func run() async throws {
        let zone = try await BenchZone(["south", "west"], bin: bin)
        Progress.say("  writing \(rows) rows at the first node")
        try await zone.fill("south", rows: rows, batch: batch, seed: 1)
        try await zone.start("south")
        let entries = UInt64((rows + batch - 1) / batch)
        for number in 0..<rounds {
            Progress.say("  round \(number + 1) of \(rounds)")
            let plain = try await plainSeconds(seed: UInt64(number) + 1)
            try zone.forget("west")
            try ProcessFigures.resetPeak(zone.processIdentifier("south"))
            let sent = try await zone.metric("south", "parksync_peer_sent_bytes")
            let watch = Stopwatch()
            try zone.launch("west")
            try await zone.agreeOnceUp("west", with: "south", entries: entries)
            let seconds = watch.seconds
            let wire = try await zone.metric("south", "parksync_peer_sent_bytes") - sent
            table.add("catchup_plain_insert_rows_per_s", "rows/s", Double(rows) / plain)
            table.add("catchup_rows_per_s", "rows/s", Double(rows) / seconds)
            table.add("catchup_speed_ratio", "ratio", plain / seconds, target: ">= 2.0")
            table.add("wire_bytes_per_row", "bytes", wire / Double(rows), target: "<= 50")
            for (park, name) in [("west", "peak_rss_bytes"), ("south", "peak_rss_sender_bytes")] {
                table.add(
                    name, "bytes", try ProcessFigures.peakBytes(zone.processIdentifier(park)), target: "<= 134217728")
            }
            try await zone.stop("west")
        }
        try await readers(zone, entries: entries)
        try await zone.stopAll()
    }

    private func plainSeconds(seed: UInt64) async throws -> Double {
        let folder = try BenchFolder()
        let plain = try PlainSQLite(path: folder.path + "/plain.sqlite", create: true)
        let samples = BenchTable.rows(rows, seed: seed)
        return try await Cost.of { try await plain.run(BenchTable.insert, samples, batch: batch) }.wall
    }

    /// Point reads and searches of another program on the node's file while it catches up, and when
    /// it is idle.
    private func readers(_ zone: BenchZone, entries: UInt64) async throws {
        Progress.say("  readers during a catch-up")
        for _ in 0..<rounds {
            try zone.forget("west")
            try zone.launch("west")
            try await zone.until("west has no rows", every: .milliseconds(5)) {
                ((try? await zone.status("west"))?.tables.first?.rows ?? 0) > 0
            }
            let during = ReaderProbe(path: zone.database("west"))
            let done = StopFlag()
            async let seen = during.run { done.isSet }
            try await zone.agreeOnceUp("west", with: "south", entries: entries)
            done.set()
            let busy = try await seen
            let idle = try await ReaderProbe(path: zone.database("west")).run(count: busy.count)
            try await zone.stop("west")
            guard !busy.isEmpty else { continue }
            table.add("read_p99_idle_ms", "ms", Figure.percentile(idle, 99))
            table.add("read_p99_during_catchup_ms", "ms", Figure.percentile(busy, 99))
            table.add(
                "read_p99_during_catchup_ratio", "ratio", Figure.percentile(busy, 99) / Figure.percentile(idle, 99),
                target: "<= 2")
        }
    }
}

extension BenchZone {
    /// Waits until a node that was just launched holds the same tables as another.
    func agreeOnceUp(_ park: String, with other: String, entries: UInt64) async throws {
        // Asking costs both nodes a part of a processor that they need.
        try await until("\(park) does not catch up", every: .milliseconds(25)) {
            guard let theirs = try? await status(park), theirs.applied != "-" else { return false }
            let ours = try await status(other)
            return theirs.applied == ours.applied && theirs.digestVector == theirs.applied
                && theirs.digest == ours.digest && !ours.digest.isEmpty
                && (VersionVector(parsing: ours.applied)?.elements.reduce(0) { $0 + $1.seq } ?? 0) >= entries
        }
    }
}

/// Set by one task, seen by another.
final class StopFlag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
