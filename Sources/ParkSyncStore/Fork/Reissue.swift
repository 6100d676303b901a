import Crypto
import ParkSyncCore
import ParkSyncReplication

/// Writes the own entries anew that were set aside: with the same changes, in the same order, after what was fetched.
///
/// Entries that may be known elsewhere by their number go into a new incarnation of the park, whose log is a log of its own. They keep their
/// stamps and what their author had seen, so every node merges them as what they are: written concurrently with the other branch. Entries
/// that were never signed were never seen by anybody: they take the next numbers of the log.
struct Reissue {
    let applier: Applier
    let options: StoreOptions
    private var connection: Connection { applier.connection }

    /// Incarnations follow each other no faster: two nodes with one identity that take turns must not use up the names.
    static let intervalMilliseconds: UInt64 = 600_000
    static let incarnationsMax = 99

    init(applier: Applier, options: StoreOptions) { (self.applier, self.options) = (applier, options) }

    func run(_ state: inout StoreState) throws {
        let old = state.origins[state.own]
        let waiting = try ForkTable.waiting(connection, ordinal: old.ordinal)
        guard !waiting.isEmpty else { return }
        if let forkedAt = try FetchMemory.number(connection, FetchMemory.forkedAt), old.logged < forkedAt {
            throw StoreError(
                .notReady, "entries up to \(old.origin):\(forkedAt) have to be fetched before it is known which own entries the peers lack",
                remedy: "Bring the link to the peer that has them back.")
        }
        let rest = try waiting.filter { try LogTable.hash(connection, ordinal: old.ordinal, seq: $0.seq) != $0.hash }
        try ForkTable.forgetSame(connection, ordinal: old.ordinal)
        guard let first = rest.first else { return }
        let isPublic = first.seq <= (try FetchMemory.number(connection, FetchMemory.signed) ?? 0)
        let past = try dependencies(of: old, before: first.seq)
        if isPublic {
            try openIncarnation(&state, first, past)
        }
        try append(rest, past, isPublic: isPublic, &state)
        try ForkTable.settle(connection, ordinal: old.ordinal, keeping: isPublic)
    }

    /// What the author had seen when it wrote the entry before `seq`: the sum of what the entries say up to there.
    private func dependencies(of origin: OriginState, before seq: UInt64) throws -> VersionVector {
        var vector = VersionVector()
        var number: UInt64 = 1
        while number < seq {
            let header = try LogTable.withPayload(connection, ordinal: origin.ordinal, seq: number) { payload in
                var reader = ByteReader(payload)
                return try EntryHeader(from: &reader)
            }
            guard let header else {
                throw StoreError(
                    .damaged, "entry \(origin.origin):\(number) is not in the log",
                    remedy: "Let the node fetch its state from its peers: move its file away.")
            }
            for element in header.dependencies { vector[element.origin] = element.seq }
            number += 1
        }
        return vector
    }

    private func openIncarnation(_ state: inout StoreState, _ first: ForkTable.Row, _ past: VersionVector) throws {
        let old = state.origins[state.own]
        let wall = options.clock.wallMilliseconds()
        if let last = try FetchMemory.number(connection, FetchMemory.incarnatedAt), wall >= last, wall - last < Self.intervalMilliseconds {
            throw StoreError(
                .notReady, "an incarnation of \(old.origin.park) was opened \((wall - last) / 1_000) s ago, the next one waits",
                remedy: "Two nodes write as \(old.origin.park), it seems: stop the one that should not be, and delete its files.")
        }
        let origin = try beginNext(&state)
        state.origins[state.own].isRecovering = true
        try FetchMemory.set(connection, FetchMemory.incarnatedAt, wall)
        var seen = past
        seen[old.origin] = first.seq - 1
        // Before the first entry that follows, so that stamps grow along the log.
        let stamp = try header(first).header.stamp.rawValue
        let entry = EntryHeader(
            origin: origin, seq: 1, stamp: Stamp(rawValue: stamp > 0 ? stamp - 1 : 0), schemaNumber: applier.schema.number,
            dependencies: seen.elements, note: "\(old.origin) has forked: its entries from \(first.seq) on are written anew here")
        var writer = ChangeWriter(header: entry, tableCount: 1)
        writer.controls([.incarnation(of: old.origin, after: old.logged, hash: old.headHash)])
        try applier.sealer.append(writer.writer.bytes, stamp: entry.stamp, to: &state)
    }

    /// Gives the park its next origin, whose log is empty; the node writes as that one from now on.
    @discardableResult
    func beginNext(_ state: inout StoreState) throws -> OriginID {
        let origin = try nextIncarnation(state)
        try StateLoader.ensureOrigin(connection, origin)
        let ordinal = try connection.int64("SELECT ordinal FROM _parksync_origin WHERE name = \(literal(origin.name))") ?? 0
        state.origins.append(
            OriginState(
                ordinal: ordinal, origin: origin, folded: 0, logged: 0, headHash: EntryChain.genesis, signed: 0, dependencies: VersionVector()))
        state.origins[state.own].isRecovering = false
        state.own = state.origins.count - 1
        state.unsignedBytes = 0
        try StoreFile.setMeta(connection, FetchMemory.origin, .string(origin.name))
        return origin
    }

    /// 1 for a park's first origin, 2 for `south~2`.
    static func incarnation(_ origin: OriginID) -> Int {
        let parts = origin.name.split(separator: "~")
        return parts.count > 1 ? Int(parts[1]) ?? 1 : 1
    }

    private func nextIncarnation(_ state: StoreState) throws -> OriginID {
        let park = options.origin.park
        var highest = 1
        var vector = state.logged
        for origin in state.origins { vector = vector.joined(origin.dependencies) }
        for element in vector.elements where element.origin.park == park {
            highest = max(highest, Self.incarnation(element.origin))
        }
        guard highest < Self.incarnationsMax, let origin = OriginID("\(park)~\(highest + 1)") else {
            throw StoreError(
                .notReady, "\(park) has used up its \(Self.incarnationsMax) incarnations",
                remedy: "Find the node that writes as \(park) as well, and take the park into the zone anew under another name.")
        }
        return origin
    }

    private func header(_ row: ForkTable.Row) throws -> (header: EntryHeader, rest: [UInt8]) {
        try row.payload.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            let header = try EntryHeader(from: &reader)
            return (header, Array(bytes[reader.offset...]))
        }
    }

    private func append(_ rows: [ForkTable.Row], _ past: VersionVector, isPublic: Bool, _ state: inout StoreState) throws {
        let wall = options.clock.wallMilliseconds()
        var newest = wall
        var (seen, said) = (past, state.origins[state.own].dependencies)
        for row in rows {
            var (header, rest) = try header(row)
            for element in header.dependencies { seen[element.origin] = element.seq }
            header.origin = state.origins[state.own].origin
            header.seq = state.origins[state.own].logged + 1
            if isPublic {
                state.clock.observe(header.stamp)
            } else {
                let all = said.joined(seen)
                header.dependencies = all.difference(from: said).filter { $0.origin != header.origin }
                said = all
                header.stamp = state.clock.tick(wallMilliseconds: wall)
            }
            newest = max(newest, header.stamp.milliseconds)
            var writer = ByteWriter(reserving: rest.count + 128)
            header.write(to: &writer)
            writer.raw(rest)
            try applier.sealer.append(writer.bytes, stamp: header.stamp, to: &state)
            try applier.sealer.signIfLong(&state, key: options.identity)
        }
        try applier.sealer.sign(&state, key: options.identity)
        try applier.applyAll(&state, wallMilliseconds: newest)
        guard state.origins[state.own].folded == state.origins[state.own].logged else {
            throw StoreError(
                .notReady, "own entries that are written anew wait for others", remedy: "Wait until the peers have sent what they depend on.")
        }
    }
}
