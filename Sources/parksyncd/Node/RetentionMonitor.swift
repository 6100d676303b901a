import Foundation
import ParkSyncReports
import ParkSyncStore
import Synchronization

/// What was found last about the frontier and the archive, and how fast traces of deleted rows
/// grow.
final class RetentionMonitor: Sendable {
    private struct State {
        var latest: RetentionStatus?
        /// Where the measurement of growth began.
        var first: (at: UInt64, bytes: Int)?
    }

    private let store: ParkStore
    private let statePath: String
    private let state = Mutex(State())

    /// Growth is told when it was measured for so long.
    static let growthMillisecondsMin: UInt64 = 3_600_000
    private static let dayMilliseconds = 86_400_000.0

    init(store: ParkStore, statePath: String) { (self.store, self.statePath) = (store, statePath) }

    /// Nil before the first look.
    var latest: RetentionStatus? { state.withLock { $0.latest } }

    /// Looks at all traces and segments, and keeps what it finds for the status.
    @discardableResult
    func look() async throws -> RetentionStatus {
        let found = try await store.retention()
        let now = found.at
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: statePath)
        let free = (attributes?[.systemFreeSize] as? NSNumber)?.doubleValue
        return state.withLock { state in
            let kept = state.first.flatMap { found.tombstoneBytes < $0.bytes || now < $0.at ? nil : $0 }
            let first = kept ?? (at: now, bytes: found.tombstoneBytes)
            state.first = first
            let elapsed = now - first.at
            let perDay =
                elapsed >= Self.growthMillisecondsMin
                ? Double(found.tombstoneBytes - first.bytes) / Double(elapsed) * Self.dayMilliseconds : nil
            var status = found
            if let perDay, let free, perDay >= 1 {
                status.diskFullAt = now &+ UInt64(min(1e17, free / perDay * Self.dayMilliseconds))
            }
            status.bytesPerDay = perDay.map { Int64(max(0, min(1e17, $0))) }
            state.latest = status
            return status
        }
    }
}
