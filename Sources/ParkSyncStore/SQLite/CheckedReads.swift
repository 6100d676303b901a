import ParkSyncCore

/// Numbers of ParkSync's own tables, within their bounds: any program with the file can write them,
/// and a snapshot or a backup comes from elsewhere. What has passed here can be counted with.
extension RawStatement {
    /// - Parameter what: of which table and column, for the message.
    /// - Throws: `StoreError.damaged` if there is no whole number in these bounds.
    package func number(_ column: Int32, in range: ClosedRange<Int64>, _ what: StaticString) throws -> Int64 {
        guard case .integer(let value) = view(column), range.contains(value) else {
            throw StoreError(
                .damaged,
                """
                \(what) is \(CapturedText.text(view(column))), and not from \(range.lowerBound) to \
                \(range.upperBound)
                """,
                remedy: StoreError.damageRemedy)
        }
        return value
    }

    /// The number of an entry, or 0 for none.
    package func entryNumber(_ column: Int32, _ what: StaticString = "an entry's number") throws -> UInt64 {
        UInt64(clamping: try number(column, in: 0...Int64(clamping: CoreLimits.entryNumberMax), what))
    }

    /// An origin's local number, as it is part of a log row's id.
    package func ordinal(_ column: Int32, _ what: StaticString = "an origin's ordinal") throws -> Int64 {
        try number(column, in: 1...LogTable.ordinalMax, what)
    }

    /// How many of something there are.
    package func count(_ column: Int32, _ what: StaticString) throws -> Int64 {
        try number(column, in: 0...Self.countMax, what)
    }

    private static let countMax: Int64 = 1 << 48
}

extension StoreError {
    static let damageRemedy =
        "A program has altered ParkSync's own tables, or the disk is bad. Stop the node, move the database "
        + "with its -wal and -shm away and start it again: it fetches "
        + "its state and its own log back from its peers (deploy/README.md); or restore a backup."
}
