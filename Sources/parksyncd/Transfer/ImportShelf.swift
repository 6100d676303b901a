import Foundation
import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncStore

/// Bundles that come in parts, until they are imported.
actor ImportShelf {
    private let folder: String
    private let clock: any NodeClock
    /// Monotonic time of the newest part, by name.
    private var usedAt: [String: UInt64] = [:]

    static let importsMax = 2
    /// A bundle of which no part came for so long is removed.
    static let keptMilliseconds: UInt64 = 600_000
    static let nameBytes = 32

    /// Removes what an earlier run of the node has left.
    init(statePath: String, clock: any NodeClock) {
        folder = statePath + "/imports"
        self.clock = clock
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func path(_ id: String) throws -> String {
        guard id.utf8.count == Self.nameBytes, id.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
            throw StoreError(
                .invalidInput, "an import is named by \(Self.nameBytes) hexadecimal digits", remedy: "Use syncctl.")
        }
        return "\(folder)/\(id)"
    }

    /// Appends a part. One that has come already is taken as well, so that a request may be
    /// repeated.
    func append(_ id: String, offset: UInt64, _ bytes: [UInt8]) throws {
        let path = try path(id)
        let now = clock.monotonicMilliseconds()
        for (old, time) in usedAt where time + Self.keptMilliseconds < now { drop(old) }
        if usedAt[id] == nil {
            guard usedAt.count < Self.importsMax else {
                throw StoreError(
                    .busy, "\(Self.importsMax) bundles are being imported", remedy: "Repeat when one of them is done.")
            }
            try NodeFiles.makeFolder(folder)
            guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            else {
                throw StoreError(.readOnly, "\(path) cannot be made", remedy: "Check the state folder.")
            }
        }
        usedAt[id] = now
        let size = FileSystem.bytes(path)
        // In this order nothing can overflow, whatever the request says.
        if offset <= size, UInt64(bytes.count) <= size - offset { return }
        guard offset == size, let file = FileHandle(forWritingAtPath: path) else {
            throw StoreError(
                .invalidInput, "the part begins at \(offset), \(size) bytes have come",
                remedy: "Send the parts in order.")
        }
        defer { try? file.close() }
        do {
            try file.seekToEnd()
            try file.write(contentsOf: Data(bytes))
        } catch {
            drop(id)
            throw FileSystem.notWritten(path, error)
        }
    }

    /// The file of a bundle whose parts have come.
    func file(_ id: String) throws -> String {
        let path = try path(id)
        guard usedAt[id] != nil else {
            throw StoreError(.invalidInput, "no part of this bundle has come", remedy: "Send its parts first.")
        }
        return path
    }

    func drop(_ id: String) {
        usedAt[id] = nil
        if let path = try? path(id) { unlink(path) }
    }
}
