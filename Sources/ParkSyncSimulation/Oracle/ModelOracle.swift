import ParkSyncCore

/// The judge: an independent merge that is meant to be obvious and not fast.
///
/// It keeps every change that was ever made to a row, with its stamp, its causal length and what its author had seen, and derives
/// the row from them by definition (`ModelRow`). It shares the reader of payloads with the store, and nothing of the merge, the
/// clocks, the digests or the order in which entries came.
package struct ModelOracle: Sendable {
    /// The shared tables after each schema file, in the order of their numbers.
    package let schemas: [SharedSchema]
    private var logs: [OriginID: [ModelEntry]] = [:]
    private var rows: [String: [[Value]: ModelRow]] = [:]
    /// For each origin, the highest stamp of its entries up to each one.
    private var highestStamps: [OriginID: [Stamp]] = [:]
    /// Entries whose stamp is not above all that their author had seen, which no honest clock issues. What counts as a conflict is
    /// not defined then; the tables are.
    package private(set) var stampedInThePast: Set<EntryName> = []

    /// - Parameter schemas: the shared tables after each schema file.
    package init(schemas: [SharedSchema]) { self.schemas = schemas.sorted { $0.number < $1.number } }

    /// A payload that cannot be the next one of any log.
    package struct Unreadable: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// All entries that the model knows.
    package var vector: VersionVector { VersionVector(logs.map { ($0.key, UInt64($0.value.count)) }) }
    package var origins: [OriginID] { logs.keys.sorted() }

    package func entry(_ name: EntryName) -> ModelEntry? {
        guard let log = logs[name.origin], name.seq >= 1, name.seq <= UInt64(log.count) else { return nil }
        return log[Int(name.seq) - 1]
    }

    /// The entries of one origin in order.
    package func entries(of origin: OriginID) -> [ModelEntry] { logs[origin] ?? [] }

    /// Takes the next entry of its origin's log.
    ///
    /// - Throws: `Unreadable` unless the payload has a header that says so; no node takes such a payload into its log.
    @discardableResult
    package mutating func add(_ payload: [UInt8]) throws -> ModelEntry {
        let header: EntryHeader
        do {
            header = try payload.withUnsafeBytes {
                var reader = ByteReader($0)
                return try EntryHeader(from: &reader)
            }
        } catch { throw Unreadable(description: "\(error)") }
        let log = logs[header.origin] ?? []
        guard header.seq == UInt64(log.count) + 1 else {
            throw Unreadable(description: "\(header.origin):\(header.seq) follows \(header.origin):\(log.count)")
        }
        // Dependencies are differences: what is not named stays as it was.
        var seen = log.last?.seen ?? VersionVector()
        for element in header.dependencies { seen[element.origin] = element.seq }
        var judged = ModelReader.judge(payload, header: header, schemas: schemas)
        // One entry can add so many births and deaths to a row; nobody can have counted more than all entries together.
        let entries = seen.elements.filter { $0.origin != header.origin }.reduce(UInt128(header.seq)) { $0 + UInt128($1.seq) }
        if judged.changes.contains(where: { UInt128($0.causalLength) > 400_000 * entries }) {
            judged = ModelReader.Judged(verdict: .defective("a row lived longer than it can have"))
        }
        let entry = ModelEntry(
            write: header.write, schemaNumber: header.schemaNumber, payload: payload,
            hash: SpecEncoding.entryHash(payload, after: log.last?.hash ?? [UInt8](repeating: 0, count: 32)), seen: seen,
            needs: (log.last?.needs ?? VersionVector()).joined(seen), judged: judged)
        noteStamp(of: entry)
        logs[header.origin, default: []].append(entry)
        for change in judged.changes {
            rows[change.table, default: [:]][change.key, default: ModelRow()].writes.append(ModelRow.Write(entry: entry, change: change))
        }
        return entry
    }

    private mutating func noteStamp(of entry: ModelEntry) {
        let origin = entry.write.origin
        let before = highestStamps[origin]?.last ?? .zero
        let others = entry.seen.elements.compactMap { element -> Stamp? in
            let stamps = highestStamps[element.origin] ?? []
            return stamps.isEmpty ? nil : stamps[min(stamps.count, Int(clamping: element.seq)) - 1]
        }
        if entry.write.stamp <= max(before, others.max() ?? .zero) { stampedInThePast.insert(entry.name) }
        highestStamps[origin, default: []].append(max(before, entry.write.stamp))
    }

    /// The row by definition, from the entries that `vector` covers; nil if nothing was ever written to it.
    package func row(_ table: SharedTable, _ key: [Value], at vector: VersionVector) -> ModelRow? {
        guard var row = rows[table.name]?[key] else { return nil }
        row.writes.removeAll { $0.entry.write.seq > vector[$0.entry.write.origin] }
        return row.writes.isEmpty ? nil : row
    }

    /// Every key of a table that anybody ever wrote.
    package func keys(of table: String) -> [[Value]] { rows[table].map { Array($0.keys) } ?? [] }

    /// All contents at a vector, derived from nothing.
    package func contents(at vector: VersionVector, schema: SharedSchema) -> ModelView {
        var view = ModelView(schema: schema)
        view.advance(to: vector, in: self)
        return view
    }

    /// Entries that the vector covers and that no node may apply.
    package func quarantined(at vector: VersionVector) -> [EntryName: String] {
        var result: [EntryName: String] = [:]
        for element in vector.elements {
            for entry in entries(of: element.origin).prefix(Int(clamping: element.seq)) {
                if case .defective(let cause) = entry.verdict { result[entry.name] = cause }
            }
        }
        return result
    }
}

/// All changes that were made to one row, and what they come to.
package struct ModelRow: Sendable {
    package struct Write: Sendable {
        package var entry: ModelEntry
        package var change: ModelChange
        var id: WriteID { entry.write }
        /// An insert writes the whole row: a column that its author's table lacked becomes what such a row has in it.
        func value(_ column: Int, of table: SharedTable) -> Value? {
            change.values[column] ?? (change.kind == .insert ? ModelRow.initial(table.columns[column]) : nil)
        }
    }
    package var writes: [Write] = []

    /// The highest causal length wins the row outright.
    package var causalLength: UInt64 { writes.map(\.change.causalLength).max() ?? 0 }
    package var isAlive: Bool { causalLength % 2 == 1 }
    /// The writes of the life that the row is in.
    var current: [Write] {
        let length = causalLength
        return writes.filter { $0.change.causalLength == length }
    }

    /// The row's columns outside the key; nil if it is dead.
    package func values(_ table: SharedTable) -> [Value]? {
        guard isAlive else { return nil }
        let current = current
        return table.columns.indices.map { column in
            if table.columns[column].isCounter { return .integer(Self.sum(column, of: current)) }
            // Of the writes to the column the last one by (stamp, origin) counts.
            let last = current.filter { $0.value(column, of: table) != nil }.max { $0.id < $1.id }
            return last?.value(column, of: table) ?? Self.initial(table.columns[column])
        }
    }

    private static func sum(_ column: Int, of writes: [Write]) -> Int64 {
        writes.reduce(0) { sum, write in
            if case .integer(let delta)? = write.change.values[column] { return sum &+ delta }
            return sum
        }
    }

    /// What a column has that nobody wrote.
    static func initial(_ column: SharedColumn) -> Value {
        if column.isCounter { return .integer(0) }
        if column.defaultValue != .null || !column.isNotNull { return column.defaultValue }
        switch column.affinity {
        case .text: return .text([])
        case .blob: return .blob([])
        case .integer, .numeric: return .integer(0)
        case .real: return .real(0)
        }
    }

    /// Values that lost and that no other write to the column had seen (docs/decisions/0006-conflicts.md).
    package func conflicts(_ table: SharedTable, key: [Value]) -> [ModelConflict] {
        let current = current
        var result: [ModelConflict] = []
        for (column, described) in table.columns.enumerated() where !described.isCounter {
            let winner = current.filter { $0.value(column, of: table) != nil }.max { $0.id < $1.id }
            // An insert and a delete speak of all columns.
            let touching = writes.filter { $0.change.kind != .update || $0.change.values[column] != nil }
            for write in touching where write.id != winner?.id {
                guard let lost = write.change.values[column], !touching.contains(where: { $0.entry.hasSeen(write.id) }) else { continue }
                result.append(ModelConflict(table: table.name, key: key, column: described.name, write: write.id, lost: lost))
            }
        }
        return result
    }
}

/// A value that lost against a write its author had not seen.
package struct ModelConflict: Hashable, Sendable, CustomStringConvertible {
    package var table: String
    package var key: [Value]
    package var column: String
    package var write: WriteID
    package var lost: Value
    package var description: String { "\(table) \(ModelReader.show(key)) \(column) = \(ModelReader.show(lost)) of \(write)" }
}
