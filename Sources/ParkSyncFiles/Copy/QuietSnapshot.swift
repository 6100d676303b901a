import ParkSyncCore
import ParkSyncStore

/// One moment of a database in which every write is sealed and folded, held open for reading while
/// the store goes on.
final class QuietSnapshot: @unchecked Sendable {
    // Used by one thread at a time.
    let reader: Connection
    let state: StoreState

    init(reader: Connection, state: StoreState) { (self.reader, self.state) = (reader, state) }

    deinit { try? reader.execute("COMMIT") }
}

extension ParkStore {
    /// How often other programs may get a write in between sealing and looking before this is given
    /// up.
    static let quietTriesMax = 100

    /// Seals and folds everything, and holds the database as it is then. Writers are kept waiting
    /// for a moment only.
    ///
    /// A copy with captured rows that are in no entry, or with entries that are in no digest, could
    /// neither be verified nor restored: the node may seal the same rows into an entry of its own
    /// later.
    /// - Throws: `StoreError.busy` if other programs write without a pause.
    func quietSnapshot() async throws -> QuietSnapshot {
        let reader = try Connection(path: options.path, role: .reader, archive: options.archivePath)
        let state = try await quiet {
            try reader.execute("BEGIN")
            _ = try reader.int64("SELECT count(*) FROM _parksync_meta")
        }
        return QuietSnapshot(reader: reader, state: state)
    }

    /// - Parameter begin: begins to read the database on another connection; nobody writes
    ///   meanwhile.
    func quiet(_ begin: @escaping @Sendable () throws -> Void) async throws -> StoreState {
        try await onQueue { core in
            for _ in 0..<Self.quietTriesMax {
                try core.foldNow()
                let isQuiet = try core.applier.connection.transaction {
                    guard try core.applier.sealer.pendingTables().isEmpty else { return false }
                    // Under the write lock, so that no write comes between the look and the
                    // snapshot.
                    try begin()
                    return true
                }
                if isQuiet { return core.current }
            }
            throw StoreError(
                .busy, "other programs write \(core.options.path) without a pause",
                remedy: "Repeat when they write less.")
        }
    }
}
