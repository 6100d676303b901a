import ParkSyncCore
import ParkSyncReplication
import ParkSyncWire

/// Nodes on virtual time, in one thread and without tasks: the shipped engine and feed, over links
/// that delay, cut and fall silent.
///
/// What logs the nodes have, and how they keep what they receive, is a subclass's affair. One seed
/// decides everything that happens; `trace` tells whether two runs were the same. Nodes are
/// numbered in the order of their names.
package class VirtualLinks: EnginePorts, @unchecked Sendable {
    // Confined to one thread.
    /// The way on which `from` calls `to` and follows its log.
    package struct Way: Hashable, Sendable {
        package var from: Int
        package var to: Int
        package init(from: Int, to: Int) { (self.from, self.to) = (from, to) }
    }

    /// What can go wrong with a link; counted when it does.
    package enum Fault: String, Hashable, CaseIterable, Sendable {
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

    /// What goes wrong with single calls and streams of a way; counted when it does.
    package enum Flaw: String, Hashable, CaseIterable, Sendable {
        /// A call is answered, and the answer does not come back.
        case lostAnswer
        /// A call reaches the peer twice.
        case duplicated
        /// What is sent arrives in very small pieces.
        case dripped
        /// A byte is another one when it arrives.
        case garbled
    }

    package final class Node {
        package internal(set) var engine: ReplicationEngine
        package internal(set) var isUp = true
        /// Counts the starts: events for an earlier start are ignored.
        var start: UInt64 = 1
        /// Only the newest alarm rings, as the driver is free to forget the earlier ones.
        var alarm: UInt64 = 0
        var uplink = Uplink()
        /// Whether the followers are about to be told of a change.
        var isTelling = false
        init(engine: ReplicationEngine) { self.engine = engine }
    }

    final class Stream: @unchecked Sendable {
        // Confined to its links' thread.
        let key: StreamKey
        let way: Way
        let start: UInt64
        var request: LogRequest?
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
        /// Of all that was sent, and of what has arrived.
        var bytesSent = 0
        var bytesHeard = 0
        /// What is under way and not so, oldest first.
        var lies: [StreamLieSent] = []
        /// Whether a frame was begun whose end never comes: all that is sent behind it is a part of
        /// it.
        var isEndless = false
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
        case task(() -> Void)
    }

    /// Most bytes that a stream has under way before its feed waits.
    static let windowBytes = 4 << 20

    package let names: [OriginID]
    package internal(set) var network: VirtualNetwork
    package internal(set) var nodes: [Node] = []
    let places: [OriginID: Int]
    var queue = VirtualQueue<Event>()
    package var random: SplitMix64
    package private(set) var now: UInt64 = 1_000
    package internal(set) var trace: UInt64 = 0xCBF2_9CE4_8422_2325
    /// The open streams: row `to`, column `from`. At most one of each node to each other.
    private var streams: [Stream?]
    var cut: Set<Way> = []
    var silent: Set<Way> = []
    /// Ways on which single calls and streams go wrong, and how.
    var flaws: [Way: Flaw] = [:]
    /// Asks each peer only for what the peer itself wrote, whatever the engine wants.
    package var dropsRelays = false
    /// Compares each engine's plan after each event with one that is made from nothing.
    package var checksPlans = false
    package private(set) var outdatedPlans = 0
    private let stopwatch: (() -> UInt64)?

    /// How often each fault has met a call or a stream.
    package internal(set) var faults: [Fault: Int] = [:]
    package internal(set) var flawsMet: [Flaw: Int] = [:]
    /// What each way was last asked for.
    package internal(set) var asked: [Way: [OriginID]] = [:]
    package internal(set) var opened: [Way: Int] = [:]
    /// Entries that came in by each way, and how often, by origin.
    package internal(set) var received: [Way: [OriginID: Int]] = [:]
    package internal(set) var pauses = 0
    package internal(set) var traffic = Traffic()
    package internal(set) var streamsOpened = 0
    package internal(set) var engineEvents = 0
    package private(set) var eventsHandled = 0
    package internal(set) var engineNanoseconds: UInt64 = 0

    /// - Parameter stopwatch: a clock, in nanoseconds, by which the engines' cost is measured; it
    ///   decides nothing.
    init(_ parks: [OriginID], network: VirtualNetwork, seed: UInt64, stopwatch: (() -> UInt64)? = nil) {
        self.stopwatch = stopwatch
        names = parks.sorted()
        places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        self.network = network
        random = SplitMix64(state: seed)
        streams = Array(repeating: nil, count: names.count * names.count)
    }

    // MARK: what a subclass says

    /// The node's log; nil while it cannot be asked.
    func changeLog(_ node: Int) -> (any ChangeLog)? { nil }
    /// What it shows to whoever asked for a stream.
    func changeLog(_ node: Int, for stream: Stream) -> (any ChangeLog)? { changeLog(node) }
    /// The node's clocks, in milliseconds.
    func monotonic(_ node: Int) -> UInt64 { now }
    func wall(_ node: Int) -> UInt64 { now }
    /// When the node's monotonic clock shows `time`, in virtual milliseconds.
    func moment(_ node: Int, monotonic time: UInt64) -> UInt64 { time }
    /// Which version of the peer protocol `node` speaks, for `other`'s software;
    /// `WireLimits.protocolVersion` if they are the same.
    func protocolVersion(of node: Int, seenBy other: Int) -> UInt64 { WireLimits.protocolVersion }
    /// What the node's engine is told of its log; nil while it cannot be asked. Where logs are not
    /// compared at a start, and a recovery is ended by whoever began it, it hears of no standing.
    func logLook(_ node: Int) -> LogLook? {
        guard let log = changeLog(node) else { return nil }
        var look = LogLook(log)
        look.standing = nil
        return look
    }
    /// Does what the node's engine wants of its log, and tells the engine.
    func carryOut(_ demand: LogDemand, _ node: Int) {}
    /// Stores what has come in by the stream, at once or later, and tells the node's engine what
    /// became of it.
    func keep(_ slice: LogSlice, _ stream: Stream) {}
    /// What the node asks for, as it asks for it.
    func asking(_ request: LogRequest, _ way: Way) -> LogRequest { request }
    /// What the node at the far end sends of a frame.
    func bytes(of frame: LogFrame, _ stream: Stream) -> [UInt8] { frame.encode() }
    /// The node at the near end has read what has arrived.
    func hasHeard(_ stream: Stream) {}
    /// The log of the event `.stored`.
    func store(_ slice: LogSlice, _ stream: Stream) {}

    func engine(for state: NodeState, _ node: Int, isRecovering: Bool) -> ReplicationEngine {
        ReplicationEngine(
            own: state, peers: names.filter { $0 != names[node] }, seed: random.next(), isRecovering: isRecovering,
            now: monotonic(node))
    }

    func stream(_ from: Int, to: Int) -> Stream? { streams[to * names.count + from] }
    func setStream(_ way: Way, _ stream: Stream?) { streams[way.to * names.count + way.from] = stream }
    func isCut(_ way: Way) -> Bool { !network.topology.joins(way.from, way.to, of: names.count) || cut.contains(way) }

    // MARK: looking

    package func node(_ park: String) -> Int { names.firstIndex { $0.name == park } ?? 0 }
    package func reports(_ node: Int) -> [PeerReport] { nodes[node].engine.reports() }
    package func report(_ node: Int, of other: Int) -> PeerReport? { reports(node).first { $0.peer == names[other] } }
    package func others(than node: Int) -> [Int] { names.indices.filter { $0 != node } }

    /// Whom `node` asks for what `other` wrote, besides `other`.
    package func relays(of node: Int, for other: Int) -> [Int] {
        others(than: node).filter { report(node, of: $0)?.relays.contains(names[other]) == true }
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

    // MARK: doing

    /// Lets the time pass until the condition holds.
    ///
    /// - Returns: the milliseconds it took, or nil if they were up.
    @discardableResult package func run(_ milliseconds: UInt64, until isOver: () -> Bool = { false }) -> UInt64? {
        let (start, end) = (now, now + milliseconds)
        if isOver() { return 0 }
        while let time = queue.nextTime, time <= end, let next = queue.removeFirst() {
            now = next.time
            eventsHandled += 1
            handle(next.event)
            if isOver() { return now - start }
        }
        now = end
        return nil
    }

    /// An event for a node's engine, such as the operator's.
    package func tell(_ node: Int, _ event: (inout ReplicationEngine, UInt64) -> [EngineAction]) {
        var node = node
        perform(tell(&node, event), &node)
    }

    package func tell(
        _ node: inout Int, _ event: (inout ReplicationEngine, UInt64) -> [EngineAction]
    ) -> [EngineAction] {
        let start = stopwatch?() ?? 0
        let actions = event(&nodes[node].engine, monotonic(node))
        if let end = stopwatch?() { engineNanoseconds &+= end &- start }
        engineEvents += 1
        if checksPlans, !nodes[node].engine._isPlanCurrent(now: monotonic(node)) { outdatedPlans += 1 }
        return actions
    }
}
