import Crypto
import Foundation
import ParkSyncCore

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
    /// Whether the live tables were also read row by row and gave the same digests; false when writes were under way.
    package var hasReadLiveRows = false
    /// Empty when the rebuilt tables are proven equal to the live ones (or, up to a time, when the log is sound).
    package var findings: [String] = []
}

/// Rebuilds all shared tables from a file's change log alone.
///
/// Every hash and signature is checked on the way. The source is only read, in one snapshot, and may be in use by a daemon.
package final class Replay {
    private let source: SQLReader
    private let target: Applier
    private let schema: SharedSchema
    private let members: [String: [UInt8]]
    private var state: StoreState
    private var report = ReplayReport()

    /// How many entries of each origin are copied before they are applied.
    static let chunkEntries = 2_000

    /// - Parameters:
    ///   - path: a node's database.
    ///   - output: the file to make; it must not exist.
    ///   - members: raw public keys by park, to check signatures; an empty table leaves them unchecked and says so.
    package init(from path: String, into output: String, members: [String: [UInt8]]) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError(.invalidInput, "\(path) does not exist", remedy: "Name the node's database file (parksync.sqlite in its state folder).")
        }
        guard !FileManager.default.fileExists(atPath: output) else {
            throw StoreError(.invalidInput, "\(output) exists", remedy: "Name a file that does not exist; a replay never overwrites.")
        }
        source = SQLReader(connection: try Connection(path: path, role: .reader))
        self.members = members
        let compiled = try Self.schema(of: source)
        guard case .text(let name)? = try StoreFile.meta(source.connection, "park"), let origin = OriginID(utf8: name[...]) else {
            throw StoreError(.invalidInput, "\(path) is not a ParkSync database", remedy: "Name the node's database file.")
        }
        let connection = try Connection(path: output, role: .applier)
        try connection.execute("PRAGMA synchronous = OFF")
        schema = compiled.schema
        state = try connection.transaction {
            _ = try StoreFile.prepare(connection, origin: origin, path: output)
            try StoreFile.install(compiled, on: connection, park: origin.park)
            return try StateLoader.load(connection, origin: origin, schema: compiled.schema)
        }
        state.origins[state.own].isRecovering = true
        target = try Applier(connection: connection, schema: schema)
    }

    private static func schema(of reader: SQLReader) throws -> CompiledSchema {
        let statement = try reader.connection.statement("SELECT name, sql FROM _parksync_schema ORDER BY number")
        defer { statement.reset() }
        var files: [SchemaFile] = []
        while try statement.step() { files.append(SchemaFile(name: statement.string(0), sql: statement.string(1))) }
        return try CompiledSchema(files)
    }

    /// - Parameter until: Unix milliseconds; only entries written up to then. Nil for all, with proof.
    package func run(until: UInt64?) throws -> ReplayReport {
        try source.snapshot {
            var readers = try source.origins().map {
                try OriginReader(source, ordinal: $0.ordinal, origin: $0.origin, last: $0.folded, key: key($0.origin))
            }
            if until != nil { for index in readers.indices { readers[index].until = until } }
            var isMoving = true
            while isMoving {
                isMoving = false
                try target.connection.transaction { for index in readers.indices where try copy(&readers[index]) { isMoving = true } }
                while try applyBatch() { isMoving = true }
            }
            report.findings += readers.flatMap(\.findings)
            try conclude(until: until)
        }
        try target.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return report
    }

    private func key(_ origin: OriginID) -> Curve25519.Signing.PublicKey? {
        members[origin.park].flatMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0) }
    }

    private func copy(_ reader: inout OriginReader) throws -> Bool {
        let entries = try reader.next(Self.chunkEntries)
        guard let last = entries.last else { return false }
        if state.index(of: reader.origin) == nil {
            try StateLoader.ensureOrigin(target.connection, reader.origin)
            let ordinal = try target.connection.int64("SELECT ordinal FROM _parksync_origin WHERE name = \(literal(reader.origin.name))") ?? 0
            state.origins.append(
                OriginState(
                    ordinal: ordinal, origin: reader.origin, folded: 0, logged: 0, headHash: EntryChain.genesis, signed: 0,
                    dependencies: VersionVector()))
        }
        guard let index = state.index(of: reader.origin) else { return false }
        for entry in entries {
            try LogTable.insert(
                target.connection, ordinal: state.origins[index].ordinal, seq: entry.seq, stamp: entry.stamp, hash: entry.hash,
                signature: entry.signature, payload: entry.payload)
        }
        state.origins[index].logged = last.seq
        state.origins[index].headHash = last.hash
        report.entries += entries.count
        return true
    }

    private func applyBatch() throws -> Bool {
        do {
            return try apply { queue, next in try target.applyBatch(&queue, &next, wallMilliseconds: Self.farFuture) }
        } catch let error as StoreError where error.code == .constraint {
            return try apply { queue, next in try target.applySingly(&queue, &next, wallMilliseconds: Self.farFuture) }
        }
    }

    /// Stamps were judged when the entries were received; a replay takes all of them.
    private static let farFuture: UInt64 = 1 << 47

    private func apply(_ body: (inout EntryQueue, inout StoreState) throws -> Bool) throws -> Bool {
        var queue = EntryQueue(connection: target.connection, schema: schema)
        var next = state
        let moved = try target.connection.transaction {
            let moved = try body(&queue, &next)
            try StateLoader.save(target.connection, next, before: state)
            return moved
        }
        state = next
        return moved
    }

    private func conclude(until: UInt64?) throws {
        report.vector = state.applied
        for held in state.held { report.findings.append("\(held.origin):\(held.seq) could not be applied: \(held.cause)") }
        if members.isEmpty { report.findings.append("signatures were not checked: no members are known") }
        let live = try liveTables()
        for (table, rebuilt) in zip(schema.tables, state.tables) {
            let kept = until == nil ? live[table.name] : nil
            report.tables.append(ReplayReport.Table(name: table.name, rows: rebuilt.rows, digest: rebuilt.digest, live: kept))
            if until == nil, kept != rebuilt.digest { report.findings.append("\(table.name): the rebuilt rows differ from the live ones") }
        }
        report.stateHash = StateHash.of(state, schema: schema)
        if until == nil { try compareLiveRows() }
    }

    private func liveTables() throws -> [String: RowDigest] {
        let statement = try source.connection.statement("SELECT name, digest FROM _parksync_table")
        defer { statement.reset() }
        var result: [String: RowDigest] = [:]
        while try statement.step() { result[statement.string(0)] = RowDigest(statement.bytes(1)) }
        return result
    }

    /// Reads every live row, if no write is waiting to be sealed or folded in this snapshot.
    private func compareLiveRows() throws {
        let sealer = Sealer(connection: source.connection, schema: schema)
        let own = state.origins[state.own]
        let ordinal = try source.origins().first { $0.origin == own.origin }?.ordinal ?? 0
        let newest = try source.connection.int64("SELECT max(id) FROM _parksync_log WHERE id < \(LogTable.id(ordinal + 1, 0))") ?? 0
        let isQuiet = try sealer.pendingTables().isEmpty && (newest < LogTable.id(ordinal, 0) || UInt64(newest) & LogTable.seqMax == own.logged)
        guard isQuiet else { return }
        let live = try Verifier(reader: source, schema: schema, members: [:]).tablesOnly()
        for (table, rebuilt) in zip(live, state.tables) where table.digest != rebuilt.digest {
            report.findings.append("\(table.name): the live rows, read one by one, differ from the rebuilt ones")
        }
        report.hasReadLiveRows = true
    }
}

/// Reads one origin's log in order and checks its chain and signatures.
private struct OriginReader {
    struct Entry {
        var seq: UInt64
        var stamp: Stamp
        var hash: [UInt8]
        var signature: [UInt8]?
        var payload: [UInt8]
    }
    let origin: OriginID
    var until: UInt64?
    var findings: [String] = []
    private let reader: SQLReader
    private let ordinal: Int64
    private let last: UInt64
    private let key: Curve25519.Signing.PublicKey?
    private var seq: UInt64 = 0
    private var hash = EntryChain.genesis
    private var isDone = false

    init(_ reader: SQLReader, ordinal: Int64, origin: OriginID, last: UInt64, key: Curve25519.Signing.PublicKey?) throws {
        (self.reader, self.ordinal, self.origin, self.last, self.key) = (reader, ordinal, origin, last, key)
    }

    mutating func next(_ count: Int) throws -> [Entry] {
        guard !isDone, seq < last else { return [] }
        let statement = try reader.connection.statement(
            "SELECT id, stamp, signature, payload FROM _parksync_log WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3")
        defer { statement.reset() }
        statement.bind(1, LogTable.id(ordinal, seq))
        statement.bind(2, LogTable.id(ordinal, last))
        statement.bind(3, count)
        var result: [Entry] = []
        while try statement.step() {
            let stamp = Stamp(rawValue: statement.uint64(1))
            if let until, stamp.milliseconds > until {
                isDone = true
                break
            }
            let number = UInt64(statement.int64(0)) & LogTable.seqMax
            guard number == seq + 1 else {
                findings.append("\(origin): entry \(seq + 1) is missing in the log")
                isDone = true
                break
            }
            let payload = Array(statement.bytes(3))
            hash = EntryHash.of(payload: statement.bytes(3), previous: hash)
            let signature = statement.isNull(2) ? nil : Array(statement.bytes(2))
            if let signature, let key, !key.isValidSignature(signature, for: EntryChain.headMessage(origin: origin, seq: number, hash: hash)) {
                findings.append("\(origin):\(number): the signature does not fit the log up to here")
            }
            seq = number
            result.append(Entry(seq: number, stamp: stamp, hash: hash, signature: signature, payload: payload))
        }
        return result
    }
}
