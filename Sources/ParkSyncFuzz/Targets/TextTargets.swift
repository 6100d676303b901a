import Foundation
import ParkSyncCatalog
import ParkSyncReports
import ParkSyncStore

/// What people and programs write.
enum TextTargets {
    static let all: [FuzzTarget] = [
        FuzzTarget("json", seeds: { documents }, run: json),
        FuzzTarget("schema-file", seeds: { schemas }, run: schema),
    ]

    private static let documents: [[UInt8]] = [
        #"[["south:lab:1",9007199254740993,-0.5,null,true,{"blob":"AP8="}]]"#,
        #"[[1e308],[""],["\u0000\ud83d\ude00"]]"#, "[]",
    ].map { Array($0.utf8) }

    /// Values as a row's keys come in a URL.
    private static func json(_ bytes: [UInt8]) throws {
        let values = try JSONCoding.decode([[JSONValue]].self, from: bytes)
        let again = try JSONCoding.decode([[JSONValue]].self, from: try JSONEncoder().encode(values))
        guard again == values else { throw FuzzBreach("values of JSON are others after they were written: \(values)") }
    }

    private static let schemas: [[UInt8]] = [
        """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE plain(
          id TEXT NOT NULL PRIMARY KEY, a,
          n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
        );
        -- parksync: writer home(id)
        CREATE TABLE owned(id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, weight REAL) STRICT;
        -- parksync: writer any
        -- parksync: append-only
        CREATE TABLE note(id BLOB NOT NULL, part INTEGER NOT NULL, text TEXT, PRIMARY KEY(id, part));
        -- parksync: local
        CREATE TABLE mine(a, b);
        CREATE INDEX by_name ON owned(name);
        """,
        """
        -- parksync: schema 1\n-- parksync: writer any\nCREATE TABLE a(id INTEGER PRIMARY KEY, b TEXT DEFAULT \
        'x') WITHOUT ROWID;
        """,
    ].map { Array($0.utf8) }

    private static func schema(_ bytes: [UInt8]) throws {
        _ = try CompiledSchema([SchemaFile(name: "001-fuzz.sql", bytes: bytes)])
    }
}
