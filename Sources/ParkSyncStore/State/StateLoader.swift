import ParkSyncCore
import ParkSyncReports

/// Reads the store's state from the file: at start, and after a transaction failed in an unknown
/// way.
package enum StateLoader {
    package static func load(_ connection: Connection, origin: OriginID, schema: SharedSchema) throws -> StoreState {
        var state = StoreState()
        try OriginTable.add(connection, origin)
        let origins = try connection.statement(
            "SELECT ordinal, name, folded, dependencies FROM _parksync_origin ORDER BY ordinal")
        defer { origins.reset() }
        while try origins.step() {
            guard let name = OriginID(origins.string(1)), let dependencies = VersionVector(parsing: origins.string(3))
            else {
                throw StoreError(
                    .damaged, "origin \(origins.string(1)) is unreadable",
                    remedy: StoreError.damageRemedy)
            }
            state.origins.append(
                try originState(
                    connection, try origins.ordinal(0), name,
                    folded: try origins.entryNumber(2, "the cursor of an origin"), dependencies))
        }
        guard let own = state.index(of: origin) else {
            throw StoreError(.internalState, "the own origin is missing", remedy: "Restart the node.")
        }
        state.own = own
        try LogSoundness.checkStart(connection, state)
        state.tables = try tables(connection, schema: schema)
        state.quarantine = try quarantine(connection, state)
        state.fences = try FenceTable.all(connection, state)
        state.voteCounts = try VoteTable.counts(connection, state)
        state.decisions = try VoteTable.decisions(connection, state)
        state.refused = try RefusalTable.load(connection)
        state.withdrawals = try WithdrawalTable.all(connection, state)
        state.dropKnowledge = try DropKnowledgeTable.load(connection, state)
        state.unknownTraces = try UnknownTraces.load(connection)
        state.memberKeys = try MemberTable.keysByPark(connection)
        for index in state.origins.indices {
            try noteReceipt(connection, &state, index)
        }
        try state.readClock(connection, isFetching: try OwnLogRecord.load(connection, park: origin.park).fetch != nil)
        state.ownDependencies = try ownDependencies(connection, state)
        if state.isFolded {
            state.digest = StateDigest(
                vector: state.applied, schemaNumber: schema.number, hash: StateHash.of(state, schema: schema))
        } else {
            for index in state.tables.indices { state.tables[index].tailCounters = .unknown }
        }
        return state
    }

    private static func noteReceipt(_ connection: Connection, _ state: inout StoreState, _ index: Int) throws {
        let origin = state.origins[index]
        guard index != state.own, origin.folded > 0 else { return }
        state.origins[index].foldedHash =
            try LogTable.hash(connection, ordinal: origin.ordinal, seq: origin.folded) ?? []
        let header = try LogTable.header(connection, ordinal: origin.ordinal, seq: origin.folded)
        try state.noteReceipt(index, header?.seenHash, connection)
    }

    private static func originState(
        _ connection: Connection, _ ordinal: Int64, _ origin: OriginID, folded: UInt64, _ dependencies: VersionVector
    ) throws -> OriginState {
        let logged = try LogTable.newest(connection, ordinal: ordinal)
        let signed = try LogTable.newestSigned(connection, ordinal: ordinal)
        let hash = try LogTable.hash(connection, ordinal: ordinal, seq: logged) ?? EntryChain.genesis
        return OriginState(
            ordinal: ordinal, origin: origin, folded: folded, logged: logged, headHash: hash,
            signed: signed, dependencies: dependencies)
    }

    private static func tables(_ connection: Connection, schema: SharedSchema) throws -> [TableState] {
        try schema.tables.map { table in
            let statement = try connection.statement(
                """
                SELECT t.ordinal, t.rows, t.digest, (SELECT count(*) FROM _parksync_life WHERE tbl = t.ordinal),
                  (SELECT count(*) FROM _parksync_conflict WHERE tbl = t.ordinal) FROM _parksync_table t WHERE name = ?1
                """)
            defer { statement.reset() }
            statement.bindText(1, copying: table.name)
            guard try statement.step(), let digest = RowDigest(statement.bytes(2)) else {
                throw StoreError(
                    .damaged, "table \(table.name) has no digest", remedy: StoreError.damageRemedy)
            }
            return TableState(
                ordinal: try statement.number(0, in: 0...Int64(Int32.max), "a table's ordinal"),
                rows: try statement.count(1, "a table's count of rows"),
                digest: digest, lives: statement.int64(3), conflicts: statement.int64(4))
        }
    }

    private static func quarantine(_ connection: Connection, _ state: StoreState) throws -> Quarantine {
        let statement = try connection.statement(
            "SELECT origin, seq, cause, remedy FROM _parksync_quarantine ORDER BY origin, seq")
        defer { statement.reset() }
        var result = Quarantine()
        while try statement.step() {
            guard let index = state.index(ofOrdinal: try statement.ordinal(0)) else { continue }
            result.add(
                StuckEntry(
                    origin: state.origins[index].origin, seq: try statement.entryNumber(1), state: .quarantined,
                    kind: StuckCause(.refused),
                    cause: statement.string(2), remedy: statement.string(3)))
        }
        return result
    }

    /// The vector that the newest own entry depends on: that of the folded cursor, and the
    /// differences of the entries after it.
    private static func ownDependencies(_ connection: Connection, _ state: StoreState) throws -> VersionVector {
        let own = state.origins[state.own]
        var vector = own.dependencies
        var seq = own.folded
        while seq < own.logged {
            seq += 1
            let header = try LogTable.header(connection, ordinal: own.ordinal, seq: seq)
            for element in header?.dependencies ?? [] { vector[element.origin] = element.seq }
        }
        return vector
    }

    /// Writes the cursors, counts and digests that changed.
    package static func save(_ connection: Connection, _ state: StoreState, before: StoreState) throws {
        for (index, origin) in state.origins.enumerated() {
            if index < before.origins.count, before.origins[index].folded == origin.folded,
                before.origins[index].dependencies == origin.dependencies
            {
                continue
            }
            let statement = try connection.statement(
                "UPDATE _parksync_origin SET folded = ?2, dependencies = ?3 WHERE ordinal = ?1")
            statement.bind(1, origin.ordinal)
            statement.bind(2, origin.folded)
            statement.bindText(3, copying: origin.dependencies.description)
            try statement.run()
        }
        for (index, table) in state.tables.enumerated() {
            if index < before.tables.count, before.tables[index].digest == table.digest,
                before.tables[index].rows == table.rows
            {
                continue
            }
            let statement = try connection.statement(
                "UPDATE _parksync_table SET rows = ?2, digest = ?3 WHERE ordinal = ?1")
            statement.bind(1, table.ordinal)
            statement.bind(2, table.rows)
            statement.bindBlob(3, copying: table.digest.encoded)
            try statement.run()
        }
    }
}
