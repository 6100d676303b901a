#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A process that has a lock on the database's wal-index, as far as the kernel tells.
package struct LockHolder: Hashable, Sendable, CustomStringConvertible {
    package var process: Int32
    /// The program's name; nil if it may not be seen.
    package var name: String?

    package init(process: Int32, name: String?) { (self.process, self.name) = (process, name) }

    package var description: String { name.map { "process \(process) (\($0))" } ?? "process \(process)" }
}

/// Finds who has SQLite's locks. Linux only: the kernel lists them in `/proc/locks`.
package enum LockHolders {
    /// Bytes of the `-shm` file that SQLite locks (UNIX_SHM_BASE in os_unix.c): one for the write
    /// lock, and five for readers.
    static let write: ClosedRange<Int64> = 120...120
    static let readers: ClosedRange<Int64> = 123...127
    /// Most processes that are named.
    static let holdersMax = 4

    /// The processes, in the order of their numbers; empty if nobody has the lock, or the system
    /// does not tell.
    ///
    /// - Parameter path: of the database.
    static func find(_ bytes: ClosedRange<Int64>, of path: String) -> [LockHolder] {
        var info = stat()
        // Opening the file, and closing it again, would give this process's own locks away.
        guard stat(path + "-shm", &info) == 0, let table = text("/proc/locks") else { return [] }
        let own = getpid()
        let processes = Set(table.split(separator: "\n").compactMap { holder($0, of: UInt64(info.st_ino), bytes) })
        return processes.filter { $0 != own }.sorted().prefix(holdersMax).map { process in
            let name = text("/proc/\(process)/comm").map { $0.filter { !$0.isNewline } }
            return LockHolder(process: process, name: name)
        }
    }

    /// The process of a line such as `3: POSIX  ADVISORY  WRITE 4711 fe:00:131 120 120`; nil if it
    /// is about something else. The device is not compared, since some file systems have several
    /// numbers for one.
    static func holder(_ line: Substring, of inode: UInt64, _ bytes: ClosedRange<Int64>) -> Int32? {
        let words = line.split(separator: " ")
        // A line with `->` is of somebody who waits.
        guard words.count >= 8, words[1] == "POSIX" || words[1] == "OFDLCK", let process = Int32(words[4]), process > 0,
            words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode, let first = Int64(words[6]),
            let last = words[7] == "EOF" ? .max : Int64(words[7])
        else { return nil }
        return first <= bytes.upperBound && last >= bytes.lowerBound ? process : nil
    }

    /// A file of the kernel's, as a whole; its size is not known before.
    private static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var (result, piece): ([UInt8], [UInt8]) = ([], Array(repeating: 0, count: 65_536))
        while result.count < bytesMax {
            let count = read(descriptor, &piece, piece.count)
            if count < 0 { return nil }
            if count == 0 { break }
            result += piece[..<count]
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let bytesMax = 8 << 20
}
