import ParkSyncCurl
import ParkSyncReplication
import ParkSyncStore

/// Whom a snapshot is fetched from.
protocol SnapshotSource: Sendable {
    /// The signed manifest of a park's snapshot.
    func manifest(of peer: String, entriesMin: UInt64, bytesMax: Int) async throws -> [UInt8]
    /// Appends the snapshot's bytes from `offset` on.
    func download(_ id: String, of peer: String, from offset: UInt64, to sink: any ByteSink) async throws
}

extension PeerSnapshots: SnapshotSource {}

/// How long a park may take to give its snapshot: whatever it sends, and however slowly, keeps
/// nobody from starting. Owns no clock.
enum SnapshotPatience {
    /// For making it, and for its manifest.
    static let makingMilliseconds: UInt64 = 600_000
    /// For the way, and a second more for each so many bytes that have come.
    static let transferMilliseconds: UInt64 = 120_000
    static let bytesPerSecondMin: UInt64 = 8_192

    /// - Parameter bytes: that have come.
    static func milliseconds(for bytes: UInt64) -> UInt64 { transferMilliseconds &+ bytes / bytesPerSecondMin &* 1_000 }

    /// Runs `body`, which is cancelled when the time is over.
    static func limit<T: Sendable>(
        _ milliseconds: UInt64, _ clock: any NodeClock, orThrow error: StoreError,
        _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        let end = clock.monotonicMilliseconds() &+ milliseconds
        return try await withThrowingTaskGroup(of: T.self) { group in
            group.addTask(operation: body)
            group.addTask {
                try await clock.sleep(until: end)
                throw error
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw error }
            return value
        }
    }

    /// The same for the way: the end moves with what comes.
    static func limit(
        _ progress: SnapshotWay, of park: String, _ clock: any NodeClock,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let start = clock.monotonicMilliseconds()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(operation: body)
            group.addTask {
                while true {
                    let now = clock.monotonicMilliseconds()
                    let (bytes, allowed) = (progress.bytes, milliseconds(for: progress.bytes) &+ progress.pardoned)
                    guard now &- start < allowed else {
                        throw StoreError(
                            .timeout,
                            "\(park) gives its snapshot too slowly: \(bytes) bytes in \((now &- start) / 1_000) s",
                            remedy: "Take the snapshot from another park, or let the log bring everything.")
                    }
                    try await clock.sleep(until: start &+ allowed)
                }
            }
            defer { group.cancelAll() }
            _ = try await group.next()
        }
    }
}

/// How far a download is.
final class SnapshotWay: Sendable {
    private let come = AtomicCount(0)
    private let unreachable = AtomicCount(0)

    /// That have come since it was begun, or gone on with.
    var bytes: UInt64 { come.add(0) }
    /// Milliseconds in which the park was not there: it gave nothing slowly.
    var pardoned: UInt64 { unreachable.add(0) }

    /// - Returns: all that have come.
    @discardableResult func add(_ count: Int) -> UInt64 { come.add(UInt64(max(0, count))) }
    func pardon(_ milliseconds: UInt64) { _ = unreachable.add(milliseconds) }
}
