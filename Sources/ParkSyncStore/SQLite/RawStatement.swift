import CSQLite
import ParkSyncCore

/// A prepared statement on a raw handle: no allocation a row, bytes bound without a copy.
///
/// Used by one thread at a time. Bound bytes must stay valid until `reset()`.
package final class RawStatement {
    let handle: OpaquePointer
    private let connection: OpaquePointer

    package init(_ connection: OpaquePointer, _ sql: String) throws {
        let prepared = try SQLText.prepare(sql, on: connection, flags: SQLITE_PREPARE_PERSISTENT)
        guard prepared.result == SQLITE_OK, let handle = prepared.statement else {
            throw StoreError.sqlite(prepared.result, connection: connection, doing: "Preparing \(sql.prefix(200))")
        }
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    package func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }
    func bind(_ index: Int32, _ value: Int) { sqlite3_bind_int64(handle, index, Int64(value)) }
    package func bind(_ index: Int32, _ value: UInt64) { sqlite3_bind_int64(handle, index, Int64(bitPattern: value)) }
    func bindNull(_ index: Int32) { sqlite3_bind_null(handle, index) }

    func bindBlob(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address, and SQLite takes a null address for NULL.
        if bytes.count == 0 {
            sqlite3_bind_zeroblob(handle, index, 0)
        } else {
            sqlite3_bind_blob64(handle, index, bytes.baseAddress, UInt64(bytes.count), nil)
        }
    }

    /// Binds a blob of zeros that takes no memory.
    func bindZeros(_ index: Int32, count: Int) { sqlite3_bind_zeroblob64(handle, index, UInt64(max(0, count))) }

    /// Binds a copy.
    package func bindBlob(_ index: Int32, copying bytes: [UInt8]) {
        if bytes.isEmpty {
            sqlite3_bind_zeroblob(handle, index, 0)
        } else {
            sqlite3_bind_blob64(handle, index, bytes, UInt64(bytes.count), transient)
        }
    }

    func bindText(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
        if let base = bytes.baseAddress, bytes.count > 0 {
            sqlite3_bind_text64(
                handle, index, base.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), nil, UInt8(SQLITE_UTF8))
        } else {
            sqlite3_bind_text(handle, index, "", 0, transient)
        }
    }

    /// Binds a copy, zero bytes included.
    package func bindText(_ index: Int32, copying text: String) {
        var text = text
        text.withUTF8 { bytes in
            let start = bytes.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }
            // An empty text may have no address, and SQLite takes a null address for NULL.
            guard let start, bytes.count > 0 else {
                return bindText(index, UnsafeRawBufferPointer(start: nil, count: 0))
            }
            sqlite3_bind_text64(handle, index, start, UInt64(bytes.count), transient, UInt8(SQLITE_UTF8))
        }
    }

    func bind(_ index: Int32, view: ValueView) {
        switch view {
        case .null: sqlite3_bind_null(handle, index)
        case .integer(let value): sqlite3_bind_int64(handle, index, value)
        case .real(let bits): sqlite3_bind_double(handle, index, Double(bitPattern: bits))
        case .text(let bytes): bindText(index, bytes)
        case .blob(let bytes): bindBlob(index, bytes)
        }
    }

    /// Binds a copy of the value.
    func bind(_ index: Int32, copying value: Value) {
        switch value {
        case .null: sqlite3_bind_null(handle, index)
        case .integer(let value): sqlite3_bind_int64(handle, index, value)
        case .real(let bits): sqlite3_bind_double(handle, index, Double(bitPattern: bits))
        case .text(let bytes):
            bytes.withUnsafeBytes { buffer in
                let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                if let base {
                    sqlite3_bind_text64(handle, index, base, UInt64(buffer.count), transient, UInt8(SQLITE_UTF8))
                } else {
                    bindText(index, buffer)
                }
            }
        case .blob(let bytes): bindBlob(index, copying: bytes)
        }
    }

    /// - Returns: true if a row is there, false at the end.
    @discardableResult
    package func step() throws -> Bool {
        let result = sqlite3_step(handle)
        if result == SQLITE_ROW { return true }
        if result == SQLITE_DONE { return false }
        let error = StoreError.sqlite(result, connection: connection, doing: "Executing \(sql)")
        sqlite3_reset(handle)
        throw error
    }

    /// Steps to the end and resets.
    package func run() throws {
        while try step() {}
        sqlite3_reset(handle)
    }

    package func reset() { sqlite3_reset(handle) }

    var sql: String { sqlite3_sql(handle).map { String(String(cString: $0).prefix(200)) } ?? "?" }

    package func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    func uint64(_ column: Int32) -> UInt64 { UInt64(bitPattern: sqlite3_column_int64(handle, column)) }
    package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    /// The bytes of a text or blob, valid until the next step.
    package func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        // The blob accessor neither converts nor appends a terminator; the count must be asked
        // after it.
        let base = sqlite3_column_blob(handle, column)
        return UnsafeRawBufferPointer(start: base, count: Int(sqlite3_column_bytes(handle, column)))
    }

    package func string(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

    /// The value, valid until the next step.
    @inline(__always)
    package func view(_ column: Int32) -> ValueView {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(handle, column).bitPattern)
        case SQLITE_TEXT: .text(bytes(column))
        case SQLITE_BLOB: .blob(bytes(column))
        default: .null
        }
    }

    /// Appends the column's value in the canonical encoding.
    @inline(__always)
    package func encode(_ column: Int32, to writer: inout ByteWriter) {
        switch view(column) {
        case .null: writer.byte(0)
        case .integer(let value): ValueCoding.writeInteger(value, to: &writer)
        case .real(let bits): ValueCoding.writeReal(bits: bits, to: &writer)
        case .text(let bytes): ValueCoding.writeText(bytes, to: &writer)
        case .blob(let bytes): ValueCoding.writeBlob(bytes, to: &writer)
        }
    }

    private var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

/// Quotes an SQL identifier; safe for any name without NUL.
package func quoted(_ identifier: String) -> String { doubling(UInt8(ascii: "\""), in: identifier) }

/// Quotes an SQL text literal; safe for any text without NUL.
package func literal(_ text: String) -> String { doubling(UInt8(ascii: "'"), in: text) }

/// By bytes: a quote with a combining mark behind it is another `Character` to Swift, and a quote
/// all the same to SQLite.
private func doubling(_ quote: UInt8, in text: String) -> String {
    var bytes = [quote]
    bytes.reserveCapacity(text.utf8.count + 2)
    for byte in text.utf8 {
        bytes.append(byte)
        if byte == quote { bytes.append(quote) }
    }
    bytes.append(quote)
    return String(decoding: bytes, as: UTF8.self)
}

/// A value as an SQL literal that gives it back to the bit.
func sqlLiteral(_ value: Value) -> String {
    func hex(_ bytes: [UInt8]) -> String {
        "x'\(bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())'"
    }
    switch value {
    case .null: return "NULL"
    // The smallest number has no literal of its own: its digits alone are one too many.
    case .integer(let number): return number == .min ? "(-9223372036854775807 - 1)" : "(\(number))"
    case .real(let bits):
        let number = Double(bitPattern: bits)
        return number.isInfinite ? (number < 0 ? "-9e999" : "9e999") : "(\(number))"
    case .text(let bytes): return "CAST(\(hex(bytes)) AS TEXT)"
    case .blob(let bytes): return hex(bytes)
    }
}
