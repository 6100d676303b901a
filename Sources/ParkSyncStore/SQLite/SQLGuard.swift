import CSQLite
import ParkSyncCore

/// Decides what SQL from outside may do. Reading ParkSync's own tables is allowed, writing them is
/// not, except by the capture triggers.
package enum SQLGuard {
    static let internalPrefix = "_parksync_"

    /// Whether a table, trigger or index has a name that is ParkSync's own, by the letters that
    /// SQLite takes for the same.
    package static func isInternal(_ name: String) -> Bool { name.asciiLowercased.beginsExactly(with: internalPrefix) }

    static func allows(_ trust: Connection.Trust, action: Int32, first: String?, second: String?, trigger: String?)
        -> Bool
    {
        switch (trust, action) {
        case (.trusted, _): return true
        // Functions and columns are asked about elsewhere: see `GuestFunctions`.
        case (_, SQLITE_SELECT), (_, SQLITE_RECURSIVE): return true
        case (_, SQLITE_PRAGMA): return isReadingPragma(first, second)
        // Compiled, and not executed, when a virtual table says what its columns are; on a real
        // statement SQLite itself refuses it, because no statement from outside can set
        // `writable_schema`.
        case (_, SQLITE_UPDATE) where first.map { $0.isSameName(as: "sqlite_master") } == true: return true
        // R-Tree compiles its own writes when it is opened. What a reader executes is asked whether
        // it writes, and its connection cannot.
        case (.guestReader, SQLITE_INSERT), (.guestReader, SQLITE_UPDATE), (.guestReader, SQLITE_DELETE): return true
        case (.guestWriter, SQLITE_INSERT), (.guestWriter, SQLITE_UPDATE), (.guestWriter, SQLITE_DELETE):
            guard let table = first?.asciiLowercased, !table.beginsExactly(with: "sqlite_") else { return false }
            return !isInternal(table) || trigger.map(isInternal) == true
        default: return false
        }
    }

    /// Pragmas that only tell something, whatever their argument. FTS5, R-Tree and the functions
    /// `pragma_…` ask some of them.
    private static let describingPragmas: Set = [
        "collation_list", "compile_options", "data_version", "foreign_key_list", "freelist_count", "function_list",
        "index_info", "index_list",
        "index_xinfo", "module_list", "page_count", "pragma_list", "table_info", "table_list", "table_xinfo",
    ]
    /// Pragmas that only tell something as long as they have no argument.
    private static let askingPragmas: Set = [
        "encoding", "foreign_keys", "journal_mode", "page_size", "schema_version", "user_version",
    ]

    package static func isReadingPragma(_ name: String?, _ argument: String?) -> Bool {
        guard let name = name?.asciiLowercased else { return false }
        return describingPragmas.contains(name) || (argument == nil && askingPragmas.contains(name))
    }
}
