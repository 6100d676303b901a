import Crypto
import CSQLite
import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import ParkSyncWire
import Synchronization

/// A federation of whole nodes on virtual time, in one thread: the shipped store, replication and
/// merge over virtual disks, links and clocks.
///
/// The run of a world is a pure function of its history and the build; `trace` tells whether two
/// runs were the same.
package final class World: VirtualLinks, @unchecked Sendable {
    // Confined to one thread, as all links are.
    package let history: History
    var parks: [SimulatedPark] = []
    var judge: Judge
    var work: WorldWork
    /// The node whose software is not ours, and what it tells.
    var liar: LyingNode?
    private let hasCanary: Bool
    /// Told what happens, for people.
    let narrate: ((String) -> Void)?
    /// How often what happened, by its name.
    package internal(set) var counters = Counters()
    /// Longest time that a piece of a store's work waits for its turn.
    let stepMillisecondsMax: UInt64
    package private(set) var steps = 0
    /// The park that was taken out of the zone.
    var fenced: FencedPark?
    /// What lies on no virtual disk.
    let folder = WorldFolder()
    /// What has passed of the world's time while nothing happened: hours and days, for deadlines.
    var passedMilliseconds: UInt64 = 0
    /// The furthest that any wall clock was ahead.
    var latestOffset: Int64 = 0

    static let parkNames =
        ["airport", "bio-city", "jingrong-town", "science-city", "south", "west"]
        + (7...WorldLimits.nodesMax).map { "zone-\($0)" }

    /// - Parameters:
    ///   - hasCanary: whether the nodes merge wrongly: see `Canary`.
    ///   - tell: told what happens, for people.
    /// - Throws: what making the disks throws.
    init(_ history: History, hasCanary: Bool, tell: ((String) -> Void)?) throws {
        (self.hasCanary, narrate) = (hasCanary, tell)
        self.history = history
        var random = Self.random(for: history)
        work = try WorldWork(.drawn(for: history, &random), seed: random.next())
        judge = Judge(schemas: work.schemas, nodes: history.nodes)
        stepMillisecondsMax = [1, 3, 12, 60][Int(random.below(4))]
        let network = VirtualNetwork(
            delayMillisecondsMax: [2, 20, 200][Int(random.below(3))], piecesMax: 1 + random.below(4))
        super.init(
            Self.parkNames.prefix(history.nodes).compactMap { OriginID($0) }, network: network, seed: random.next())
        for (index, origin) in names.enumerated() {
            let clock = ParkClock { [unowned self] in
                now
            } passed: { [unowned self] in
                passedMilliseconds
            }
            let disk = try Self.makeDisk(seed: random.next())
            parks.append(
                try SimulatedPark(
                    index: index, origin: origin, disk: disk, clock: clock, upgradesSoftware: history.seed / 10 % 3 == 0
                ))
            let nothing = NodeState(
                origin: origin, schemaNumber: 1, schemaHash: [], applied: VersionVector(), logged: VersionVector(),
                digest: nil)
            nodes.append(Node(engine: engine(for: nothing, index, isRecovering: false)))
            nodes[index].isUp = false
        }
        if history.profile.hasLiar, let park = history.seed % 2 == 0 ? parks.last : parks.first { admitLiar(park) }
        for park in parks { start(park) }
        for step in history.steps { queue.add(.task { [unowned self] in begin(step) }, at: max(step.time, now)) }
    }

    /// What everything is drawn from that a history does not say.
    static func random(for history: History) -> SplitMix64 { SplitMix64(state: history.seed ^ 0x776F_726C_64) }

    /// Disks need names that no other has: several worlds may be in one process.
    private static let disksMade = Atomic<UInt64>(0)

    static func makeDisk(seed: UInt64) throws -> VirtualDisk {
        let number = disksMade.add(1, ordering: .relaxed).newValue
        var model = VirtualDisk.Model()
        // What SQLite takes for granted of files on Unix: a torn write leaves the bytes beside it
        // alone.
        model.characteristics = SQLITE_IOCAP_POWERSAFE_OVERWRITE
        return try VirtualDisk(name: "park-\(number)", seed: seed, model: model)
    }

    private func begin(_ step: Step) {
        steps += 1
        narrate?("\(step)")
        counters.add("step \(step.verb.rawValue)")
        mix(step.time)
        perform(step)
    }

    var members: [String: [UInt8]] {
        Dictionary(
            parks.map { ($0.origin.park, Array($0.identity.publicKey.rawRepresentation)) },
            uniquingKeysWith: { first, _ in first })
    }

    // MARK: what the links ask

    override func changeLog(_ node: Int) -> (any ChangeLog)? { liar?.node == node ? liar?.log : parks[node].store }
    override func changeLog(_ node: Int, for stream: Stream) -> (any ChangeLog)? {
        liar?.node == node ? shownByLiar(stream) : changeLog(node)
    }
    override func asking(_ request: LogRequest, _ way: Way) -> LogRequest {
        liar?.node == way.from ? misled(request, to: way.to) : request
    }
    override func bytes(of frame: LogFrame, _ stream: Stream) -> [UInt8] {
        liar?.node == stream.way.to ? lyingBytes(of: frame, stream) : frame.encode()
    }
    override func hasHeard(_ stream: Stream) { if !stream.lies.isEmpty { hasHeardLies(stream) } }
    override func monotonic(_ node: Int) -> UInt64 {
        parks.indices.contains(node) ? parks[node].clock.monotonicMilliseconds() : now
    }
    override func protocolVersion(of node: Int, seenBy other: Int) -> UInt64 {
        let version = Int(WireLimits.protocolVersion) + parks[node].software - parks[other].software
        return UInt64(max(0, version))
    }
    override func wall(_ node: Int) -> UInt64 { parks[node].clock.wallMilliseconds() }
    override func moment(_ node: Int, monotonic time: UInt64) -> UInt64 { parks[node].clock.moment(monotonic: time) }
    override func logLook(_ node: Int) -> LogLook? {
        guard var look = changeLog(node).map({ LogLook($0) }) else { return nil }
        // The liar's engine hears of its log, and of its file only that it may write.
        look.standing = parks[node].store?.standing()
        return look
    }
    override func carryOut(_ demand: LogDemand, _ node: Int) { carryOut(demand, parks[node]) }

    override func keep(_ slice: LogSlice, _ stream: Stream) {
        let park = parks[stream.way.from]
        if park.software != parks[stream.way.to].software {
            judge.fail(5, "\(park.origin) takes entries from \(stream.key.peer), whose software it does not understand")
        }
        if isLiar(park) {
            if let author = parks.first(where: { $0.origin.park == slice.origin.park }) {
                liar?.hear(slice, key: author.identity.publicKey)
            }
            return after(1) { [unowned self] in self.tell(park.index) { $0.stored(stream.key, .stored, now: $1) } }
        }
        let life = park.life
        park.store?.receive(slice) { [unowned self] result in
            guard park.life == life, !park.disk.isDead else { return }
            let (outcome, isHeard) = (StoreOutcome(result), isListening(stream))
            count(outcome)
            tell(park.index) { $0.stored(stream.key, outcome, now: $1) }
            if isHeard { checkForgery(park, stream, outcome) }
        }
    }

    private func count(_ outcome: StoreOutcome) {
        switch outcome {
        case .stored: break
        case .refused(let refusal): counters.add("slice refused: \(refusal.cause.rawValue)")
        case .failed: counters.add("slice not kept")
        }
    }

    // MARK: the schedule

    /// Lets a store's queue do its next piece of work in a while.
    func schedule(_ park: SimulatedPark, _ lane: @escaping (SimulatedPark) -> WorkLane?) {
        let life = park.life
        // Mostly soon; sometimes the disk or the processor is busy, and more work gathers.
        let wait = random.below(random.below(4) == 0 ? stepMillisecondsMax + 1 : 2)
        after(wait) { [unowned self] in
            guard park.life == life, let lane = lane(park) else { return }
            lane.runNext()
            look(park)
            if park.life == life, !lane.isEmpty { schedule(park) { lane === $0.writing ? $0.writing : $0.verifying } }
        }
    }

    /// Looks at what a piece of work has done: whether the machine died in it, and whether what it
    /// published keeps the promises.
    func look(_ park: SimulatedPark) {
        if park.disk.isDead { return end(park, .inTheMiddle) }
        guard park.hasNews, let store = park.store else { return }
        park.hasNews = false
        let state = store.state()
        mix(UInt64(park.index) << 32 | state.applied.elements.reduce(0) { $0 &* 31 &+ $1.seq })
        if let digest = state.digest { mix(digest.hash.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }) }
        narrate?(
            """
            @\(now) \(park.origin)\(store.counts.isRecovering ? " recovering" : ""): logged \(state.logged), \
            applied \(state.applied)
            """
        )
        noteRecovered(park, store)
        // Who fetches a log back may hear of a fence late; the tables are made anew in the end.
        judge.look(park, store, state, isOut: isOut(park) || (fenced != nil && judge.isMakingGood(park)))
        checkFence(park, store)
        noteOtherSoftware(park)
        noteLiar(park)
        checkBranch(park, store)
        for report in reports(park.index) where report.agreement?.isSame == false {
            // It is free to say that its tables are others.
            if history.profile == .frames, report.peer == liar?.origin {
                counters.add("other tables of the liar noticed")
                continue
            }
            // Where rows were changed past capture, tables differ until they are repaired, and the
            // last comparison is of before.
            if let other = places[report.peer], judge.hadHands(park.index) || judge.hadHands(other) { continue }
            // Where a park has forked, the one vector is two, and which of them a comparison was
            // about is forgotten with a file.
            if let other = places[report.peer],
                !judge.haveSameLogs(park.index, other) || judge.hasForgottenBranch(park.index, other)
            {
                continue
            }
            judge.fail(
                2,
                """
                \(park.origin) finds that \(report.peer) has other tables at \
                \(report.agreement?.vector.description ?? "")
                """
            )
        }
        serve(park)
    }

    func storeChanged(_ park: SimulatedPark, life: UInt64) {
        guard park.life == life, !park.disk.isDead else { return }
        park.hasNews = true
        logChanged(park.index)
    }

    // MARK: beginning and ending

    package enum Ending: Sendable {
        case gracefully, killed, powerLost
        /// A disk fault has ended the machine already.
        case inTheMiddle
    }

    func start(_ park: SimulatedPark) {
        guard park.store == nil, park.isWanted, !isLiar(park), now >= park.handledUntil else { return }
        park.life += 1
        let life = park.life
        let writing = WorkLane { [unowned self] in schedule(park) { $0.writing } }
        let verifying = WorkLane { [unowned self] in schedule(park) { $0.verifying } }
        (park.writing, park.verifying) = (writing, verifying)
        do {
            if !park.hasRun, random.below(8) > 0 { park.disk.restore(try work.newFile(of: park, members: members)) }
            var options = StoreOptions(
                path: park.path, origin: park.origin, identity: park.identity, members: members,
                schema: work.compiled[park.schemas - 1],
                clock: park.clock, recoversWhenNew: park.hasRun)
            equip(&options, park, writing, verifying)
            options.locksFile = false
            options.checksHeads = parks.count > 1
            if hasCanary { options.mergeRule = Canary.rule }
            let store = try ParkStore(options)
            guard !park.disk.isDead else { return end(park, .inTheMiddle) }
            park.store = store
            park.hasRun = true
            park.observation = store.observe { [unowned self] in storeChanged(park, life: life) }
            nodes[park.index].isUp = true
            nodes[park.index].start += 1
            nodes[park.index].engine = engine(for: store.state(), park.index, isRecovering: store.counts.isRecovering)
            judge.started(park, store, others: parks)
            tellLie(park)
            park.hasNews = true
            startServices(park)
            startVerifying(park)
            guard park.store === store else { return }
            let (seen, wall) = (LogLook(store), park.clock.wallMilliseconds())
            tell(park.index) { $0.saw(seen, now: $1, wall: wall) + $0.tick(now: $1) }
            look(park)
        } catch {
            counters.add("start failed")
            if park.disk.isDead { return end(park, .inTheMiddle) }
            judge.startFailed(park, error)
            after(1_000) { [unowned self] in if park.life == life { start(park) } }
        }
    }

    /// Ends the node's process, or its machine.
    func end(_ park: SimulatedPark, _ ending: Ending) {
        let wasUp = nodes[park.index].isUp
        if wasUp, ending == .gracefully { tell(park.index) { $0.stop(now: $1) } }
        if case .powerLost = ending { losePower(park) }
        if case .killed = ending { park.disk.kill() }
        if case .inTheMiddle = ending {
            counters.add("died in a disk write")
            if random.below(2) == 0 { park.disk.kill() } else { losePower(park) }
        }
        narrate?("@\(now) \(park.origin) ends: \(ending), \(park.disk.counters)")
        park.life += 1
        park.writing?.drop()
        park.verifying?.drop()
        park.reading?.drop()
        park.store?.abandon()
        (park.store, park.writing, park.verifying, park.reading, park.observation) = (nil, nil, nil, nil, nil)
        (park.program, park.idleProgram, park.witness) = (nil, nil, nil)
        (park.verifier, park.driver, park.desk) = (nil, nil, nil)
        nodes[park.index].isUp = false
        let isSudden = ending != .gracefully && random.below(3) == 0
        for other in others(than: park.index) {
            if let stream = stream(park.index, to: other) { forget(stream) }
            guard let stream = stream(other, to: park.index) else { continue }
            // A machine that is gone says nothing; a process that is gone has its connections reset
            // by the kernel.
            if isSudden { fallSilent(stream) } else { reset(stream) }
        }
        if park.hasLostSyncs { lookAfterLies(park) }
    }
}
