import CSQLite

/// The SQLite that the program runs with, which may be another one than it was built with.
package enum SQLiteLibrary {
    package static let version = String(cString: sqlite3_libversion())
}
