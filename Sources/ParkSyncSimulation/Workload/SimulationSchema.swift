import ParkSyncCore
import ParkSyncStore

/// The schema of simulated parks: small, and with every feature that a schema file can use. In
/// three files, so that nodes can upgrade at different times: the second appends nullable columns,
/// the third makes a table.
package enum SimulationSchema {
    package static let files = [
        SchemaFile(name: "001-simulation.sql", sql: tables), SchemaFile(name: "002-simulation.sql", sql: columns),
        SchemaFile(name: "003-simulation.sql", sql: table),
    ]

    /// The first `count` files, compiled.
    package static func compiled(_ count: Int = 3) throws -> CompiledSchema {
        try CompiledSchema(Array(files.prefix(count)))
    }

    /// Columns of `wide` outside its key.
    static let wideColumns = (1...44).map { $0 < 10 ? "c0\($0)" : "c\($0)" }

    private static let tables = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE item(
          id TEXT NOT NULL PRIMARY KEY,
          a, b TEXT, r REAL, i INTEGER, m NUMERIC, raw BLOB,
          kind TEXT NOT NULL DEFAULT 'plain' CHECK (kind <> 'forbidden'),
          n INTEGER NOT NULL DEFAULT 0, -- parksync: counter
          stock INTEGER NOT NULL DEFAULT 5 -- parksync: counter
        );
        -- parksync: writer any
        CREATE TABLE wide(id INTEGER PRIMARY KEY, \(wideColumns.joined(separator: ", ")));
        -- parksync: writer any
        CREATE TABLE parent(id TEXT NOT NULL PRIMARY KEY, title TEXT NOT NULL);
        -- parksync: writer any
        CREATE TABLE child(
          parent TEXT NOT NULL REFERENCES parent(id), position INTEGER NOT NULL, note,
          PRIMARY KEY(parent, position)) WITHOUT ROWID;
        -- parksync: writer home(id)
        CREATE TABLE owned(
          id TEXT NOT NULL PRIMARY KEY, label TEXT,
          views INTEGER NOT NULL DEFAULT 0 -- parksync: counter
        );
        -- parksync: writer any
        -- parksync: append-only
        CREATE TABLE journal(id TEXT NOT NULL PRIMARY KEY, park TEXT NOT NULL, note);
        -- parksync: writer any
        CREATE TABLE rawkey(id BLOB NOT NULL, n INTEGER NOT NULL, v, PRIMARY KEY(id, n)) WITHOUT ROWID;
        -- parksync: writer any
        CREATE TABLE typed(id TEXT NOT NULL PRIMARY KEY, i INTEGER, x ANY, r REAL, t TEXT, b BLOB) STRICT;
        -- parksync: local
        CREATE TABLE scratch(id INTEGER PRIMARY KEY, v);
        """

    private static let columns = """
        -- parksync: schema 2
        ALTER TABLE item ADD COLUMN later;
        ALTER TABLE typed ADD COLUMN more TEXT;
        """

    private static let table = """
        -- parksync: schema 3
        -- parksync: writer any
        CREATE TABLE extra(
          id TEXT NOT NULL PRIMARY KEY, v,
          n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
        );
        """
}
