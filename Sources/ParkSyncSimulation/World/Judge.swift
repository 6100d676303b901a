import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// A promise that did not hold.
package struct Broken: Hashable, Sendable, CustomStringConvertible {
    /// The number of the promise (docs/internals/simulation.md), 0 for "connected nodes agree in the end".
    package var promise: Int
    package var what: String
    package var description: String { promise == 0 ? "the nodes do not come to agree: \(what)" : "promise \(promise): \(what)" }
}

/// Holds what the nodes publish against what was promised, with a model of its own of what was written.
struct Judge {
    private(set) var broken: Broken?
    private(set) var oracle: ModelOracle
    /// Entries in the order in which they were published.
    private var order: [ModelEntry] = []
    /// What each node must hold, at the vector of its newest digest.
    private var views: [ModelView]
    /// The newest logs of each node that were looked at, also while it is down.
    private(set) var logged: [VersionVector]
    /// The highest own entry of each node that it has acknowledged.
    private var acknowledged: [UInt64]
    /// Rows that other programs have committed, by node.
    private var marks: [Set<String>]
    /// Nodes whose file was lost and whose entries are not all back.
    private var makingGood: Set<Int> = []
    var isMakingGood: Bool { !makingGood.isEmpty }
    /// Authors of whom not all was read that they have published.
    private var unread: Set<OriginID> = []
    /// Why a node could not be started last.
    private(set) var startFailures: [Int: String] = [:]
    /// Entries that were compared with the model's.
    private(set) var comparisons = 0

    init(schemas: [SharedSchema], nodes: Int) {
        oracle = ModelOracle(schemas: schemas)
        views = Array(repeating: ModelView(schema: schemas[0]), count: nodes)
        logged = Array(repeating: VersionVector(), count: nodes)
        acknowledged = Array(repeating: 0, count: nodes)
        marks = Array(repeating: [], count: nodes)
    }

    mutating func fail(_ promise: Int, _ what: String) { if broken == nil { broken = Broken(promise: promise, what: what) } }

    // MARK: what is promised to those who write

    mutating func acknowledge(_ park: SimulatedPark, _ seq: UInt64, mark: String?) {
        acknowledged[park.index] = max(acknowledged[park.index], seq)
        acknowledge(park, mark: mark)
    }
    /// By the row of `journal` that the transaction made.
    mutating func acknowledge(_ park: SimulatedPark, mark: String?) { if let mark { marks[park.index].insert(mark) } }
    /// What the node's tables were when it last folded.
    func contents(_ park: SimulatedPark) -> Dump { views[park.index].dump }

    /// The node's file is gone: what only it had, may be lost.
    mutating func lost(_ park: SimulatedPark) {
        makingGood.insert(park.index)
        logged[park.index] = VersionVector()
    }

    mutating func startFailed(_ park: SimulatedPark, _ error: any Error) { startFailures[park.index] = "\(error)" }

    mutating func started(_ park: SimulatedPark, _ store: ParkStore, others: [SimulatedPark]) {
        startFailures[park.index] = nil
        let state = store.state()
        if makingGood.contains(park.index) {
            // It died when its recovery had ended and nobody had heard of it.
            if !store.counts.isRecovering { recovered(park, store, others: others) }
            return
        }
        let published = oracle.vector[park.origin]
        let (own, told) = (state.logged[park.origin], acknowledged[park.index])
        if own < max(published, told) {
            fail(1, "\(park.origin) starts with \(own) own entries; it has published \(published) and acknowledged \(told)")
        }
        for element in logged[park.index].elements where state.logged[element.origin] < element.seq {
            fail(1, "\(park.origin) starts with \(state.logged[element.origin]) entries of \(element.origin), it had \(element.seq)")
        }
    }

    func hasRecovered(_ park: SimulatedPark, _ store: ParkStore) -> Bool { makingGood.contains(park.index) && !store.counts.isRecovering }

    /// The node has ended its recovery.
    mutating func recovered(_ park: SimulatedPark, _ store: ParkStore, others: [SimulatedPark]) {
        makingGood.remove(park.index)
        // Other programs may have written since, and their entry has the number of one that is lost.
        var own = min(store.state().logged[park.origin], oracle.vector[park.origin])
        while own > 0, Self.hash(store, park.origin, own) != oracle.entry(EntryName(park.origin, own))?.hash { own -= 1 }
        for other in others where other.index != park.index && logged[other.index][park.origin] > own {
            fail(9, "\(park.origin) ends its recovery with \(own) own entries, \(other.origin) has \(logged[other.index][park.origin])")
        }
        forget(park, after: own)
    }

    /// A faulty disk keeps the judge from reading a few times in a row.
    private static func hash(_ store: ParkStore, _ origin: OriginID, _ seq: UInt64) -> [UInt8]? {
        for _ in 0..<20 { if let found = try? store.hash(of: origin, seq: seq) { return found } }
        return nil
    }

    /// Entries of the node that are nowhere any more.
    private mutating func forget(_ park: SimulatedPark, after seq: UInt64) {
        acknowledged[park.index] = min(acknowledged[park.index], seq)
        if oracle.vector[park.origin] > seq {
            order.removeAll { $0.write.origin == park.origin && $0.write.seq > seq }
            oracle = ModelOracle(schemas: oracle.schemas)
            do { for entry in order { try oracle.add(entry.payload) } } catch { fail(7, "an entry is no entry any more: \(error)") }
        }
        let kept = Set(oracle.entries(of: park.origin).flatMap(Self.marks))
        marks[park.index].formIntersection(kept)
    }

    private static func marks(in entry: ModelEntry) -> [String] {
        entry.changes.compactMap { change in
            guard change.table == "journal", case .text(let bytes)? = change.key.first else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    // MARK: what nodes publish

    /// Looks at a node that has published something. Whatever a faulty disk keeps from being read is looked at the next time.
    mutating func look(_ park: SimulatedPark, _ store: ParkStore, _ state: NodeState) {
        do {
            try learn(park, store, state)
            if !makingGood.contains(park.index) { unread.remove(park.origin) }
        } catch is StoreError {
            unread.insert(park.origin)
            return park.hasNews = true
        } catch { return fail(7, "\(park.origin) publishes what is no entry: \(error)") }
        logged[park.index] = state.logged
        guard oracle.vector.covers(state.applied) else {
            return fail(5, "\(park.origin) has applied \(state.applied), only \(oracle.vector) was published")
        }
        for element in state.applied.elements {
            guard let entry = oracle.entry(EntryName(element.origin, element.seq)), !state.applied.covers(entry.needs) else { continue }
            fail(3, "\(park.origin) shows \(entry.name), whose author had seen \(entry.needs); it has applied \(state.applied)")
        }
        if let digest = state.digest { compare(park, store, digest) }
    }

    /// Takes an entry of a park that is no node of ours.
    mutating func hear(_ payload: [UInt8]) throws { order.append(try oracle.add(payload)) }

    /// Takes new own entries of the node into the model, and compares the heads of the others.
    private mutating func learn(_ park: SimulatedPark, _ store: ParkStore, _ state: NodeState) throws {
        for element in state.logged.elements {
            let (origin, seq) = (element.origin, element.seq)
            if origin == park.origin, !makingGood.contains(park.index) {
                while oracle.vector[origin] < seq, let slice = try store.read(origin: origin, after: oracle.vector[origin], bytesMax: 1 << 20) {
                    for payload in try Self.payloads(slice) { order.append(try oracle.add(payload)) }
                }
            }
            guard seq > 0, logged[park.index][origin] != seq || origin == park.origin else { continue }
            // Others may have an entry before a faulty disk lets the judge read it at its author.
            if oracle.vector[origin] < seq, unread.contains(origin) { throw StoreError(.busy, "\(origin) is still to be read", remedy: "Wait.") }
            guard let hash = try store.hash(of: origin, seq: seq), let entry = oracle.entry(EntryName(origin, seq)) else {
                fail(7, "\(park.origin) has \(origin):\(seq), which its author never published")
                continue
            }
            if hash != entry.hash { fail(7, "\(park.origin) has another \(origin):\(seq) than its author published") }
        }
    }

    private static func payloads(_ slice: LogSlice) throws -> [[UInt8]] {
        try slice.body.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            return try (0..<slice.count).map { _ in Array(try reader.prefixed("a payload", max: CoreLimits.payloadBytesMax)) }
        }
    }

    private mutating func compare(_ park: SimulatedPark, _ store: ParkStore, _ digest: StateDigest) {
        let index = park.index
        if views[index].schema.number != store.schema.number { views[index] = ModelView(schema: store.schema) }
        if views[index].vector == digest.vector { return }
        views[index].advance(to: digest.vector, in: oracle)
        comparisons += 1
        if views[index].stateHash == digest.hash { return }
        fail(2, "\(park.origin) has other tables at \(digest.vector) than its entries come to: " + difference(park, store))
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

    /// Nodes that have not everything, and what they wait for; empty when all agree.
    /// A node verifies itself: every hash, signature, row and digest.
    mutating func verify(_ park: SimulatedPark, members: [String: [UInt8]]) throws {
        guard let store = park.store else { return }
        let found = try StoreInspection(path: park.path, schema: store.schema).verify(members: members).findings
        // A merge may leave a reference without its row; that is told and is nobody's fault.
        if let finding = found.first(where: { !$0.contains("refer to a row") }) { fail(7, "\(park.origin) finds fault with itself: \(finding)") }
    }

    ///
    /// - Parameter liar: an origin whose entries after this one wait for ever.
    func obstacles(_ parks: [SimulatedPark], liar: (origin: OriginID, appliedMax: UInt64)? = nil) -> [String] {
        var wanted = oracle.vector
        if let liar { wanted[liar.origin] = liar.appliedMax }
        return parks.compactMap { park in
            guard let store = park.store else {
                return "\(park.origin) does not run" + (startFailures[park.index].map { ": \($0)" } ?? "")
            }
            let state = store.state()
            let stuck = store.stuck.filter { $0.state == .held }.map { "\($0.origin):\($0.seq) is held: \($0.cause)" }
            if store.counts.isRecovering { return "\(park.origin) is recovering; " + stuck.joined(separator: "; ") }
            if state.logged != oracle.vector { return "\(park.origin) has \(state.logged) of \(oracle.vector)" }
            if state.applied != wanted {
                return "\(park.origin) has applied \(state.applied) of \(state.logged); " + stuck.joined(separator: "; ")
            }
            if state.digest?.vector != state.applied { return "\(park.origin) has not folded its entries" }
            let missing = marks[park.index].count - marks[park.index].intersection(oracle.entries(of: park.origin).flatMap(Self.marks)).count
            return missing == 0 ? nil : "\(park.origin) has not sealed \(missing) transactions of other programs"
        }
    }

    /// A file of which a verification says that it is sound shows what its entries come to.
    mutating func lookAtSoundFile(_ park: SimulatedPark) throws {
        let observation = try NodeWitness.observe(try SQLiteFile(park.path), schemas: oracle.schemas)
        guard oracle.vector.covers(observation.applied) else { return }
        let expected = oracle.contents(at: observation.applied, schema: observation.schema)
        for breach in Checks.wholeTransactions(observation, expected: expected, oracle: oracle).prefix(1) {
            fail(breach.number, "a flipped bit, of which a verification knows nothing: \(breach)")
        }
    }

    /// What must hold at any moment, and holds now of all nodes: read from their files and compared.
    ///
    /// - Parameter parks: two of them, since this costs a check of all signatures and all rows.
    mutating func conclude(_ parks: [SimulatedPark], members: [String: [UInt8]]) throws {
        let observations = try parks.map { try NodeWitness.observe(try SQLiteFile($0.path), schemas: oracle.schemas) }
        for breach in Checks.all(observations, oracle: oracle, members: members).prefix(1) { fail(breach.number, "\(breach)") }
    }

    /// What must hold once all nodes agree: each file says what the model says.
    mutating func conclude(_ park: SimulatedPark) throws {
        guard let store = park.store else { return }
        views[park.index].advance(to: store.state().applied, in: oracle)
        let seen = try SQLiteFile(park.path).snapshotDump(store.schema)
        if seen != views[park.index].dump { fail(2, "\(park.origin): the tables, read row by row, are not what its entries come to") }
        let quarantined = Set(store.stuck.filter { $0.state == .quarantined }.map { EntryName($0.origin, $0.seq) })
        if quarantined != Set(oracle.quarantined(at: store.state().applied).keys) { fail(5, "\(park.origin) has quarantined \(quarantined)") }
    }
}

extension SQLiteFile {
    fileprivate func snapshotDump(_ schema: SharedSchema) throws -> Dump { try snapshot { try Dump(self, schema: schema) } }
}
