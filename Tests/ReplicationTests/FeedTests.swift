import ParkSyncCore
import ParkSyncSimulation
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

/// What one stream says, and when.
@Suite struct FeedTests {
    private static let airport = origin("airport")
    private static let south = origin("south")
    private static let west = origin("west")

    private static func request(
        _ wants: [LogWant] = [], schema: (UInt64, UInt8) = (1, 1), version: UInt64 = WireLimits.protocolVersion
    )
        -> LogRequest
    {
        let state = VirtualLog(west, schemaNumber: schema.0, schemaHash: schema.1).state()
        return LogRequest(protocolVersion: version, state: state, wallMilliseconds: 0, wants: wants)
    }

    private static func want(_ origin: OriginID, after: UInt64 = 0, hash: [UInt8] = EntryChain.genesis) -> LogWant {
        LogWant(origin: origin, after: after, hash: hash)
    }

    /// South's log with a number of its own entries.
    private func log(entries: Int = 0, bytes: Int = 3) -> VirtualLog {
        let log = VirtualLog(Self.south)
        for number in 0..<entries { log.append([UInt8](repeating: UInt8(number & 0xFF), count: bytes)) }
        return log
    }

    /// Another park's entries in a log.
    private func relay(_ origin: OriginID, entries: Int, bytes: Int, into log: VirtualLog) throws {
        let author = VirtualLog(origin)
        for number in 0..<entries { author.append([UInt8](repeating: UInt8(number & 0xFF), count: bytes)) }
        if let slice = try author.read(origin: origin, after: 0, bytesMax: Int.max) { try log.store(slice) }
    }

    private struct Said {
        var frames: [LogFrame] = []
        var waitsUntil: UInt64?
        var isFinished = false

        var slices: [LogSlice] { frames.compactMap { if case .entries(let slice) = $0 { slice } else { nil } } }
        var reports: [NodeState] { frames.compactMap { if case .state(let state, _) = $0 { state } else { nil } } }
        var goodbye: String? { if case .goodbye(let kind, _, _)? = frames.last { kind } else { nil } }
    }

    /// Everything that the feed says at one moment.
    private func drain(_ feed: inout LogFeed, _ log: VirtualLog, at now: UInt64) throws -> Said {
        var said = Said()
        while said.frames.count < 10_000 {
            switch try feed.next(state: log.state(), nowMilliseconds: now, wallMilliseconds: now + 7_000, log: log) {
            case .send(let frame): said.frames.append(frame)
            case .sendLong(let slice): said.frames.append(.entries(slice.head))
            case .finish(let frame):
                said.frames.append(frame)
                said.isFinished = true
                return said
            case .wait(let until):
                said.waitsUntil = until
                return said
            }
        }
        Issue.record("the feed does not stop talking")
        return said
    }

    // MARK: entries

    @Test func itGreetsThenSendsEachEntryOnce() throws {
        let log = log(entries: 3)
        var feed = LogFeed(request: Self.request([Self.want(Self.south)]))
        let first = try drain(&feed, log, at: 10)
        #expect(
            first.frames.first
                == .hello(log.state(), protocolVersion: WireLimits.protocolVersion, wallMilliseconds: 7_010))
        #expect(first.frames.count == 2 && first.slices.map { [$0.first, $0.last] } == [[1, 3]])
        #expect(try drain(&feed, log, at: 11).frames.isEmpty)
        log.append([9])
        #expect(try drain(&feed, log, at: 12).slices.map { [$0.first, $0.last] } == [[4, 4]])
    }

    @Test func itGoesOnAfterWhatTheAskerHas() throws {
        let log = log(entries: 8)
        let hash = try #require(try log.hash(of: Self.south, seq: 5))
        var feed = LogFeed(request: Self.request([Self.want(Self.south, after: 5, hash: hash)]))
        #expect(try drain(&feed, log, at: 0).slices.map { [$0.first, $0.last] } == [[6, 8]])
        // Who has more than this node is sent nothing until it has more than that.
        var ahead = LogFeed(request: Self.request([Self.want(Self.south, after: 10, hash: hash)]))
        #expect(try drain(&ahead, log, at: 0).frames.count == 1)
        for _ in 0..<3 { log.append([1]) }
        #expect(try drain(&ahead, log, at: 1).slices.map { [$0.first, $0.last] } == [[11, 11]])
    }

    @Test func onlyWhatWasAskedForIsSent() throws {
        let log = log(entries: 2)
        try relay(Self.airport, entries: 2, bytes: 3, into: log)
        var feed = LogFeed(request: Self.request([Self.want(Self.airport)]))
        #expect(try drain(&feed, log, at: 0).slices.map(\.origin) == [Self.airport])
    }

    @Test(
        arguments: [.checking, .fetching(isLost: false, hasBranch: true), .fetching(isLost: false, hasBranch: false)]
            as [LogStanding])
    func ownEntriesWaitUntilTheLogIsCompared(_ standing: LogStanding) throws {
        let log = log(entries: 2)
        try relay(Self.airport, entries: 2, bytes: 3, into: log)
        log.set(standing)
        var feed = LogFeed(request: Self.request([Self.want(Self.south), Self.want(Self.airport)]))
        #expect(try drain(&feed, log, at: 0).slices.map(\.origin) == [Self.airport])
        log.set(.ready)
        #expect(try drain(&feed, log, at: 1).slices.map { [$0.first, $0.last] } == [[1, 2]])
    }

    /// All that such a node has came from peers. Two of them may wait for one another's.
    @Test func ownEntriesThatWereFetchedBackAreServed() throws {
        let log = log(entries: 2)
        log.set(.fetching(isLost: true, hasBranch: false))
        var feed = LogFeed(request: Self.request([Self.want(Self.south)]))
        #expect(try drain(&feed, log, at: 0).slices.map { [$0.first, $0.last] } == [[1, 2]])
    }

    /// What a peer has as well cannot be a number with two meanings, and another such node may wait
    /// for it.
    @Test func ownEntriesThatPeersHaveAreServed() throws {
        let log = log(entries: 5)
        log.set(.fetching(isLost: false, hasBranch: false))
        var feed = LogFeed(request: Self.request([Self.want(Self.south)]))
        #expect(try drain(&feed, log, at: 0).slices.isEmpty)
        log.match(through: 3)
        #expect(try drain(&feed, log, at: 1).slices.map { [$0.first, $0.last] } == [[1, 3]])
        log.set(.ready)
        #expect(try drain(&feed, log, at: 2).slices.map { [$0.first, $0.last] } == [[4, 5]])
    }

    @Test func nothingIsSentTwiceOrLeftOut() throws {
        for seed in 0..<30 as Range<UInt64> {
            var random = SplitMix64(state: seed)
            let (log, author, asker) = (log(entries: 2), VirtualLog(Self.airport), VirtualLog(Self.west))
            var feed = LogFeed(request: Self.request([Self.want(Self.south), Self.want(Self.airport)]))
            var sent: [OriginID: UInt64] = [:]
            var now: UInt64 = 0
            for _ in 0..<60 {
                now += random.below(40)
                for _ in 0..<random.below(3) { log.append([UInt8](repeating: 1, count: Int(random.below(400_000)))) }
                author.append([2])
                let known = log.state().logged[Self.airport]
                if let slice = try author.read(origin: Self.airport, after: known, bytesMax: 1) { try log.store(slice) }
                for slice in try drain(&feed, log, at: now).slices {
                    #expect(slice.first == sent[slice.origin, default: 0] + 1, "seed \(seed)")
                    sent[slice.origin] = slice.last
                    try asker.store(slice)
                }
            }
            #expect(asker.vector == log.vector)
        }
    }

    @Test func noOriginWaitsForTheEndOfAnother() throws {
        let log = log(entries: 5, bytes: WireLimits.entriesFrameTargetBytes)
        try relay(Self.airport, entries: 3, bytes: WireLimits.entriesFrameTargetBytes, into: log)
        var feed = LogFeed(request: Self.request([Self.want(Self.airport), Self.want(Self.south)]))
        let origins = try drain(&feed, log, at: 0).slices.map(\.origin)
        #expect(
            origins == [
                Self.airport, Self.south, Self.airport, Self.south, Self.airport, Self.south, Self.south, Self.south,
            ])
    }

    @Test func framesHaveAboutTheWantedSize() throws {
        let log = log(entries: 300, bytes: 20_000)
        var feed = LogFeed(request: Self.request([Self.want(Self.south)]))
        let slices = try drain(&feed, log, at: 0).slices
        #expect(slices.count == 6 && slices.allSatisfy { $0.body.count <= WireLimits.entriesFrameTargetBytes })
        #expect(slices.last?.last == 300)
    }

    // MARK: refusals

    @Test func aForkIsNoticedByTheHash() throws {
        let log = log(entries: 4)
        let other = [UInt8](repeating: 5, count: EntryChain.hashBytes)
        let right = try #require(try log.hash(of: Self.south, seq: 4))
        let cases: [(want: LogWant, isFork: Bool)] = [
            (Self.want(Self.south, after: 4, hash: other), true), (Self.want(Self.south, after: 2, hash: right), true),
            (Self.want(Self.south, after: 4, hash: right), false),
            // The asker does not know its hash, or is ahead: nothing can be compared.
            (Self.want(Self.south, after: 4), false), (Self.want(Self.south, after: 5, hash: other), false),
            (Self.want(Self.airport, after: 1, hash: other), false),
        ]
        for (want, isFork) in cases {
            var feed = LogFeed(request: Self.request([want]))
            let said = try drain(&feed, log, at: 0)
            #expect(
                said.goodbye == (isFork ? GoodbyeKind.fork : nil) && said.isFinished == isFork
                    && said.frames.count == 1, "\(want)")
            if case .goodbye(_, let reason, let remedy)? = said.frames.first {
                #expect(reason.contains("south") && !remedy.isEmpty)
            }
        }
        log.forget(Self.south, before: 4)
        var feed = LogFeed(request: Self.request([Self.want(Self.south, after: 2, hash: other)]))
        #expect(try drain(&feed, log, at: 0).goodbye == nil, "an entry that is not kept cannot be compared")
    }

    @Test func whoDoesNotFitIsToldWhy() throws {
        let log = log(entries: 1)
        for request in [Self.request(version: 9), Self.request(schema: (1, 8))] {
            var feed = LogFeed(request: request)
            let said = try drain(&feed, log, at: 0)
            #expect(said.goodbye == GoodbyeKind.incompatible && said.isFinished && said.frames.count == 1)
            // Whoever asks on hears only that it is over.
            #expect(try drain(&feed, log, at: 1).goodbye == GoodbyeKind.stopping)
        }
        var feed = LogFeed(request: Self.request([Self.want(Self.south)], schema: (2, 8)))
        #expect(try drain(&feed, log, at: 0).slices.count == 1, "a newer schema is no obstacle")
    }

    /// Why a request is refused reaches the operator at the other end, and the link waits as that
    /// cause wants it.
    @Test func theAskerUnderstandsTheRefusal() throws {
        let log = log(entries: 1)
        let fork = Self.request([
            Self.want(Self.south, after: 1, hash: [UInt8](repeating: 5, count: EntryChain.hashBytes))
        ])
        for request in [Self.request(version: 9), Self.request(schema: (1, 8)), fork] {
            var asker = EngineUnderTest(own: VirtualLog(Self.south).state())
            asker.tick()
            var feed = LogFeed(request: request)
            for frame in try drain(&feed, log, at: 0).frames { asker.hear(frame) }
            let failure = try #require(asker.report()?.failure)
            #expect(failure.kind == .incompatible && !failure.reason.contains("greeting"), "\(failure)")
            #expect(try #require(asker.wait()) >= Backoff.lastMilliseconds / 2)
        }
    }

    @Test func whatIsNotKeptIsSaidOnce() throws {
        let log = log(entries: 5)
        try relay(Self.airport, entries: 2, bytes: 3, into: log)
        log.forget(Self.south, before: 4)
        var feed = LogFeed(request: Self.request([Self.want(Self.south), Self.want(Self.airport)]))
        let said = try drain(&feed, log, at: 0)
        #expect(said.frames.contains(.gone(Self.south, oldestKept: 4)) && said.slices.map(\.origin) == [Self.airport])
        log.append([1])
        #expect(try drain(&feed, log, at: 1).frames.isEmpty)
        var late = LogFeed(request: Self.request([Self.want(Self.south, after: 3)]))
        #expect(try drain(&late, log, at: 0).slices.map(\.first) == [4])
    }

    // MARK: reports

    @Test func silenceIsBrokenByHeartbeats() throws {
        let log = log()
        var feed = LogFeed(request: Self.request())
        var due = try #require(try drain(&feed, log, at: 100).waitsUntil)
        for beat in 1...5 as ClosedRange<UInt64> {
            #expect(due == 100 + beat * WireLimits.heartbeatMilliseconds)
            #expect(try drain(&feed, log, at: due - 1).frames.isEmpty)
            let said = try drain(&feed, log, at: due)
            #expect(said.frames == [.state(log.state(), wallMilliseconds: due + 7_000)])
            due = try #require(said.waitsUntil)
        }
        #expect(WireLimits.silenceMillisecondsMax >= 3 * WireLimits.heartbeatMilliseconds, "two heartbeats may be late")
    }

    @Test func aChangeIsReportedAtOnceAfterAQuietTime() throws {
        let log = log()
        var feed = LogFeed(request: Self.request())
        _ = try drain(&feed, log, at: 0)
        try relay(Self.airport, entries: 1, bytes: 3, into: log)
        #expect(try drain(&feed, log, at: 1_000).reports == [log.state()])
        // The next change of the same moment waits, and is not forgotten.
        try relay(origin("biocity"), entries: 1, bytes: 3, into: log)
        let said = try drain(&feed, log, at: 1_010)
        #expect(said.frames.isEmpty && said.waitsUntil == 1_000 + WireLimits.stateFrameIntervalMilliseconds)
        #expect(try drain(&feed, log, at: 1_100).reports == [log.state()])
        #expect(try drain(&feed, log, at: 1_101).frames.isEmpty)
    }

    @Test func progressIsReportedDuringALongCatchUpButNotTooOften() throws {
        let log = log(entries: 1_000, bytes: WireLimits.entriesFrameTargetBytes / 64)
        var feed = LogFeed(request: Self.request([Self.want(Self.south)]))
        var reportedAt: [UInt64] = []
        var entriesFrames = 0
        // A slow connection takes one frame in four milliseconds, and the log changes all the time.
        for now in stride(from: 0, to: 2_000 as UInt64, by: 4) {
            log.append([UInt8](repeating: 1, count: WireLimits.entriesFrameTargetBytes / 64))
            switch try feed.next(state: log.state(), nowMilliseconds: now, wallMilliseconds: 0, log: log) {
            case .send(.state): reportedAt.append(now)
            case .send(.entries): entriesFrames += 1
            default: break
            }
        }
        #expect(
            zip(reportedAt, reportedAt.dropFirst()).allSatisfy { $1 - $0 >= WireLimits.stateFrameIntervalMilliseconds })
        #expect(
            (15...20).contains(reportedAt.count) && entriesFrames > 20,
            "\(reportedAt.count) reports, \(entriesFrames) frames of entries")
    }

    @Test func aStateThatChangedBackIsNotReported() throws {
        let log = log()
        var feed = LogFeed(request: Self.request())
        _ = try drain(&feed, log, at: 0)
        let before = log.state()
        log.change { $0.schemaNumber = 2 }
        #expect(try drain(&feed, log, at: 10).frames.isEmpty)
        log.change { $0 = before }
        #expect(try drain(&feed, log, at: 500).frames.isEmpty)
    }
}
