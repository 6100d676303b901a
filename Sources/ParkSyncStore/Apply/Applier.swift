import ParkSyncCore
import ParkSyncReplication

/// What the store does on the connection without triggers: seal foreign writes, fold, append
/// received entries, apply.
///
/// Every function runs within the caller's transaction.
package final class Applier {
    package let connection: Connection
    let schema: SharedSchema
    package let sealer: Sealer
    let statements: [TableStatements]
    private let rule: MergeRule
    /// What keeps entries from being applied to tables, by their index, as it was at the schema's
    /// version `lookedAt`.
    private(set) var obstacles: [Int: SchemaFit.Difference] = [:]
    private var lookedAt: Int64?
    /// Entries that an index of another program keeps out of their tables.
    var refusals = TableRefusals()

    package init(
        connection: Connection, schema: SharedSchema, rule: MergeRule = .shipped,
        entryBytesMax: Int = CoreLimits.payloadBytesDefault
    ) throws {
        self.rule = rule
        self.connection = connection
        self.schema = schema
        sealer = Sealer(connection: connection, schema: schema, entryBytesMax: entryBytesMax)
        statements = try schema.tables.map { try TableStatements($0, on: connection) }
    }

    /// Looks at the shared tables if the file's schema has changed since the last look.
    ///
    /// - Parameter path: of the file, for messages.
    /// - Returns: whether what was found is another than before.
    func lookAtTables(path: String) throws -> Bool {
        let version = try connection.int64("PRAGMA schema_version")
        if version == lookedAt { return false }
        let found = try TableObstacles(schema: schema, connection: connection, path: path).find()
        lookedAt = version
        let hasRefused = !refusals.isEmpty
        refusals.forget()
        defer { obstacles = found }
        return hasRefused || found != obstacles
    }

    /// Entries that one fold takes at a time.
    static let foldEntriesMax = 4_096

    /// Merges own entries that are not folded yet into clocks and digests. Captured rows must have
    /// been sealed in the same transaction: the digest reads rows as they are now.
    func fold(_ state: inout StoreState) throws {
        guard !state.appliesOwn else { return }
        while !state.isFolded {
            var batch: [DecodedEntry] = []
            var changes = 0
            while !state.isFolded, batch.count < Self.foldEntriesMax, changes < EntryQueue.batchChangesMax {
                let own = state.origins[state.own]
                let seq = own.folded + 1
                let entry = try LogTable.payload(connection, ordinal: own.ordinal, seq: seq).map {
                    try DecodedEntry(payload: $0.bytes, owner: $0, hash: [], schema: schema)
                }
                guard let entry else {
                    throw StoreError(
                        .damaged, "own entry \(seq) is missing in the log",
                        remedy: StoreError.damageRemedy)
                }
                var seen = own.dependencies
                for dependency in entry.header.dependencies { seen[dependency.origin] = dependency.seq }
                entry.seen = seen
                try DropKnowledgeTable.noteTurn(connection, entry, entry.header.dependencies, &state)
                try rules.noteFirst(entry, &state)
                entry.judgeLives()
                if case .defective(let cause, _) = entry.fitness {
                    // An earlier version signed it. The other parks have set it aside, and their
                    // operators know; here it is told as well.
                    try QuarantineTable.keep(
                        connection, entry, state.own, cause: cause,
                        remedy:
                            """
                            No park applies it. Write what it was to say once more; `syncctl verify --rows` \
                            names rows that differ.
                            """,
                        &state)
                }
                state.origins[state.own].dependencies = seen
                state.origins[state.own].folded = seq
                state.origins[state.own].foldedHash = []
                guard case .ready = entry.fitness else { continue }
                batch.append(entry)
                changes += entry.changes.count
                if entry.endsBatch { break }
            }
            try merge(batch, .fold, &state)
        }
        for index in state.tables.indices {
            state.tables[index].tailLives.removeAll()
            state.tables[index].tailCounters = CounterTail()
        }
        state.tailChanges = 0
    }

    private var rules: ControlRules { ControlRules(connection: connection, schema: schema) }

    /// Merges a batch, and then does what its last entry says about the logs.
    private func merge(_ batch: [DecodedEntry], _ mode: MergeRun.Mode, _ state: inout StoreState) throws {
        try write(batch, mode, to: &state)
        if let last = batch.last { try rules.perform(last, &state) }
    }

    /// Merges a batch into the tables, and does no more of what it says.
    func write(_ batch: [DecodedEntry], _ mode: MergeRun.Mode = .apply, to state: inout StoreState) throws {
        try MergeRun(connection: connection, schema: schema, mode: mode, statements: statements, rule: rule).merge(
            batch, into: &state)
    }

    /// Appends the part of a verified slice that the log lacks.
    ///
    /// - Returns: the entries that were appended.
    /// - Throws: `SliceRefused` if it does not continue the log as it is now.
    func append(_ slice: VerifiedSlice, to state: inout StoreState, wallMilliseconds: UInt64 = 0) throws
        -> [DecodedEntry]
    {
        let index = try state.adopt(slice.origin, connection)
        if index == state.own, !state.appliesOwn, (slice.entries.last?.header.seq ?? 0) > state.origins[index].logged {
            throw SliceRefused(
                .fork, origin: slice.origin, first: slice.first,
                reason: "a peer has entries of this node that this node has not",
                remedy:
                    """
                    This file is older than what the park has published: the node fetches its own log back \
                    before it writes on.
                    """
            )
        }
        let logged = state.origins[index].logged
        if index == state.own, state.isTentative, (slice.entries.last?.header.seq ?? 0) > state.origins[index].signed {
            throw SliceRefused(
                .gap, origin: slice.origin, first: slice.first,
                reason: "this node has entries without a signature where they belong",
                remedy: "They are asked of a peer that has them, and wait beside the log until all are there.")
        }
        guard slice.first <= logged + 1 else {
            throw SliceRefused(
                .gap, origin: slice.origin, first: slice.first, reason: "this node has entries up to \(logged) only",
                remedy: "The missing ones are asked for again.")
        }
        let fresh = slice.entries.filter { $0.header.seq > logged }
        let known = slice.entries.last { $0.header.seq == logged }
        let continuesLog =
            known.map { $0.hash == state.origins[index].headHash }
            ?? (slice.first != logged + 1 || slice.previousHash == state.origins[index].headHash)
        let hasOther = try keepForks(slice, state.origins[index], wallMilliseconds: wallMilliseconds)
        guard continuesLog, !hasOther else {
            throw SliceRefused(
                .fork, origin: slice.origin, first: slice.first,
                reason: "two different signed entries have the number \(logged)",
                remedy:
                    "The park \(slice.origin.park) has forked its log (a cloned or restored file); ask its operator.")
        }
        for (position, entry) in fresh.enumerated() {
            try LogTable.insert(
                connection, ordinal: state.origins[index].ordinal, seq: entry.header.seq, stamp: entry.header.stamp,
                hash: entry.hash,
                signature: position == fresh.count - 1 ? slice.signature : nil, payload: entry.payload)
        }
        try noteMemberKeys(fresh, &state)
        if let last = fresh.last {
            state.origins[index].logged = last.header.seq
            state.origins[index].signed = last.header.seq
            state.origins[index].headHash = last.hash
        } else {
            try restoreSignature(slice, index, &state)
        }
        return fresh
    }

    /// Entries that are here and were asked for have lost the signature of their newest: it comes
    /// with them. Without it they would be asked for again and again, and no other park would get
    /// them from here. What is this node's own it signs itself.
    private func restoreSignature(_ slice: VerifiedSlice, _ index: Int, _ state: inout StoreState) throws {
        let origin = state.origins[index]
        guard index != state.own, let last = slice.entries.last, last.header.seq > origin.signed,
            try LogTable.hash(connection, ordinal: origin.ordinal, seq: last.header.seq) == last.hash
        else { return }
        try LogTable.setSignature(connection, ordinal: origin.ordinal, seq: last.header.seq, signature: slice.signature)
        state.origins[index].signed = last.header.seq
    }

    /// Whoever votes for a fence names the key of its park, which a configuration need not name any
    /// more. It is needed as soon as it is in the log: the vote itself may depend on entries that
    /// have to be checked with it.
    private func noteMemberKeys(_ entries: [DecodedEntry], _ state: inout StoreState) throws {
        for entry in entries {
            try MemberWords.note(connection, entry.payload, by: entry.header.origin.park, known: &state.memberKeys)
        }
    }

    /// Keeps the entries of a slice for which the log has others with the same number: the first
    /// one, where the logs part, and the last one, which is signed.
    ///
    /// - Returns: whether there are any.
    private func keepForks(_ slice: VerifiedSlice, _ origin: OriginState, wallMilliseconds: UInt64) throws -> Bool {
        // A log that was shared up to an entry has one hash there: looking at the last one is
        // enough when all is well.
        guard let last = slice.entries.last(where: { $0.header.seq <= origin.logged }),
            try LogTable.hash(connection, ordinal: origin.ordinal, seq: last.header.seq).map({ $0 != last.hash })
                ?? false
        else { return false }
        guard try ForkTable.count(connection, ordinal: origin.ordinal) < Self.forksPerOriginMax else { return true }
        let first = try slice.entries.first {
            try LogTable.hash(connection, ordinal: origin.ordinal, seq: $0.header.seq) != Optional($0.hash)
        }
        for entry in [first, slice.entries.last].compactMap({ $0 }) {
            try ForkTable.keep(
                connection, ordinal: origin.ordinal, seq: entry.header.seq, hash: entry.hash,
                signature: entry === slice.entries.last ? slice.signature : nil, payload: entry.payload,
                wallMilliseconds: wallMilliseconds)
        }
        return true
    }

    /// More proofs than this prove nothing more.
    static let forksPerOriginMax: Int64 = 256

    /// Applies one batch of what can be applied.
    ///
    /// - Returns: whether anything was.
    package func applyBatch(_ queue: inout EntryQueue, _ state: inout StoreState, wallMilliseconds: UInt64) throws
        -> Bool
    {
        let cursors = state.origins.map(\.folded)
        (queue.obstacles, queue.refusals) = (obstacles, refusals)
        let batch = try queue.dequeue(&state, wallMilliseconds: wallMilliseconds)
        if !batch.isEmpty { try merge(batch, .apply, &state) }
        try rebuildIfTakenBack(&state, wallMilliseconds: wallMilliseconds)
        return state.origins.map(\.folded) != cursors
    }

    /// Whether a batch has failed by what an entry writes, and not by the disk, a lock or damage:
    /// the others of the batch can be applied.
    static func isRefusal(_ error: any Error) -> Bool {
        error is TableRefusal || (error as? StoreError)?.code == .constraint
    }

    /// Applies a batch entry by entry, after it failed as a whole. An entry that breaks a
    /// constraint is quarantined: its check is stricter than SQLite, so this happens only in a file
    /// that somebody altered. One that an index of another program cannot keep waits.
    /// - Returns: whether any cursor moved.
    package func applySingly(_ queue: inout EntryQueue, _ state: inout StoreState, wallMilliseconds: UInt64) throws
        -> Bool
    {
        let cursors = state.origins.map(\.folded)
        var changes = 0
        queue.changesMax = 1
        (queue.obstacles, queue.refusals) = (obstacles, refusals)
        defer { queue.changesMax = EntryQueue.batchChangesMax }
        while changes < EntryQueue.batchChangesMax {
            let before = state
            try connection.statement("SAVEPOINT entry").run()
            let batch = try queue.dequeue(&state, wallMilliseconds: wallMilliseconds)
            let taken = state
            do {
                try merge(batch, .apply, &state)
                try rebuildIfTakenBack(&state, wallMilliseconds: wallMilliseconds)
                try connection.statement("RELEASE entry").run()
            } catch let refusal as TableRefusal {
                // Without memory SQLite may have given up the whole transaction.
                guard connection.isInTransaction else { throw refusal.cause }
                try connection.statement("ROLLBACK TO entry").run()
                try hold(batch, refusal, taken)
                try connection.statement("RELEASE entry").run()
                state = before
                queue.refusals = refusals
                for entry in batch { try giveBack(entry, &queue, state) }
            } catch let error as StoreError where error.code == .constraint {
                try connection.statement("ROLLBACK TO entry").run()
                try connection.statement("RELEASE entry").run()
                state = before
                for entry in batch { try refuse(entry, error, &queue, state) }
            }
            if batch.isEmpty { break }
            changes += batch.reduce(0) { $0 + max(1, $1.changes.count) }
        }
        return state.origins.map(\.folded) != cursors
    }

    private func hold(_ batch: [DecodedEntry], _ refusal: TableRefusal, _ taken: StoreState) throws {
        guard let entry = batch.first else { return }
        let found =
            try refusals.known(entry, refusal)
            ?? TableRefusals.Refusal(
                table: refusal.table, difference: explain(refusal, batch, taken), message: refusal.message)
        for entry in batch { refusals.add(found, of: entry) }
    }

    private func giveBack(_ entry: DecodedEntry, _ queue: inout EntryQueue, _ state: StoreState) throws {
        guard let index = state.index(of: entry.header.origin) else {
            throw StoreError(.internalState, "\(entry.header.origin) has no log here", remedy: "Restart the node.")
        }
        queue.decoded[index, default: [:]][entry.header.seq] = entry
    }

    /// Gives an entry back to the queue, which will set it aside.
    private func refuse(_ entry: DecodedEntry, _ error: StoreError, _ queue: inout EntryQueue, _ state: StoreState)
        throws
    {
        entry.refuse(
            cause: "SQLite refuses what it writes: \(error.reason)",
            remedy:
                """
                This node's file was altered by hand: run syncctl log verify; to mend it, move the file away \
                and let the node fetch its state from its peers.
                """
        )
        try giveBack(entry, &queue, state)
    }
}
