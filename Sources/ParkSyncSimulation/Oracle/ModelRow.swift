import ParkSyncCore

/// All changes that were made to one row, and what they come to.
package struct ModelRow: Sendable {
    package struct Write: Sendable {
        package var entry: ModelEntry
        package var change: ModelChange
        var id: WriteID { entry.write }
        /// An insert writes the whole row: a column that its author's table lacked becomes what
        /// such a row has in it.
        func value(_ column: Int, of table: SharedTable) -> Value? {
            change.values[column] ?? (change.kind == .insert ? ModelRow.initial(table.columns[column]) : nil)
        }
    }
    /// All of them, in no order.
    package var writes: [Write] = []
    /// Places of writes that compactions dropped.
    var forgotten: Set<Int> = []

    /// The writes that decide what the row is.
    private var remembered: [Write] {
        forgotten.isEmpty ? writes : writes.indices.filter { !forgotten.contains($0) }.map { writes[$0] }
    }

    /// The highest causal length wins the row outright; 0 if nothing is left of it.
    package var causalLength: UInt64 { remembered.map(\.change.causalLength).max() ?? 0 }
    package var isAlive: Bool { causalLength % 2 == 1 }
    /// The writes of the life that the row is in.
    var current: [Write] {
        let writes = remembered
        let length = writes.map(\.change.causalLength).max() ?? 0
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

    /// Values that lost and that no other write to the column had seen
    /// (docs/decisions/0006-conflicts.md).
    ///
    /// What a compaction drops from the row has lost all the same: a value that was in the inbox
    /// before stays there until somebody who had it writes the column again.
    package func conflicts(_ table: SharedTable, key: [Value]) -> [ModelConflict] {
        let current = current
        var result: [ModelConflict] = []
        for (column, described) in table.columns.enumerated() where !described.isCounter {
            let winner = current.filter { $0.value(column, of: table) != nil }.max { $0.id < $1.id }
            // An insert and a delete speak of all columns.
            let touching = writes.filter { $0.change.kind != .update || $0.change.values[column] != nil }
            for write in touching where write.id != winner?.id {
                guard let lost = write.change.values[column], !touching.contains(where: { $0.entry.hasSeen(write.id) })
                else { continue }
                result.append(
                    ModelConflict(table: table.name, key: key, column: described.name, write: write.id, lost: lost))
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
    package var description: String {
        "\(table) \(ModelReader.show(key)) \(column) = \(ModelReader.show(lost)) of \(write)"
    }
}
