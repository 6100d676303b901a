import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// A promise that did not hold.
package struct Broken: Hashable, Sendable, CustomStringConvertible {
    /// The number of the promise (docs/internals/simulation.md), 0 for "connected nodes agree in
    /// the end".
    package var promise: Int
    package var what: String
    package var description: String {
        promise == 0 ? "the nodes do not come to agree: \(what)" : "promise \(promise): \(what)"
    }
}

/// Holds what the nodes publish against what was promised, with a model of its own of what was
/// written.
struct Judge {
    private(set) var broken: Broken?
    var models: Models
    /// Of what all nodes have, and of the first log of a park that has two.
    var oracle: ModelOracle { models.first }
    /// What each node must hold, at the vector of its newest digest.
    var views: [ModelView]
    /// The newest logs of each node that were looked at, also while it is down.
    var logged: [VersionVector]
    /// What each node has promised to those who write.
    var promises: [Promises]
    /// Nodes whose file was lost, or exchanged for an old copy, and that have not found out yet
    /// what they wrote.
    var makingGood: Set<Int> = []
    var isMakingGood: Bool { !makingGood.isEmpty }
    /// Those of them that have an old copy.
    var withOldCopy: Set<Int> = []
    /// Nodes with rows that were changed past capture and not repaired yet, and those that ever had
    /// any.
    private var withHands: Set<Int> = []
    private var everWithHands: Set<Int> = []
    /// Nodes whose file was lost, or exchanged, at some time.
    var everLost: Set<Int> = []
    /// Whose software is not ours. It may let any row live again.
    var liar: OriginID?
    /// Parks as which two files wrote at some time.
    var withCopies: Set<String> = []
    /// Parks of which not all was read that they have published.
    private var unread: Set<String> = []
    /// Why a node could not be started last.
    var startFailures: [Int: String] = [:]
    /// Entries that were compared with the model's.
    private(set) var comparisons = 0

    init(schemas: [SharedSchema], nodes: Int) {
        models = Models(schemas: schemas)
        views = Array(repeating: ModelView(schema: schemas[0]), count: nodes)
        logged = Array(repeating: VersionVector(), count: nodes)
        promises = Array(repeating: Promises(), count: nodes)
    }

    mutating func fail(_ promise: Int, _ what: String) {
        if broken == nil { broken = Broken(promise: promise, what: what) }
    }

    // MARK: hands on the file

    mutating func tampered(_ park: SimulatedPark) {
        withHands.insert(park.index)
        everWithHands.insert(park.index)
    }
    mutating func mended(_ park: SimulatedPark) { withHands.remove(park.index) }
    func hasHands(_ park: SimulatedPark) -> Bool { withHands.contains(park.index) }
    func hadHands(_ index: Int) -> Bool { everWithHands.contains(index) }

    // MARK: what nodes publish

    /// Looks at a node that has published something. Whatever a faulty disk keeps from being read
    /// is looked at the next time.
    ///
    /// - Parameter isOut: whether the park was fenced. Its tables are nobody's then: what it wrote
    ///   and nobody had may have missed a compaction.
    mutating func look(_ park: SimulatedPark, _ store: ParkStore, _ state: NodeState, isOut: Bool = false) {
        // What an old copy has written is nobody's yet.
        if withOldCopy.contains(park.index) { return }
        do {
            try noteBranch(park, store, state)
            try learn(park, store, state)
            if !makingGood.contains(park.index) { unread.remove(park.origin.park) }
        } catch is StoreError {
            unread.insert(park.origin.park)
            return park.hasNews = true
        } catch { return fail(7, "\(park.origin) publishes what is no entry: \(error)") }
        logged[park.index] = state.logged
        let oracle = models.of(park.index)
        guard oracle.vector.covers(state.applied) else {
            return fail(5, "\(park.origin) has applied \(state.applied), only \(oracle.vector) was published")
        }
        for element in state.applied.elements {
            guard let entry = oracle.entry(EntryName(element.origin, element.seq)),
                !oracle.isShowable(entry, at: state.applied)
            else { continue }
            fail(
                3,
                """
                \(park.origin) shows \(entry.name), whose author had seen \(entry.needs); it has applied \
                \(state.applied)
                """
            )
        }
        if let digest = state.digest, !isOut, !withHands.contains(park.index) { compare(park, store, digest) }
    }

    /// Whether two nodes have the same log of a park that has two. Such nodes have the same tables
    /// at one vector.
    func haveSameLogs(_ first: Int, _ second: Int) -> Bool { models.branch(of: first) == models.branch(of: second) }

    /// Whether one of two nodes lost its file, in a history in which a park has two logs.
    func hasForgottenBranch(_ first: Int, _ second: Int) -> Bool {
        models.fork != nil && (everLost.contains(first) || everLost.contains(second))
    }

    /// Whether what was made of two nodes' entries last comes to the same tables.
    func haveSameTables(_ first: Int, _ second: Int) -> Bool { views[first].stateHash == views[second].stateHash }

    /// Finds out which log of a park that has two a node has.
    private mutating func noteBranch(_ park: SimulatedPark, _ store: ParkStore, _ state: NodeState) throws {
        guard let fork = models.fork, !models.hasBegun(park.index), state.logged[fork.origin] >= fork.seq else {
            return
        }
        let hash = try store.hash(of: fork.origin, seq: fork.seq) ?? []
        if !models.begin(park.index, hash) {
            fail(7, "\(park.origin) has an entry \(fork) that its author never signed")
        }
    }

    /// Takes new own entries of the node into the model, and compares the heads of the others.
    private mutating func learn(_ park: SimulatedPark, _ store: ParkStore, _ state: NodeState) throws {
        for element in state.logged.elements {
            let (origin, seq) = (element.origin, element.seq)
            let isOwn = origin.park == park.origin.park
            if isOwn, !makingGood.contains(park.index) {
                while oracle.vector[origin] < seq,
                    let slice = try store.read(origin: origin, after: oracle.vector[origin], bytesMax: 1 << 20)
                {
                    for payload in try Self.payloads(slice) {
                        try models.add(payload)
                        checkStamp(payload, park)
                    }
                }
            }
            guard seq > 0, logged[park.index][origin] != seq || isOwn else { continue }
            // Others may have an entry before a faulty disk lets the judge read it at its author.
            if oracle.vector[origin] < seq, unread.contains(origin.park) {
                throw StoreError(.busy, "\(origin) is still to be read", remedy: "Wait.")
            }
            guard let hash = try store.hash(of: origin, seq: seq),
                let entry = models.of(park.index).entry(EntryName(origin, seq))
            else {
                fail(7, "\(park.origin) has \(origin):\(seq), which its author never published")
                continue
            }
            if hash != entry.hash { fail(7, "\(park.origin) has another \(origin):\(seq) than its author published") }
        }
    }

    /// No park stamps what it writes further ahead than its own clock ever was, and what it may
    /// have applied by that: what only lies in its log and waits for its time takes nobody along.
    private mutating func checkStamp(_ payload: [UInt8], _ park: SimulatedPark) {
        let header = payload.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            return try? EntryHeader(from: &reader)
        }
        guard let header, header.stamp.milliseconds > park.clock.highestWall + CoreLimits.clockAheadMillisecondsMax + 1
        else { return }
        fail(
            6,
            """
            \(park.origin) stamps \(header.origin):\(header.seq) at \(header.stamp), and its clock was never \
            ahead of \(park.clock.highestWall)
            """
        )
    }

    static func payloads(_ slice: LogSlice) throws -> [[UInt8]] {
        try slice.body.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            return try (0..<slice.count).map { _ in
                Array(try reader.prefixed("a payload", max: CoreLimits.payloadBytesMax))
            }
        }
    }

    private mutating func compare(_ park: SimulatedPark, _ store: ParkStore, _ digest: StateDigest) {
        let index = park.index
        if views[index].schema.number != store.schema.number { views[index] = ModelView(schema: store.schema) }
        if views[index].vector == digest.vector { return }
        views[index].advance(to: digest.vector, in: models.of(index))
        comparisons += 1
        if views[index].stateHash == digest.hash { return }
        fail(
            2,
            "\(park.origin) has other tables at \(digest.vector) than its entries come to: " + difference(park, store))
    }

    private func difference(_ park: SimulatedPark, _ store: ParkStore) -> String {
        guard let seen = try? SQLiteFile(park.path).snapshotDump(store.schema) else { return "they cannot be read" }
        let view = views[park.index]
        return store.schema.tables.compactMap { table in
            let (found, wanted) = (seen.rows(table.name), view.rows(table.name))
            guard found != wanted else { return nil }
            let more = found.filter { !wanted.contains($0) }.prefix(3).map { ModelReader.show($0) }
            let less = wanted.filter { !found.contains($0) }.prefix(3).map { ModelReader.show($0) }
            return "\(table.name) has \(more) and not \(less)"
        }.joined(separator: "; ")
    }

    // MARK: the end

    /// A node verifies itself: every hash, signature, row and digest.
    mutating func verify(_ park: SimulatedPark, members: [String: [UInt8]]) throws {
        guard let store = park.store else { return }
        let found = try StoreInspection(path: park.path, schema: store.schema, archivePath: park.archivePath).verify(
            members: members
        ).findings
        if let finding = found.first { fail(7, "\(park.origin) finds fault with itself: \(finding)") }
    }

    /// Nodes that have not everything, and what they wait for; empty when all agree.
    ///
    /// - Parameter out: the park that was taken out of the zone. Nobody asks it for what only it
    ///   has.
    func obstacles(_ parks: [SimulatedPark], out: String?) -> [String] {
        let everywhere = models.all.map { $0.appliedEverywhere() }
        return parks.compactMap { park in
            guard let store = park.store else {
                return "\(park.origin) does not run" + (startFailures[park.index].map { ": \($0)" } ?? "")
            }
            let state = store.state()
            let stuck = store.stuck.filter { $0.state == .held }.map { "\($0.origin):\($0.seq) is held: \($0.cause)" }
            if !store.standing().isReady {
                return "\(park.origin) is \(store.standing()); " + stuck.joined(separator: "; ")
            }
            let oracle = models.of(park.index)
            let branch = models.branch(of: park.index)
            let isLacking = oracle.vector.elements.contains { element in
                let needed = element.origin.park == out ? everywhere[branch][element.origin] : element.seq
                return state.logged[element.origin] < needed
            }
            if isLacking || !oracle.vector.covers(state.logged) {
                return "\(park.origin) has \(state.logged) of \(oracle.vector)"
            }
            // A park that was fenced goes on showing its own entries.
            var wanted = everywhere[branch]
            wanted[state.origin] = oracle.vector[state.origin]
            if state.applied != wanted {
                return "\(park.origin) has applied \(state.applied) of \(state.logged); "
                    + stuck.joined(separator: "; ")
            }
            if state.digest?.vector != state.applied { return "\(park.origin) has not folded its entries" }
            let missing = promises[park.index].marks.subtracting(marks(of: park))
            return missing.min().map {
                "\(park.origin) has no entry of \(missing.count) acknowledged transactions, one is \($0)"
            }
        }
    }

    /// A file of which a verification says that it is sound shows what its entries come to.
    mutating func lookAtSoundFile(_ park: SimulatedPark) throws {
        let oracle = models.of(park.index)
        let observation = try NodeWitness.observe(
            try SQLiteFile(park.path), schemas: oracle.schemas, archive: park.archivePath)
        guard oracle.vector.covers(observation.applied) else { return }
        let expected = oracle.contents(at: observation.applied, schema: observation.schema)
        for breach in Checks.wholeTransactions(observation, expected: expected, oracle: oracle).prefix(1) {
            fail(breach.number, "a flipped bit, of which a verification knows nothing: \(breach)")
        }
    }

    /// What must hold at any moment, and holds now of all nodes: read from their files and
    /// compared.
    ///
    /// - Parameter parks: two of them, since this costs a check of all signatures and all rows.
    mutating func conclude(_ parks: [SimulatedPark], members: [String: [UInt8]]) throws {
        let observations = try parks.map { park in
            try NodeWitness.observe(try SQLiteFile(park.path), schemas: oracle.schemas, archive: park.archivePath)
        }
        let liars = Set([models.fork?.origin, liar].compactMap { $0 })
        for (branch, oracle) in models.all.enumerated() {
            let same = zip(parks, observations).filter { models.branch(of: $0.0.index) == branch }.map(\.1)
            for breach in Checks.all(same, oracle: oracle, members: members, liars: liars).prefix(1) {
                fail(breach.number, "\(breach)")
            }
        }
        for breach in Checks.forks(observations, noticed: [:], liars: liars).prefix(1) {
            fail(breach.number, "\(breach)")
        }
        concludeWords(parks, observations, sparing: withCopies)
    }

    /// What must hold once all nodes agree: each file says what the model says.
    mutating func conclude(_ park: SimulatedPark) throws {
        guard let store = park.store else { return }
        let oracle = models.of(park.index)
        views[park.index].advance(to: store.state().applied, in: oracle)
        let seen = try SQLiteFile(park.path).snapshotDump(store.schema)
        if seen != views[park.index].dump {
            fail(
                2,
                """
                \(park.origin): the tables, read row by row, are not what its entries come to: \
                \(difference(park, store))
                """
            )
        }
        let quarantined = Set(store.stuck.filter { $0.state == .quarantined }.map { EntryName($0.origin, $0.seq) })
        if quarantined != Set(oracle.quarantined(at: store.state().applied).keys) {
            fail(5, "\(park.origin) has quarantined \(quarantined)")
        }
    }
}

extension SQLiteFile {
    fileprivate func snapshotDump(_ schema: SharedSchema) throws -> Dump {
        try snapshot { try Dump(self, schema: schema) }
    }
}
