import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Synchronization

extension ParkStore {
    /// Repairs rows that are not what the log says. Rows that are so already are left alone.
    ///
    /// - Parameters:
    ///   - keys: of the rows; nil for all rows of the table that differ, which is verified first.
    ///   - author: who does so, for the entry that is published.
    /// - Throws: `StoreError`; rows of earlier rounds stay repaired then.
    package func repair(
        table name: String, keys: [[JSONValue]]?, _ way: RepairRequest.Way, author: String = "", note: String = ""
    ) async throws -> RepairReport {
        let table = try sharedTable(name)
        guard author.utf8.count <= CoreLimits.authorBytesMax, note.utf8.count <= CoreLimits.noteBytesMax else {
            throw StoreError(
                .tooLarge, "the author or the note is too long",
                remedy: "An author has at most \(CoreLimits.authorBytesMax) bytes, a note \(CoreLimits.noteBytesMax).")
        }
        guard let index = schema.tables.firstIndex(of: table) else { return RepairReport() }
        var outcome = RepairReport()
        if let keys {
            outcome = try await repair(
                index, try keys.map { try encode($0.map(\.value), of: table) }, way, author, note)
        } else {
            while true {
                _ = try await verifyRows([name])
                let known = try await knownDifferences(of: index)
                if known.isEmpty { break }
                let round = try await repair(index, known, way, author, note)
                outcome.add(round)
                // What differs and cannot be repaired throws; this would go on for ever.
                if round.repaired == 0 { break }
            }
        }
        if outcome.repaired > 0 { repairs.add() }
        try await nameDifferences()
        return outcome
    }

    private func encode(_ key: [Value], of table: SharedTable) throws -> [UInt8] {
        guard key.count == table.keyColumns.count, let encoded = KeyCoding.encode(key) else {
            let wanted = table.keyColumns.map(\.name).joined(separator: ", ")
            throw StoreError(
                .invalidInput, "\(table.name) has the key (\(wanted))", remedy: "Give one value for each of them.")
        }
        return encoded
    }

    private func knownDifferences(of table: Int) async throws -> [[UInt8]] {
        try await onQueue { core in
            let ordinal = core.current.tables[table].ordinal
            return try DifferenceTable.rows(
                core.applier.connection, table: ordinal, limit: VerificationLimits.repairRowsMax
            ).map(\.key)
        }
    }

    private func repair(_ table: Int, _ keys: [[UInt8]], _ way: RepairRequest.Way, _ author: String, _ note: String)
        async throws -> RepairReport
    {
        // The sums of counters are looked up beside the writing; a row that is written meanwhile is
        // looked at again.
        for _ in 0..<Self.repairTriesMax {
            let prepared = try await lookUp(table, keys)
            if let outcome = try await carryOut(table, prepared, way, author, note) { return outcome }
        }
        throw StoreError(
            .busy, "the rows are being written all the time", remedy: "Repeat when the programs that write them pause.")
    }

    private static let repairTriesMax = 5

    /// Looks at the rows with everything sealed and folded, and looks up what the log says of their
    /// counters.
    private func lookUp(_ table: Int, _ keys: [[UInt8]]) async throws -> [RowRepair.Item] {
        _ = try await lookAgain(table: table, keys: keys)
        return try await readers.read(.background) { [schema] reader in
            try reader.snapshot {
                let comparison = RowComparison(
                    connection: reader.connection, schema: schema, state: try reader.originState())
                var looks = try keys.map { key in
                    (
                        row: DifferenceTable.Row(table: 0, key: key, foundAt: 0),
                        look: try comparison.look(table: table, key: key)
                    )
                }
                try comparison.addCounters(&looks, schema.tables[table])
                return looks.map { RowRepair.Item(row: $0.row, look: $0.look) }
            }
        }
    }

    /// - Returns: nil if a row was written since it was looked at.
    private func carryOut(
        _ table: Int, _ prepared: [RowRepair.Item], _ way: RepairRequest.Way, _ author: String, _ note: String
    ) async throws
        -> RepairReport?
    {
        try await onQueueForClient { try $0.repair(table, prepared, way, author, note) }
    }
}

extension StoreCore {
    /// - Returns: nil if a row was written since it was looked at.
    fileprivate func repair(
        _ table: Int, _ prepared: [RowRepair.Item], _ way: RepairRequest.Way, _ author: String, _ note: String
    ) throws
        -> RepairReport?
    {
        var outcome: RepairReport? = RepairReport()
        try applyTransaction { next, wall in
            try next.ownLog.checkWrites()
            let comparison = RowComparison(connection: applier.connection, schema: schema, state: next)
            let repair = RowRepair(applier: applier, table: table, park: options.origin.park)
            var items: [RowRepair.Item] = []
            for var item in prepared {
                let look = try comparison.look(table: table, key: item.row.key)
                guard look.row == item.look.row, look.stored == item.look.stored else {
                    outcome = nil
                    return
                }
                item.row.foundAt = wall
                if look.kind != nil { items.append(item) }
            }
            outcome = RepairReport(repaired: try comparison.listed(items.map { ($0.row, $0.look) }, table: table))
            guard !items.isEmpty else { return }
            switch way {
            case .fromLog: for item in items { try repair.restore(item, &next) }
            case .publish:
                outcome?.seq = try applier.sealer.seal(
                    try items.map { try repair.change($0) }, of: schema.tables[table], &next, wallMilliseconds: wall,
                    author: author, note: note)
                try applier.sealer.sign(&next, key: options.identity)
                try applier.fold(&next)
            }
            for item in items {
                let key = item.row.key
                guard
                    try RowComparison(connection: applier.connection, schema: schema, state: next).look(
                        table: table, key: key
                    ).kind == nil
                else {
                    throw StoreError(
                        .internalState, "a row of \(schema.tables[table].name) still differs after its repair",
                        remedy: "Nothing was changed. Run syncctl log verify.")
                }
                try DifferenceTable.remove(applier.connection, table: next.tables[table].ordinal, key: key)
            }
        }
        return outcome
    }
}

/// How often rows were repaired since the store was opened.
package final class RepairCount: Sendable {
    private let number = Mutex(0)
    package var value: Int { number.withLock { $0 } }
    func add() { number.withLock { $0 += 1 } }
}
