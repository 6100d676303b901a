import ParkSyncCatalog
import ParkSyncStore

/// The catalogue as the schema of simulated parks, with a journal by which transactions are found
/// again. Nodes can upgrade at different times: one of the files appends a column, the last one
/// makes a table.
enum CatalogueWorld {
    /// The schema that is shipped.
    static let catalogue = CatalogueSchema.files.map { SchemaFile(name: $0.name, sql: $0.sql) }

    /// How many files a park begins with: the last ones are its upgrades.
    static let filesAtFirst = catalogue.count + 1

    static let files =
        catalogue + [
            SchemaFile(
                name: "journal.sql",
                sql: """
                    -- parksync: schema \(catalogue.count + 1)
                    -- parksync: writer any
                    -- parksync: append-only
                    CREATE TABLE journal(id TEXT NOT NULL PRIMARY KEY, park TEXT NOT NULL, note);
                    """),
            SchemaFile(
                name: "later.sql",
                sql: """
                    -- parksync: schema \(catalogue.count + 2)
                    ALTER TABLE annotation ADD COLUMN later;
                    """),
            SchemaFile(
                name: "extra.sql",
                sql: """
                    -- parksync: schema \(catalogue.count + 3)
                    -- parksync: writer any
                    CREATE TABLE extra(id TEXT NOT NULL PRIMARY KEY, v);
                    """),
        ]

    /// The schema after each of the files that a park can have last.
    static func compiled() throws -> [CompiledSchema] {
        try (filesAtFirst...files.count).map { try CompiledSchema(Array(files.prefix($0))) }
    }
}
