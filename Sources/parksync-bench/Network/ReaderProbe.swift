import Foundation
import ParkSyncCore

/// A program of the park that reads the shared tables: by key, and ranges of keys. Paced, so that
/// it measures and does not load.
struct ReaderProbe: Sendable {
    let path: String
    static let pauseMicroseconds: useconds_t = 1_000
    static let rangeRows = 50
    static let samplesMax = 20_000

    /// - Returns: milliseconds of each read, until told to stop.
    func run(until isOver: @escaping @Sendable () -> Bool) async throws -> [Double] {
        try await reads { isOver() || $0 >= Self.samplesMax }
    }

    func run(count: Int) async throws -> [Double] { try await reads { $0 >= count } }

    /// On a thread of its own: a reader is another program.
    private func reads(_ isOver: @escaping @Sendable (Int) -> Bool) async throws -> [Double] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try measure(isOver) }) }
        }
    }

    private func measure(_ isOver: (Int) -> Bool) throws -> [Double] {
        let reader = try PlainSQLite(path: path, create: false)
        var random = SplitMix64(state: 11)
        var times: [Double] = []
        while !isOver(times.count) {
            let key = String(random.next(), radix: 36)
            let watch = Stopwatch()
            if times.count.isMultiple(of: 2) {
                _ = try reader.rows("SELECT * FROM sample WHERE id >= ? ORDER BY id LIMIT 1", [.string(key)])
            } else {
                _ = try reader.rows(
                    "SELECT id, name, state FROM sample WHERE id >= ? ORDER BY id LIMIT \(Self.rangeRows)",
                    [.string(key)])
            }
            times.append(watch.milliseconds)
            usleep(Self.pauseMicroseconds)
        }
        return times
    }
}
