import ParkSyncCore

/// Bounds of what the statements of schema files may do. Units are in each name.
///
/// The work is counted in steps of SQLite's machine, so that a file is taken or refused alike on
/// every machine.
enum SchemaLimits {
    /// What the statements of a file may take, however short the file is.
    static let schemaFileStepsMax = 1_000_000
    /// For each byte of the file so much more: rows that a file gives one by one take a few dozen
    /// steps each.
    static let schemaFileStepsPerByte = 100
    /// For each byte of a database that has rows already so much more: indices are made of them. A
    /// row is read and sorted in fewer.
    static let schemaDatabaseStepsPerByte = 20
    /// Longest text or blob and longest row on the empty database; the text of a CREATE statement
    /// is kept in a row.
    static let schemaValueBytesMax = 64 << 10
    /// What the statements of all files may leave in the empty database.
    static let schemaDatabaseBytesMax = 64 << 20
}
