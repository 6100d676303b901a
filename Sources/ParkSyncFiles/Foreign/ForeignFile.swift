import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// A database file that is not the node's own: a backup, a snapshot, a copy that somebody names. It
/// may be anything.
///
/// This is the one place that opens such a file. Nothing that its schema says is executed: views
/// and triggers are off, and only tables are read whose text is that of the node's own schema
/// files. All reading together is bounded; see `ForeignGuard`.
final class ForeignFile {
    let path: String
    let work: ForeignGuard
    let connection: Connection
    private let bytes: UInt64?
    /// - Parameters:
    ///   - archive: the folder of its segments; nil for the one beside it.
    ///   - longest: bytes of the longest value that may be read of it.
    /// - Throws: `StoreError` if it is no database that a node could have written.
    init(_ path: String, archive: String? = nil, longest: Int = ForeignLimits.valueBytesMax) throws {
        self.path = path
        bytes = try ForeignHeader.check(path)
        work = ForeignGuard(bytes: bytes, longest: longest)
        do { connection = try Connection(path: path, role: .foreign, archive: archive, foreign: work) } catch let error
            as StoreError
        {
            throw Self.refused(error, path, bytes, work)
        }
    }

    /// What is known of a file whose schema was compared.
    struct Checked {
        var park: String
        var compiled: CompiledSchema
        /// What the park's programs made in it.
        var others: [SchemaRow]
    }

    /// Compares the file's schema with the node's own, text for text. Afterwards ParkSync's own
    /// tables and the shared ones may be read.
    ///
    /// - Parameter own: the schema files of the node, of which the file may have seen some or all.
    /// - Throws: `StoreError`.
    func check(own: CompiledSchema) throws -> Checked {
        try reading {
            let found = try SchemaRow.all(connection)
            let first = ["_parksync_meta", "_parksync_schema"]
            guard first.allSatisfy({ name in found.contains { $0.type == "table" && $0.name.isExactly(name) } }) else {
                throw StoreError(
                    .invalidInput, "\(path) is not a ParkSync database",
                    remedy: "Name the database file of a node, or a copy that syncctl backup has made.")
            }
            try ForeignSchema(own, park: Self.anyPark).check(found, first, path: path)
            work.allow(first)
            if case .integer(let format)? = try StoreFile.meta(connection, "format"),
                !StoreFile.earlierFormats.contains(format)
            {
                try FormatVersion.check(format, known: StoreFile.formatVersion, of: path)
            }
            guard case .text(let name)? = try StoreFile.meta(connection, "park"),
                let park = OriginID(utf8: name[...])?.park
            else {
                throw StoreError(.damaged, "\(path) does not say whose it is", remedy: CopyChecks.remedy)
            }
            let compiled = try compiled(own)
            let schema = try ForeignSchema(compiled, park: park)
            try schema.check(found, schema.tables, path: path)
            work.allow(schema.tables)
            try checkOrigins()
            try StoreFile.checkFormat(connection, path: path)
            return Checked(park: park, compiled: compiled, others: schema.others(found))
        }
    }

    /// Its name is in the texts of triggers only, which are not compared.
    private static let anyPark = "park"

    /// Runs `body`, which reads the file, and says of what fails that the file is at fault.
    func reading<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as StoreError {
            throw Self.refused(error, path, bytes, work)
        } catch let refusal as any SnapshotRefusal { throw refusal } catch let error as SchemaError {
            throw error
        } catch let error
            as CancellationError
        {
            throw error
        } catch {
            throw StoreError(.damaged, "\(path) cannot be read: \(ErrorWords.of(error))", remedy: CopyChecks.remedy)
        }
    }

    private static func refused(_ error: StoreError, _ path: String, _ bytes: UInt64?, _ work: ForeignGuard)
        -> StoreError
    {
        if work.isExhausted {
            return StoreError(
                .damaged,
                """
                \(path) takes more work to read than any database of \(bytes ?? 0) bytes can: its pages or its \
                schema lead in circles
                """,
                remedy: CopyChecks.remedy)
        }
        if error.isOfDisk || error.isOfMemory { return error }
        switch error.code {
        case .sql, .forbidden, .tooLarge, .timeout, .constraint:
            return error.told(as: .damaged, "\(path) cannot be read: \(error.reason)", remedy: CopyChecks.remedy)
        case .damaged where error.remedy != CopyChecks.remedy:
            return error.told(as: .damaged, "\(path) is damaged: \(error.reason)", remedy: CopyChecks.remedy)
        default: return error
        }
    }

    /// The schema files that the file has seen, as this node brings them.
    private func compiled(_ own: CompiledSchema) throws -> CompiledSchema {
        let statement = try connection.statement("SELECT number, sql FROM _parksync_schema ORDER BY number")
        defer { statement.reset() }
        var count = 0
        while try statement.step() {
            guard count < own.files.count else {
                throw StoreError(
                    .schema, "\(path) has schema \(statement.int64(0)), this node brings \(own.files.count)",
                    remedy: "Use the schema files that the park had when the file was made.")
            }
            guard statement.int64(0) == Int64(count) + 1 else {
                throw StoreError(.damaged, "\(path) lacks schema file \(count + 1)", remedy: CopyChecks.remedy)
            }
            do { try SchemaEdit.check(own.files[count], executed: statement.string(1)) } catch let error as SchemaError
            {
                throw StoreError(
                    .schema, "\(path) was made with another schema file \(count + 1) than this node's: \(error)",
                    remedy: "Use the schema files of the node that made it: its own are never executed.")
            }
            count += 1
        }
        guard count > 0 else { throw StoreError(.damaged, "\(path) has no schema", remedy: CopyChecks.remedy) }
        return try CompiledSchema(own.files.prefix(count).map { SchemaFile(name: $0.name, sql: $0.sql) })
    }

    /// Ordinals are parts of the log's row numbers: beyond these bounds there is no such row.
    private func checkOrigins() throws {
        let statement = try connection.statement(
            "SELECT typeof(ordinal), ordinal, typeof(folded), folded FROM _parksync_origin")
        defer { statement.reset() }
        var count = 0
        while try statement.step() {
            count += 1
            guard count <= CoreLimits.vectorOriginsMax, statement.string(0) == "integer",
                (0..<Self.ordinalMax).contains(statement.int64(1)),
                statement.string(2) == "integer", (0...Int64(LogTable.seqMax)).contains(statement.int64(3))
            else {
                throw StoreError(
                    .damaged, "\(path) has numbers of origins that no node gives", remedy: CopyChecks.remedy)
            }
        }
    }

    private static let ordinalMax: Int64 = 1 << 22
}
