import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import ParkSyncStore
import Synchronization

/// The one snapshot that this node keeps for other parks: made when somebody asks, used by all who
/// ask while it is fresh, removed when nobody has asked for a while.
actor SnapshotShelf {
    private struct Kept {
        var path: String
        var manifest: SnapshotManifest
        var signed: [UInt8]
        /// Monotonic.
        var madeAt: UInt64
        var usedAt: UInt64
        /// Of its rows, when the making began.
        var repairs: Int
    }

    /// A reader's place; given back when it is released.
    private final class Lease: Sendable {
        private let readers: Readers
        init(_ readers: Readers) { self.readers = readers }
        deinit { readers.count.withLock { $0 -= 1 } }
    }

    private final class Readers: Sendable { let count = Mutex(0) }

    private let store: ParkStore
    private let path: String
    private let databasePath: String
    private let clock: any NodeClock
    private let readers = Readers()
    private var kept: Kept?
    private var making: Task<Kept, any Error>?

    /// A snapshot that is older is made anew, unless somebody reads it. Log entries after it come
    /// as log anyway.
    static let freshMilliseconds: UInt64 = 600_000
    /// A snapshot that nobody has asked for is removed after so long.
    static let keptMilliseconds: UInt64 = 900_000
    /// Most transfers of it at a time.
    static let readersMax = 4
    /// How long one request waits for a snapshot that is being made.
    static let waitMilliseconds: UInt64 = 20_000
    /// Disk space that has to be left beside a snapshot.
    static let freeBytesMin: UInt64 = 256 << 20

    init(store: ParkStore, statePath: String, databasePath: String, clock: any NodeClock) {
        self.store = store
        self.clock = clock
        self.databasePath = databasePath
        path = statePath + "/snapshot-for-peers"
        FileSystem.removeDatabase(path)
    }

    /// The signed manifest of a fresh snapshot; waits a while for it to be made.
    func manifest(entriesMin: UInt64) async throws -> [UInt8] {
        let entries = VersionVector().missing(from: store.state().logged)
        guard entries >= entriesMin else {
            throw ProblemDetails(
                code: "snapshot-too-small", title: "A snapshot is not worth it", status: 409,
                detail: "this node has \(entries) entries, \(entriesMin) were asked for", remedy: "Follow the log.")
        }
        let now = clock.monotonicMilliseconds()
        if let kept, kept.repairs == store.repairs.value,
            now < kept.madeAt + Self.freshMilliseconds || readers.count.withLock({ $0 }) > 0
        {
            self.kept?.usedAt = now
            return kept.signed
        }
        return try await withMaker().signed
    }

    private func withMaker() async throws -> Kept {
        let task = try making ?? begin()
        return try await withThrowingTaskGroup(of: Kept?.self) { [clock] group in
            group.addTask { try await task.value }
            group.addTask {
                try await clock.sleep(until: clock.monotonicMilliseconds() + Self.waitMilliseconds)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let kept = first else {
                throw ProblemDetails(
                    code: "snapshot-pending", title: "The snapshot is being made", status: 503,
                    detail: "It takes longer than a request waits.",
                    remedy: "Ask again.")
            }
            return kept
        }
    }

    private func begin() throws -> Task<Kept, any Error> {
        let bytes = ["", "-wal"].reduce(0) { $0 + FileSystem.bytes(databasePath + $1) }
        let free = try FileSystem.freeBytes(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        guard free >= bytes + Self.freeBytesMin else {
            throw StoreError(
                .diskFull, "a snapshot may need \(bytes) bytes, \(free) are free",
                remedy: "Free disk space at the park that was asked, or ask another park.")
        }
        // Whoever asked may go away; the snapshot is made nevertheless, for the next one.
        let task = Task { try await make() }
        making = task
        return task
    }

    private func make() async throws -> Kept {
        defer { making = nil }
        let id = (0..<SnapshotManifest.idBytes).map { _ in UInt8.random(in: .min ... .max) }
        kept = nil
        let repairs = store.repairs.value
        let (manifest, signed) = try await store.makeSnapshot(at: path, id: id)
        let now = clock.monotonicMilliseconds()
        let made = Kept(path: path, manifest: manifest, signed: signed, madeAt: now, usedAt: now, repairs: repairs)
        kept = made
        expire(id)
        return made
    }

    /// Holds the shelf only for moments: with it goes the store, whose file may have to be
    /// exchanged.
    private func expire(_ id: [UInt8]) {
        Task { [weak self, clock] in
            while let end = await self?.look(id) {
                do { try await clock.sleep(until: end) } catch { return }
            }
        }
    }

    /// Removes the snapshot if nobody has asked for it for long.
    ///
    /// - Returns: when to look again; nil if there is nothing left to look at.
    private func look(_ id: [UInt8]) -> UInt64? {
        guard let kept, kept.manifest.id == id else { return nil }
        let now = clock.monotonicMilliseconds()
        let end = kept.usedAt + Self.keptMilliseconds
        guard end <= now, readers.count.withLock({ $0 }) == 0 else { return max(end, now + Self.waitMilliseconds) }
        self.kept = nil
        FileSystem.removeDatabase(path)
        return nil
    }

    func open(_ id: String) throws -> CopyFile {
        guard let kept, Hex.encode(kept.manifest.id) == id, let handle = FileHandle(forReadingAtPath: kept.path) else {
            throw ProblemDetails(
                code: "unknown-snapshot", title: "There is no such snapshot", status: 404,
                detail: "it was removed or made anew meanwhile",
                remedy: "Ask for the newest one.")
        }
        let isAdmitted = readers.count.withLock { count in
            guard count < Self.readersMax else { return false }
            count += 1
            return true
        }
        guard isAdmitted else {
            throw ProblemDetails(
                code: "too-many-snapshots", title: "Too many transfers", status: 429,
                detail: "\(Self.readersMax) parks are being sent the snapshot",
                remedy: "Ask again later, or ask another park.")
        }
        self.kept?.usedAt = clock.monotonicMilliseconds()
        return CopyFile(handle: handle, bytes: kept.manifest.bytes, lease: Lease(readers))
    }
}
