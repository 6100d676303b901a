/// A set of non-key columns of one table: bit *n* stands for the column at position *n* among them.
package struct ColumnMask: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let none = ColumnMask(rawValue: 0)

    /// The first `count` columns. `count` is at most `CoreLimits.columnsPerTableMax`.
    package static func first(_ count: Int) -> ColumnMask {
        ColumnMask(rawValue: count >= 64 ? .max : (1 << UInt64(count)) - 1)
    }

    package var isEmpty: Bool { rawValue == 0 }
    package var count: Int { rawValue.nonzeroBitCount }
    package func contains(_ column: Int) -> Bool { rawValue >> UInt64(column) & 1 == 1 }
    package func intersection(_ other: ColumnMask) -> ColumnMask { ColumnMask(rawValue: rawValue & other.rawValue) }
    package func union(_ other: ColumnMask) -> ColumnMask { ColumnMask(rawValue: rawValue | other.rawValue) }
    package func subtracting(_ other: ColumnMask) -> ColumnMask { ColumnMask(rawValue: rawValue & ~other.rawValue) }
    package mutating func insert(_ column: Int) { rawValue |= 1 << UInt64(column) }

    /// The columns in ascending order.
    package var columns: Columns { Columns(rest: rawValue) }

    package struct Columns: Sequence, IteratorProtocol, Sendable {
        var rest: UInt64
        package mutating func next() -> Int? {
            guard rest != 0 else { return nil }
            defer { rest &= rest &- 1 }
            return rest.trailingZeroBitCount
        }
    }
}
