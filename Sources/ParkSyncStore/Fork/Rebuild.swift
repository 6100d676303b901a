import ParkSyncCore

extension Applier {
    /// Makes the shared tables, clocks, digests and conflicts anew from the log, within the
    /// caller's transaction.
    ///
    /// What was applied before is applied again, whatever the clock says now; what waited is tried
    /// at the end. Own entries are like anybody's meanwhile.
    /// - Parameter judgesStamps: what was applied before by a clock that was ahead waits again, as
    ///   it does at the others.
    /// - Throws: `StoreError.damaged` if the log does not reach back to each origin's first entry.
    func rebuild(_ state: inout StoreState, wallMilliseconds: UInt64, judgesStamps: Bool = false) throws {
        if let gap = try state.firstLogGap(connection) {
            throw StoreError(
                .damaged,
                "the log of \(gap) does not reach back to its first entry, so the tables cannot be made anew from it",
                remedy:
                    """
                    Stop the node, move its database away and start it again: it then fetches its state from \
                    its peers.
                    """
            )
        }
        try forgetTakenBack(&state)
        let applied = state.origins.map { min($0.folded, $0.logged) }
        let logged = state.origins.map(\.logged)
        try clear(&state)
        for index in state.origins.indices { state.origins[index].logged = applied[index] }
        try state.rewriting { state in
            try applyAll(&state, wallMilliseconds: judgesStamps ? wallMilliseconds : Self.farFuture)
            for index in state.origins.indices { state.origins[index].logged = logged[index] }
            try applyAll(&state, wallMilliseconds: wallMilliseconds)
        }
    }

    /// Stamps were judged when the entries were applied for the first time.
    private static let farFuture: UInt64 = 1 << 47

    private func clear(_ state: inout StoreState) throws {
        for (index, table) in schema.tables.enumerated() {
            try connection.execute("DELETE FROM \(quoted(table.name))")
            try connection.execute("DELETE FROM \(quoted(StoreFile.clockTable(table.name)))")
            let ordinal = state.tables[index].ordinal
            state.tables[index] = TableState(ordinal: ordinal, rows: 0, digest: RowDigest(), lives: 0, conflicts: 0)
        }
        for table in ["life", "conflict", "quarantine", "dropped", "known"] {
            try connection.execute("DELETE FROM _parksync_\(table)")
        }
        for index in state.origins.indices {
            (state.origins[index].folded, state.origins[index].foldedHash, state.origins[index].dependencies) = (
                0, [], VersionVector()
            )
        }
        // It is what the entries that count say.
        state.clock = StoreClock()
        (state.dropKnowledge, state.traceBounds, state.keptUpTo) = (DropKnowledge(), TraceBounds(), VersionVector())
        (state.quarantine, state.held, state.tailChanges, state.digest) = (Quarantine(), [], 0, nil)
    }

    /// Makes the tables anew if an entry was taken back that was applied here. Own entries stay
    /// what they were.
    func rebuildIfTakenBack(_ state: inout StoreState, wallMilliseconds: UInt64) throws {
        guard state.mustRebuild else { return }
        let judgesStamps = state.judgesStampsAnew
        (state.mustRebuild, state.judgesStampsAnew) = (false, false)
        try rebuild(&state, wallMilliseconds: wallMilliseconds, judgesStamps: judgesStamps)
        guard state.appliesOwn || state.isFolded else {
            throw StoreError(
                .internalState, "own entries cannot be applied again without those that another park has taken back",
                remedy:
                    """
                    Stop the node, move its database away and start it again: it then fetches its state from \
                    its peers.
                    """
            )
        }
    }

    /// Applies everything that can be applied. Within one transaction: an entry that SQLite refuses
    /// must not undo the others.
    func applyAll(_ state: inout StoreState, wallMilliseconds: UInt64) throws {
        var hasProgress = true
        while hasProgress {
            var queue = EntryQueue(connection: connection, schema: schema)
            let before = state
            try connection.statement("SAVEPOINT batch").run()
            do {
                hasProgress = try applyBatch(&queue, &state, wallMilliseconds: wallMilliseconds)
                try connection.statement("RELEASE batch").run()
            } catch  where Self.isRefusal(error) {
                try connection.statement("ROLLBACK TO batch").run()
                try connection.statement("RELEASE batch").run()
                state = before
                var queue = EntryQueue(connection: connection, schema: schema)
                hasProgress = try applySingly(&queue, &state, wallMilliseconds: wallMilliseconds)
            }
        }
    }
}

extension StoreState {
    /// The first origin whose log does not reach back to its first entry; nil if all do.
    func firstLogGap(_ connection: Connection) throws -> OriginID? {
        try origins.first { try $0.logged > 0 && LogTable.hash(connection, ordinal: $0.ordinal, seq: 1) == nil }?.origin
    }
}
