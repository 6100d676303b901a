import Crypto
import ParkSyncCore
import ParkSyncReplication

/// Writes the own entries anew that were set aside: with the same changes, in the same order, after
/// what was fetched.
///
/// Entries that may be known elsewhere by their number go into a new incarnation of the park, whose
/// log is a log of its own. They keep their stamps and what their author had seen, so every node
/// merges them as what they are: written concurrently with the other branch. Entries that were
/// never signed were never seen by anybody: they take the next numbers of the log.
struct Reissue {
    let applier: Applier
    let options: StoreOptions
    /// Entries of the park that peers have shown and that are not here.
    let known: VersionVector
    var connection: Connection { applier.connection }

    static let incarnationsMax = 99

    init(applier: Applier, options: StoreOptions, known: VersionVector = VersionVector()) {
        (self.applier, self.options, self.known) = (applier, options, known)
    }

    /// - Parameters:
    ///   - fetch: what was fetched until now.
    ///   - isGivingUp: whether peers have entries of the log that this node does not get: their
    ///     numbers are taken, so the log ends here.
    func run(_ state: inout StoreState, _ fetch: OwnLog.Fetch, givingUp isGivingUp: Bool = false) throws {
        let old = state.origins[state.own]
        let waiting = try ForkTable.waiting(connection, ordinal: old.ordinal)
        guard !waiting.isEmpty || isGivingUp else { return }
        if !isGivingUp, let forkedAt = fetch.forkedAt, old.logged < forkedAt {
            throw StoreError(
                .notReady,
                """
                entries up to \(old.origin):\(forkedAt) have to be fetched before it is known which own entries \
                the peers lack
                """,
                remedy: "Bring the link to the peer that has them back.")
        }
        let rest = try waiting.filter { try LogTable.hash(connection, ordinal: old.ordinal, seq: $0.seq) != $0.hash }
        try ForkTable.forgetSame(connection, ordinal: old.ordinal)
        guard let first = rest.first else { return isGivingUp ? try beginAfter(old, &state) : () }
        let isPublic = isGivingUp || first.seq <= fetch.signed
        var acknowledged = old.dependencies
        acknowledged[old.origin] = old.folded
        var branch = Branch(
            rest, past: try dependencies(of: old, before: first.seq),
            rows: BranchRows(applier: applier, acknowledged: acknowledged))
        if isPublic {
            branch.past[old.origin] = first.seq - 1
            branch.said = try openIncarnation(&state, first, branch.past)
        } else {
            branch.past = branch.past.joined(old.dependencies)
            branch.pasts = try appliedPasts(rest, branch.past, state)
            branch.said = try acknowledgeAll(old.dependencies, branch.past, &state)
        }
        try append(&branch, isPublic: isPublic, &state)
        try ForkTable.conclude(connection, ordinal: old.ordinal, keeping: isPublic, shortened: branch.shortened)
    }

    /// What the author of each entry had seen, as far as it is applied here; nil if all of it is.
    ///
    /// Entries that nobody has may have seen what waits again since the park's clock was set right;
    /// written anew, they must not depend on it.
    private func appliedPasts(_ rows: [ForkTable.Row], _ past: VersionVector, _ state: StoreState) throws
        -> [VersionVector]?
    {
        let (own, applied) = (state.origins[state.own].origin, applied(state))
        var (seen, pasts, isLess) = (past, [VersionVector](), false)
        for row in rows {
            for element in try header(row).header.dependencies {
                seen[element.origin] = max(seen[element.origin], element.seq)
            }
            var known = seen
            for element in seen.elements where element.origin != own && applied[element.origin] < element.seq {
                known[element.origin] = applied[element.origin]
                isLess = true
            }
            pasts.append(known)
        }
        return isLess ? pasts : nil
    }

    struct Branch {
        let entries: [ForkTable.Row]
        /// What the author had seen when it wrote the first of them.
        var past: VersionVector
        /// What an entry stands for that says nothing of what its author had seen.
        var said = VersionVector()
        var rows: BranchRows
        /// Numbers of those of which changes were left out.
        var shortened: [UInt64] = []
        /// What the author of each entry had seen, if the entries do not say it themselves.
        var pasts: [VersionVector]?
        /// Stamps the entries anew; nil if they keep theirs, or get them from the node's clock.
        var clock: StoreClock?

        init(_ entries: [ForkTable.Row], past: VersionVector, rows: BranchRows) {
            (self.entries, self.past, self.rows) = (entries, past, rows)
        }
    }

    /// All that is applied here, without the log that is written.
    private func applied(_ state: StoreState) -> VersionVector {
        VersionVector(
            state.origins.enumerated().filter { $0.offset != state.own }.map { ($0.element.origin, $0.element.folded) })
    }

    /// Seals an entry without changes if what comes after it would not say that all of this is
    /// applied here. What is written anew is then behind every compaction that this node knows, at
    /// all nodes, while the entries themselves say what their author had seen.
    ///
    /// - Returns: what the log's newest entry stands for.
    func acknowledgeAll(_ said: VersionVector, _ past: VersionVector, _ state: inout StoreState) throws -> VersionVector
    {
        let own = state.origins[state.own]
        let all = applied(state)
        if past.covers(all) { return said }
        let stamp = try state.clock.tick(wallMilliseconds: options.clock.wallMilliseconds())
        let header = EntryHeader(
            origin: own.origin, seq: own.logged + 1, stamp: stamp, schemaNumber: applier.schema.number,
            dependencies: all.difference(from: said), seenHash: try SeenHash.of(said.joined(all), connection, state))
        try applier.sealer.append(ChangeWriter(header: header, tableCount: 0).writer.bytes, stamp: stamp, to: &state)
        return said.joined(all)
    }

    /// What the author had seen when it wrote the entry before `seq`: the sum of what the entries
    /// say up to there.
    func dependencies(of origin: OriginState, before seq: UInt64) throws -> VersionVector {
        var vector = VersionVector()
        var number: UInt64 = 1
        while number < seq {
            let header = try LogTable.header(connection, ordinal: origin.ordinal, seq: number)
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

    /// Opens an incarnation that has nothing to write anew.
    private func beginAfter(_ old: OriginState, _ state: inout StoreState) throws {
        let origin = try begin(&state, .fork)
        let seen = applied(state)
        let stamp = try state.clock.tick(wallMilliseconds: options.clock.wallMilliseconds())
        let entry = EntryHeader(
            origin: origin, seq: 1, stamp: stamp, schemaNumber: applier.schema.number, dependencies: seen.elements,
            seenHash: try SeenHash.of(seen, connection, state),
            note: "entries of \(old.origin) after \(old.logged) could not be had")
        try append(entry, [.incarnation(of: old.origin, after: old.logged, hash: old.headHash)], &state)
        try applier.sealer.sign(&state, key: options.identity)
        try applier.applyAll(&state, wallMilliseconds: options.clock.wallMilliseconds())
    }

    /// - Returns: what its first entry says that its author had seen.
    private func openIncarnation(_ state: inout StoreState, _ first: ForkTable.Row, _ past: VersionVector) throws
        -> VersionVector
    {
        let old = state.origins[state.own]
        let origin = try begin(&state, .fork)
        // A fenced park that begins anew has to be taken back by the others first: its log must not
        // say that it knows.
        let seen = state.isFenced(old.origin) ? past : applied(state)
        // Before the first entry that follows, so that stamps grow along the log.
        let stamp = try header(first).header.stamp.rawValue
        let entry = EntryHeader(
            origin: origin, seq: 1, stamp: Stamp(rawValue: stamp > 0 ? stamp - 1 : 0),
            schemaNumber: applier.schema.number,
            dependencies: seen.elements, seenHash: try SeenHash.of(seen, connection, state),
            note: "\(old.origin) has forked: its entries from \(first.seq) on are written anew here")
        try append(entry, [.incarnation(of: old.origin, after: old.logged, hash: old.headHash)], &state)
        return seen
    }

    /// Seals an entry that changes no row.
    func append(_ header: EntryHeader, _ controls: [ControlRecord], _ state: inout StoreState) throws {
        var writer = ChangeWriter(header: header, tableCount: 1)
        writer.controls(controls)
        try applier.sealer.append(writer.writer.bytes, stamp: header.stamp, to: &state)
    }

    /// Gives the park its next origin, unless the last one is too new.
    func begin(_ state: inout StoreState, _ cause: Cause) throws -> OriginID {
        try checkPause(cause)
        let origin = try beginNext(&state)
        let now = options.clock.wallMilliseconds()
        try OwnLogRecord.change(connection, park: origin.park) {
            $0.incarnation = OwnLogRecord.Incarnation(at: now, cause: cause)
        }
        return origin
    }

    /// Gives the park its next origin, whose log is empty; the node writes as that one from now on.
    @discardableResult
    func beginNext(_ state: inout StoreState) throws -> OriginID {
        let origin = try nextIncarnation(state)
        // What is fetched beside the log that ends here finds no place in the next one.
        try BranchTable.clear(connection)
        state.branch = nil
        state.own = try state.adopt(origin, connection)
        state.unsignedBytes = 0
        try OwnLogRecord.change(connection, park: origin.park) { $0.origin = origin }
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
        var vector = state.logged.joined(known)
        for origin in state.origins { vector = vector.joined(origin.dependencies) }
        for element in vector.elements where element.origin.park == park {
            highest = max(highest, Self.incarnation(element.origin))
        }
        guard highest < Self.incarnationsMax, let origin = OriginID("\(park)~\(highest + 1)") else {
            throw StoreError(
                .notReady, "\(park) has used up its \(Self.incarnationsMax) incarnations",
                remedy:
                    """
                    Find the node that writes as \(park) as well, and take the park into the zone anew under \
                    another name.
                    """
            )
        }
        return origin
    }

    /// - Returns: the header, and where it ends.
    func header(_ row: ForkTable.Row) throws -> (header: EntryHeader, offset: Int) {
        try row.payload.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            let header = try EntryHeader(from: &reader)
            return (header, reader.offset)
        }
    }

    func append(_ branch: inout Branch, isPublic: Bool, _ state: inout StoreState) throws {
        let wall = options.clock.wallMilliseconds()
        var seen = branch.past
        let before = state
        for (index, row) in branch.entries.enumerated() {
            var (header, offset) = try header(row)
            if let pasts = branch.pasts {
                seen = pasts[index]
            } else {
                for element in header.dependencies where isPublic || seen[element.origin] < element.seq {
                    seen[element.origin] = element.seq
                }
            }
            let kept = try branch.rows.kept(
                row.payload, after: offset, hash: row.hash, before, past: branch.pasts == nil ? nil : seen)
            header.origin = state.origins[state.own].origin
            header.seq = state.origins[state.own].logged + 1
            header.dependencies = Self.change(&branch.said, to: seen, of: header.origin)
            header.seenHash = try SeenHash.of(branch.said, connection, state)
            if kept.omitted > 0 {
                branch.shortened.append(row.seq)
                header.note = Self.note(header.note, omitted: kept.omitted)
            }
            if branch.clock != nil {
                header.stamp = try branch.clock?.tick(wallMilliseconds: wall) ?? header.stamp
            } else if !isPublic {
                header.stamp = try state.clock.tick(wallMilliseconds: wall)
            }
            var writer = ByteWriter(reserving: kept.body.count + 128)
            header.write(to: &writer)
            writer.raw(kept.body)
            try applier.sealer.append(writer.bytes, stamp: header.stamp, to: &state)
            try applier.sealer.signIfLong(&state, key: options.identity)
        }
        try applier.sealer.sign(&state, key: options.identity)
        // Its own entries no clock keeps from it; what others have stamped in the future waits on.
        try applier.applyAll(&state, wallMilliseconds: wall)
        guard state.origins[state.own].folded == state.origins[state.own].logged else {
            throw StoreError(
                .notReady, "own entries that are written anew wait for others",
                remedy: "Wait until the peers have sent what they depend on.")
        }
    }

    /// What an entry has to say so that `said` becomes `seen`. An entry names no number 0: whoever
    /// had seen nothing of a log counts as one that has seen its first entry.
    private static func change(_ said: inout VersionVector, to seen: VersionVector, of origin: OriginID)
        -> [VersionVector.Element]
    {
        var result: [VersionVector.Element] = []
        for element in said.joined(seen).elements where element.origin != origin {
            let seq = max(1, seen[element.origin])
            if said[element.origin] == seq { continue }
            said[element.origin] = seq
            result.append(VersionVector.Element(origin: element.origin, seq: seq))
        }
        return result
    }

    private static func note(_ note: String, omitted: Int) -> String {
        let addition = "\(omitted) changes of rows that were deleted meanwhile are left out"
        let result = note.isEmpty ? addition : note + "; " + addition
        return result.utf8.count <= CoreLimits.noteBytesMax ? result : addition
    }
}
