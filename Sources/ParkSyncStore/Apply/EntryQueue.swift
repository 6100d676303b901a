import ParkSyncCore
import ParkSyncReports

/// Chooses which logged entries may be applied now, in causal order.
package struct EntryQueue {
    package let connection: Connection
    package let schema: SharedSchema
    /// Entries that were just decoded, by origin index and number, so that they are not read back
    /// from the log.
    var decoded: [Int: [UInt64: DecodedEntry]] = [:]

    /// Changes that one SQLite transaction applies at most, unless a single entry has more. Each
    /// batch writes every page that it touches once, and random keys touch most pages of an index:
    /// twice the batch is half the bytes written. What bounds it is memory, about 300 bytes a
    /// change.
    static let batchChangesMax = 150_000
    /// Bytes of entries that one call of `take` gives at most, unless a single entry has more: of
    /// long ones a few are as much memory.
    static let batchBytesMax = 64 << 20
    /// Entries that one call of `take` moves the cursors over at most: those that change nothing,
    /// or are set aside, come in any number too.
    static let batchEntriesMax = 4_096
    /// Changes that one call of `take` gives at most, unless a single entry has more.
    var changesMax = EntryQueue.batchChangesMax

    /// What keeps entries from being applied to tables, by their index in the schema.
    var obstacles: [Int: SchemaFit.Difference] = [:]

    /// Entries that tables do not take.
    var refusals = TableRefusals()

    /// Where the next look at the logs begins: behind the one whose entry ended the last batch, so
    /// that no log keeps the others waiting.
    private(set) var first = 0

    /// How far entries that wait in the log depend on fenced origins, and the park whose entry
    /// does.
    var vouched: [OriginID: (seq: UInt64, by: String)] = [:]
    /// How far own entries that are fetched back depend on others. Those were applied here before,
    /// and no clock decides about them.
    var wanted: [OriginID: UInt64] = [:]

    package init(connection: Connection, schema: SharedSchema) { (self.connection, self.schema) = (connection, schema) }

    /// Moves the cursors of `state` over the entries it returns (and over those it quarantines).
    ///
    /// - Returns: entries to be merged, in causal order; empty if nothing can be applied now.
    mutating func dequeue(_ state: inout StoreState, wallMilliseconds: UInt64) throws -> [DecodedEntry] {
        var batch: [DecodedEntry] = []
        var changes = 0
        var bytes = 0
        var passed = 0
        var hasProgress = true
        var mayGoOn = true
        state.held = []
        (vouched, wanted) = ([:], [:])
        var receipts: [Int: [UInt8]?] = [:]
        while hasProgress, mayGoOn, changes < changesMax, bytes < Self.batchBytesMax, passed < Self.batchEntriesMax {
            hasProgress = false
            state.held = []
            for index in order(state) where index != state.own || state.appliesOwn {
                while mayGoOn, state.origins[index].folded < state.origins[index].logged, changes < changesMax,
                    bytes < Self.batchBytesMax, passed < Self.batchEntriesMax
                {
                    let seq = state.origins[index].folded + 1
                    guard let entry = try entry(index, seq, state) else { break }
                    try lookBack(index, &state)
                    if let obstacle = try obstacle(to: entry, index, state: state, wallMilliseconds: wallMilliseconds) {
                        state.held.append(obstacle)
                        // What was taken back vouches for nobody, and waits by itself.
                        if state.isWithdrawn(entry.header.origin, seq) { break }
                        if vouches(entry, state) { hasProgress = true }
                        if try wants(entry, index, state) { hasProgress = true }
                        break
                    }
                    try accept(entry, index, &state)
                    passed += 1
                    if !entry.isTakenBack { receipts[index] = .some(entry.header.seenHash) }
                    decoded[index]?[seq] = nil
                    if case .ready = entry.fitness {
                        batch.append(entry)
                        changes += max(1, entry.changes.count)
                        bytes += entry.payload.count
                        // What it says must be done before a later entry, whose author had done it,
                        // is merged.
                        mayGoOn = !entry.endsBatch
                        if !mayGoOn { first = index + 1 }
                    }
                    hasProgress = true
                }
            }
        }
        for (index, seenHash) in receipts { try state.noteReceipt(index, seenHash, connection) }
        return batch
    }

    /// Goes on where another queue ended.
    func continued() -> EntryQueue {
        var next = EntryQueue(connection: connection, schema: schema)
        next.first = first
        return next
    }

    private func order(_ state: StoreState) -> [Int] {
        let begin = first < state.origins.count ? first : 0
        return Array(begin..<state.origins.count) + Array(0..<begin)
    }

    func entry(_ index: Int, _ seq: UInt64, _ state: StoreState) throws -> DecodedEntry? {
        if let known = decoded[index]?[seq] { return known }
        let ordinal = state.origins[index].ordinal
        guard let hash = try LogTable.hash(connection, ordinal: ordinal, seq: seq) else { return nil }
        return try LogTable.payload(connection, ordinal: ordinal, seq: seq).map {
            try DecodedEntry(payload: $0.bytes, owner: $0, hash: hash, schema: schema)
        }
    }

    /// What an entry depends on beside what those before it did: its own differences, and those of
    /// entries right before it that were taken back and passed over without a look.
    func dependencies(_ entry: DecodedEntry, _ index: Int, _ state: StoreState) -> [VersionVector.Element] {
        guard let passed = state.origins[index].passedOver, passed.seq == entry.header.seq - 1 else {
            return entry.header.dependencies
        }
        var result = passed.dependencies
        for dependency in entry.header.dependencies { result[dependency.origin] = dependency.seq }
        return result.elements
    }

    /// Makes `passedOver` tell of the entries up to the cursor. It is kept while these are taken,
    /// so that a long log that was taken back is read once, and not once for each of its entries.
    private func lookBack(_ index: Int, _ state: inout StoreState) throws {
        guard !state.withdrawals.isEmpty else { return }
        let origin = state.origins[index]
        guard origin.passedOver?.seq != origin.folded, state.isWithdrawn(origin.origin, origin.folded) else { return }
        var passed = PassedOver(seq: origin.folded, dependencies: VersionVector())
        var seq = origin.folded
        while seq > 0, state.isWithdrawn(origin.origin, seq) {
            let header = try LogTable.header(connection, ordinal: origin.ordinal, seq: seq)
            // Of two that name an origin, the later one counts.
            for dependency in header?.dependencies ?? [] where passed.dependencies[dependency.origin] == 0 {
                passed.dependencies[dependency.origin] = dependency.seq
            }
            seq -= 1
        }
        state.origins[index].passedOver = passed
    }

    private func accept(_ entry: DecodedEntry, _ index: Int, _ state: inout StoreState) throws {
        var seen = state.origins[index].dependencies
        let dependencies = dependencies(entry, index, state)
        for dependency in dependencies { seen[dependency.origin] = dependency.seq }
        entry.seen = seen
        let rules = ControlRules(connection: connection, schema: schema)
        let isWithdrawn = state.isWithdrawn(entry.header.origin, entry.header.seq)
        if case .ready = entry.fitness, !isWithdrawn || entry.hasWords, let defect = try rules.defect(of: entry, state)
        {
            entry.refuse(cause: defect.cause, remedy: defect.remedy)
        }
        entry.judgeLives()
        if isWithdrawn { entry.takeBack() }
        if !isWithdrawn {
            try rules.noteFirst(entry, &state)
            try DropKnowledgeTable.noteTurn(connection, entry, dependencies, &state)
        }
        // What an entry had seen that counts for nothing counts for nothing either: it vouches for
        // nobody.
        if !isWithdrawn { state.origins[index].dependencies = seen }
        state.origins[index].folded = entry.header.seq
        state.origins[index].passedOver =
            isWithdrawn
            ? PassedOver(seq: entry.header.seq, dependencies: VersionVector(dependencies.map { ($0.origin, $0.seq) }))
            : nil
        state.origins[index].foldedHash = entry.hash
        state.moveClock(by: entry.header)
        guard case .defective(let cause, let remedy) = entry.fitness else { return }
        try QuarantineTable.keep(connection, entry, index, cause: cause, remedy: remedy, &state)
    }
}
