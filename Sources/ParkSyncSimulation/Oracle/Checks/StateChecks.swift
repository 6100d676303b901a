import ParkSyncCore

/// What the tables hold, held against the model and against one another.
extension Checks {
    /// Promise 2: nodes with one vector have the same tables, to the byte.
    ///
    /// Nodes with different schemas are compared by the columns that both have. Rows that wait to
    /// be sealed are left out.
    package static func sameVectorSameState(_ observations: [NodeObservation]) -> [BrokenPromise] {
        var result: [BrokenPromise] = []
        for (index, first) in observations.enumerated() {
            for second in observations.dropFirst(index + 1) where first.applied == second.applied {
                let schema = first.schema.number <= second.schema.number ? first.schema : second.schema
                for table in schema.tables {
                    let width = table.keyColumns.count + table.columns.count
                    let spared = first.unsealed.union(second.unsealed)
                    let differences = compare(
                        table, rows(first, table, width), rows(second, table, width), sparing: spared
                    ) { key, left, right in
                        BrokenPromise(
                            .sameVectorSameState, node: second.origin,
                            "at \(first.applied) \(RowName(table.name, key)) is \(right), on \(first.origin) \(left)")
                    }
                    result += limited(differences)
                }
            }
        }
        return result
    }

    private static func rows(_ observation: NodeObservation, _ table: SharedTable, _ width: Int) -> [[Value]] {
        observation.tables.rows(table.name).map { Array($0.prefix(width)) }
    }

    /// Promise 4 (and 5, 6): the tables are those of whole entries, each applied once, and of
    /// nothing else.
    ///
    /// - Parameter expected: the model's contents at the node's vector. Rows that a program has
    ///   written and that no entry has yet are the node's own and are left out. A deleted row that
    ///   is there is a breach of 11.
    package static func wholeTransactions(_ observation: NodeObservation, expected: ModelView, oracle: ModelOracle)
        -> [BrokenPromise]
    {
        var result: [BrokenPromise] = []
        for table in observation.schema.tables {
            let found = observation.tables.rows(table.name)
            result += limited(
                compare(table, expected.rows(table.name), found, sparing: observation.unsealed) {
                    key, expected, found in
                    let isBack = oracle.row(table, key, at: observation.applied)?.isAlive == false
                    return BrokenPromise(
                        isBack ? .noResurrection : .wholeTransactions, node: observation.origin,
                        """
                        at \(observation.applied) \(RowName(table.name, key)) is \(found), by the log it is \
                        \(expected)
                        """
                    )
                })
            let keys = found.map { Array($0.prefix(table.keyColumns.count)) }
            if zip(keys, keys.dropFirst()).contains(where: { !SQLiteOrder.precedes($0, $1) }) {
                result.append(
                    BrokenPromise(
                        .wholeTransactions, node: observation.origin,
                        "\(table.name) is not in the order of its keys, or has one twice"))
            }
        }
        return result
    }

    private static func compare(
        _ table: SharedTable, _ first: [[Value]], _ second: [[Value]], sparing spared: Set<RowName>,
        breach: ([Value], String, String) -> BrokenPromise
    ) -> [BrokenPromise] {
        if first == second { return [] }
        let keyCount = table.keyColumns.count
        func index(_ rows: [[Value]]) -> [[Value]: [Value]] {
            Dictionary(rows.map { (Array($0.prefix(keyCount)), $0) }) { first, _ in first }
        }
        let (left, right) = (index(first), index(second))
        let keys = Set(left.keys).union(right.keys).sorted { SQLiteOrder.precedes($0, $1) }
        return keys.filter { left[$0] != right[$0] && !spared.contains(RowName(table.name, $0)) }.map { key in
            breach(key, show(table, left[key], besides: right[key]), show(table, right[key], besides: left[key]))
        }
    }

    /// The columns in which a row differs from another, by name.
    private static func show(_ table: SharedTable, _ row: [Value]?, besides other: [Value]?) -> String {
        guard let row else { return "absent" }
        let columns = table.keyColumns + table.columns
        let shown = row.indices.filter { position in
            guard let other, other.indices.contains(position) else { return position >= table.keyColumns.count }
            return other[position] != row[position]
        }
        let parts = shown.prefix(4).map {
            "\(columns.indices.contains($0) ? columns[$0].name : "?") = \(ModelReader.show(row[$0]))"
        }
        return "{" + parts.joined(separator: ", ") + (shown.count > 4 ? ", …}" : "}")
    }

    /// 13: the digests that the node keeps are those of its rows, and of the model's. Only said of
    /// a node whose clocks have followed.
    package static func digests(_ observation: NodeObservation, expected: ModelView) -> [BrokenPromise] {
        guard observation.isQuiet else { return [] }
        var result: [BrokenPromise] = []
        for table in observation.schema.tables {
            let keyCount = table.keyColumns.count
            let rows = observation.tables.rows(table.name)
            let sum = rows.reduce(UInt128(0)) {
                $0 &+ SpecEncoding.rowDigest(key: Array($1.prefix(keyCount)), values: Array($1.dropFirst(keyCount)))
            }
            let recomputed = SpecEncoding.bytes(of: sum)
            let kept = observation.figures[table.name]
            let detail =
                "the digest of \(table.name) at \(observation.applied) is kept as "
                + "\(kept.map { "\(Hex.encode($0.digest)) of \($0.rows) rows" } ?? "none"), "
            if kept?.digest != recomputed || kept?.rows != rows.count {
                result.append(
                    BrokenPromise(
                        .digestsAreKept, node: observation.origin,
                        detail + "its rows have \(Hex.encode(recomputed)) of \(rows.count)"))
            } else if recomputed != expected.digest(table.name) {
                result.append(
                    BrokenPromise(
                        .digestsAreKept, node: observation.origin,
                        detail
                            + "by the log it is \(Hex.encode(expected.digest(table.name))) of "
                            + "\(expected.rowCount(table.name))"
                    ))
            }
        }
        return result
    }

    /// Promise 2, for the inbox: it has the values that lost unseen, and no others.
    package static func conflicts(_ observation: NodeObservation, expected: ModelView) -> [BrokenPromise] {
        guard observation.isQuiet else { return [] }
        let wanted = expected.conflicts()
        let lacking = wanted.subtracting(observation.conflicts).map { "the inbox lacks \($0)" }
        let surplus = observation.conflicts.subtracting(wanted).map {
            "the inbox has \($0), which lost to nobody unseen or was settled"
        }
        return limited(
            (lacking.sorted() + surplus.sorted()).map {
                BrokenPromise(.sameVectorSameState, node: observation.origin, "at \(observation.applied) \($0)")
            })
    }
}
