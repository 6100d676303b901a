import ParkSyncCore

/// The model of all that was written; two of them once a lying park has forked, since its numbers
/// mean other entries at some nodes from then on, and so do all vectors.
struct Models {
    /// Of the first log, and of the other one.
    private(set) var all: [ModelOracle]
    /// For each, its entries in the order in which they were published.
    private var orders: [[ModelEntry]] = [[]]
    private(set) var fork: EntryName?
    /// Nodes that have begun one of the logs, and which.
    private var taken: [Int: Int] = [:]

    init(schemas: [SharedSchema]) { all = [ModelOracle(schemas: schemas)] }

    var first: ModelOracle { all[0] }
    /// What the node's entries come to. A node that has nothing of either log has what both have.
    func of(_ node: Int) -> ModelOracle { all[branch(of: node)] }
    func branch(of node: Int) -> Int { taken[node] ?? 0 }

    /// Takes an entry that all nodes know by its number.
    mutating func add(_ payload: [UInt8]) throws {
        for index in all.indices { orders[index].append(try all[index].add(payload)) }
    }

    /// Takes what a lying park tells in each of its logs.
    mutating func add(lies: [[[UInt8]]]) throws {
        for (index, payloads) in zip(all.indices, lies) {
            for payload in payloads { orders[index].append(try all[index].add(payload)) }
        }
    }

    /// From this entry on an origin has two logs.
    mutating func part(at name: EntryName) {
        guard fork == nil else { return }
        fork = name
        all.append(all[0])
        orders.append(orders[0])
    }

    /// A node has begun one of the two logs.
    ///
    /// - Parameter hash: of its entry where they part.
    /// - Returns: whether it is one of the two.
    mutating func begin(_ node: Int, _ hash: [UInt8]) -> Bool {
        guard let fork else { return true }
        taken[node] = all.firstIndex { $0.entry(fork)?.hash == hash }
        return taken[node] != nil
    }

    func hasBegun(_ node: Int) -> Bool { taken[node] != nil }
    mutating func lost(_ node: Int) { taken[node] = nil }

    /// Forgets entries that are nowhere any more.
    mutating func forget(_ origin: OriginID, after seq: UInt64) throws {
        for index in all.indices where all[index].vector[origin] > seq {
            orders[index].removeAll { $0.write.origin == origin && $0.write.seq > seq }
            all[index] = ModelOracle(schemas: all[index].schemas)
            for entry in orders[index] { try all[index].add(entry.payload) }
        }
    }
}
