import Foundation
import ParkSyncCore
import ParkSyncStore
import Synchronization

/// Runs what the store has as asynchronous functions on the thread of its world, piece by piece.
///
/// Whatever such a function waits for is work on the park's lanes, which the same thread does; so
/// the order is decided.
private final class OperationExecutor: TaskExecutor {
    private let waiting = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        waiting.withLock { $0.append(job) }
    }

    /// - Returns: false if there was nothing to do.
    func runNext() -> Bool {
        guard let job = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return false }
        job.runSynchronously(on: asUnownedTaskExecutor())
        return true
    }
}

/// What became of an operation.
private final class Outcoming<T: Sendable>: Sendable {
    let result = Mutex<Result<T, any Error>?>(nil)
}

extension World {
    /// Carries out an operator's command at a node that runs: it begins and ends at one virtual
    /// moment.
    ///
    /// Should the machine die meanwhile, whatever the command does next fails; it ends with that
    /// error, and the node is down afterwards.
    /// - Returns: nil if the node does not run.
    func command<T: Sendable>(
        _ park: SimulatedPark, _ body: @escaping @Sendable (ParkStore) async throws -> T
    ) -> Result<T, any Error>? {
        guard let store = park.store, !park.disk.isDead else { return nil }
        let executor = OperationExecutor()
        let outcome = Outcoming<T>()
        Task(executorPreference: executor) {
            do {
                let value = try await body(store)
                outcome.result.withLock { $0 = .success(value) }
            } catch { outcome.result.withLock { $0 = .failure(error) } }
        }
        while outcome.result.withLock({ $0 == nil }) {
            if executor.runNext() { continue }
            guard
                let lane = [park.reading, park.writing, park.verifying].lazy.compactMap({ $0 }).first(where: {
                    !$0.isEmpty
                })
            else {
                judge.fail(0, "an operation at \(park.origin) waits for what nobody does")
                return nil
            }
            lane.runNext()
        }
        // Nobody waits for a query to be put away.
        while let reading = park.reading, !reading.isEmpty { reading.runNext() }
        look(park)
        return outcome.result.withLock { $0 }
    }

    /// What a store of this world works with beside its database.
    func equip(_ options: inout StoreOptions, _ park: SimulatedPark, _ writing: WorkLane, _ verifying: WorkLane) {
        // Only commands read through it, and they see to it themselves.
        let reading = WorkLane {}
        park.reading = reading
        options.makeQueue = { role in
            switch role {
            case .writing: writing
            case .verifying: verifying
            case .reading: reading
            }
        }
        options.blockingWork = BlockingWork { reading.async($0) }
        // Segments are on no virtual disk: each is complete and flushed before the database names
        // it.
        park.archivePath = folder.path + "/\(park.origin.name).archive"
        options.archivePath = park.archivePath
    }
}

/// A folder of the system for what lies on no virtual disk: segments, snapshots and bundles on
/// their way. Made when something is put there.
final class WorldFolder: Sendable {
    private static let made = Atomic<UInt64>(0)
    let path: String

    init() {
        let number = Self.made.add(1, ordering: .relaxed).newValue
        path = NSTemporaryDirectory() + "parksync-world-\(ProcessInfo.processInfo.processIdentifier)-\(number)"
    }

    deinit { remove() }

    /// The path of a file in it, which may be made now.
    func file(_ name: String) -> String {
        // If it cannot be made, making the file says so.
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return "\(path)/\(name)"
    }

    /// Deletes it with all that is in it.
    func remove() {
        guard FileManager.default.fileExists(atPath: path) else { return }
        try? FileManager.default.removeItem(atPath: path)
    }
}
