import Foundation
import ParkSyncCore
import ParkSyncReplication

/// The first bytes of a database file, looked at before SQLite opens it:
/// https://sqlite.org/fileformat2.html, "The Database Header".
package enum ForeignHeader {
    package static let remedy = "Use another copy; nothing was changed."

    private static let bytes = 100
    private static let magic = Array("SQLite format 3\0".utf8)
    private static let encodings = [2: "UTF-16le", 3: "UTF-16be"]

    /// - Returns: the length of the file and its write-ahead log; nil for a `file:` URI, which may
    ///   name a file of no disk of the system.
    /// - Throws: `StoreError` for what is no database that a node could have written.
    package static func check(_ path: String) throws -> UInt64? {
        if path.hasPrefix("file:") { return nil }
        guard FileSystem.exists(path) else {
            throw StoreError(
                .invalidInput, "\(path) does not exist",
                remedy: "Name the database file, such as one that syncctl backup has made.")
        }
        // Opening a pipe waits for whoever writes to it, and reading of a device may have no end.
        guard FileSystem.isRegular(path) else {
            throw StoreError(
                .invalidInput, "\(path) is no file, but a folder, a pipe or a device",
                remedy: "Name the database file, such as one that syncctl backup has made.")
        }
        let file: FileHandle
        do { file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)) } catch {
            throw StoreError(
                .invalidInput, "\(path) cannot be read: \(ErrorWords.of(error))",
                remedy: "Run the command as a user who may read it.")
        }
        defer { try? file.close() }
        let head = Array(try file.read(upToCount: bytes) ?? Data())
        guard head.count == bytes, Array(head[..<magic.count]) == magic else {
            throw StoreError(.damaged, "\(path) is no SQLite database, or cut off", remedy: remedy)
        }
        func number(_ offset: Int, _ count: Int) -> Int {
            head[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
        }
        let page = number(16, 2) == 1 ? 65_536 : number(16, 2)
        let size = FileSystem.bytes(path)
        guard page >= 512, page & (page - 1) == 0, (1...2).contains(number(18, 1)), (1...2).contains(number(19, 1)),
            number(20, 1) <= 32,
            head[21] == 64, head[22] == 32, head[23] == 32, size >= UInt64(page)
        else {
            throw StoreError(.damaged, "\(path) has a header that no SQLite writes", remedy: remedy)
        }
        if let encoding = encodings[number(56, 4)] { throw otherEncoding(path, encoding) }
        return size &+ FileSystem.bytes(path + "-wal")
    }

    static func otherEncoding(_ path: String, _ encoding: String) -> StoreError {
        StoreError(
            .format, "\(path) keeps its texts in \(encoding), and ParkSync needs UTF-8",
            remedy: "Make a UTF-8 database of it, which SQLite cannot do in place: sqlite3 OLD .dump | sqlite3 NEW.")
    }
}
