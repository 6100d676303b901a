import Foundation
import Glibc
import ParkSyncCore

/// Where a database's segments lie: beside the file, `parksync.archive/south/1-4096.parklog`.
package struct ArchiveFolder: Sendable {
    let path: String

    static let fileSuffix = ".parklog"
    private static let temporarySuffix = ".tmp"
    private static let databaseSuffix = ".sqlite"

    package init(path: String) { self.path = path }

    package init(database: String) {
        path =
            (database.hasSuffix(Self.databaseSuffix) ? String(database.dropLast(Self.databaseSuffix.count)) : database)
            + ".archive"
    }

    func file(_ origin: OriginID, first: UInt64, last: UInt64) -> String {
        "\(path)/\(origin)/\(first)-\(last)\(Self.fileSuffix)"
    }

    /// - Returns: the file's length in bytes; nil if there is none.
    func size(of file: String) -> Int? {
        var info = stat()
        return lstat(file, &info) == 0 && info.st_mode & S_IFMT == S_IFREG ? Int(info.st_size) : nil
    }

    /// - Throws: `StoreError.damaged` if the file cannot be read or is too long to be one of ours.
    func read(_ file: String) throws -> [UInt8] {
        guard let size = size(of: file), size <= SegmentHeader.fileBytesMax,
            let data = FileManager.default.contents(atPath: file)
        else {
            throw StoreError(
                .damaged, "\(file) cannot be read",
                remedy: "Restore the file from a copy, or let those who need it take a snapshot.")
        }
        return Array(data)
    }

    /// Writes a file so that after a power failure there is all of it or nothing: under another
    /// name, flushed, renamed, the folder flushed.
    ///
    /// - Parameter body: gives the bytes, piece by piece.
    func write(to file: String, _ body: (@escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws {
        guard !path.hasPrefix("file:") else {
            throw StoreError(
                .invalidInput, "a database that is no file of the system has no archive",
                remedy: "Keep its log in the database.")
        }
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: attributes)
        } catch {
            throw Self.failure("Making \(folder)")
        }
        let temporary = file + Self.temporarySuffix
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("Making \(temporary)") }
        var isWritten = false
        defer { if !isWritten { unlink(temporary) } }
        do {
            defer { close(descriptor) }
            try body { bytes in
                var offset = 0
                while offset < bytes.count {
                    let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
                    guard count > 0 else { throw Self.failure("Writing \(temporary)") }
                    offset += count
                }
            }
            guard fsync(descriptor) == 0 else { throw Self.failure("Flushing \(temporary)") }
        }
        guard rename(temporary, file) == 0 else { throw Self.failure("Renaming \(temporary)") }
        isWritten = true
        try Self.flush(folder)
        try Self.flush(path)
        try Self.flush(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    func remove(_ file: String) { unlink(file) }

    private static func flush(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("Opening \(folder)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("Flushing \(folder)") }
    }

    private static func failure(_ what: String) -> StoreError {
        let cause = errno
        let text = "\(what): \(String(cString: strerror(cause)))"
        return cause == ENOSPC || cause == EDQUOT
            ? StoreError(
                .diskFull, text, remedy: "Free disk space for the state folder; nothing was taken out of the database.")
            : StoreError(
                .damaged, text,
                remedy: "Check the disk and the permissions of the state folder; nothing was taken out of the database."
            )
    }

    /// A file in the folder of an origin.
    struct Found: Hashable {
        var file: String
        var origin: OriginID
        /// Nil for a file that was being written when the node was stopped.
        var range: ClosedRange<UInt64>?
    }

    /// All segment files and remains of them, sorted.
    func files() -> [Found] {
        var result: [Found] = []
        for name in ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() {
            guard let origin = OriginID(name) else { continue }
            for entry in ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)")) ?? []).sorted() {
                let file = "\(path)/\(name)/\(entry)"
                if entry.hasSuffix(Self.fileSuffix + Self.temporarySuffix) {
                    result.append(Found(file: file, origin: origin))
                }
                guard entry.hasSuffix(Self.fileSuffix) else { continue }
                let numbers = entry.dropLast(Self.fileSuffix.count).split(separator: "-").compactMap { UInt64($0) }
                guard numbers.count == 2, numbers[0] > 0, numbers[0] <= numbers[1], numbers[1] <= LogTable.seqMax else {
                    continue
                }
                result.append(Found(file: file, origin: origin, range: numbers[0]...numbers[1]))
            }
        }
        return result
    }
}
