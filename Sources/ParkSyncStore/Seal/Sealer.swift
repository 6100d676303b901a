import Crypto
import ParkSyncCore

/// An entry that was just sealed and is not signed yet.
struct SealedEntry {
    var seq: UInt64
    var changeCount: Int
    var payload: [UInt8]
}

/// Turns captured rows into the next entry of the own log, within the caller's transaction.
package struct Sealer {
    package let connection: Connection
    package let schema: SharedSchema
    /// The longest entry that this node makes.
    var entryBytesMax: Int

    package init(connection: Connection, schema: SharedSchema, entryBytesMax: Int = CoreLimits.payloadBytesDefault) {
        (self.connection, self.schema, self.entryBytesMax) = (connection, schema, entryBytesMax)
    }

    /// Whether any write waits to be sealed, and in which tables (indices into the schema).
    package func pendingTables() throws -> [Int] {
        guard !schema.tables.isEmpty else { return [] }
        let columns = schema.tables.map { "EXISTS(SELECT 1 FROM \(quoted(CaptureTriggers.pendingTable($0.name))))" }
        let statement = try connection.statement("SELECT \(columns.joined(separator: ", "))")
        defer { statement.reset() }
        guard try statement.step() else { return [] }
        return schema.tables.indices.filter { statement.int64(Int32($0)) != 0 }
    }

    /// What becomes of captured writes that no park would apply.
    enum Refusal {
        /// They are kept aside and named, and the rest is sealed: other programs have committed
        /// them already.
        case isKeptAside
        /// The transaction that makes them fails.
        case fails
    }

    /// Judges what was captured by the rules of apply before it is signed.
    ///
    /// - Returns: the entry, or nil if nothing was captured or nothing changed.
    /// - Throws: `StoreError` if a transaction fails; the caller's transaction must be rolled back.
    func seal(
        _ state: inout StoreState, wallMilliseconds: UInt64, author: String = "", note: String = "",
        refusal: Refusal = .isKeptAside
    ) throws -> SealedEntry? {
        let pending = try pendingTables()
        guard !pending.isEmpty else { return nil }
        var blocks: [SealedBlock] = []
        var refused: [RefusedChange] = []
        for index in pending {
            let block = try changes(of: index, in: state, refusal, &refused)
            if !block.changes.isEmpty { blocks.append(block) }
            // Without a condition SQLite frees the pages instead of visiting the rows.
            try connection.statement("DELETE FROM \(quoted(CaptureTriggers.pendingTable(schema.tables[index].name)))")
                .run()
        }
        try emptyMeter()
        let entry = try seal(
            &blocks, &refused, refusal, &state, wallMilliseconds: wallMilliseconds, author: author, note: note)
        guard !refused.isEmpty else { return entry }
        try keep(refused, refusal, &state, wallMilliseconds: wallMilliseconds)
        return entry
    }

    /// The header of the next own entry, without the hash of what is seen.
    ///
    /// - Returns: beside it what this node has seen of other logs: the own dependencies once the
    ///   entry is in the log.
    func nextHeader(_ state: StoreState, stamp: Stamp, author: String, note: String = "")
        -> (header: EntryHeader, seen: VersionVector)
    {
        let own = state.origins[state.own]
        var seen = state.applied
        seen[own.origin] = 0
        let header = EntryHeader(
            origin: own.origin, seq: own.logged + 1, stamp: stamp, schemaNumber: schema.number,
            dependencies: seen.difference(from: state.ownDependencies), author: author, note: note)
        return (header, seen)
    }

    private func seal(
        _ blocks: inout [SealedBlock], _ refused: inout [RefusedChange], _ refusal: Refusal, _ state: inout StoreState,
        wallMilliseconds: UInt64,
        author: String, note: String
    ) throws -> SealedEntry? {
        guard !blocks.isEmpty else { return nil }
        var clock = state.clock
        let stamp = try clock.tick(wallMilliseconds: wallMilliseconds)
        var (header, seen) = nextHeader(state, stamp: stamp, author: author, note: note)
        header.seenHash = try SeenHash.of(seen, connection, state)
        let judge = EntryJudge(schema: schema, header: header, seen: seen, entryBytesMax: entryBytesMax)
        var payload = judge.payload(of: blocks)
        if refusal == .fails, payload.count > entryBytesMax {
            throw StoreError(
                .tooLarge, "the transaction comes to \(payload.count) bytes, the limit of an entry is \(entryBytesMax)",
                remedy: "Commit in smaller transactions, or raise entry.bytes_max of all parks.")
        }
        if let defect = judge.defect(of: payload) {
            refused += judge.sift(&blocks, defect)
            guard !blocks.isEmpty else { return nil }
            payload = judge.payload(of: blocks)
        }
        for block in blocks {
            for change in block.changes where change.causalLength != .first {
                state.tables[block.table].tailLives[Array(block.arena[change.key])] = change.causalLength.rawValue
            }
            noteCounters(of: block, &state.tables[block.table].tailCounters)
        }
        let count = blocks.reduce(0) { $0 + $1.changes.count }
        state.clock = clock
        // What the payload was made of: it can be as long.
        blocks = []
        try append(payload, stamp: header.stamp, to: &state)
        state.ownDependencies = seen
        state.tailChanges += count
        return SealedEntry(seq: header.seq, changeCount: count, payload: payload)
    }

    private func noteCounters(of block: SealedBlock, _ tail: inout CounterTail) {
        guard schema.tables[block.table].columns.contains(where: \.isCounter) else { return }
        guard block.changes.count <= CounterTail.rowsMax else { return tail.forget() }
        var rows: [[UInt8]: CounterTail.Row] = [:]
        for change in block.changes {
            if let counted = change.counted { rows[Array(block.arena[change.key])] = counted }
        }
        tail.add(rows)
    }

    private func keep(
        _ refused: [RefusedChange], _ refusal: Refusal, _ state: inout StoreState, wallMilliseconds: UInt64
    ) throws {
        if refusal == .fails, let first = refused.first {
            throw StoreError(
                .forbidden, "\(first.table): \(first.row) cannot be signed: \(first.cause)",
                remedy:
                    """
                    Nothing was written. Look for triggers of other programs that write ParkSync's own tables, \
                    and for rows that are not what the log says (syncctl verify --rows).
                    """
            )
        }
        for row in refused {
            try RefusalTable.keep(
                connection, table: row.table, row: row.row, cause: row.cause, wallMilliseconds: wallMilliseconds)
        }
        state.refused = try RefusalTable.load(connection)
    }

    /// The meter of large rows begins anew, whatever somebody has made of it.
    private func emptyMeter() throws {
        let statement = try connection.statement("SELECT count(*), ifnull(sum(bytes IS NOT 0), 0) FROM _parksync_meter")
        defer { statement.reset() }
        guard try statement.step() else { return }
        let (rows, used) = (statement.int64(0), statement.int64(1))
        statement.reset()
        if rows != 1 {
            try connection.statement("DELETE FROM _parksync_meter").run()
            try connection.statement("INSERT INTO _parksync_meter(bytes) VALUES(0)").run()
        } else if used != 0 {
            try connection.statement("UPDATE _parksync_meter SET bytes = 0").run()
        }
    }

    /// The changes of one table, by what its rows hold now.
    private func changes(of index: Int, in state: StoreState, _ refusal: Refusal, _ refused: inout [RefusedChange])
        throws -> SealedBlock
    {
        let table = schema.tables[index]
        let pending = try PendingRows(reading: table, from: connection, rowsMax: CoreLimits.changesPerTableMax)
        refused += pending.garbage.map { RefusedChange(table: table.name, row: $0.row, cause: $0.cause) }
        var rows = try PresentRows(table, on: connection)
        var arena = pending.arena
        var changes: [SealedBlock.Change] = []
        changes.reserveCapacity(pending.rows.count)
        let check = try CounterCheck(table, index, state, mayBeInvented: refusal == .isKeptAside, on: connection)
        var start = 0
        while start < pending.rows.count {
            let key = pending.rows[start].key
            var end = start + 1
            pending.arena.bytes.withUnsafeBytes { bytes in
                while end < pending.rows.count, compareKeys(bytes[key], bytes[pending.rows[end].key]) == 0 { end += 1 }
            }
            defer { start = end }
            let known = try knownLength(of: pending.arena.bytes[key], table: index, state: state)
            let captured = Captured(pending: pending, group: start..<end, known: known, check: check)
            if let change = try change(captured, &rows, arena: &arena, &refused) { changes.append(change) }
        }
        return SealedBlock(table: index, changes: changes, arena: arena.bytes)
    }

    /// The pending rows of one key.
    private struct Captured {
        let pending: PendingRows
        let group: Range<Int>
        /// The row's causal length if it is not 1.
        let known: CausalLength?
        let check: CounterCheck?

        var key: Range<Int> { pending.rows[group.lowerBound].key }
        var table: SharedTable { pending.table }

        func refusal(_ kind: IncomingChange.Kind, _ cause: String) -> RefusedChange {
            RefusedChange(
                table: table.name, row: CapturedText.of(kind, key: Array(pending.arena.bytes[key]), table), cause: cause
            )
        }
    }

    private func change(
        _ captured: Captured, _ rows: inout PresentRows, arena: inout ByteWriter, _ refused: inout [RefusedChange]
    ) throws -> SealedBlock.Change? {
        let (pending, key) = (captured.pending, captured.key)
        let rowid = pending.rows[captured.group.upperBound - 1].rowid
        return try pending.arena.bytes.withUnsafeBytes { bytes in
            try rows.with(UnsafeRawBufferPointer(rebasing: bytes[key]), rowid: rowid) { row, first in
                guard let net = NetChange.of(pending.rows[captured.group], known: captured.known, isPresent: row != nil)
                else { return nil }
                let counted = try row.flatMap { try count(net, captured, $0, first) }
                if let counted, counted.isInLog {
                    // Its counters would be added once more everywhere else.
                    refused.append(captured.refusal(net.kind, "it is captured as a new row, and the log has the row"))
                    return nil
                }
                if let cause = counted?.refusal { refused.append(captured.refusal(net.kind, cause)) }
                let kind = counted?.kind ?? net.kind
                if case .update(let mask) = kind, mask.isEmpty { return nil }
                let start = arena.bytes.count
                if let row {
                    for column in columns(of: kind, pending.table).columns {
                        if let check = captured.check, check.counters.contains(column) {
                            ValueCoding.writeInteger(
                                counted?.deltas[check.counters.position(of: column)] ?? 0, to: &arena)
                        } else {
                            row.encode(first + Int32(column), to: &arena)
                        }
                    }
                }
                return SealedBlock.Change(
                    key: key, values: start..<arena.bytes.count, causalLength: net.causalLength, kind: kind,
                    counted: counted?.after)
            }
        }
    }

    /// What becomes of the counters that a change carries; nil if it carries none.
    private func count(_ net: NetChange, _ captured: Captured, _ row: RawStatement, _ first: Int32) throws
        -> CounterCheck.Outcome?
    {
        let carried = columns(of: net.kind, captured.table)
        guard let check = captured.check, !carried.intersection(check.counters).isEmpty else { return nil }
        let key = Array(captured.pending.arena.bytes[captured.key])
        return try check.judge(net, carrying: carried, captured.pending, captured.group, key: key) { column in
            if case .integer(let number) = row.view(first + Int32(column)) { number } else { nil }
        }
    }

    /// The columns that a change of this kind carries.
    private func columns(of kind: IncomingChange.Kind, _ table: SharedTable) -> ColumnMask {
        switch kind {
        case .insert: .first(table.columns.count)
        case .update(let mask): mask
        case .delete: .none
        }
    }

    /// The row's causal length if it is not 1: the tail is asked first, then the small table of
    /// such rows.
    ///
    /// That table only says where to look. Any program can write to it, and what is signed has to
    /// follow from the log: the row's clock decides.
    private func knownLength(of key: ArraySlice<UInt8>, table: Int, state: StoreState) throws -> CausalLength? {
        if !state.tables[table].tailLives.isEmpty, let length = state.tables[table].tailLives[Array(key)] {
            return CausalLength(rawValue: length)
        }
        guard state.tables[table].lives > 0 else { return nil }
        let statement = try connection.statement("SELECT causal_length FROM _parksync_life WHERE tbl = ?1 AND key = ?2")
        defer { statement.reset() }
        statement.bind(1, state.tables[table].ordinal)
        statement.bindBlob(2, copying: Array(key))
        return try statement.step() ? try clockLength(of: key, table: table, state: state) : nil
    }

    private func clockLength(of key: ArraySlice<UInt8>, table: Int, state: StoreState) throws -> CausalLength? {
        let statement = try connection.statement(
            "SELECT clock FROM \(quoted(StoreFile.clockTable(schema.tables[table].name))) WHERE key = ?1")
        defer { statement.reset() }
        statement.bindBlob(1, copying: Array(key))
        // A clock that cannot be read is found by the verification of rows.
        guard try statement.step(),
            let length = try? ClockCoding.decode(statement.bytes(0), state: state).clock.causalLength
        else { return nil }
        return length == .first ? nil : length
    }

    /// Adds an entry to the own log.
    func append(_ payload: [UInt8], stamp: Stamp, to state: inout StoreState) throws {
        let hash = EntryHash.of(payload: payload, previous: state.origins[state.own].headHash)
        let seq = state.origins[state.own].logged + 1
        try LogTable.insert(
            connection, ordinal: state.origins[state.own].ordinal, seq: seq, stamp: stamp, hash: hash, signature: nil,
            payload: payload)
        // Nothing is told to be written that is not there.
        guard try LogTable.holds(connection, ordinal: state.origins[state.own].ordinal, seq: seq) else {
            throw Self.notKept(state.origins[state.own].origin, seq)
        }
        state.origins[state.own].logged = seq
        state.origins[state.own].headHash = hash
        state.unsignedBytes += payload.count + 10
    }

    private static func notKept(_ origin: OriginID, _ seq: UInt64) -> StoreError {
        LogSoundness.damage(
            """
            entry \(origin):\(seq) was written into the log and is not in it: something in the file takes it \
            away again
            """
        )
    }

    /// A slice of the log can only end at a signed head, and has to fit a frame together with the
    /// largest entry: entries of one commit that come to more than this are signed on the way.
    static let unsignedBytesMax = 512 << 10

    /// Signs the own head if enough has been sealed since the last one.
    func signIfLong(_ state: inout StoreState, key: Curve25519.Signing.PrivateKey) throws {
        if state.unsignedBytes > Self.unsignedBytesMax { try sign(&state, key: key) }
    }

    /// Signs the own head, so that it can be served. Called for each transaction before its commit.
    func sign(_ state: inout StoreState, key: Curve25519.Signing.PrivateKey) throws {
        let own = state.origins[state.own]
        guard own.signed < own.logged else { return }
        let message = EntryChain.headMessage(origin: own.origin, seq: own.logged, hash: own.headHash)
        let signature: [UInt8]
        do { signature = Array(try key.signature(for: message)) } catch {
            throw StoreError(.internalState, "signing entry \(own.logged): \(error)", remedy: "Check the identity key.")
        }
        try LogTable.setSignature(connection, ordinal: own.ordinal, seq: own.logged, signature: signature)
        guard connection.changes == 1 else { throw Self.notKept(own.origin, own.logged) }
        state.origins[state.own].signed = own.logged
        state.unsignedBytes = 0
    }
}

/// The hash of an entry: SHA-256 (FIPS 180-4) over a domain, the previous entry's hash, and the
/// payload.
package enum EntryHash {
    package static func of(payload: some Collection<UInt8>, previous: [UInt8]) -> [UInt8] {
        var hasher = SHA256()
        hasher.update(data: EntryChain.hashDomain)
        hasher.update(data: previous)
        if payload.withContiguousStorageIfAvailable({ hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil
        {
            hasher.update(data: Array(payload))
        }
        return Array(hasher.finalize())
    }

    package static func of(payload: UnsafeRawBufferPointer, previous: [UInt8]) -> [UInt8] {
        var hasher = SHA256()
        hasher.update(data: EntryChain.hashDomain)
        hasher.update(data: previous)
        hasher.update(bufferPointer: payload)
        return Array(hasher.finalize())
    }
}
