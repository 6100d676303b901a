import CSQLiteSwitches
import CSQLite
import ParkSyncCore

package enum ForeignLimits {
    /// Of the longest value that is read of a file where nobody knows better: the longest entry
    /// that there can be, and what belongs to it.
    package static let valueBytesMax = CoreLimits.payloadBytesMax + (1 << 20)
}

/// What may be read of a file that is not the node's own, and how much work that may be.
///
/// The work is counted in steps of SQLite's machine and bounded by the file's length, so that a
/// refusal does not depend on the speed of the machine: pages or a schema that lead in circles come
/// to an end. Used by one thread at a time.
package final class ForeignGuard {
    private static let always: Set<ExactText> = ["sqlite_master", "sqlite_schema"].reduce(into: []) {
        $0.insert(ExactText($1))
    }
    /// Names in the letters by which SQLite compares them.
    private var readable = always
    private var stepsLeft: Int
    /// Longest value that the file can have.
    private let valueBytesMax: Int
    package private(set) var isExhausted = false

    static let stepsPerLook = 1_000
    /// A file of any length may be so much work, and for each byte so much more. Verifying and
    /// copying a database takes about two steps a byte.
    static let stepsAlways = 10_000_000
    static let stepsPerByte = 20
    private static let sqlBytesMax: Int32 = 4 << 20

    /// - Parameters:
    ///   - bytes: the file's length, with its write-ahead log; nil for one that no system call
    ///     knows, which is not bounded.
    ///   - longest: bytes of the longest value that may be read of it.
    package init(bytes: UInt64?, longest: Int = CoreLimits.payloadBytesMax + (1 << 20)) {
        let bytes = bytes.map { Int(clamping: $0) }
        let (more, overflow) = (bytes ?? .max).multipliedReportingOverflow(by: Self.stepsPerByte)
        let (steps, isMore) = more.addingReportingOverflow(Self.stepsAlways)
        stepsLeft = overflow || isMore ? .max : steps
        valueBytesMax = min(max(bytes ?? .max, 1 << 20), longest)
    }

    /// From now on these may be read, too.
    package func allow(_ tables: [String]) { for table in tables { readable.insert(ExactText(table.asciiLowercased)) } }

    /// Before the connection reads anything: reading the schema is work as well.
    func close(_ handle: OpaquePointer) -> Int32 {
        let connection = UnsafeMutableRawPointer(handle)
        var result = parksync_sqlite_harden(connection)
        if result == SQLITE_OK { result = parksync_sqlite_defensive(connection, 1) }
        if result == SQLITE_OK { result = parksync_sqlite_without_views(connection) }
        if result == SQLITE_OK { result = parksync_sqlite_enable_triggers(connection, 0) }
        guard result == SQLITE_OK else { return result }
        limitWork(of: handle)
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
        sqlite3_limit(handle, SQLITE_LIMIT_TRIGGER_DEPTH, 1)
        return SQLText.execute(
            fixed:
                """
                PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA \
                temp_store = FILE; PRAGMA query_only = ON
                """,
            on: handle)
    }

    /// Also for a connection of the node's own to which the file is attached. This object must live
    /// as long as the connection is used.
    package func limitWork(of handle: OpaquePointer) {
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Int32(clamping: valueBytesMax))
        sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, Self.sqlBytesMax)
        sqlite3_limit(handle, SQLITE_LIMIT_WORKER_THREADS, 0)
        sqlite3_progress_handler(
            handle, Int32(Self.stepsPerLook),
            { context in
                guard let context else { return 1 }
                return Unmanaged<ForeignGuard>.fromOpaque(context).takeUnretainedValue().spend() ? 0 : 1
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func watch(_ handle: OpaquePointer) {
        sqlite3_set_authorizer(
            handle,
            { context, action, first, second, _, _ in
                guard let context else { return SQLITE_DENY }
                let name = { (text: UnsafePointer<CChar>?) in text.map { String(cString: $0) } }
                return Unmanaged<ForeignGuard>.fromOpaque(context).takeUnretainedValue().allows(
                    action, name(first), name(second))
                    ? SQLITE_OK : SQLITE_DENY
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func spend() -> Bool {
        if stepsLeft == .max { return true }
        stepsLeft -= min(stepsLeft, Self.stepsPerLook)
        isExhausted = stepsLeft == 0
        return !isExhausted
    }

    /// Only the store's own SQL is compiled on such a connection; what it may touch is what was
    /// compared with the node's own schema.
    private func allows(_ action: Int32, _ first: String?, _ second: String?) -> Bool {
        switch action {
        case SQLITE_SELECT, SQLITE_RECURSIVE, SQLITE_TRANSACTION: true
        case SQLITE_READ: first.map { $0.isEmpty || readable.contains(ExactText($0.asciiLowercased)) } ?? true
        case SQLITE_FUNCTION: second.map { GuestFunctions.kinds[ExactText($0.asciiLowercased)] != nil } ?? false
        case SQLITE_PRAGMA: SQLGuard.isReadingPragma(first, second)
        default: false
        }
    }
}
