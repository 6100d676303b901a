import Crypto
import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncStore

/// What a replay rebuilt, and how it compares with the live tables.
package struct ReplayReport: Sendable {
    package struct Table: Sendable {
        package var name: String
        package var rows: Int64
        package var digest: RowDigest
        /// The digest that the live file keeps at the same vector; nil for a replay up to a time.
        package var live: RowDigest?
    }
    package var entries = 0
    package var changes = 0
    package var vector = VersionVector()
    package var tables: [Table] = []
    package var stateHash: [UInt8] = []
    /// Whether the live tables were also read row by row and gave the same digests; false when
    /// writes were under way.
    package var hasReadLiveRows = false
    /// Whether the log's signatures were checked at all; false when no members were given.
    package var hasCheckedSignatures = false
    /// Whether rebuilt and live tables differ.
    package var isDifferent = false
    /// What is wrong with the log, or differs. If it is empty and signatures were checked, the
    /// rebuilt tables are proven equal to the live ones (or, up to a time, the log up to there is
    /// sound).
    package var findings: [String] = []
}

/// Rebuilds all shared tables from a file's change log alone.
///
/// Every hash and signature is checked on the way. The source is only read, in one snapshot, and
/// may be in use by a daemon.
package final class Replay {
    private let file: ForeignFile
    private let source: SQLReader
    private let output: Connection
    private let outputPath: String
    private let log: LogReplay
    private let members: [String: [UInt8]]
    /// Also of parks that were taken out of the zone.
    private let keysByPark: [String: [UInt8]]
    private var report = ReplayReport()

    /// - Parameters:
    ///   - path: a node's database.
    ///   - output: the file to make; it must not exist.
    ///   - members: raw public keys by park, to check signatures; an empty table leaves them
    ///     unchecked, and the report says so.
    ///   - schema: the schema files of the database's node. The texts that the database itself has
    ///     are compared with them, and not executed.
    ///   - archivePath: the folder of the database's segments; nil for the one beside it.
    ///   - longest: bytes of the longest value that is read of the database.
    package init(
        from path: String, into output: String, members: [String: [UInt8]], schema schemaFiles: CompiledSchema,
        archivePath: String? = nil,
        longest: Int = ForeignLimits.valueBytesMax
    ) throws {
        guard Self.isURI(output) || !FileManager.default.fileExists(atPath: output) else {
            throw StoreError(
                .invalidInput, "\(output) exists", remedy: "Name a file that does not exist; a replay never overwrites."
            )
        }
        file = try ForeignFile(path, archive: archivePath, longest: longest)
        source = SQLReader(connection: file.connection)
        let checked = try file.check(own: schemaFiles)
        self.members = members
        report.hasCheckedSignatures = !members.isEmpty
        keysByPark = members.isEmpty ? [:] : try MemberTable.trusted(source.connection, members)
        let compiled = checked.compiled
        guard let origin = OriginID(checked.park) else {
            throw StoreError(.damaged, "\(path) does not say whose it is", remedy: CopyChecks.remedy)
        }
        // The origin that the node writes as; its tail may not be folded yet.
        let own = try OwnLogRecord.load(source.connection, park: origin.park).origin ?? origin
        let connection = try Connection(path: output, role: .applier)
        try connection.execute("PRAGMA synchronous = OFF")
        connection.syncsAfterCommit = false
        try connection.transaction {
            _ = try StoreFile.prepare(connection, origin: origin, path: output)
            try StoreFile.install(compiled, on: connection, park: origin.park)
        }
        (self.output, outputPath) = (connection, output)
        log = try LogReplay(connection, own: own, schema: compiled.schema)
    }

    private var schema: SharedSchema { log.schema }

    /// A `file:` URI may name a file that is on no disk of the system; opening it tells.
    private static func isURI(_ path: String) -> Bool { path.hasPrefix("file:") }

    static func schema(of reader: SQLReader) throws -> CompiledSchema {
        let statement = try reader.connection.statement("SELECT name, sql FROM _parksync_schema ORDER BY number")
        defer { statement.reset() }
        var files: [SchemaFile] = []
        while try statement.step() { files.append(SchemaFile(name: statement.string(0), sql: statement.string(1))) }
        return try CompiledSchema(files)
    }

    /// - Parameter until: Unix milliseconds; only entries written up to then. Nil for all, with
    ///   proof.
    /// - Throws: `StoreError`; nothing is left of the output then.
    package func run(until: UInt64?) throws -> ReplayReport {
        do { return try file.reading { try rebuild(until: until) } } catch {
            if !Self.isURI(outputPath) { FileSystem.removeDatabase(outputPath) }
            throw error
        }
    }

    private func rebuild(until: UInt64?) throws -> ReplayReport {
        try source.snapshot {
            try loadWithdrawals(until: until)
            var readers = try source.origins().map {
                OriginLog(
                    source, ordinal: $0.ordinal, origin: $0.origin, last: $0.folded, until: until, key: key($0.origin))
            }
            if !members.isEmpty { for reader in readers { noteMissingKey(reader.origin, reader.last) } }
            try log.run(&readers)
            report.entries = log.entries
            for index in readers.indices { try readers[index].findHead() }
            report.findings += readers.flatMap(\.findings)
            try conclude(until: until)
        }
        try output.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return report
    }

    private func key(_ origin: OriginID) -> Curve25519.Signing.PublicKey? {
        keysByPark[origin.park].flatMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0) }
    }

    /// Entries that were taken back before the end of the replay count nowhere. What is known
    /// beforehand need not be applied and undone.
    private func loadWithdrawals(until: UInt64?) throws {
        let known = try source.originState()
        for withdrawal in try WithdrawalTable.all(source.connection, known) {
            guard let by = known.index(of: withdrawal.by), known.origins[by].folded > 0 else { continue }
            let stamp = try LogTable.header(source.connection, ordinal: known.origins[by].ordinal, seq: 1)?.stamp
            if let until, let stamp, stamp.milliseconds > until { continue }
            log.state.withdrawals.append(withdrawal)
        }
    }

    private func noteMissingKey(_ origin: OriginID, _ last: UInt64) {
        guard last > 0, key(origin) == nil else { return }
        report.findings.append(
            """
            \(origin): its park is not a member, so its signatures cannot be checked; if it has left the zone, \
            name it in `former_parks`
            """
        )
    }

    private func conclude(until: UInt64?) throws {
        let state = log.state
        report.vector = state.applied
        for held in state.held {
            report.findings.append("\(held.origin):\(held.seq) could not be applied: \(held.cause)")
        }
        let live = try liveTables()
        for (table, rebuilt) in zip(schema.tables, state.tables) {
            let kept = until == nil ? live[ExactText(table.name)] : nil
            report.tables.append(
                ReplayReport.Table(name: table.name, rows: rebuilt.rows, digest: rebuilt.digest, live: kept))
            if until == nil, kept != rebuilt.digest {
                differs("\(table.name): the rebuilt rows differ from the live ones")
            }
        }
        report.stateHash = StateHash.of(state, schema: schema)
        if until == nil { try compareLiveRows() }
    }

    private func differs(_ finding: String) {
        report.isDifferent = true
        report.findings.append(finding)
    }

    private func liveTables() throws -> [ExactText: RowDigest] {
        let statement = try source.connection.statement("SELECT name, digest FROM _parksync_table")
        defer { statement.reset() }
        var result: [ExactText: RowDigest] = [:]
        while try statement.step() { result[ExactText(statement.string(0))] = RowDigest(statement.bytes(1)) }
        return result
    }

    /// Reads every live row, if no write is waiting to be sealed or folded in this snapshot.
    private func compareLiveRows() throws {
        let sealer = Sealer(connection: source.connection, schema: schema)
        let state = log.state
        let own = state.origins[state.own]
        let ordinal = try source.origins().first { $0.origin == own.origin }?.ordinal ?? 0
        let newest = try LogTable.newest(source.connection, ordinal: ordinal)
        let isQuiet = try sealer.pendingTables().isEmpty && (newest == 0 || newest == own.logged)
        guard isQuiet else { return }
        let live = try Verifier(reader: source, schema: schema, members: [:]).tablesOnly()
        for (table, rebuilt) in zip(live, state.tables) where table.digest != rebuilt.digest {
            differs("\(table.name): the live rows, read one by one, differ from the rebuilt ones")
        }
        report.hasReadLiveRows = true
    }
}
