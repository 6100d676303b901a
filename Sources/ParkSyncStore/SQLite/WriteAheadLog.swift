import CSQLiteSwitches
import CSQLite
import Glibc

/// The write-ahead log's file under a connection, whatever file system interface SQLite uses for
/// it.
enum WriteAheadLog {
    /// `SQLITE_IOERR_FSYNC`, a macro that Swift does not see.
    static let syncFailed: Int32 = SQLITE_IOERR | 4 << 8
    /// Bytes compared at a time. SQLite's Unix files take at most 128 KiB - 1 in one call.
    private static let pieceBytes = 64 << 10
    /// What is compared at once.
    private static let blockBytes = 4_096

    /// Puts on the disk whatever any connection has committed so far.
    ///
    /// - Returns: an SQLite result code.
    static func sync(_ connection: OpaquePointer) -> Int32 {
        withFile(connection) { file, methods in methods.xSync?(file, SQLITE_SYNC_NORMAL) ?? syncFailed }
    }

    /// Makes sure that the disk has the whole log. After a sync has failed, Linux takes the pages
    /// that it could not write for clean, and the next sync says nothing of them (Rebello et al.,
    /// *Can Applications Recover from fsync Failures?*, 2020).
    ///
    /// What the disk holds already is not written again: the power may fail meanwhile and leave
    /// garbage where a committed transaction was, and where the database has newer pages than the
    /// log that is left. Where the disk cannot be asked, everything is. The caller holds the write
    /// lock, so that nobody else writes the log.
    /// - Returns: an SQLite result code.
    static func repair(_ connection: OpaquePointer) -> Int32 {
        let synced = sync(connection)
        guard synced == SQLITE_OK else { return synced }
        return withFile(connection) { file, methods in
            guard let piece = Piece(file, methods, path: sqlite3_filename_wal(sqlite3_db_filename(connection, "main")))
            else { return SQLITE_IOERR }
            defer { piece.release() }
            return piece.repair()
        }
    }

    private static func withFile(
        _ connection: OpaquePointer, _ body: (UnsafeMutablePointer<sqlite3_file>, sqlite3_io_methods) -> Int32
    ) -> Int32 {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let result = sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file)
        guard result == SQLITE_OK else { return result }
        // Without a file there is no log, and the commit has synced the database itself.
        guard let file, let methods = file.pointee.pMethods else { return SQLITE_OK }
        return body(file, methods.pointee)
    }

    /// Part of the log, as it is cached and as it is on the disk.
    private struct Piece {
        private let file: UnsafeMutablePointer<sqlite3_file>
        private let fileSize: (UnsafeMutablePointer<sqlite3_file>?, UnsafeMutablePointer<sqlite3_int64>?) -> Int32
        private let read: (UnsafeMutablePointer<sqlite3_file>?, UnsafeMutableRawPointer?, Int32, sqlite3_int64) -> Int32
        private let write: (UnsafeMutablePointer<sqlite3_file>?, UnsafeRawPointer?, Int32, sqlite3_int64) -> Int32
        private let sync: (UnsafeMutablePointer<sqlite3_file>?, Int32) -> Int32
        private let control: (UnsafeMutablePointer<sqlite3_file>?, Int32, UnsafeMutableRawPointer?) -> Int32
        /// -1 if the file system is SQLite's own and cannot be asked.
        private let descriptor: Int32
        private let cached: UnsafeMutableRawBufferPointer
        private let onDisk: UnsafeMutableRawBufferPointer

        init?(_ file: UnsafeMutablePointer<sqlite3_file>, _ methods: sqlite3_io_methods, path: UnsafePointer<CChar>?) {
            guard let fileSize = methods.xFileSize, let read = methods.xRead, let write = methods.xWrite,
                let sync = methods.xSync,
                let control = methods.xFileControl
            else { return nil }
            (self.file, self.fileSize, self.read, self.write, self.sync, self.control) = (
                file, fileSize, read, write, sync, control
            )
            // SQLite locks the database and the shared memory, not the log: closing another
            // descriptor of it gives no lock away.
            descriptor = path.map { parksync_medium_open($0) } ?? -1
            cached = .allocate(byteCount: pieceBytes, alignment: blockBytes)
            onDisk = .allocate(byteCount: pieceBytes, alignment: blockBytes)
        }

        func release() {
            if descriptor >= 0 { close(descriptor) }
            cached.deallocate()
            onDisk.deallocate()
        }

        func repair() -> Int32 {
            var size: sqlite3_int64 = 0
            var result = fileSize(file, &size)
            var (offset, hasWritten): (sqlite3_int64, Bool) = (0, false)
            while result == SQLITE_OK, offset < size {
                let count = Int(min(sqlite3_int64(pieceBytes), size - offset))
                result = read(file, cached.baseAddress, Int32(count), offset)
                if result == SQLITE_OK { result = writeMissing(count, at: offset, &hasWritten) }
                offset += sqlite3_int64(count)
            }
            return result == SQLITE_OK && hasWritten ? sync(file, SQLITE_SYNC_NORMAL) : result
        }

        /// Writes the blocks of a piece that the disk does not hold.
        private func writeMissing(_ count: Int, at offset: sqlite3_int64, _ hasWritten: inout Bool) -> Int32 {
            let held = bytesOnDisk(count, at: offset)
            for start in stride(from: 0, to: count, by: blockBytes) {
                let end = min(start + blockBytes, count)
                // What a block holds before that, frames of earlier commits, is not written either.
                let first = firstDifference(start..<min(end, max(start, held)))
                if first == end { continue }
                hasWritten = true
                let result = write(
                    file, cached.baseAddress.map { $0 + first }, Int32(end - first), offset + sqlite3_int64(first))
                if result != SQLITE_OK { return result }
            }
            return SQLITE_OK
        }

        /// The end of the range if there is none.
        private func firstDifference(_ range: Range<Int>) -> Int {
            guard let left = cached.baseAddress, let right = onDisk.baseAddress else { return range.lowerBound }
            if memcmp(left + range.lowerBound, right + range.lowerBound, range.count) == 0 { return range.upperBound }
            return range.first { cached[$0] != onDisk[$0] } ?? range.upperBound
        }

        /// How many of the bytes the disk certainly has; they are in `onDisk`.
        private func bytesOnDisk(_ count: Int, at offset: sqlite3_int64) -> Int {
            var wanted = parksync_medium_read(offset: offset, count: Int32(count), bytes: onDisk.baseAddress, read: 0)
            switch control(file, PARKSYNC_FCNTL_READ_MEDIUM, &wanted) {
            case SQLITE_OK: return Int(wanted.read)
            case SQLITE_NOTFOUND where descriptor >= 0:
                return max(0, Int(parksync_medium_pread(descriptor, onDisk.baseAddress, Int64(pieceBytes), offset)))
            default: return 0
            }
        }
    }
}
