import Foundation
import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import ParkSyncStore

/// Files that were made for somebody to fetch: in a folder of the state folder, for a while, and
/// only so many.
actor CopyShelf {
    private struct Copy {
        var path: String
        var bytes: UInt64
        /// Monotonic.
        var usedAt: UInt64
        var isBackup: Bool
    }

    private let folder: String
    private let clock: any NodeClock
    private var copies: [String: Copy] = [:]
    private var isMaking = false

    static let copiesMax = 2
    /// A copy that nobody has begun to read for so long is removed.
    static let keptMilliseconds: UInt64 = 600_000
    /// Disk space that has to be left beside a copy.
    static let freeBytesMin: UInt64 = 64 << 20

    /// Removes what an earlier run of the node has left.
    init(statePath: String, clock: any NodeClock) {
        folder = statePath + "/copies"
        self.clock = clock
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Makes a file and keeps it to be fetched.
    ///
    /// - Parameters:
    ///   - bytes: how long it may become.
    ///   - isBackup: whether it is a backup of the node.
    ///   - make: writes the file.
    /// - Returns: the name to fetch it by, and what `make` returned.
    func add<T: Sendable>(bytes: UInt64, isBackup: Bool = false, _ make: @Sendable (_ path: String) async throws -> T)
        async throws -> (
            id: String, made: T
        )
    {
        guard !isMaking else {
            throw StoreError(.busy, "another copy is being made", remedy: "Repeat when it is done.")
        }
        isMaking = true
        defer { isMaking = false }
        try NodeFiles.makeFolder(folder)
        while copies.count >= Self.copiesMax, let oldest = copies.min(by: { $0.value.usedAt < $1.value.usedAt }) {
            drop(oldest.key)
        }
        let free = try FileSystem.freeBytes(folder)
        guard free >= bytes + Self.freeBytesMin else {
            throw StoreError(
                .diskFull, "a copy may need \(bytes) bytes in \(folder), \(free) are free",
                remedy: "Free disk space for the state folder, then repeat.")
        }
        let id = Hex.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
        let path = "\(folder)/\(id)"
        let made = try await make(path)
        copies[id] = Copy(
            path: path, bytes: FileSystem.bytes(path), usedAt: clock.monotonicMilliseconds(), isBackup: isBackup)
        expire(id)
        return (id, made)
    }

    private func expire(_ id: String) {
        Task { [clock] in
            while let copy = copies[id] {
                let end = copy.usedAt + Self.keptMilliseconds
                if end <= clock.monotonicMilliseconds() {
                    drop(id)
                    return
                }
                do { try await clock.sleep(until: end) } catch { return }
            }
        }
    }

    func open(_ id: String) throws -> CopyFile {
        guard let copy = copies[id], let handle = FileHandle(forReadingAtPath: copy.path) else {
            throw ProblemDetails(
                code: "unknown-copy", title: "There is no such copy", status: 404,
                detail: "\(id) was removed, or never made",
                remedy: "Make a new one.")
        }
        copies[id]?.usedAt = clock.monotonicMilliseconds()
        return CopyFile(handle: handle, bytes: copy.bytes)
    }

    /// - Returns: whether it was a backup.
    @discardableResult
    func drop(_ id: String) -> Bool {
        guard let copy = copies.removeValue(forKey: id) else { return false }
        FileSystem.removeDatabase(copy.path)
        return copy.isBackup
    }

    func removeAll() {
        for id in copies.keys { drop(id) }
        try? FileManager.default.removeItem(atPath: folder)
    }
}
