import ParkSyncCore

/// The triggers that refuse rows of a shared table whose columns are no row of a constant table.
///
/// They look at the park's own copy of the constants; sealing and applying go by the schema files.
/// SQLite before 3.47 takes no expression for the sentence of a refusal, so it names the columns
/// and not their values.
struct AllowedTriggers {
    let table: SharedTable
    /// Of the schema that the node has.
    let schemaNumber: UInt64

    var triggers: [String] {
        table.allowed.enumerated().flatMap { index, allowed in
            let (refusal, condition) = ([refusal(allowed)], isNone(allowed))
            let insert = CaptureTriggers.trigger(
                "member\(index)insert", "BEFORE INSERT", on: table, when: condition, refusal)
            // Rows of these are not updated at all.
            if table.isAppendOnly { return [insert] }
            let update = CaptureTriggers.trigger(
                "member\(index)update", "BEFORE UPDATE", on: table,
                when: "(\(isSaid(allowed))) AND \(condition)", refusal)
            return [insert, update]
        }
    }

    private func refusal(_ allowed: AllowedValues) -> String {
        let names = allowed.columns.map { table.name(of: $0) }.joined(separator: ", ")
        return CaptureTriggers.refuse(
            """
            \(table.name): (\(names)) is no row of \(allowed.constant) that is in force; SELECT * FROM \
            \(allowed.constant) shows what may stand there
            """)
    }

    private func column(_ column: AllowedValues.Column) -> SharedColumn {
        switch column {
        case .key(let position): table.keyColumns[position]
        case .plain(let position): table.columns[position]
        }
    }

    /// OR REPLACE puts a column's default in the place of NULL where that is not allowed, after the
    /// triggers before the write have seen NULL.
    private func new(_ column: SharedColumn) -> String {
        let plain = "NEW.\(quoted(column.name))"
        return column.isNotNull && column.defaultValue != .null
            ? "ifnull(\(plain), \(sqlLiteral(column.defaultValue)))" : plain
    }

    /// Whether an update writes the columns, or the whole row under another key.
    private func isSaid(_ allowed: AllowedValues) -> String {
        (table.keyColumns + allowed.columns.map(column)).map {
            "NEW.\(quoted($0.name)) COLLATE BINARY IS NOT OLD.\(quoted($0.name))"
        }.joined(separator: " OR ")
    }

    /// Both sides have one affinity, and values of TEXT and INTEGER columns are equal for SQLite
    /// only if their bytes are.
    private func isNone(_ allowed: AllowedValues) -> String {
        let columns = allowed.columns.map(column)
        let demanded = columns.map { "\(new($0)) IS NOT NULL" }
        let equal = zip(columns, allowed.constantColumns).map {
            "c.\(quoted($1)) = \(new($0)) COLLATE BINARY"
        }
        let (since, until) = ("c.\(quoted(ConstantTable.sinceColumn))", "c.\(quoted(ConstantTable.untilColumn))")
        let inForce = ["\(since) <= \(schemaNumber)", "(\(until) IS NULL OR \(until) > \(schemaNumber))"]
        let rows = (equal + inForce).joined(separator: " AND ")
        return (demanded + ["NOT EXISTS(SELECT 1 FROM \(quoted(allowed.constant)) AS c WHERE \(rows))"]).joined(
            separator: " AND ")
    }
}

extension CaptureTriggers {
    /// The triggers by which no program writes a constant table.
    static func constant(_ table: ConstantTable) -> [String] {
        ["INSERT", "UPDATE", "DELETE"].map { event in
            trigger(
                "constant\(event.lowercased())", "BEFORE \(event)", on: table.name,
                [refuse("\(table.name) is constant: its rows are those of the schema files")])
        }
    }
}
