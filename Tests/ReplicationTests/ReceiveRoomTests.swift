import ParkSyncCore
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

private typealias Engine = EngineUnderTest

/// What peers together may have this node keep in memory.
@Suite("Room for what peers send") struct ReceiveRoomTests {
    private static let long = WireLimits.longFrameBytesMin + 1
    private static let bio = origin("bio-city")

    private func frame(_ peer: OriginID, _ first: UInt64, bytes: Int = long) -> [UInt8] {
        LogFrame.entries(Engine.slice(peer, first, bytes: bytes)).encode()
    }

    private func greeted(_ peers: [OriginID]) -> Engine {
        var south = Engine(peers: peers)
        for peer in peers { south.greet(peer, Engine.state(of: peer, logged: [(peer, 9)])) }
        return south
    }

    private func hear(_ bytes: some Sequence<UInt8>, from peer: OriginID, at south: inout Engine) throws
        -> [EngineAction]
    {
        let key = try #require(south.keys[peer])
        return south.note(south.engine.received(key, Array(bytes), now: south.now, wall: south.wall))
    }

    // MARK: long frames

    @Test("Long frames of several peers come one after the other") func oneAtATime() throws {
        var south = greeted([Engine.airport, Self.bio, Engine.west])
        let frames = Dictionary(
            uniqueKeysWithValues: [Engine.airport, Self.bio, Engine.west].map { ($0, frame($0, 1)) })
        #expect(try hear(try #require(frames[Engine.west]).prefix(1_000), from: Engine.west, at: &south).pauses.isEmpty)
        for peer in [Engine.airport, Self.bio] {
            #expect(
                try hear(try #require(frames[peer]).prefix(1_000), from: peer, at: &south).pauses == [
                    try #require(south.keys[peer])
                ])
        }
        // The silence of those who wait is this node's doing; short frames of others are taken
        // meanwhile.
        #expect(south.tick(after: WireLimits.silenceMillisecondsMax - 1).closes.isEmpty)
        let rest = try hear(try #require(frames[Engine.west]).dropFirst(1_000), from: Engine.west, at: &south)
        #expect(rest.stores.map(\.origin) == [Engine.west] && rest.resumes.isEmpty && rest.pauses.count == 1)
        // It is stored: the next one goes on, and the one behind it waits still.
        let airport = try #require(south.keys[Engine.airport])
        let west = try #require(south.keys[Engine.west])
        #expect(Set(south.stored(.stored, Engine.west).resumes) == [airport, west])
        #expect(
            try hear(try #require(frames[Engine.airport]).dropFirst(1_000), from: Engine.airport, at: &south).stores
                .count == 1)
        #expect(south.stored(.stored, Engine.airport).resumes.contains(try #require(south.keys[Self.bio])))
    }

    @Test("Who waits goes on when the other's link ends", arguments: [true, false]) func theHolderLeaves(
        isStoring: Bool
    ) throws {
        var south = greeted([Engine.airport, Engine.west])
        let long = frame(Engine.west, 1)
        _ = try hear(isStoring ? long[...] : long.prefix(1_000), from: Engine.west, at: &south)
        #expect(try hear(frame(Engine.airport, 1).prefix(1_000), from: Engine.airport, at: &south).pauses.count == 1)
        let key = try #require(south.keys[Engine.west])
        let airport = try #require(south.keys[Engine.airport])
        let ended = south.close(Engine.failure(.broken))
        // What was given to the log takes memory until the log is done with it.
        #expect(ended.resumes == (isStoring ? [] : [airport]))
        guard isStoring else { return }
        #expect(south.note(south.engine.stored(key, .stored, now: south.now)).resumes == [airport])
    }

    @Test(
        "A link that is paused, or whose park is taken out, leaves its room to the others", arguments: [true, false],
        [true, false])
    func theHolderIsSentAway(isFenced: Bool, isWhole: Bool) throws {
        var south = greeted([Engine.airport, Engine.west])
        let (west, airport) = (try #require(south.keys[Engine.west]), try #require(south.keys[Engine.airport]))
        let half = frame(Engine.west, 1).prefix(1_000)
        // The log has a long entry, and another one waits for it.
        let both = frame(Engine.west, 1, bytes: WireLimits.storingBytesMax - Self.long + 1) + frame(Engine.west, 2)
        _ = try hear(isWhole ? both[...] : half, from: Engine.west, at: &south)
        #expect(try hear(frame(Engine.airport, 1).prefix(1_000), from: Engine.airport, at: &south).pauses == [airport])
        let actions: [EngineAction]
        if isFenced {
            actions = south.engine.ownStateChanged(
                south.own, now: south.now, wall: 1, membership: Membership(fenced: ["west"], former: []))
        } else {
            let told = south.engine.setPaused("west", true, now: south.now)
            actions = try #require(told)
        }
        #expect(actions.closes == [west] && actions.resumes == (isWhole ? [] : [airport]))
        guard isWhole else { return }
        #expect(south.engine.stored(west, .stored, now: south.now).resumes == [airport])
    }

    @Test("A long frame that does not come to its end gives way while others wait, and only then") func aSlowFrame()
        throws
    {
        var south = greeted([Engine.airport, Engine.west])
        let (long, step) = (frame(Engine.west, 1, bytes: 30 << 20), WireLimits.progressBytesMin)
        let west = try #require(south.keys[Engine.west])
        var sent = 0
        func drip(_ count: Int) throws -> [EngineAction] {
            var actions: [EngineAction] = []
            for _ in 0..<count {
                actions += try hear(long[sent..<(sent + step)], from: Engine.west, at: &south)
                sent += step
                actions += south.tick(after: 10_000)
                actions += south.hear(
                    .state(Engine.state(of: Engine.airport, logged: [(Engine.airport, 9)]), wallMilliseconds: 1),
                    from: Engine.airport)
            }
            return actions
        }
        #expect(try drip(20).closes.isEmpty, "nobody waits")
        _ = try hear(frame(Engine.airport, 1).prefix(1_000), from: Engine.airport, at: &south)
        let actions = try south.alarm.map { alarm -> [EngineAction] in
            south.now = max(south.now, alarm)
            return south.tick() + (try drip(0))
        }
        #expect(actions?.closes == [west])
        #expect(
            south.report(Engine.west)?.failure?.kind == .broken
                && south.report(Engine.west)?.failure?.reason.contains("others wait") == true)
    }

    // MARK: shares

    @Test("Each peer has its share of what waits for the log") func shares() throws {
        let many = (0..<64).map { origin("p\($0)") }
        var south = greeted(many)
        let share = WireLimits.inboundBytesOfAllMax / 64
        let slices = (1...4).map { LogFrame.entries(Engine.slice(many[0], UInt64($0), bytes: share / 2 + 1)) }
        #expect(south.hear(slices[0], from: many[0]).stores.count == 1)
        #expect(south.hear(slices[1], from: many[0]).pauses.isEmpty)
        #expect(south.hear(slices[2], from: many[0]).pauses.count == 1)
        #expect(south.hear(LogFrame.entries(Engine.slice(many[1], 1, bytes: share)), from: many[1]).pauses.isEmpty)
    }

    @Test("The log has so many bytes at a time, and one piece of each peer") func storing() throws {
        var south = greeted([Engine.airport, Engine.west])
        let (piece, count) = (WireLimits.storeBatchBytesMax, WireLimits.storingBytesMax / WireLimits.storeBatchBytesMax)
        var given = 0
        for seq in 1...UInt64(count + 2) {
            given += south.hear(.entries(Engine.slice(Engine.west, seq, bytes: piece)), from: Engine.west).stores.count
        }
        #expect(given == count)
        // The other peer's first piece is taken, the second waits for the log.
        #expect(
            south.hear(.entries(Engine.slice(Engine.airport, 1, bytes: piece)), from: Engine.airport).stores.count == 1)
        #expect(
            south.hear(.entries(Engine.slice(Engine.airport, 2, bytes: piece)), from: Engine.airport).stores.isEmpty)
        #expect(south.stored(.stored, Engine.airport).stores.count == 1)
    }

    @Test("What a stream gave to the log counts when the stream is over") func storingOfEarlierStreams() throws {
        var south = greeted([Engine.west])
        let piece = WireLimits.storeBatchBytesMax
        let count = WireLimits.storingBytesMax / piece
        for seq in 1...UInt64(count) { south.hear(.entries(Engine.slice(seq, bytes: piece))) }
        let old = try #require(south.keys[Engine.west])
        south.close(Engine.failure(.broken))
        south.tick(after: Backoff.lastMilliseconds)
        south.greet(Engine.west, Engine.state(of: Engine.west, logged: [(Engine.west, 99)]))
        var given = 0
        for seq in 1...4 { given += south.hear(.entries(Engine.slice(UInt64(seq), bytes: piece))).stores.count }
        #expect(given == 1)
        #expect(south.note(south.engine.stored(old, .stored, now: south.now)).stores.isEmpty)
        #expect(south.stored().stores.count == 1)
    }

    // MARK: entries that are too long

    @Test("An entry that is too long ends the link, is named, and is asked of nobody", arguments: [true, false])
    func tooLong(byItsFrame: Bool) throws {
        var south = greeted([Engine.airport, Engine.west])
        let ended: [EngineAction]
        if byItsFrame {
            ended = try hear(
                SliceCoding.frame(
                    Engine.slice(Engine.west, 4, bytes: 0), followedBy: CoreLimits.payloadBytesDefault + (2 << 20))
                    + [UInt8](repeating: 0, count: 200), from: Engine.west, at: &south)
        } else {
            #expect(south.hear(.entries(Engine.slice(4))).stores.count == 1)
            ended = south.stored(
                .refused(
                    SliceRefused(
                        .entryTooLong, origin: Engine.west, first: 4, reason: "too long", remedy: "Set entry.bytes_max."
                    )))
        }
        #expect(ended.closes.count == 1)
        #expect(
            south.engine.plan.tooLong.all.map(\.entry.first) == [4]
                && south.report(Engine.west)?.failure?.remedy.contains("entry.bytes_max") == true)
        south.tick(after: Backoff.lastMilliseconds)
        #expect(south.asked[Engine.west] == [] && south.asked[Engine.airport] == [Engine.airport])
        south.greet(Engine.west, Engine.state(of: Engine.west, logged: [(Engine.west, 9)]))
        #expect(south.report(Engine.west)?.failure == nil)
        // It came another way: its log is asked for again.
        let own = Engine.state(of: Engine.south, logged: [(Engine.west, 4)])
        let actions = south.note(south.engine.ownStateChanged(own, now: south.now, wall: 1)) + south.tick()
        #expect(actions.opens.count == 1 && south.asked[Engine.west] == [Engine.west])
    }

    /// The header of an entry of `origin` that no node takes.
    private func tooLong(_ origin: OriginID, _ first: UInt64) -> [UInt8] {
        SliceCoding.frame(Engine.slice(origin, first, bytes: 0), followedBy: CoreLimits.payloadBytesDefault + (2 << 20))
            + [UInt8](repeating: 0, count: 200)
    }

    @Test(
        "A header counts for nobody's log but what its sender was asked for", arguments: [Engine.airport, Engine.south])
    func unaskedTooLong(_ log: OriginID) throws {
        var south = greeted([Engine.airport, Engine.west])
        #expect(try hear(tooLong(log, 1_000_000), from: Engine.west, at: &south).closes.count == 1)
        #expect(south.engine.plan.tooLong.isEmpty)
        #expect(south.report(Engine.west)?.failure?.reason.contains("not asked for") == true)
        south.tick(after: Backoff.lastMilliseconds)
        #expect(south.asked[Engine.airport] == [Engine.airport] && south.asked[Engine.west] == [Engine.west])
    }

    @Test("What a relay says of a log's length is believed of that relay alone, and the next one is asked")
    func tooLongAtARelay() throws {
        var south = Engine(peers: [Engine.airport, Self.bio, Engine.west])
        for peer in [Engine.airport, Self.bio] {
            south.greet(peer, Engine.state(of: peer, logged: [(peer, 9), (Engine.west, 9)]))
        }
        south.close(Engine.failure(.unreachable), Engine.west)
        south.tick(after: RelayPlan.delayMilliseconds)
        let relays = [Engine.airport, Self.bio].filter { south.asked[$0]?.contains(Engine.west) == true }
        let liar = try #require(relays.first)
        let other = liar == Self.bio ? Engine.airport : Self.bio
        south.greet(liar, Engine.state(of: liar, logged: [(liar, 9), (Engine.west, 9)]))
        let key = try #require(south.keys[liar])
        #expect(try hear(tooLong(Engine.west, 7), from: liar, at: &south).closes.contains(key))
        let refused = try #require(south.engine.plan.tooLong.all.first)
        #expect(
            refused.peer == liar && refused.cause.hasPrefix(liar.name)
                && refused.remedy.hasSuffix("is not taken from \(liar)."))
        south.tick(after: RelayPlan.delayMilliseconds)
        #expect(south.asked[other] == [other, Engine.west].sorted())
        // Its own park is asked as ever, and so is the one that said so for what it wrote.
        south.tick(after: Backoff.lastMilliseconds)
        #expect(south.asked[liar] == [liar])
        #expect(south.asked[Engine.west] == [Engine.west])
    }

    // MARK: logs of no member

    @Test("A peer that names a log of no member loses its link, and is named") func strangers() throws {
        let stranger = origin("nowhere")
        let vectors: [(NodeState) -> NodeState] = [
            {
                var state = $0; state.logged[stranger] = 1; return state
            },
            {
                var state = $0; state.applied[stranger] = 1; return state
            },
            {
                var state = $0
                state.digest = StateDigest(
                    vector: VersionVector([(stranger, 1 as UInt64)]), schemaNumber: 1,
                    hash: [UInt8](repeating: 1, count: 32))
                return state
            },
        ]
        for (number, change) in vectors.enumerated() {
            var south = Engine()
            south.greet(Engine.west, change(Engine.state(of: Engine.west)))
            #expect(
                south.report()?.failure?.kind == .lying && south.report()?.lie?.kind == .unknownOrigin,
                "in the greeting, \(number)")
            var later = Engine()
            later.greet()
            #expect(
                later.hear(.state(change(Engine.state(of: Engine.west)), wallMilliseconds: 1)).closes.count == 1,
                "later, \(number)")
            #expect(later.report()?.lie?.reason.contains("nowhere") == true)
        }
        var south = Engine()
        south.greet()
        let actions = south.hear(
            .branch(
                LogBranch(
                    origin: stranger, heads: [.init(seq: 1, hash: [UInt8](repeating: 1, count: 32), signature: [])])))
        #expect(actions.closes.count == 1 && south.report()?.lie?.kind == .unknownOrigin)
        #expect(!actions.contains { if case .compare = $0 { true } else { false } })
    }

    @Test("Members, those of old, and their later logs are no strangers") func members() {
        var south = Engine(peers: [Engine.airport, Engine.west])
        let membership = Membership(fenced: ["bio-city"], former: ["science-city"])
        _ = south.note(south.engine.ownStateChanged(south.own, now: south.now, wall: 1, membership: membership))
        let named = ["bio-city", "science-city", "science-city~2", "airport~3", "south~4"].map {
            (origin($0), 1 as UInt64)
        }
        south.greet(Engine.west, Engine.state(of: Engine.west, logged: named))
        #expect(south.report()?.failure == nil && south.report()?.lie == nil)
    }

    /// The key of a park that was taken out comes with an entry of another log.
    @Test("A node that is behind may not know yet") func behind() throws {
        let former = origin("former")
        var south = greeted([Engine.airport])
        _ = south.note(
            south.engine.ownStateChanged(
                Engine.state(of: Engine.south, logged: [(Engine.airport, 9)]), now: south.now, wall: 1))
        let said = Engine.state(of: Engine.airport, logged: [(Engine.airport, 12), (former, 3)])
        #expect(south.hear(.state(said, wallMilliseconds: 1), from: Engine.airport).closes.isEmpty)
        // It has the entries, and still does not know.
        _ = south.note(
            south.engine.ownStateChanged(
                Engine.state(of: Engine.south, logged: [(Engine.airport, 12)]), now: south.now, wall: 1))
        #expect(south.hear(.state(said, wallMilliseconds: 1), from: Engine.airport).closes.count == 1)
    }

    @Test("Who sends nothing of what it says to have is not waited for") func idle() throws {
        var south = greeted([Engine.west])
        let said = Engine.state(of: Engine.west, logged: [(Engine.west, 1_000), (origin("nowhere"), 3)])
        #expect(south.hear(.state(said, wallMilliseconds: 1)).closes.isEmpty)
        south.now += WireLimits.headMillisecondsMax
        #expect(south.hear(.state(said, wallMilliseconds: 1)).closes.count == 1)
        #expect(south.report()?.lie?.kind == .unknownOrigin)
    }

    @Test("What peers name of others is not kept", arguments: 0..<3) func nothingIsKept(_ round: Int) {
        var south = greeted([Engine.west])
        for number in 0..<500 {
            let named = (0..<100).map { (origin("x\(round)-\(number)-\($0)"), 1 as UInt64) }
            south.hear(.state(Engine.state(of: Engine.west, logged: [(Engine.west, 9)] + named), wallMilliseconds: 1))
        }
        #expect(south.engine.plan.known.named(of: "x\(round)-0-0").isEmpty)
        #expect(south.engine.plan.known.count == 1)
    }

    @Test("A request that names a log of no member is refused") func requests() throws {
        var south = greeted([Engine.west])
        _ = south.engine.ownStateChanged(
            Engine.state(of: Engine.south, logged: [(Engine.west, 9)]), now: south.now, wall: 1)
        let sound = LogRequest(
            state: Engine.state(of: Engine.west, logged: [(Engine.west, 9)]), wallMilliseconds: 1, wants: [])
        #expect(south.engine.refusal(of: sound, from: "west", now: south.now) == nil)
        var wanting = sound
        wanting.wants = [LogWant(origin: origin("nowhere"), after: 0, hash: EntryChain.genesis)]
        var having = sound
        having.state.logged[origin("nowhere")] = 1
        for request in [wanting, having] {
            #expect(south.engine.refusal(of: request, from: "west", now: south.now)?.kind == .lying)
        }
        #expect(south.report()?.lie?.kind == .unknownOrigin && south.report()?.lies == 2)
    }

    // MARK: a damaged database

    @Test("A node whose database is damaged calls nobody, and goes on when it is mended") func halted() throws {
        var south = greeted([Engine.airport, Engine.west])
        let keys = Set(try [Engine.airport, Engine.west].map { try #require(south.keys[$0]) })
        #expect(Set(south.note(south.engine.setHalted(Engine.failure(.halted), now: south.now)).closes) == keys)
        for _ in 0..<20 { #expect(south.tick(after: 10_000).opens.isEmpty) }
        #expect(south.report()?.failure?.kind == .halted)
        #expect(south.note(south.engine.setHalted(nil, now: south.now)).opens.count == 2)
    }
}
