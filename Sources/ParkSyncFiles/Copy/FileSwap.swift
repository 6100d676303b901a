import Foundation
import ParkSyncStore

/// Puts a new database file in the place of a node's old one, whole or not at all, and keeps the
/// old one aside.
///
/// A new file that is ready has the database's name and `.ready`. From then on the exchange is
/// decided: should it be cut off, the next opening finishes it. Only with the lock on the state
/// folder.
package enum FileSwap {
    package static func readyPath(_ path: String) -> String { path + ".ready" }

    /// A time as part of a file's name, as in `20261201T080000Z`.
    package static func label(_ wallMilliseconds: UInt64) -> String {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withFullDate, .withTime, .withTimeZone]
        return formatter.string(from: Date(timeIntervalSince1970: Double(wallMilliseconds / 1_000))).filter {
            $0 != "-" && $0 != ":"
        }
    }

    /// - Parameters:
    ///   - file: the new database, on the same file system; whole and verified.
    ///   - outgoing: the old database, if it was looked at and must not have changed since.
    ///   - label: distinguishes what is kept aside, as in `20261201T080000Z`.
    /// - Returns: where the old database is kept; nil if there was none.
    /// - Throws: `StoreError.busy` if a program has the old database open, `readOnly` if the new
    ///   one cannot get the old one's owner; nothing was changed then.
    static func exchange(_ path: String, for file: String, outgoing: OutgoingDatabase? = nil, label: String) throws
        -> String?
    {
        try closeOld(path, outgoing)
        try outgoing?.checkUnchanged()
        try FileOwnership.expected(at: path)?.apply(to: file)
        try FileSystem.sync(file)
        try FileSystem.rename(file, to: readyPath(path))
        return try finish(path, label: label)
    }

    /// Finishes an exchange that was decided; does nothing if there is none.
    @discardableResult
    package static func finish(_ path: String, label: String) throws -> String? {
        guard FileSystem.exists(readyPath(path)) else { return nil }
        var aside: String?
        if FileSystem.exists(path) {
            let name = asideName(path, label)
            try FileSystem.rename(path, to: name)
            aside = name
        }
        // A write-ahead log goes with its file. It would damage the new one.
        for suffix in ["-wal", "-shm"] where FileSystem.exists(path + suffix) {
            try FileSystem.rename(path + suffix, to: (aside ?? asideName(path, label)) + suffix)
        }
        try FileSystem.rename(readyPath(path), to: path)
        return aside
    }

    private static func asideName(_ path: String, _ label: String) -> String {
        let name = "\(path).replaced-\(label)"
        guard FileSystem.exists(name) || FileSystem.exists(name + "-wal") else { return name }
        var number = 2
        while FileSystem.exists("\(name)-\(number)") || FileSystem.exists("\(name)-\(number)-wal") { number += 1 }
        return "\(name)-\(number)"
    }

    /// Writes the old file's write-ahead log back, and finds out whether any program has it open:
    /// it would go on writing into the file that is kept aside. A damaged file cannot tell, and is
    /// put aside as it is.
    private static func closeOld(_ path: String, _ outgoing: OutgoingDatabase?) throws {
        guard FileSystem.exists(path) else { return }
        do {
            let connection = try outgoing?.connection ?? Connection(path: path, role: .applier)
            guard try connection.string("PRAGMA journal_mode = DELETE") == "delete" else { throw busy(path) }
        } catch let error as StoreError where error.code == .busy {
            throw busy(path)
        } catch {}
    }

    private static func busy(_ path: String) -> StoreError {
        StoreError(
            .busy, "a program has \(path) open, and would go on writing into the file that is replaced",
            remedy: "Stop the park's programs, then repeat; for a snapshot that waits, restart the node.")
    }
}
