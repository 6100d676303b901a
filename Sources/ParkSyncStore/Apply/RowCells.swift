import ParkSyncCore

/// The columns of the row that is being merged, in the canonical encoding: each cell points into a
/// received payload or into a scratch buffer that is reused from row to row, so that no column
/// costs an allocation.
package struct RowCells {
    enum Cell {
        case absent
        case payload(UnsafeRawBufferPointer)
        case scratch(Range<Int>)
    }

    private(set) var cells: [Cell] = []
    private(set) var scratch = ByteWriter(reserving: 1024)

    package init() {}
    private var digester = RowDigester()
    /// A longer buffer is given back behind its row.
    private static let keptBytesMax = 1 << 20

    package mutating func begin(columns: Int) {
        if scratch.bytes.capacity > Self.keptBytesMax { scratch = ByteWriter(reserving: 1024) }
        scratch.bytes.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
        for _ in 0..<columns { cells.append(.absent) }
    }

    /// Takes the current row of a SELECT whose result columns are the non-key columns in order.
    package mutating func load(row statement: RawStatement) {
        for index in cells.indices {
            let start = scratch.bytes.count
            statement.encode(Int32(index), to: &scratch)
            cells[index] = .scratch(start..<scratch.bytes.count)
        }
    }

    mutating func set(_ column: Int, _ bytes: UnsafeRawBufferPointer) { cells[column] = .payload(bytes) }

    mutating func set(_ column: Int, _ value: Value) {
        let start = scratch.bytes.count
        ValueCoding.write(value, to: &scratch)
        cells[column] = .scratch(start..<scratch.bytes.count)
    }

    /// Adds to a counter; sums wrap around, so that adding stays commutative and associative.
    mutating func add(_ column: Int, _ delta: Int64) throws {
        let current = try value(column)
        guard case .integer(let number) = current else { return set(column, .integer(delta)) }
        set(column, .integer(number &+ delta))
    }

    func value(_ column: Int) throws -> Value {
        try withBytes(column) { bytes in
            guard bytes.count > 0 else { return .null }
            var reader = ByteReader(bytes)
            return try ValueCoding.read(from: &reader).copied
        }
    }

    @inline(__always)
    private func withBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        switch cells[column] {
        case .absent: try body(UnsafeRawBufferPointer(start: nil, count: 0))
        case .payload(let bytes): try body(bytes)
        case .scratch(let range):
            try scratch.bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
        }
    }

    /// Binds the cells of `columns` in order, from parameter `first` on, and runs `body` while they
    /// are valid.
    func bind(_ columns: ColumnMask, to statement: RawStatement, first: Int32, then body: () throws -> Void) throws {
        try scratch.bytes.withUnsafeBytes { base in
            var index = first
            for column in columns.columns {
                switch cells[column] {
                case .absent: statement.bindNull(index)
                case .payload(let bytes):
                    var reader = ByteReader(bytes)
                    statement.bind(index, view: try ValueCoding.read(from: &reader))
                case .scratch(let range):
                    var reader = ByteReader(UnsafeRawBufferPointer(rebasing: base[range]))
                    statement.bind(index, view: try ValueCoding.read(from: &reader))
                }
                index += 1
            }
            try body()
        }
    }

    /// The row's share in its table's digest (see docs/reference/log-format.md).
    package mutating func digest(key: UnsafeRawBufferPointer) -> RowDigest {
        digester.begin(key: key)
        for index in cells.indices {
            switch cells[index] {
            case .absent: continue
            case .payload(let bytes): digester.add(index, bytes)
            case .scratch(let range):
                scratch.bytes.withUnsafeBytes { digester.add(index, UnsafeRawBufferPointer(rebasing: $0[range])) }
            }
        }
        return digester.finish()
    }
}
