import Crypto
import ParkSyncCore
import ParkSyncStore

/// Makes a database out of a snapshot's log alone: every row and every number in it follows from
/// entries that their authors have signed.
///
/// What the snapshot itself says of rows, clocks, lives, conflicts, fences and entries that were
/// set aside is only compared with it.
struct SnapshotRebuild {
    let origin: OriginID
    let members: [String: [UInt8]]
    let compiled: CompiledSchema
    let manifest: SnapshotManifest
    let file: ForeignFile

    /// The first of the logs that does not begin at its beginning: nothing in the file says what
    /// came before. Nil if all are whole.
    static func firstGap(_ file: ForeignFile) throws -> OriginID? {
        guard let row = try SegmentTable.first(file.connection) else { return nil }
        return try LogScan.origin(file.connection, row.ordinal)
    }

    /// - Parameter path: the file to make; one that is there is replaced.
    /// - Throws: `StoreError`: what is wrong with the log, or how the snapshot differs from it.
    func build(_ path: String) throws {
        FileSystem.removeDatabase(path)
        let connection = try Connection(path: path, role: .builder)
        try connection.execute("PRAGMA cache_size = -\(SnapshotTables.cacheKibibytes)")
        try connection.transaction {
            _ = try StoreFile.prepare(connection, origin: origin, path: path)
            try StoreFile.install(compiled, on: connection, park: origin.park)
            try MemberTable.remember(connection, members)
        }
        let replay = try LogReplay(connection, own: origin, schema: compiled.schema)
        let source = SQLReader(connection: file.connection)
        try source.snapshot {
            let keysByPark = try MemberTable.trusted(source.connection, members)
            // What is known beforehand need not be applied and undone; whether it is true shows in
            // the end.
            replay.state.withdrawals = try WithdrawalTable.all(source.connection, try source.originState())
            var logs = try logs(source, keysByPark)
            try replay.run(&logs)
            try check(logs, replay)
            let made = try SharedState(connection, schema: compiled.schema)
            try compare(try SharedState(source.connection, schema: compiled.schema), made, replay)
            // Entries that wait there wait here, too.
            for index in logs.indices { logs[index].goOn() }
            try replay.append(&logs)
            for index in logs.indices { try logs[index].findHead() }
            try check(logs, replay)
            try checkKeys(connection, logs, keysByPark)
        }
        guard try CopyChecks.heads(SQLReader(connection: connection)) == manifest.heads else {
            throw manifest.refused("its log is not the one that was announced")
        }
    }

    private func logs(_ source: SQLReader, _ keysByPark: [String: [UInt8]]) throws -> [OriginLog] {
        try source.origins().map { ordinal, origin, folded in
            let key = keysByPark[origin.park].flatMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0) }
            guard key != nil || folded == 0 else {
                throw manifest.refused("\(origin): its park is not a member, so its signatures cannot be checked")
            }
            return OriginLog(source, ordinal: ordinal, origin: origin, last: folded, until: nil, key: key)
        }
    }

    private func check(_ logs: [OriginLog], _ replay: LogReplay) throws {
        let held = replay.state.held.filter { $0.seq <= manifest.vector[$0.origin] }.map {
            "\($0.origin):\($0.seq) could not be applied: \($0.cause)"
        }
        let findings = logs.flatMap(\.findings) + held
        guard findings.isEmpty else {
            throw manifest.refused(findings.prefix(CopyChecks.findingsShownMax).joined(separator: "; "))
        }
    }

    private func compare(_ said: SharedState, _ made: SharedState, _ replay: LogReplay) throws {
        let differences = made.differences(from: said)
        guard differences.isEmpty else {
            let shown = differences.prefix(CopyChecks.findingsShownMax).joined(separator: ", ")
            throw manifest.refused("these are not what its own log comes to: \(shown)")
        }
        guard StateHash.of(replay.state, schema: compiled.schema) == manifest.stateHash else {
            throw manifest.refused("its tables are not those that were announced")
        }
        guard replay.state.applied == manifest.vector else {
            throw manifest.refused("its log is not the one that was announced")
        }
    }

    /// A park that the configuration does not name any more has signed with the key that its fence
    /// names, and that fence counts.
    private func checkKeys(_ connection: Connection, _ logs: [OriginLog], _ keysByPark: [String: [UInt8]]) throws {
        let derived = try MemberTable.inVotes(connection, members)
        try MemberTable.remember(connection, derived)
        for log in logs where log.seq > 0 && members[log.origin.park] == nil {
            guard let key = derived[log.origin.park], key == keysByPark[log.origin.park] else {
                throw manifest.refused("\(log.origin): its park is not a member, so its signatures cannot be checked")
            }
        }
    }
}
