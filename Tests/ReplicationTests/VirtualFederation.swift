import ParkSyncCore
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

/// Nodes on virtual time, in one thread and without tasks: the shipped engine and feed, over links that delay, cut and fall silent.
///
/// One seed decides everything that happens; `trace` tells whether two runs were the same.
final class VirtualFederation {
    /// The way on which `from` calls `to` and follows its log.
    struct Way: Hashable {
        var from: Int
        var to: Int
    }

    /// What can go wrong with a link; counted when it does.
    enum Fault: Hashable, CaseIterable {
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

    final class Node {
        let log: VirtualLog
        var engine: ReplicationEngine
        var isUp = true
        /// Counts the starts: events for an earlier start are ignored.
        var start: UInt64 = 1
        /// Only the newest alarm rings, as the driver is free to forget the earlier ones.
        var alarm: UInt64 = 0
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
        var bytesUnderWay = 0
        var held: [[UInt8]] = []
        var feedAlarm: UInt64 = 0
        init(key: StreamKey, way: Way, start: UInt64) { (self.key, self.way, self.start) = (key, way, start) }
    }

    enum Event {
        case tick(node: Int, alarm: UInt64)
        case call(Stream, request: [UInt8])
        case feed(Stream, alarm: UInt64)
        case bytes(Stream, [UInt8])
        case closed(Stream, LinkFailure)
        case stored(Stream, LogSlice)
    }

    /// Most bytes that a stream has under way before its feed waits.
    static let windowBytes = 4 << 20

    let names: [OriginID]
    let delayMilliseconds: UInt64
    let storeMilliseconds: UInt64
    var nodes: [Node] = []
    var queue = VirtualQueue<Event>()
    var random: SplitMix64
    var now: UInt64 = 1_000
    var trace: UInt64 = 0xCBF2_9CE4_8422_2325
    /// The open streams, by way. At most one of each node to each other.
    var streams: [Way: Stream] = [:]
    var cut: Set<Way> = []
    var silent: Set<Way> = []
    /// Asks each peer only for what the peer itself wrote, whatever the engine wants.
    var dropsRelays = false

    /// How often each fault has met a call or a stream.
    var faults: [Fault: Int] = [:]
    /// What each way was last asked for.
    var asked: [Way: [OriginID]] = [:]
    var opened: [Way: Int] = [:]
    /// Entries that came in by each way, and how often, by origin.
    var received: [Way: [OriginID: Int]] = [:]
    var pauses = 0
    var storeRefusals: [SliceRefused] = []

    init(_ parks: [String] = sixParks, seed: UInt64, delay: UInt64 = 8, store: UInt64 = 5) {
        names = parks.map { origin($0) }.sorted()
        (delayMilliseconds, storeMilliseconds) = (delay, store)
        random = SplitMix64(state: seed)
        for name in names {
            let log = VirtualLog(name)
            nodes.append(Node(log: log, engine: engine(for: log, isRecovering: false)))
        }
        for node in names.indices { perform(nodes[node].engine.tick(now: now), node) }
    }

    static let sixParks = ["airport", "biocity", "jingrong", "science-city", "south", "west"]

    func engine(for log: VirtualLog, isRecovering: Bool) -> ReplicationEngine {
        ReplicationEngine(
            own: log.state(), peers: names.filter { $0 != log.origin }, seed: random.next(), isRecovering: isRecovering, now: now)
    }

    // MARK: looking

    func node(_ park: String) -> Int { names.firstIndex { $0.name == park } ?? 0 }
    func log(_ node: Int) -> VirtualLog { nodes[node].log }
    func reports(_ node: Int) -> [PeerReport] { nodes[node].engine.reports() }
    func report(_ node: Int, of other: Int) -> PeerReport? { reports(node).first { $0.peer == names[other] } }
    func others(than node: Int) -> [Int] { names.indices.filter { $0 != node } }

    /// Whom `node` asks for what `other` wrote, besides `other`.
    func relays(of node: Int, for other: Int) -> [Int] {
        others(than: node).filter { report(node, of: $0)?.relays.contains(names[other]) == true }
    }

    var isConverged: Bool {
        let vector = nodes[0].log.vector
        return nodes.allSatisfy { $0.log.vector == vector }
    }

    /// Everybody follows everybody and asks nobody for another's entries.
    var isDirect: Bool {
        names.indices.allSatisfy { node in
            reports(node).allSatisfy { $0.link == .following && $0.relays.isEmpty }
                && others(than: node).allSatisfy { asked[Way(from: node, to: $0)] == [names[$0]] }
        }
    }

    /// The longest way of an entry from a node that has just stored it to the log of a node that follows it.
    var hopMilliseconds: UInt64 { delayMilliseconds + storeMilliseconds }

    // MARK: doing

    /// Everybody has written once, knows everything and is connected with everybody.
    static func settled(_ seed: UInt64 = 1, parks: [String] = sixParks) throws -> VirtualFederation {
        let federation = VirtualFederation(parks, seed: seed)
        for node in federation.names.indices { federation.write(node) }
        try #require(federation.run(5_000) { federation.isConverged && federation.isDirect } != nil)
        federation.run(500)
        return federation
    }

    @discardableResult func write(_ node: Int, bytes: Int = 40) -> UInt64 {
        let seed = random.next()
        let seq = nodes[node].log.append((0..<bytes).map { UInt8(truncatingIfNeeded: seed >> UInt64($0 % 8 * 8)) })
        logChanged(node)
        return seq
    }

    /// Lets the time pass until the condition holds.
    ///
    /// - Returns: the milliseconds it took, or nil if they were up.
    @discardableResult func run(_ milliseconds: UInt64, until isOver: () -> Bool = { false }) -> UInt64? {
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

    /// An event from outside, such as the operator's.
    func tell(_ node: Int, _ event: (inout ReplicationEngine, UInt64) -> [EngineAction]) {
        perform(event(&nodes[node].engine, now), node)
    }
}
