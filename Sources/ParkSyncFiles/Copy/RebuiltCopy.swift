import ParkSyncCore
import ParkSyncStore

/// A node's database made anew out of a copy of it, row by row: neither a page nor a statement of
/// the copy is trusted.
struct RebuiltCopy {
    let checked: ForeignFile.Checked
    private let file: ForeignFile

    /// Objects that a refusal names.
    static let objectsShownMax = 10

    /// - Parameter longest: bytes of the longest value that is read of it.
    /// - Throws: `StoreError` if the file is no sound copy of a database of this park.
    init(from path: String, park: String, schema: CompiledSchema, longest: Int) throws {
        let file = try ForeignFile(path, longest: longest)
        let checked = try file.check(own: schema)
        guard checked.park == park else {
            throw StoreError(
                .invalidInput, "\(path) is a copy of the database of \(checked.park), not of \(park)",
                remedy: "Use a backup of \(park); each park has a file of its own.")
        }
        try file.reading {
            try CopyChecks.nothingWaits(file.connection, checked.compiled.schema, park: park, path: path)
        }
        (self.file, self.checked) = (file, checked)
    }

    /// What the park's programs made in the copy is executed sooner or later: a trigger with each
    /// write, an expression of an index with each check. What the node's present database has as
    /// well is known; the rest is taken only if the operator says so.
    func refuseObjects(database: String, trusts: Bool) throws {
        guard !trusts else { return }
        let present = Set(known(database))
        let unknown = checked.others.filter { object in !object.isPlain && !present.contains(object) }
        guard !unknown.isEmpty else { return }
        let shown = unknown.prefix(Self.objectsShownMax).map { "\($0.type) \($0.name): \($0.sql.prefix(120))" }.joined(
            separator: "; ")
        let more = unknown.count > Self.objectsShownMax ? " and \(unknown.count - Self.objectsShownMax) more" : ""
        throw StoreError(
            .invalidInput, "\(file.path) has SQL that this node's database has not: \(shown)\(more)",
            remedy:
                """
                Nothing was changed. If the park's programs made it, repeat with --trust-objects; else the copy \
                was altered.
                """
        )
    }

    /// A database that cannot be read is what a restore is for; it vouches for nothing.
    private func known(_ database: String) -> [SchemaRow] {
        guard FileSystem.exists(database) else { return [] }
        return (try? SchemaRow.all(Connection(path: database, role: .reader))) ?? []
    }

    /// - Parameter path: the file to make; one that is there is replaced.
    func build(_ path: String) throws {
        try file.reading {
            let connection = try SnapshotTables.begin(
                path, from: file.path, schema: checked.compiled, park: checked.park, work: file.work)
            try SnapshotTables.hold(connection)
            try SnapshotTables.fillAll(connection, schema: checked.compiled.schema)
            try connection.transaction {
                try StoreFile.noteEarlierFormat(connection)
                try StoreFile.setMeta(connection, "format", .integer(StoreFile.formatVersion))
                try connection.execute("DELETE FROM _parksync_meta WHERE name = 'capture'")
                connection.forgetStatements()
                try StoreFile.installCapture(checked.compiled.schema, on: connection, park: checked.park)
            }
            // The park's local tables with their rows, also those of the schema files, and what its
            // programs made.
            try LocalObjects(connection: connection, shared: checked.compiled.schema).carry(from: file.path)
            try FileSystem.sync(path)
        }
    }
}
