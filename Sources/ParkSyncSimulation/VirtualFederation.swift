import ParkSyncCore
import ParkSyncReplication
import ParkSyncWire

/// Nodes on virtual time, in one thread and without tasks: the shipped engine and feed, over links that delay, cut and fall silent.
///
/// One seed decides everything that happens; `trace` tells whether two runs were the same. Nodes are numbered in the order of their names.
package final class VirtualFederation {
    /// The way on which `from` calls `to` and follows its log.
    package struct Way: Hashable, Sendable {
        package var from: Int
        package var to: Int
        package init(from: Int, to: Int) { (self.from, self.to) = (from, to) }
    }

    /// What can go wrong with a link; counted when it does.
    package enum Fault: Hashable, CaseIterable, Sendable {
        /// A call fails because the way is cut.
        case refused
        /// An open stream is reset; what was under way is lost.
        case reset
        /// An open stream delivers nothing any more, and says nothing about it.
        case silent
        /// A stream ends in the middle of what was sent.
        case tail
        /// A node stops; its log stays.
        case stopped
    }

    package final class Node {
        package let log: VirtualLog
        package internal(set) var engine: ReplicationEngine
        package internal(set) var isUp = true
        /// Counts the starts: events for an earlier start are ignored.
        var start: UInt64 = 1
        /// Only the newest alarm rings, as the driver is free to forget the earlier ones.
        var alarm: UInt64 = 0
        var uplink = Uplink()
        /// Whether the followers are about to be told of a change.
        var isTelling = false
        init(log: VirtualLog, engine: ReplicationEngine) { (self.log, self.engine) = (log, engine) }
    }

    final class Stream {
        let key: StreamKey
        let way: Way
        let start: UInt64
        var feed: LogFeed?
        /// Nothing arrives any more; the node at the near end does not know.
        var isSilent = false
        var isPaused = false
        /// Whether the near end still listens.
        var isHeard = true
        /// The last piece's arrival: a stream does not overtake itself.
        var arrivesAt: UInt64 = 0
        /// When the last piece that was given to the log is stored: pieces are stored in order.
        var storedAt: UInt64 = 0
        var bytesUnderWay = 0
        var held: [[UInt8]] = []
        var feedAlarm: UInt64 = 0
        init(key: StreamKey, way: Way, start: UInt64) { (self.key, self.way, self.start) = (key, way, start) }
    }

    enum Event {
        case tick(node: Int, alarm: UInt64)
        case call(Stream, request: [UInt8])
        case feed(Stream, alarm: UInt64)
        case tell(node: Int)
        case bytes(Stream, [UInt8])
        case closed(Stream, LinkFailure)
        case stored(Stream, LogSlice)
    }

    /// Most bytes that a stream has under way before its feed waits.
    static let windowBytes = 4 << 20

    package let names: [OriginID]
    package let network: VirtualNetwork
    package let storeMilliseconds: UInt64
    package private(set) var nodes: [Node] = []
    let places: [OriginID: Int]
    var queue = VirtualQueue<Event>()
    package var random: SplitMix64
    package private(set) var now: UInt64 = 1_000
    package internal(set) var trace: UInt64 = 0xCBF2_9CE4_8422_2325
    /// The open streams: row `to`, column `from`. At most one of each node to each other.
    private var streams: [Stream?]
    var cut: Set<Way> = []
    var silent: Set<Way> = []
    /// Asks each peer only for what the peer itself wrote, whatever the engine wants.
    package var dropsRelays = false
    /// Compares each engine's plan after each event with one that is made from nothing.
    package var checksPlans = false
    package private(set) var outdatedPlans = 0
    private let stopwatch: (() -> UInt64)?

    /// How often each fault has met a call or a stream.
    package internal(set) var faults: [Fault: Int] = [:]
    /// What each way was last asked for.
    package internal(set) var asked: [Way: [OriginID]] = [:]
    package internal(set) var opened: [Way: Int] = [:]
    /// Entries that came in by each way, and how often, by origin.
    package internal(set) var received: [Way: [OriginID: Int]] = [:]
    package internal(set) var pauses = 0
    package internal(set) var storeRefusals: [SliceRefused] = []
    package internal(set) var traffic = Traffic()
    /// Row: node, column: author. Over how many links the author's entries came here at the most; 0 for its own.
    package internal(set) var hops: [Int]
    /// Entries that their own nodes wrote, and how often one was stored elsewhere.
    package internal(set) var written = 0
    package internal(set) var copies = 0
    package internal(set) var streamsOpened = 0
    package internal(set) var engineEvents = 0
    package internal(set) var engineNanoseconds: UInt64 = 0

    /// - Parameters:
    ///   - store: a node needs 1 to this many milliseconds to make a slice durable.
    ///   - hasDigests: whether the nodes compute digests of their state and compare them.
    ///   - stopwatch: a clock, in nanoseconds, by which the engines' cost is measured; it decides nothing.
    ///   - prepare: called with each log before its node starts.
    package init(
        _ parks: [OriginID], network: VirtualNetwork, seed: UInt64, store: UInt64 = 5, hasDigests: Bool = false,
        stopwatch: (() -> UInt64)? = nil, prepare: (VirtualLog) -> Void = { _ in }
    ) {
        self.stopwatch = stopwatch
        names = parks.sorted()
        places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        (self.network, storeMilliseconds) = (network, store)
        random = SplitMix64(state: seed)
        streams = Array(repeating: nil, count: names.count * names.count)
        hops = Array(repeating: 0, count: names.count * names.count)
        for name in names {
            let log = VirtualLog(name, hasDigests: hasDigests)
            prepare(log)
            written += Int(log.vector[name])
            nodes.append(Node(log: log, engine: engine(for: log, isRecovering: false)))
        }
        for node in names.indices { tell(node) { $0.tick(now: $1) } }
    }

    func engine(for log: VirtualLog, isRecovering: Bool) -> ReplicationEngine {
        ReplicationEngine(
            own: log.state(), peers: names.filter { $0 != log.origin }, seed: random.next(), isRecovering: isRecovering, now: now)
    }

    func stream(_ from: Int, to: Int) -> Stream? { streams[to * names.count + from] }
    func setStream(_ way: Way, _ stream: Stream?) { streams[way.to * names.count + way.from] = stream }
    func isCut(_ way: Way) -> Bool { !network.topology.joins(way.from, way.to, of: names.count) || cut.contains(way) }

    // MARK: looking

    package func node(_ park: String) -> Int { names.firstIndex { $0.name == park } ?? 0 }
    package func log(_ node: Int) -> VirtualLog { nodes[node].log }
    package func reports(_ node: Int) -> [PeerReport] { nodes[node].engine.reports() }
    package func report(_ node: Int, of other: Int) -> PeerReport? { reports(node).first { $0.peer == names[other] } }
    package func others(than node: Int) -> [Int] { names.indices.filter { $0 != node } }

    /// Whom `node` asks for what `other` wrote, besides `other`.
    package func relays(of node: Int, for other: Int) -> [Int] {
        others(than: node).filter { report(node, of: $0)?.relays.contains(names[other]) == true }
    }

    /// Whether every log has the same entries by number.
    package var isConverged: Bool {
        let vector = nodes[0].log.vector
        return nodes.allSatisfy { $0.log.vector == vector }
    }

    /// Everybody follows everybody and asks nobody for another's entries.
    package var isDirect: Bool {
        names.indices.allSatisfy { node in
            reports(node).allSatisfy { $0.link == .following && $0.relays.isEmpty }
                && others(than: node).allSatisfy { asked[Way(from: node, to: $0)] == [names[$0]] }
        }
    }

    /// The open streams of all nodes, without calls that were not answered yet.
    package var streamCount: Int { streams.count { $0?.feed != nil } }

    /// The longest way of an entry from a node that has just stored it to the log of a node that follows it.
    package var hopMilliseconds: UInt64 { network.delayMillisecondsMax + storeMilliseconds }

    // MARK: doing

    @discardableResult package func write(_ node: Int, bytes: Int = 40) -> UInt64 {
        let seq = nodes[node].log.append(Self.body(bytes, &random))
        written += 1
        logChanged(node)
        return seq
    }

    package static func body(_ bytes: Int, _ random: inout SplitMix64) -> [UInt8] {
        let seed = random.next()
        return (0..<bytes).map { UInt8(truncatingIfNeeded: seed >> UInt64($0 % 8 * 8)) }
    }

    /// Lets the time pass until the condition holds.
    ///
    /// - Returns: the milliseconds it took, or nil if they were up.
    @discardableResult package func run(_ milliseconds: UInt64, until isOver: () -> Bool = { false }) -> UInt64? {
        let (start, end) = (now, now + milliseconds)
        if isOver() { return 0 }
        while let time = queue.nextTime, time <= end, let next = queue.removeFirst() {
            now = next.time
            handle(next.event)
            if isOver() { return now - start }
        }
        now = end
        return nil
    }

    /// An event for a node's engine, such as the operator's.
    package func tell(_ node: Int, _ event: (inout ReplicationEngine, UInt64) -> [EngineAction]) {
        let start = stopwatch?() ?? 0
        let actions = event(&nodes[node].engine, now)
        if let end = stopwatch?() { engineNanoseconds &+= end &- start }
        engineEvents += 1
        if checksPlans, !nodes[node].engine._isPlanCurrent(now: now) { outdatedPlans += 1 }
        perform(actions, node)
    }

    /// What was counted so far is forgotten.
    package func resetCounters() {
        traffic = Traffic()
        (engineEvents, engineNanoseconds) = (0, 0)
        hops = Array(repeating: 0, count: hops.count)
    }
}
