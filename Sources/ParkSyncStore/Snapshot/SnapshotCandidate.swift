import Crypto
import ParkSyncCore

/// Makes a node's own database out of a downloaded snapshot, after everything about it was checked.
package struct SnapshotCandidate: Sendable {
    package var origin: OriginID
    package var members: [String: [UInt8]]
    package var schema: CompiledSchema

    package init(origin: OriginID, members: [String: [UInt8]], schema: CompiledSchema) {
        (self.origin, self.members, self.schema) = (origin, members, schema)
    }

    /// Where the finished candidate of a node's database lies until the node is opened next.
    package static func path(_ database: String) -> String { database + ".candidate" }

    /// The schema files that the snapshot was made with.
    ///
    /// - Throws: `StoreError.schema` if this node has not got them.
    package func compiled(for manifest: SnapshotManifest) throws -> CompiledSchema {
        guard manifest.schemaNumber > 0, manifest.schemaNumber <= UInt64(schema.files.count) else {
            throw StoreError(
                .schema, "the snapshot of \(manifest.park) has schema \(manifest.schemaNumber), this node brings \(schema.files.count)",
                remedy: "Install the schema files of \(manifest.park) here, then repeat.")
        }
        let files = schema.files.prefix(Int(manifest.schemaNumber))
        let compiled = try CompiledSchema(files.map { SchemaFile(name: $0.name, sql: $0.sql) })
        guard Array(SHA256.hash(data: compiled.schema.canonicalBytes)) == manifest.schemaHash else {
            throw StoreError(
                .schema, "\(manifest.park) and this node both have schema \(manifest.schemaNumber), but with different contents",
                remedy: "Compare the schema files of the two nodes.")
        }
        return compiled
    }

    /// Makes the candidate for `database`.
    ///
    /// - Parameter file: the downloaded snapshot.
    /// - Throws: `FalseSnapshot` for one that is not what the park that signed it says, `StoreError` for any other reason; no candidate is left
    ///   then.
    package func build(_ database: String, from file: String, _ manifest: SnapshotManifest) throws {
        let target = Self.path(database)
        let scratch = target + ".part"
        do {
            guard FileSystem.bytes(file) == manifest.bytes, try FileSystem.hash(file) == manifest.hash else {
                // The disk, or somebody at this machine: what came was checked on its way.
                throw manifest.refused("its bytes are not those that were announced").error
            }
            let compiled = try compiled(for: manifest)
            do { try make(scratch, from: file, manifest, compiled) } catch let error as StoreError where error.code == .damaged && !error.isOfDisk {
                // These are the bytes that it has signed.
                throw FalseSnapshot(park: manifest.park, error: error)
            }
            try FileSystem.sync(scratch)
            try FileSystem.rename(scratch, to: target)
        } catch {
            FileSystem.removeDatabase(scratch)
            throw error
        }
    }

    private func make(_ scratch: String, from file: String, _ manifest: SnapshotManifest, _ compiled: CompiledSchema) throws {
        let foreign = try checkSchema(file, manifest, compiled)
        try foreign.reading {
            if try SnapshotRebuild.isWhole(foreign) {
                let rebuild = SnapshotRebuild(origin: origin, members: members, compiled: compiled, manifest: manifest, file: foreign)
                return try rebuild.build(scratch)
            }
            try copy(scratch, foreign, manifest, compiled)
        }
    }

    private func copy(_ scratch: String, _ foreign: ForeignFile, _ manifest: SnapshotManifest, _ compiled: CompiledSchema) throws {
        let connection = try SnapshotTables.begin(scratch, from: foreign.path, schema: compiled, park: origin.park, work: foreign.work)
        try SnapshotTables.hold(connection)
        try SnapshotTables.fill(connection, schema: compiled.schema)
        // Of the node's own file, whose pages SQLite has just made: a check of the other one's would follow whatever its pages say.
        try CopyChecks.integrity(connection, scratch)
        try SnapshotQuarantine(connection: connection, schema: compiled.schema, manifest: manifest).judge()
        let reader = SQLReader(connection: connection)
        try reader.snapshot { try compare(reader, compiled.schema, manifest) }
        try connection.transaction { try StoreFile.installCapture(compiled.schema, on: connection, park: origin.park) }
    }

    /// - Returns: the file, open, when it has the tables of this node's schema files and nothing else.
    private func checkSchema(_ file: String, _ manifest: SnapshotManifest, _ compiled: CompiledSchema) throws -> ForeignFile {
        let foreign = try ForeignFile(file)
        let checked = try foreign.check(own: compiled)
        guard checked.park == manifest.park else { throw manifest.refused("it is another park's file") }
        guard checked.compiled.schema.number == compiled.schema.number else {
            throw manifest.refused("its schema is not the one that was announced")
        }
        if let other = checked.others.first {
            throw manifest.refused("it brings the \(other.type) \(other.name), which no schema file makes")
        }
        return foreign
    }

    /// The rows and the log as they are now in this node's own file, against what the manifest says.
    private func compare(_ reader: SQLReader, _ schema: SharedSchema, _ manifest: SnapshotManifest) throws {
        let proof = try Verifier(reader: reader, schema: schema, members: members, leavesOutSegments: true).proof()
        guard proof.findings.isEmpty else {
            throw manifest.refused(proof.findings.prefix(CopyChecks.findingsShownMax).joined(separator: "; "))
        }
        guard proof.stateHash == manifest.stateHash else { throw manifest.refused("its tables are not those that were announced") }
        guard proof.vector == manifest.vector, try CopyChecks.heads(reader) == manifest.heads else {
            throw manifest.refused("its log is not the one that was announced")
        }
    }
}

/// A snapshot that is not what the park that signed it says: whoever signs that lies, or has a damaged file.
package struct FalseSnapshot: Error, CustomStringConvertible {
    package var park: String
    package var error: StoreError

    package init(park: String, error: StoreError) { (self.park, self.error) = (park, error) }

    package var description: String { error.description }
}
