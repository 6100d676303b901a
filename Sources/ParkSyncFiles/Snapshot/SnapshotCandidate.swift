import Crypto
import ParkSyncCore
import ParkSyncStore

/// Makes a node's own database out of a downloaded snapshot, after everything about it was checked.
package struct SnapshotCandidate: Sendable {
    package var origin: OriginID
    package var members: [String: [UInt8]]
    package var schema: CompiledSchema
    /// Longest entry that this node takes: what a snapshot has in one cell is never longer, and
    /// whatever is bounds the memory that a check takes.
    package var entryBytesMax: Int
    /// Hears whose file is being read, so that somebody knows what a process was at that ended; nil
    /// for none.
    package var onReading: @Sendable (_ park: String?) -> Void = { _ in }

    package init(
        origin: OriginID, members: [String: [UInt8]], schema: CompiledSchema,
        entryBytesMax: Int = CoreLimits.payloadBytesDefault
    ) {
        (self.origin, self.members, self.schema, self.entryBytesMax) = (origin, members, schema, entryBytesMax)
    }

    /// Where the finished candidate of a node's database lies until the node is opened next.
    package static func path(_ database: String) -> String { database + ".candidate" }

    /// What is under way has these names.
    private static func scratch(_ database: String) -> (own: String, witness: String) {
        (path(database) + ".part", path(database) + ".witness")
    }

    /// Removes what a process has left that ended while it made a candidate.
    package static func discard(_ database: String) {
        let (own, witness) = scratch(database)
        for path in [own, witness, path(database)] { FileSystem.removeDatabase(path) }
    }

    /// The schema files that the snapshot was made with.
    ///
    /// - Throws: `StoreError.schema` if this node has not got them.
    package func compiled(for manifest: SnapshotManifest) throws -> CompiledSchema {
        guard manifest.schemaNumber > 0, manifest.schemaNumber <= UInt64(schema.files.count) else {
            throw StoreError(
                .schema,
                """
                the snapshot of \(manifest.park) has schema \(manifest.schemaNumber), this node brings \
                \(schema.files.count)
                """,
                remedy: "Install the schema files of \(manifest.park) here, then repeat.")
        }
        let files = schema.files.prefix(Int(manifest.schemaNumber))
        let compiled = try CompiledSchema(files.map { SchemaFile(name: $0.name, sql: $0.sql) })
        guard Array(SHA256.hash(data: compiled.schema.canonicalBytes)) == manifest.schemaHash else {
            throw StoreError(
                .schema,
                "\(manifest.park) and this node both have schema \(manifest.schemaNumber), but with different contents",
                remedy: "Compare the schema files of the two nodes.")
        }
        return compiled
    }

    /// Who says that the tables of a snapshot are right whose log does not reach back to its
    /// beginning, so that they do not follow from it.
    package enum Confirmation: Sendable {
        /// Nobody so far.
        case missing
        /// Another park's snapshot, which has to come to the same tables. Entries that are too far
        /// ahead of this node's clock wait in both.
        case witness(file: String, SnapshotManifest, wallMilliseconds: UInt64)
        /// The operator takes the word of the park alone.
        case waived
    }

    /// Makes the candidate for `database`.
    ///
    /// - Parameter file: the downloaded snapshot.
    /// - Throws: `FalseSnapshot` for one that is not what the park that signed it says,
    ///   `UnconfirmedSnapshot` for one that another park has to confirm, `StoreError` for any other
    ///   reason; no candidate is left then.
    package func build(
        _ database: String, from file: String, _ manifest: SnapshotManifest, confirmation: Confirmation = .missing
    ) throws {
        let target = Self.path(database)
        let (scratch, other) = Self.scratch(database)
        defer { FileSystem.removeDatabase(other) }
        do {
            let isWhole = try make(scratch, from: file, manifest, mayLack: confirmation)
            if !isWhole, case .witness(let file, let witness, let wallMilliseconds) = confirmation {
                _ = try make(other, from: file, witness, mayLack: confirmation)
                onReading(nil)
                try SnapshotWitness(
                    origin: origin, members: members, schema: try compiled(for: manifest).schema,
                    wallMilliseconds: wallMilliseconds
                )
                .compare(scratch, manifest, other, witness)
            }
            try FileSystem.sync(scratch)
            try FileSystem.rename(scratch, to: target)
        } catch {
            FileSystem.removeDatabase(scratch)
            throw error
        }
    }

    /// - Returns: whether everything in it follows from its log.
    private func make(
        _ scratch: String, from file: String, _ manifest: SnapshotManifest, mayLack confirmation: Confirmation
    ) throws -> Bool {
        onReading(manifest.park)
        guard FileSystem.bytes(file) == manifest.bytes, try FileSystem.hash(file) == manifest.hash else {
            // The disk, or somebody at this machine: what came was checked on its way.
            throw manifest.refused("its bytes are not those that were announced").error
        }
        let compiled = try compiled(for: manifest)
        do { return try make(scratch, from: file, manifest, compiled, confirmation) } catch let error as StoreError
            where error.code == .damaged && !error.isOfDisk
        {
            // These are the bytes that it has signed.
            throw FalseSnapshot(park: manifest.park, error: error)
        }
    }

    private func make(
        _ scratch: String, from file: String, _ manifest: SnapshotManifest, _ compiled: CompiledSchema,
        _ confirmation: Confirmation
    ) throws -> Bool {
        let foreign = try checkSchema(file, manifest, compiled)
        try checkEntries(foreign, manifest)
        return try foreign.reading {
            guard let gap = try SnapshotRebuild.firstGap(foreign) else {
                let rebuild = SnapshotRebuild(
                    origin: origin, members: members, compiled: compiled, manifest: manifest, file: foreign)
                try rebuild.build(scratch)
                return true
            }
            if case .missing = confirmation { throw UnconfirmedSnapshot(park: manifest.park, gap: gap) }
            try copy(scratch, foreign, manifest, compiled)
            return false
        }
    }

    private func copy(
        _ scratch: String, _ foreign: ForeignFile, _ manifest: SnapshotManifest, _ compiled: CompiledSchema
    ) throws {
        let connection = try SnapshotTables.begin(
            scratch, from: foreign.path, schema: compiled, park: origin.park, work: foreign.work)
        try SnapshotTables.hold(connection)
        try SnapshotTables.fill(connection, schema: compiled.schema)
        // Of the node's own file, whose pages SQLite has just made: a check of the other one's
        // would follow whatever its pages say.
        try CopyChecks.integrity(connection, scratch)
        try SnapshotQuarantine(connection: connection, schema: compiled.schema, manifest: manifest).judge()
        let reader = SQLReader(connection: connection)
        try reader.snapshot {
            try compare(reader, compiled.schema, manifest)
            // For the bounds of its cells.
            _ = try SharedState(connection, schema: compiled.schema)
            try checkSegments(reader, manifest)
        }
        let vouched = try MemberTable.trusted(connection, members)
        try connection.transaction {
            try connection.execute("DELETE FROM _parksync_member")
            try MemberTable.remember(connection, vouched)
            try MemberWords.note(votesIn: connection)
            // Where its clocks say nothing of counters, the rows do that fit them.
            try StoreFile.setMeta(connection, StoreFile.lacksCounters, .integer(1))
            try StoreFile.installCapture(compiled.schema, on: connection, park: origin.park)
        }
    }

    /// Of an entry beside its values.
    private static let headBytesMax = 1 << 20

    /// Entries that this node would not take from their authors either. Their lengths are read
    /// without them.
    private func checkEntries(_ foreign: ForeignFile, _ manifest: SnapshotManifest) throws {
        let longest = try foreign.reading {
            try foreign.connection.int64(
                "SELECT max(length(payload)) FROM _parksync_log WHERE typeof(payload) = 'blob'")
        }
        guard let longest, longest > Int64(entryBytesMax) else { return }
        throw StoreError(
            .tooLarge,
            """
            the snapshot of \(manifest.park) has an entry of \(longest) bytes, this node takes at most \
            \(entryBytesMax)
            """,
            remedy:
                """
                Nothing of it was used. Raise entry.bytes_max here to what the entry's author has, and start \
                this node again.
                """
        )
    }

    /// What it says to have kept, one behind the other from the first entry on. What follows in the
    /// log vouches for the last one's hash.
    private func checkSegments(_ reader: SQLReader, _ manifest: SnapshotManifest) throws {
        var ends: [Int64: UInt64] = [:]
        for (ordinal, _, _) in try reader.origins() { ends[ordinal] = 0 }
        for row in try SegmentTable.all(reader.connection) {
            guard let end = ends[row.ordinal], row.first == end + 1, row.hash.count == EntryChain.hashBytes else {
                throw manifest.refused("its segments do not lie one behind the other")
            }
            ends[row.ordinal] = row.last
        }
    }

    /// - Returns: the file, open, when it has the tables of this node's schema files and nothing
    ///   else.
    private func checkSchema(_ file: String, _ manifest: SnapshotManifest, _ compiled: CompiledSchema) throws
        -> ForeignFile
    {
        let foreign = try ForeignFile(file, longest: entryBytesMax + Self.headBytesMax)
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

    /// The rows and the log as they are now in this node's own file, against what the manifest
    /// says.
    private func compare(_ reader: SQLReader, _ schema: SharedSchema, _ manifest: SnapshotManifest) throws {
        let proof = try Verifier(reader: reader, schema: schema, members: members, leavesOutSegments: true).proof()
        guard proof.findings.isEmpty else {
            throw manifest.refused(proof.findings.prefix(CopyChecks.findingsShownMax).joined(separator: "; "))
        }
        guard proof.stateHash == manifest.stateHash else {
            throw manifest.refused("its tables are not those that were announced")
        }
        guard proof.vector == manifest.vector, try CopyChecks.heads(reader) == manifest.heads else {
            throw manifest.refused("its log is not the one that was announced")
        }
    }
}
