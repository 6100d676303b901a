import ParkSyncReports
import ParkSyncStore
import Synchronization

/// What is known outside of the snapshot that is being taken, and how somebody asks for one.
final class SnapshotFetching: Sendable {
    private struct State {
        var progress = SnapshotProgress(phase: .idle)
        var wanted: SnapshotRequest?
    }

    private let state = Mutex(State())
    private let peers: Set<String>
    /// Hears that a snapshot is asked for.
    let asked: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(peers: Set<String>) {
        self.peers = peers
        (asked, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    var progress: SnapshotProgress { state.withLock { $0.progress } }

    /// - Throws: `ProblemDetails` if the park is no peer, or a snapshot is being taken already.
    func ask(_ request: SnapshotRequest) throws -> SnapshotProgress {
        let park = request.from
        guard peers.contains(park) else {
            throw ProblemDetails(
                code: "unknown-park", title: "There is no such peer", status: 404,
                detail: "\(park) is not a configured peer",
                remedy: "See `members` in the configuration.")
        }
        let progress: SnapshotProgress? = state.withLock { state in
            guard state.progress.phase == .idle, state.wanted == nil else { return nil }
            state.wanted = request
            state.progress = SnapshotProgress(phase: .asking, from: park, installed: state.progress.installed)
            return state.progress
        }
        guard let progress else {
            throw ProblemDetails(
                code: "snapshot-under-way", title: "A snapshot is being taken", status: 409,
                detail: "this node takes a snapshot already",
                remedy: "Wait for its end; syncctl snapshot status shows how far it is.")
        }
        wake.yield()
        return progress
    }

    /// What was asked for, once.
    func takeWanted() -> SnapshotRequest? {
        state.withLock { state in
            defer { state.wanted = nil }
            return state.wanted
        }
    }

    func report(_ phase: SnapshotProgress.Phase, from park: String, bytes: UInt64? = nil, total: UInt64? = nil) {
        state.withLock {
            $0.progress = SnapshotProgress(
                phase: phase, from: park, bytes: bytes, bytesTotal: total, installed: $0.progress.installed)
        }
    }

    func end(error: String?, installed: String? = nil) {
        state.withLock {
            $0.progress = SnapshotProgress(phase: .idle, error: error, installed: installed ?? $0.progress.installed)
        }
    }
}

/// Opens once, for all who wait.
final class StartGate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(of: Void.self) }

    func open() { continuation.finish() }

    /// Returns when the gate is open, or the task is cancelled. For one who waits.
    func wait() async { for await _ in stream {} }
}

/// A sum that several threads may add to.
final class AtomicCount: Sendable {
    private let value: Mutex<UInt64>

    init(_ start: UInt64) { value = Mutex(start) }

    /// - Returns: the sum.
    func add(_ number: UInt64) -> UInt64 {
        value.withLock { value in
            value &+= number
            return value
        }
    }
}

/// Whether the node is to be opened anew when its services have ended.
final class RestartFlag: Sendable {
    private let flag = Mutex(false)
    var isWanted: Bool { flag.withLock { $0 } }
    func want() { flag.withLock { $0 = true } }
}

/// The store that was opened last, as long as somebody holds it.
final class LastStore: Sendable {
    private struct Reference { weak var store: ParkStore? }
    private let reference = Mutex(Reference())
    var isAlive: Bool { reference.withLock { $0.store != nil } }
    func set(_ store: ParkStore) { reference.withLock { $0.store = store } }
}
