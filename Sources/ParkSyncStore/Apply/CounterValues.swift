import ParkSyncCore

/// What the log says of the counters of one row, in the order of their columns: the sums of what
/// entries add in the row's present life.
///
/// They are kept beside the row, in its clock. What the row itself holds is no base for them: a
/// hand past capture may have changed it, and a later write would make the log's word of that.
package struct CounterValues: Hashable, Sendable {
    /// Without the zeros at the end.
    private(set) var sums: [Int64] = []

    package init(_ sums: some Sequence<Int64> = []) {
        self.sums = Array(sums)
        trim()
    }

    /// - Parameter position: among the table's counters.
    subscript(position: Int) -> Int64 { sums.indices.contains(position) ? sums[position] : 0 }

    /// Adds; sums wrap around, so that adding stays commutative and associative.
    mutating func add(_ delta: Int64, at position: Int) {
        while sums.count <= position { sums.append(0) }
        sums[position] &+= delta
        trim()
    }

    private mutating func trim() { while sums.last == 0 { sums.removeLast() } }
}

extension SharedTable {
    /// Those of a row with these values; nil if the table has no counters, or one holds what is no
    /// whole number.
    func counters(of values: [Value]) -> CounterValues? {
        var sums: [Int64] = []
        for (column, value) in zip(columns, values) where column.isCounter {
            guard case .integer(let sum) = value else { return nil }
            sums.append(sum)
        }
        return sums.isEmpty ? nil : CounterValues(sums)
    }
}

extension ColumnMask {
    /// How many columns of the mask lie before `column`.
    func position(of column: Int) -> Int { intersection(.first(column)).count }
}

/// A row that may not be what the log says.
struct RowPlace: Hashable, Comparable {
    /// Index in the schema.
    var table: Int
    var key: [UInt8]

    static func < (a: RowPlace, b: RowPlace) -> Bool {
        a.table == b.table ? a.key.lexicographicallyPrecedes(b.key) : a.table < b.table
    }
}
