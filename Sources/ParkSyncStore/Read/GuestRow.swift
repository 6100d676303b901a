import CSQLite
import ParkSyncCore

/// Reads rows of SQL from outside, and counts what they take.
enum GuestRow {
    /// What a value takes besides the bytes of a text or blob.
    static let valueBytes = 16

    /// The current row.
    ///
    /// - Parameter bytes: raised by what the row takes.
    /// - Throws: `StoreError.tooLarge`, before the values are copied, if the row alone is larger
    ///   than `ReadLimits.valueBytesMax`.
    static func values(_ statement: OpaquePointer, columns: Int, adding bytes: inout Int) throws -> [Value] {
        var size = columns * valueBytes
        for index in 0..<Int32(columns) {
            switch sqlite3_column_type(statement, index) {
            // For numbers this would make a text of them.
            case SQLITE_TEXT, SQLITE_BLOB: size += Int(sqlite3_column_bytes(statement, index))
            default: break
            }
            guard size <= ReadLimits.valueBytesMax else {
                throw StoreError(
                    .tooLarge, "a row has more than \(ReadLimits.valueBytesMax) bytes",
                    remedy: "Ask for fewer columns, or for parts with substr().")
            }
        }
        bytes += size
        return (0..<Int32(columns)).map { value(statement, $0) }
    }

    private static func value(_ statement: OpaquePointer, _ index: Int32) -> Value {
        switch sqlite3_column_type(statement, index) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, index))
        case SQLITE_FLOAT: .double(sqlite3_column_double(statement, index))
        case SQLITE_TEXT: .text(copied(statement, index))
        case SQLITE_BLOB: .blob(copied(statement, index))
        default: .null
        }
    }

    private static func copied(_ statement: OpaquePointer, _ index: Int32) -> [UInt8] {
        let base = sqlite3_column_blob(statement, index)
        return Array(UnsafeRawBufferPointer(start: base, count: Int(sqlite3_column_bytes(statement, index))))
    }
}

/// What a transaction may still give back.
struct ResultBudget {
    let rowsMax: Int
    private(set) var rows = 0
    private var bytes = 0

    init(rowsMax: Int) { self.rowsMax = rowsMax }

    /// Takes the current row.
    ///
    /// - Throws: `StoreError.tooLarge` if it is one too many.
    mutating func read(_ statement: OpaquePointer, columns: Int) throws -> [Value] {
        guard rows < rowsMax else { throw Self.refusal("\(rowsMax) rows") }
        rows += 1
        let values = try GuestRow.values(statement, columns: columns, adding: &bytes)
        guard bytes <= ReadLimits.transactionResultBytesMax else {
            throw Self.refusal("\(ReadLimits.transactionResultBytesMax) bytes")
        }
        return values
    }

    private static func refusal(_ limit: String) -> StoreError {
        StoreError(
            .tooLarge, "the transaction gives back more than \(limit)",
            remedy: "Read large results with a query instead.")
    }
}
