import ParkSyncCore
import ParkSyncReports

extension RowComparison {
    /// What differs, for people. Rows that do not differ any more are left out.
    func differences(table index: Int, _ known: [DifferenceTable.Row]) throws -> [RowDifference] {
        let table = schema.tables[index]
        var looks = try known.map { (row: $0, look: try look(table: index, key: $0.key)) }.filter {
            $0.look.kind != nil
        }
        try addCounters(&looks, table)
        return try listed(looks, table: index)
    }

    func listed(_ looks: [(row: DifferenceTable.Row, look: Look)], table index: Int) throws -> [RowDifference] {
        let table = schema.tables[index]
        return try looks.compactMap { row, look in
            guard let kind = look.kind else { return nil }
            let key = try KeyCoding.decode(row.key, count: table.keyColumns.count).map(JSONValue.init)
            return RowDifference(
                table: table.name, key: key, kind: kind, columns: columns(look, kind, table), foundAt: row.foundAt)
        }
    }

    private func columns(_ look: Look, _ kind: RowDifference.Kind, _ table: SharedTable) -> [RowDifference.Column] {
        if kind == .clock { return [] }
        var result: [RowDifference.Column] = []
        for (position, described) in table.columns.enumerated() {
            var column = RowDifference.Column(
                name: described.name, here: look.row?[position], logged: nil, isKnown: true)
            if look.isAlive {
                if case .value(let value) = look.logged[position] {
                    column.logged = JSONValue(value)
                } else {
                    column.isKnown = false
                }
            }
            if kind == .changed, column.isKnown, column.logged == column.here { continue }
            result.append(column)
        }
        // Where a column is known to differ, those of which nothing is known are no news.
        if kind == .changed, result.contains(where: \.isKnown) { result.removeAll { !$0.isKnown } }
        return result
    }

    /// Looks up the counters of rows that are alive, all with one reading of the log.
    func addCounters(_ looks: inout [(row: DifferenceTable.Row, look: Look)], _ table: SharedTable) throws {
        var clocks: [[UInt8]: RowClock] = [:]
        for (row, look) in looks where look.logged.contains(.sum) { clocks[row.key] = look.stored?.clock }
        guard !clocks.isEmpty else { return }
        let sums = try CounterSums(connection: connection, state: state, table: table).values(of: clocks)
        for index in looks.indices {
            for column in looks[index].look.logged.indices where looks[index].look.logged[column] == .sum {
                let value = sums?[looks[index].row.key]?[column]
                looks[index].look.logged[column] = value.map { .value(.integer($0)) } ?? .unknown
            }
        }
    }
}
