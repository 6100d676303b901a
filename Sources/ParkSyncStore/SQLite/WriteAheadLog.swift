import GRDBSQLite

/// The write-ahead log's file under a connection, whatever file system interface SQLite uses for it.
enum WriteAheadLog {
    /// `SQLITE_IOERR_FSYNC`, a macro that Swift does not see.
    static let syncFailed: Int32 = SQLITE_IOERR | 4 << 8
    /// Bytes read and written back at a time. SQLite itself never writes more than a page, and its Unix files take at most
    /// 128 KiB - 1 in one call.
    private static let pieceBytes = 64 << 10

    /// Puts on the disk whatever any connection has committed so far.
    ///
    /// - Returns: an SQLite result code.
    static func sync(_ connection: OpaquePointer) -> Int32 {
        withFile(connection) { file, methods in methods.xSync?(file, SQLITE_SYNC_NORMAL) ?? syncFailed }
    }

    /// Writes the whole log once more over itself and syncs it. After a sync has failed, Linux takes the pages that it could not
    /// write for clean, and the next sync says nothing of them.
    ///
    /// The caller holds the write lock, so that nobody else writes the log.
    /// - Returns: an SQLite result code.
    static func rewrite(_ connection: OpaquePointer) -> Int32 {
        withFile(connection) { file, methods in
            var size: sqlite3_int64 = 0
            guard let fileSize = methods.xFileSize, let read = methods.xRead, let write = methods.xWrite, let sync = methods.xSync else {
                return SQLITE_IOERR
            }
            var result = fileSize(file, &size)
            let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
            defer { piece.deallocate() }
            var offset: sqlite3_int64 = 0
            while result == SQLITE_OK, offset < size {
                let count = Int32(min(sqlite3_int64(pieceBytes), size - offset))
                result = read(file, piece.baseAddress, count, offset)
                if result == SQLITE_OK { result = write(file, piece.baseAddress, count, offset) }
                offset += sqlite3_int64(count)
            }
            return result == SQLITE_OK ? sync(file, SQLITE_SYNC_NORMAL) : result
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
}
