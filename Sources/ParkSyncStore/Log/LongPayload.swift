import CSQLite
import ParkSyncCore

/// Payloads of long entries, which are read and written piece by piece: as a value SQLite would
/// hold one or two more copies of each.
enum LongPayload {
    /// Longer ones are handled so.
    static let bytesMin = 4 << 20
    private static let pieceBytes: Int32 = 1 << 20

    /// Fills the payload of a row of the log that was inserted with as many zeros; within the
    /// caller's transaction.
    static func write(_ connection: Connection, id: Int64, _ payload: UnsafeRawBufferPointer) throws {
        try with(connection, id: id, writing: true) { blob in
            try forEachPiece(of: payload.count) { offset, count in
                sqlite3_blob_write(blob, payload.baseAddress?.advanced(by: Int(offset)), count, offset)
            } check: {
                try check($0, connection)
            }
        }
    }

    /// - Returns: nil if there is no such row.
    static func read(_ connection: Connection, id: Int64, bytes: Int) throws -> PayloadBuffer {
        let buffer = PayloadBuffer(count: bytes)
        try with(connection, id: id, writing: false) { blob in
            guard Int(sqlite3_blob_bytes(blob)) == bytes else { throw changed(id) }
            try forEachPiece(of: bytes) { offset, count in
                sqlite3_blob_read(blob, buffer.allocation?.baseAddress?.advanced(by: Int(offset)), count, offset)
            } check: {
                try check($0, connection)
            }
        }
        return buffer
    }

    /// A part of a payload.
    ///
    /// - Throws: `StoreError` if the row is gone, or has not so many bytes.
    static func part(_ connection: Connection, id: Int64, from offset: Int, count: Int) throws -> [UInt8] {
        try with(connection, id: id, writing: false) { blob in
            guard offset >= 0, count >= 0, count <= Int(sqlite3_blob_bytes(blob)) - offset,
                let first = Int32(exactly: offset),
                let length = Int32(exactly: count)
            else { throw changed(id) }
            var code = SQLITE_OK
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
                code = sqlite3_blob_read(blob, target.baseAddress, length, first)
                initialized = code == SQLITE_OK ? count : 0
            }
            try check(code, connection)
            return bytes
        }
    }

    private static func forEachPiece(of count: Int, _ body: (Int32, Int32) -> Int32, check: (Int32) throws -> Void)
        throws
    {
        // SQLite's own bound of a value is below 2^31 bytes.
        let end = Int32(clamping: count)
        var offset: Int32 = 0
        while offset < end {
            let length = min(pieceBytes, end - offset)
            try check(body(offset, length))
            offset += length
        }
    }

    private static func with<T>(_ connection: Connection, id: Int64, writing: Bool, _ body: (OpaquePointer) throws -> T)
        throws -> T
    {
        var blob: OpaquePointer?
        let result = sqlite3_blob_open(
            connection.handle, "main", "_parksync_log", "payload", id, writing ? 1 : 0, &blob)
        defer { sqlite3_blob_close(blob) }
        guard result == SQLITE_OK, let blob else {
            throw StoreError.sqlite(result, connection: connection.handle, doing: "Opening a long entry")
        }
        return try body(blob)
    }

    private static func check(_ code: Int32, _ connection: Connection) throws {
        guard code == SQLITE_OK else {
            throw StoreError.sqlite(code, connection: connection.handle, doing: "Reading or writing a long entry")
        }
    }

    private static func changed(_ id: Int64) -> StoreError {
        StoreError(
            .damaged, "entry \(LogTable.seq(id)) of a log has another length than before",
            remedy: StoreError.damageRemedy)
    }
}
