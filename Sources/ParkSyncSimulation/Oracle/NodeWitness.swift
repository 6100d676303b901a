import ParkSyncCore

/// What one node's file says at one moment, read in one snapshot on a connection of the witness's
/// own.
package struct NodeObservation: Sendable {
    /// One entry as it lies in the log.
    package struct LoggedEntry: Hashable, Sendable {
        package var seq: UInt64
        package var hash: [UInt8]
        package var signature: [UInt8]?
        package var payload: [UInt8]
        package init(seq: UInt64, hash: [UInt8], signature: [UInt8]?, payload: [UInt8]) {
            self.seq = seq
            self.hash = hash
            self.signature = signature
            self.payload = payload
        }
    }

    /// What the file keeps about a table beside its rows.
    package struct TableFigures: Hashable, Sendable {
        package var rows: Int
        /// 16 bytes.
        package var digest: [UInt8]
        package init(rows: Int, digest: [UInt8]) {
            self.rows = rows
            self.digest = digest
        }
    }

    /// The park's first origin: it names the node in what checks report.
    package var origin: OriginID
    /// What the node writes as now: a later incarnation, perhaps.
    package var writesAs: OriginID
    package var schema: SharedSchema
    /// Entries whose rows are visible.
    package var applied = VersionVector()
    /// Entries that are merged into clocks and digests; behind `applied` only for the own origin.
    package var folded = VersionVector()
    package var logged = VersionVector()
    package var isRecovering = false
    /// Empty unless the log was asked for. With what was archived.
    package var log: [OriginID: [LoggedEntry]] = [:]
    /// What is wrong with files of archived entries; those entries are missing in `log`.
    package var archiveFaults: [String] = []
    package var tables = Dump(tables: [:])
    package var figures: [String: TableFigures] = [:]
    package var conflicts: Set<ModelConflict> = []
    package var quarantined: Set<EntryName> = []
    /// Why they were set aside, for people.
    package var causes: [EntryName: String] = [:]
    /// Rows that some program wrote and that no entry has yet.
    package var unsealed: Set<RowName> = []

    package init(origin: OriginID, schema: SharedSchema) {
        self.origin = origin
        writesAs = origin
        self.schema = schema
    }

    /// Whether clocks, digests and conflicts are those of the tables as they are.
    package var isQuiet: Bool { unsealed.isEmpty && folded == applied }
}

/// Reads a node's file from outside: the one place of the judge that knows how the store lays out
/// its own tables.
package enum NodeWitness {
    package struct Unreadable: Error, CustomStringConvertible { package var description: String }

    private static let seqBits: Int64 = 40

    /// - Parameters:
    ///   - schemas: the shared tables after each schema file that any node of the federation may
    ///     have.
    ///   - withLog: whether to read all payloads too; the vectors are read in any case.
    ///   - archive: the folder with the node's segments; nil if it has none.
    package static func observe(
        _ file: SQLiteFile, schemas: [SharedSchema], withLog: Bool = true, archive: String? = nil
    ) throws -> NodeObservation {
        try file.snapshot { try read(file, schemas: schemas, withLog: withLog, archive: archive) }
    }

    private static func read(_ file: SQLiteFile, schemas: [SharedSchema], withLog: Bool, archive: String?) throws
        -> NodeObservation
    {
        guard
            case .text(let name)? = try file.rows("SELECT value FROM _parksync_meta WHERE name = 'park'").first?.first,
            let origin = OriginID(utf8: name[...]),
            case .integer(let number)? = try file.rows("SELECT max(number) FROM _parksync_schema").first?.first,
            let schema = schemas.first(where: { $0.number == UInt64(number) })
        else { throw Unreadable(description: "the file is no node's") }
        var result = NodeObservation(origin: origin, schema: schema)
        // `1;ORIGIN;CAUSE;...`, with `-` for what is not so: the park may write as a later
        // incarnation, and its entries may be fetched.
        if case .text(let text)? = try file.rows("SELECT value FROM _parksync_meta WHERE name = 'own log'").first?.first
        {
            let words = String(decoding: text, as: UTF8.self).split(separator: ";")
            if words.count > 2 {
                result.writesAs = OriginID(words[1]) ?? origin
                result.isRecovering = words[2] != "-"
            }
        }
        let origins = try readOrigins(file)
        for (ordinal, other, folded) in origins {
            let (low, high) = (Value.integer(ordinal << seqBits), Value.integer((ordinal + 1) << seqBits))
            let newest = try file.rows("SELECT max(id) FROM _parksync_log WHERE id > ? AND id < ?", [low, high]).first?
                .first
            if case .integer(let id)? = newest { result.logged[other] = UInt64(id & (1 << seqBits - 1)) }
            result.folded[other] = folded
            result.applied[other] = other == result.writesAs && !result.isRecovering ? result.logged[other] : folded
            if withLog {
                let archived = try readArchive(file, other, low, high, archive, &result.archiveFaults)
                result.log[other] = archived + (try readLog(file, low, high))
            }
        }
        result.tables = try Dump(file, schema: schema)
        try readFigures(file, &result)
        try readConflicts(file, origins.map { ($0.ordinal, $0.origin) }, &result)
        for row in try file.rows(
            """
            SELECT o.name, q.seq, q.cause FROM _parksync_quarantine AS q
            JOIN _parksync_origin AS o ON o.ordinal = q.origin
            """)
        {
            guard case .text(let name) = row[0], let origin = OriginID(utf8: name[...]), case .integer(let seq) = row[1]
            else { continue }
            result.quarantined.insert(EntryName(origin, UInt64(seq)))
            if case .text(let cause) = row[2] {
                result.causes[EntryName(origin, UInt64(seq))] = String(decoding: cause, as: UTF8.self)
            }
        }
        for table in schema.tables {
            let keys = table.keyColumns.indices.map { "k\($0)" }.joined(separator: ", ")
            let pending = SQLiteFile.quoted("_parksync_pending_" + table.name)
            for key in try file.rows("SELECT DISTINCT \(keys) FROM \(pending)") {
                result.unsealed.insert(RowName(table.name, key))
            }
        }
        return result
    }

    private static func readOrigins(_ file: SQLiteFile) throws -> [(ordinal: Int64, origin: OriginID, folded: UInt64)] {
        try file.rows("SELECT ordinal, name, folded FROM _parksync_origin ORDER BY ordinal").map { row in
            guard case .integer(let ordinal) = row[0], case .text(let name) = row[1],
                let origin = OriginID(utf8: name[...]),
                case .integer(let folded) = row[2]
            else { throw Unreadable(description: "an origin of the file cannot be read") }
            return (ordinal, origin, UInt64(folded))
        }
    }

    private static func readLog(_ file: SQLiteFile, _ low: Value, _ high: Value) throws -> [NodeObservation.LoggedEntry]
    {
        let sql = "SELECT id, hash, signature, payload FROM _parksync_log WHERE id > ? AND id < ? ORDER BY id"
        return try file.rows(sql, [low, high]).map { row in
            guard case .integer(let id) = row[0], case .blob(let hash) = row[1], case .blob(let payload) = row[3] else {
                throw Unreadable(description: "an entry of the log cannot be read")
            }
            var signature: [UInt8]?
            if case .blob(let bytes) = row[2] { signature = bytes }
            return NodeObservation.LoggedEntry(
                seq: UInt64(id & (1 << seqBits - 1)), hash: hash, signature: signature, payload: payload)
        }
    }

    /// The entries of an origin that lie in segments. A segment with a fault gives none.
    private static func readArchive(
        _ file: SQLiteFile, _ origin: OriginID, _ low: Value, _ high: Value, _ folder: String?, _ faults: inout [String]
    ) throws -> [NodeObservation.LoggedEntry] {
        var entries: [NodeObservation.LoggedEntry] = []
        let sql = "SELECT id, last, hash, digest, bytes FROM _parksync_segment WHERE id > ? AND id < ? ORDER BY id"
        for row in try file.rows(sql, [low, high]) {
            guard case .integer(let id) = row[0], case .integer(let last) = row[1], case .blob(let hash) = row[2],
                case .blob(let digest) = row[3],
                case .integer(let bytes) = row[4]
            else { throw Unreadable(description: "a segment of the file cannot be read") }
            guard let folder else {
                throw Unreadable(description: "entries of \(origin) are archived, and no archive was given")
            }
            let segment = ArchiveWitness.Segment(
                origin: origin, first: UInt64(id & (1 << seqBits - 1)), last: UInt64(last), hash: hash, digest: digest,
                bytes: Int(bytes))
            do { entries += try ArchiveWitness.read(segment, in: folder) } catch {
                faults.append("\(segment): \(error)")
            }
        }
        return entries
    }

    private static func readFigures(_ file: SQLiteFile, _ result: inout NodeObservation) throws {
        for row in try file.rows("SELECT name, rows, digest FROM _parksync_table") {
            guard case .text(let name) = row[0], case .integer(let rows) = row[1], case .blob(let digest) = row[2]
            else { continue }
            result.figures[String(decoding: name, as: UTF8.self)] = NodeObservation.TableFigures(
                rows: Int(rows), digest: digest)
        }
    }

    private static func readConflicts(
        _ file: SQLiteFile, _ origins: [(Int64, OriginID)], _ result: inout NodeObservation
    ) throws {
        let names = Dictionary(uniqueKeysWithValues: origins)
        let sql =
            """
            SELECT t.name, c.key, c.column, c.origin, c.seq, c.stamp, c.value FROM _parksync_conflict AS c JOIN \
            _parksync_table AS t ON t.ordinal = c.tbl
            """
        for row in try file.rows(sql) {
            guard case .text(let name) = row[0],
                let table = result.schema.tables.first(where: { Array($0.name.utf8) == name }),
                case .blob(let key) = row[1], case .integer(let column) = row[2],
                table.columns.indices.contains(Int(column)),
                case .integer(let ordinal) = row[3], let origin = names[ordinal], case .integer(let seq) = row[4],
                case .integer(let stamp) = row[5]
            else { throw Unreadable(description: "a conflict of the file cannot be read") }
            result.conflicts.insert(
                ModelConflict(
                    table: table.name, key: try KeyCoding.decode(key, count: table.keyColumns.count),
                    column: table.columns[Int(column)].name,
                    write: WriteID(stamp: Stamp(rawValue: UInt64(stamp)), origin: origin, seq: UInt64(seq)),
                    lost: row[6]))
        }
    }
}
