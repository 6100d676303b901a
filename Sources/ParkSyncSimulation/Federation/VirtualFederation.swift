import ParkSyncCore
import ParkSyncReplication

/// Nodes whose logs are in memory and have entries without meaning: for federations of any size.
package final class VirtualFederation: VirtualLinks, @unchecked Sendable {
    // Confined to one thread, as all links are.
    package let storeMilliseconds: UInt64
    private var logs: [VirtualLog] = []
    package private(set) var storeRefusals: [SliceRefused] = []
    /// Row: node, column: author. Over how many links the author's entries came here at the most; 0
    /// for its own.
    package private(set) var hops: [Int]
    /// Entries that their own nodes wrote, and how often one was stored elsewhere.
    package private(set) var written = 0
    package private(set) var copies = 0

    /// - Parameters:
    ///   - store: a node needs 1 to this many milliseconds to make a slice durable.
    ///   - hasDigests: whether the nodes compute digests of their state and compare them.
    ///   - stopwatch: a clock, in nanoseconds, by which the engines' cost is measured; it decides
    ///     nothing.
    ///   - prepare: called with each log before its node starts.
    package init(
        _ parks: [OriginID], network: VirtualNetwork, seed: UInt64, store: UInt64 = 5, hasDigests: Bool = false,
        stopwatch: (() -> UInt64)? = nil, prepare: (VirtualLog) -> Void = { _ in }
    ) {
        storeMilliseconds = store
        hops = Array(repeating: 0, count: parks.count * parks.count)
        super.init(parks, network: network, seed: seed, stopwatch: stopwatch)
        for (node, name) in names.enumerated() {
            let log = VirtualLog(name, hasDigests: hasDigests)
            prepare(log)
            written += Int(log.vector[name])
            logs.append(log)
            nodes.append(Node(engine: engine(for: log.state(), node, isRecovering: false)))
        }
        for node in names.indices { tell(node) { $0.tick(now: $1) } }
    }

    override func changeLog(_ node: Int) -> (any ChangeLog)? { logs[node] }

    override func keep(_ slice: LogSlice, _ stream: Stream) {
        stream.storedAt = max(stream.storedAt, now + 1 + random.below(storeMilliseconds))
        queue.add(.stored(stream, slice), at: stream.storedAt)
    }

    override func store(_ slice: LogSlice, _ stream: Stream) {
        let (node, author) = (stream.way.from, places[slice.origin] ?? 0)
        let before = logs[node].vector[slice.origin]
        let outcome = StoreOutcome(Result { try logs[node].store(slice) })
        if case .refused(let refusal) = outcome { storeRefusals.append(refusal) }
        if outcome == .stored {
            let more = logs[node].vector[slice.origin] - before
            if more > 0 {
                copies += Int(more)
                let place = node * names.count + author
                hops[place] = max(hops[place], hops[stream.way.to * names.count + author] + 1)
            }
            logChanged(node)
        }
        tell(node) { $0.stored(stream.key, outcome, now: $1) }
    }

    // MARK: looking

    package func log(_ node: Int) -> VirtualLog { logs[node] }

    /// Whether every log has the same entries by number.
    package var isConverged: Bool {
        let vector = logs[0].vector
        return logs.allSatisfy { $0.vector == vector }
    }

    /// The longest way of an entry from a node that has just stored it to the log of a node that
    /// follows it.
    package var hopMilliseconds: UInt64 { network.delayMillisecondsMax + storeMilliseconds }

    // MARK: doing

    @discardableResult package func write(_ node: Int, bytes: Int = 40) -> UInt64 {
        let seq = logs[node].append(Self.body(bytes, &random))
        written += 1
        logChanged(node)
        return seq
    }

    package static func body(_ bytes: Int, _ random: inout SplitMix64) -> [UInt8] {
        let seed = random.next()
        return (0..<bytes).map { UInt8(truncatingIfNeeded: seed >> UInt64($0 % 8 * 8)) }
    }

    package func healEverything() {
        (cut, silent, flaws) = ([], [], [:])
        for node in names.indices where !nodes[node].isUp { startNode(node) }
    }

    package func stopNode(_ node: Int) {
        guard nodes[node].isUp else { return }
        count(.stopped)
        tell(node) { $0.stop(now: $1) }
        nodes[node].isUp = false
        for other in others(than: node) { if let stream = stream(other, to: node) { reset(stream) } }
    }

    package func startNode(_ node: Int, isRecovering: Bool = false) {
        nodes[node].isUp = true
        nodes[node].start += 1
        nodes[node].engine = engine(for: logs[node].state(), node, isRecovering: isRecovering)
        tell(node) { $0.tick(now: $1) }
    }

    /// What was counted so far is forgotten.
    package func resetCounters() {
        traffic = Traffic()
        (engineEvents, engineNanoseconds) = (0, 0)
        hops = Array(repeating: 0, count: hops.count)
    }
}
