import ParkSyncCore

/// How a change and a row become one row. There is one rule; a simulator hands in a wrong one to
/// see that its checks notice.
package struct MergeRule: Sendable {

    let merge: @Sendable (IncomingChange, RowClock?, MergeColumns, (OriginID) -> UInt64) -> MergeOutcome

    package init(
        _ merge: @escaping @Sendable (IncomingChange, RowClock?, MergeColumns, (OriginID) -> UInt64) -> MergeOutcome
    ) { self.merge = merge }

    package static let shipped = MergeRule { RowMerge.merge($0, into: $1, columns: $2, seen: $3) }
}
