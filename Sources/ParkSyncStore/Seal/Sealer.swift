import Crypto
import ParkSyncCore

/// An entry that was just sealed and is not signed yet.
struct SealedEntry {
    var seq: UInt64
    var changeCount: Int
    var payload: [UInt8]
}

/// Turns captured rows into the next entry of the own log, within the caller's transaction.
struct Sealer {
    let connection: Connection
    let schema: SharedSchema

    /// Whether any write waits to be sealed, and in which tables (indices into the schema).
    func pendingTables() throws -> [Int] {
        guard !schema.tables.isEmpty else { return [] }
        let columns = schema.tables.map { "EXISTS(SELECT 1 FROM \(quoted(CaptureTriggers.pendingTable($0.name))))" }
        let statement = try connection.statement("SELECT \(columns.joined(separator: ", "))")
        defer { statement.reset() }
        guard try statement.step() else { return [] }
        return schema.tables.indices.filter { statement.int64(Int32($0)) != 0 }
    }

    /// - Returns: the entry, or nil if nothing was captured or nothing changed.
    /// - Throws: `StoreError` if the entry would be too large for the log; the caller's transaction must be rolled back.
    func seal(_ state: inout StoreState, wallMilliseconds: UInt64, author: String = "", note: String = "") throws -> SealedEntry? {
        let pending = try pendingTables()
        guard !pending.isEmpty else { return nil }
        var blocks: [(table: Int, changes: [Change], arena: [UInt8])] = []
        for index in pending {
            let block = try changes(of: index, in: &state)
            if !block.changes.isEmpty { blocks.append((index, block.changes, block.arena)) }
            // Without a condition SQLite frees the pages instead of visiting the rows.
            try connection.statement("DELETE FROM \(quoted(CaptureTriggers.pendingTable(schema.tables[index].name)))").run()
        }
        if try connection.int64("SELECT bytes FROM _parksync_meter") != 0 { try connection.statement("UPDATE _parksync_meter SET bytes = 0").run() }
        guard !blocks.isEmpty else { return nil }
        let own = state.origins[state.own]
        var seen = state.applied
        seen[own.origin] = 0
        let header = EntryHeader(
            origin: own.origin, seq: own.logged + 1, stamp: state.clock.tick(wallMilliseconds: wallMilliseconds), schemaNumber: schema.number,
            dependencies: seen.difference(from: state.ownDependencies), seenHash: try SeenHash.of(seen, connection, state), author: author, note: note
        )
        let size = blocks.reduce(512) { $0 + $1.arena.count }
        var writer = ChangeWriter(header: header, tableCount: blocks.count, reserving: size)
        for block in blocks {
            let table = schema.tables[block.table]
            writer.beginTable(TableBlock(name: table.name, columnCount: table.columns.count, changeCount: block.changes.count))
            block.arena.withUnsafeBytes { arena in
                for change in block.changes {
                    writer.change(
                        key: UnsafeRawBufferPointer(rebasing: arena[change.key]), causalLength: change.causalLength, kind: change.kind,
                        values: UnsafeRawBufferPointer(rebasing: arena[change.values]))
                }
            }
        }
        let count = blocks.reduce(0) { $0 + $1.changes.count }
        let payload = writer.writer.bytes
        guard payload.count <= CoreLimits.payloadBytesMax else {
            throw StoreError(
                .tooLarge, "the transaction comes to \(payload.count) bytes, the limit is \(CoreLimits.payloadBytesMax)",
                remedy: "Commit in smaller transactions.")
        }
        try append(payload, stamp: header.stamp, to: &state)
        state.ownDependencies = seen
        state.tailChanges += count
        return SealedEntry(seq: header.seq, changeCount: count, payload: payload)
    }

    private struct Change {
        var key: Range<Int>
        var values: Range<Int>
        var causalLength: CausalLength
        var kind: IncomingChange.Kind
    }

    /// The changes of one table, by what its rows hold now.
    private func changes(of index: Int, in state: inout StoreState) throws -> (changes: [Change], arena: [UInt8]) {
        let table = schema.tables[index]
        let pending = try PendingRows(reading: table, from: connection)
        var rows = try PresentRows(table, on: connection)
        var arena = pending.arena
        var changes: [Change] = []
        changes.reserveCapacity(pending.rows.count)
        var start = 0
        while start < pending.rows.count {
            let key = pending.rows[start].key
            var end = start + 1
            pending.arena.bytes.withUnsafeBytes { bytes in
                while end < pending.rows.count, compareKeys(bytes[key], bytes[pending.rows[end].key]) == 0 { end += 1 }
            }
            defer { start = end }
            let known = try knownLength(of: pending.arena.bytes[key], table: index, state: state)
            guard let change = try change(pending, start..<end, known: known, &rows, arena: &arena) else { continue }
            if change.causalLength != .first { state.tables[index].tailLives[Array(pending.arena.bytes[key])] = change.causalLength.rawValue }
            changes.append(change)
        }
        return (changes, arena.bytes)
    }

    private func change(
        _ pending: PendingRows, _ group: Range<Int>, known: CausalLength?, _ rows: inout PresentRows, arena: inout ByteWriter
    ) throws -> Change? {
        let key = pending.rows[group.lowerBound].key
        let rowid = pending.rows[group.upperBound - 1].rowid
        return try pending.arena.bytes.withUnsafeBytes { bytes in
            try rows.with(UnsafeRawBufferPointer(rebasing: bytes[key]), rowid: rowid) { row, first in
                guard let net = NetChange.of(pending.rows[group], known: known, isPresent: row != nil) else { return nil }
                let start = arena.bytes.count
                if let row {
                    for column in columns(of: net.kind, pending.table).columns {
                        if pending.table.columns[column].isCounter {
                            let before = try net.countersBefore.map { try pending.counter(column, before: pending.rows[$0]) } ?? 0
                            // What is no whole number was put there past the triggers; verification of the rows names it.
                            let isNumber = if case .integer = row.view(first + Int32(column)) { true } else { false }
                            ValueCoding.writeInteger(isNumber ? row.int64(first + Int32(column)) &- before : 0, to: &arena)
                        } else {
                            row.encode(first + Int32(column), to: &arena)
                        }
                    }
                }
                return Change(key: key, values: start..<arena.bytes.count, causalLength: net.causalLength, kind: net.kind)
            }
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

    /// The row's causal length if it is not 1: the tail is asked first, then the small table of such rows.
    private func knownLength(of key: ArraySlice<UInt8>, table: Int, state: StoreState) throws -> CausalLength? {
        if !state.tables[table].tailLives.isEmpty, let length = state.tables[table].tailLives[Array(key)] { return CausalLength(rawValue: length) }
        guard state.tables[table].lives > 0 else { return nil }
        let statement = try connection.statement("SELECT causal_length FROM _parksync_life WHERE tbl = ?1 AND key = ?2")
        defer { statement.reset() }
        statement.bind(1, state.tables[table].ordinal)
        statement.bindBlob(2, copying: Array(key))
        return try statement.step() ? CausalLength(rawValue: statement.uint64(0)) : nil
    }

    /// Adds an entry to the own log.
    func append(_ payload: [UInt8], stamp: Stamp, to state: inout StoreState) throws {
        let hash = EntryHash.of(payload: payload, previous: state.origins[state.own].headHash)
        let seq = state.origins[state.own].logged + 1
        try LogTable.insert(
            connection, ordinal: state.origins[state.own].ordinal, seq: seq, stamp: stamp, hash: hash, signature: nil, payload: payload)
        state.origins[state.own].logged = seq
        state.origins[state.own].headHash = hash
        state.unsignedBytes += payload.count + 10
    }

    /// A slice of the log can only end at a signed head, and has to fit a frame together with the largest entry: entries
    /// of one commit that come to more than this are signed on the way.
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
        state.origins[state.own].signed = own.logged
        state.unsignedBytes = 0
    }
}

/// The hash of an entry: SHA-256 (FIPS 180-4) over a domain, the previous entry's hash, and the payload.
package enum EntryHash {
    package static func of(payload: some Collection<UInt8>, previous: [UInt8]) -> [UInt8] {
        var hasher = SHA256()
        hasher.update(data: EntryChain.hashDomain)
        hasher.update(data: previous)
        if payload.withContiguousStorageIfAvailable({ hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
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
