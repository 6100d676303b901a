import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports

/// What became of one piece of a row verification.
package struct RowSliceOutcome: Hashable, Sendable {
    package var rows: Int
    /// Nil at the end of the table.
    package var next: [UInt8]?
    /// Keys of rows that differ, after they were looked at again.
    package var differing: Int
    /// For how long it was at work, rounded up.
    package var milliseconds: UInt64
}

extension ParkStore {
    /// What is known of rows that may not be what the log says.
    package var rowsStatus: RowsStatus { board.rowWatch.current }
    /// Counts up whenever somebody else has changed the schema of the file.
    package var schemaChanges: UInt64 { publishedState.watch.changes }
    /// Counts up whenever writing or applying has found a row that is not what the log says;
    /// `nameFoundDifferences` names it.
    package var differencesFound: UInt64 { publishedState.differencesFound }

    /// Looks at one piece of a table.
    ///
    /// It is read in a snapshot beside the writing. What does not fit there may be a write that is
    /// not sealed or folded yet: it is looked at again under the write lock, with everything sealed
    /// and folded. What differs then, differs.
    /// - Throws: `StoreError.notReady` while the node recovers or compares its log, and what
    ///   reading and writing throw.
    package func verifySlice(_ request: RowSliceRequest, lane: ReaderLane = .background) async throws -> RowSliceOutcome
    {
        guard standing().isReady else {
            throw StoreError(
                .notReady, "rows are verified when the log was compared",
                remedy: "Wait until syncctl status says ready.")
        }
        let table = try sharedTable(request.table)
        let index = try tableIndex(request.table)
        let clock = options.clock
        let read: (slice: RowSlice, known: [[UInt8]], spent: UInt64)? = try await readers.read(lane) { reader in
            try reader.snapshot {
                let began = clock.monotonicMilliseconds()
                // A table that another program has dropped or renamed is told as an obstacle.
                guard try reader.hasTable(table.name) else { return nil }
                let slice = try RowSlice(request, table, on: reader.connection, try reader.originState())
                let known = try reader.differences(table, after: request.after, through: slice.next)
                return (slice, known, clock.monotonicMilliseconds() - began + 1)
            }
        }
        guard let (slice, known, spent) = read else {
            return RowSliceOutcome(rows: 0, next: nil, differing: 0, milliseconds: 1)
        }
        let suspects = slice.suspects + known.filter { !slice.suspects.contains($0) }
        let differing = suspects.isEmpty ? 0 : try await lookAgain(table: index, keys: suspects)
        if !suspects.isEmpty { try await nameDifferences() }
        return RowSliceOutcome(rows: slice.rows, next: slice.next, differing: differing, milliseconds: spent)
    }

    private func tableIndex(_ name: String) throws -> Int {
        guard let index = schema.index(ofTable: name) else {
            throw StoreError(.unknownTable, "no shared table is named \(name)", remedy: "See status.")
        }
        return index
    }

    /// Looks at rows under the write lock, and keeps those that differ.
    ///
    /// - Returns: how many differ.
    func lookAgain(table: Int, keys: [[UInt8]]) async throws -> Int {
        try await onQueue { core in
            let connection = core.applier.connection
            var differing = 0
            try core.applyTransaction { next, wall in
                // The log is about to be compared anew; what is seen now may be a matter of
                // moments.
                guard !next.ownLog.isUncertain else { return }
                let comparison = RowComparison(connection: connection, schema: core.schema, state: next)
                let ordinal = next.tables[table].ordinal
                for key in keys {
                    if try comparison.look(table: table, key: key).kind == nil {
                        try DifferenceTable.remove(connection, table: ordinal, key: key)
                    } else {
                        differing += 1
                        try DifferenceTable.insert(connection, table: ordinal, key: key, wallMilliseconds: wall)
                    }
                }
            }
            return differing
        }
    }

    /// Looks again at all rows that were found to differ before the node ended.
    package func recheckDifferences() async throws {
        let known = try await onQueue { core in
            let kept = try DifferenceTable.rows(core.applier.connection, limit: VerificationLimits.differencesMax)
            return core.current.tables.enumerated().map { index, table in
                (index, kept.filter { $0.table == table.ordinal }.map(\.key))
            }
        }
        for (table, keys) in known where !keys.isEmpty { _ = try await lookAgain(table: table, keys: keys) }
        try await nameDifferences()
    }

    /// Looks up what the first differences are, for the status.
    package func nameFoundDifferences() async throws { try await nameDifferences() }

    func nameDifferences() async throws {
        let found = try await differences(limit: VerificationLimits.namedDifferencesMax)
        let count = try await readers.read(.node) { try DifferenceTable.count($0.connection) }
        board.rowWatch.change { ($0.differences, $0.differing) = (found, count) }
    }

    /// Differences that are known and still there: what is here and what the log says.
    package func differences(limit: Int) async throws -> [RowDifference] {
        try await readers.read(.background) { [schema] reader in
            try reader.snapshot {
                let ordinals = try reader.tableOrdinals()
                let comparison = RowComparison(
                    connection: reader.connection, schema: schema, state: try reader.originState())
                let known = try DifferenceTable.rows(reader.connection, limit: limit)
                return try schema.tables.indices.flatMap { index in
                    try comparison.differences(
                        table: index, known.filter { $0.table == ordinals[ExactText(schema.tables[index].name)] })
                }
            }
        }
    }

    /// Verifies all rows at once.
    ///
    /// - Parameter names: of the tables; empty for all.
    package func verifyRows(_ names: [String] = []) async throws -> RowVerifyReport {
        let wanted = try names.isEmpty ? schema.tables.map(\.name) : names.map { try sharedTable($0).name }
        try await foldAll()
        try await checkControls()
        let applied = state().applied
        var tables: [RowVerifyReport.Table] = []
        let since = options.clock.wallMilliseconds()
        for name in wanted {
            var request = RowSliceRequest(table: name, rowsMax: VerificationLimits.demandSliceRowsMax)
            var rows: Int64 = 0
            while true {
                let outcome = try await verifySlice(request, lane: .clients)
                rows += Int64(outcome.rows)
                guard let next = outcome.next else { break }
                request.after = next
            }
            tables.append(RowVerifyReport.Table(name: name, rows: rows))
            try await clearSuspicion(name, since: since)
        }
        if names.isEmpty { try await finishVerification(rows: tables.reduce(0) { $0 + $1.rows }, seen: applied) }
        try await nameDifferences()
        return RowVerifyReport(tables: tables, vector: applied.description, rows: rowsStatus)
    }

    /// Seals, folds, and looks at the schema.
    private func foldAll() async throws {
        try await onQueue { core in if !core.current.ownLog.isUncertain { try core.foldNow() } }
    }

    /// Keeps that rows could not be compared, until a verification of all rows ends: also over a
    /// restart, as far as the file takes it.
    package func noteVerificationFailure(_ error: StoreError) async {
        let failure = RowsStatus.Failure(cause: error.description, isOfFile: error.isOfFile)
        board.rowWatch.change { $0.failure = failure }
        // A file that cannot be read may not be written either. It is told for as long as the node
        // runs, and found again by the next one.
        _ = try? await onQueue { core in
            let connection = core.applier.connection
            try connection.transaction { try VerificationMemory.save(connection, failure: failure) }
        }
    }

    /// Keeps where a verification of all rows stands.
    package func rememberVerification(_ position: VerificationPosition?) async throws {
        try await onQueue { core in
            let connection = core.applier.connection
            try connection.transaction { try VerificationMemory.save(connection, position) }
        }
    }

    /// Where a verification of all rows stood when the node ended, and what the last one that ended
    /// had seen.
    package func rememberedVerification() async throws -> (position: VerificationPosition?, compared: VersionVector) {
        try await readers.read(.node) { reader in
            (
                try VerificationMemory.load(reader.connection),
                try VerificationMemory.loadVerified(reader.connection)?.seen ?? VersionVector()
            )
        }
    }

    /// All rows were looked at.
    package func finishVerification(rows count: Int64, seen: VersionVector) async throws {
        let now = options.clock.wallMilliseconds()
        try await onQueue { core in
            let connection = core.applier.connection
            try connection.transaction {
                try VerificationMemory.save(connection, nil)
                try VerificationMemory.saveVerified(connection, at: now, rows: count, seen: seen)
                try VerificationMemory.save(connection, failure: nil)
            }
        }
        board.rowWatch.change { ($0.verifiedAt, $0.verifiedRows, $0.failure) = (now, count, nil) }
    }

    /// All rows of a table were looked at that was suspected before.
    package func clearSuspicion(_ table: String, since: UInt64) async throws {
        try await onQueue { core in
            guard core.current.watch.suspicions.contains(where: { $0.table == table && $0.since <= since }) else {
                return
            }
            let connection = core.applier.connection
            var next = core.current
            try connection.transaction {
                try VerificationMemory.clear(connection, table, since: since)
                next.watch.suspicions = try VerificationMemory.loadSuspicions(connection)
            }
            core.current = next
            core.publish(next)
        }
    }
}

extension SQLReader {
    /// Keys of a table's known differences in a range.
    ///
    /// - Parameter last: the end of the range; nil for the end of the table.
    func differences(_ table: SharedTable, after: [UInt8], through last: [UInt8]?) throws -> [[UInt8]] {
        guard let ordinal = try tableOrdinals()[ExactText(table.name)] else { return [] }
        let rows = try DifferenceTable.rows(
            connection, table: ordinal, after: after, limit: VerificationLimits.differencesMax)
        return rows.map(\.key).filter { key in last.map { !$0.lexicographicallyPrecedes(key) } ?? true }
    }

    func hasTable(_ name: String) throws -> Bool {
        let statement = try connection.statement("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1")
        defer { statement.reset() }
        statement.bindText(1, copying: name)
        return try statement.step()
    }

    func tableOrdinals() throws -> [ExactText: Int64] {
        let statement = try connection.statement("SELECT name, ordinal FROM _parksync_table")
        defer { statement.reset() }
        var result: [ExactText: Int64] = [:]
        while try statement.step() { result[ExactText(statement.string(0))] = statement.int64(1) }
        return result
    }
}
