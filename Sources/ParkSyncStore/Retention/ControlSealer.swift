import ParkSyncCore

extension Sealer {
    /// Seals an entry that changes no row: it tells what this node has applied, and what `records`
    /// say.
    ///
    /// Captured rows must have been sealed, and own entries folded, in the same transaction.
    ///
    /// - Parameter author: who wants it so; empty for the node itself.
    func sealControls(
        _ records: [ControlRecord], _ state: inout StoreState, wallMilliseconds: UInt64, author: String = ""
    ) throws {
        let stamp = try state.clock.tick(wallMilliseconds: wallMilliseconds)
        var (header, seen) = nextHeader(state, stamp: stamp, author: author)
        header.seenHash = try SeenHash.of(seen, connection, state)
        var writer = ChangeWriter(header: header, tableCount: records.isEmpty ? 0 : 1, reserving: 256)
        if !records.isEmpty { writer.controls(records) }
        try append(writer.writer.bytes, stamp: header.stamp, to: &state)
        state.ownDependencies = seen
    }
}
