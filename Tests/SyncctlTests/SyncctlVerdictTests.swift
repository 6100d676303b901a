import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import syncctl

@Suite("What syncctl status makes of a node's status")
struct SyncctlVerdictTests {
    static let now: UInt64 = 1_795_518_429_200
    static let vector = "south:2 west:5"

    static func peer(_ change: (inout NodeStatus.Peer) -> Void = { _ in }) -> NodeStatus.Peer {
        var peer = NodeStatus.Peer(park: "west", url: "https://127.0.0.1:7611", link: .following, agreement: .same)
        peer.lastContactAt = now - 500
        (peer.weNeed, peer.theyNeed) = (0, 0)
        peer.clockOffsetMilliseconds = 3
        peer.agreementVector = vector
        peer.agreementAt = now - 400
        change(&peer)
        return peer
    }

    static func status(_ peers: [NodeStatus.Peer] = [peer()], _ change: (inout NodeStatus) -> Void = { _ in })
        -> NodeStatus
    {
        var status = NodeStatus(
            park: "south", origin: "south", phase: .ready, version: "0.1.0", schemaNumber: 1, schemaHash: "00",
            applied: vector, logged: vector,
            unsealedRows: 0, conflicts: 0, tables: [], digestVector: vector, digest: "00", stuck: [], peers: peers,
            databaseBytes: 4_096, now: now)
        change(&status)
        return status
    }

    /// Entries of South that are ahead of its clock.
    static func stamps(_ first: UInt64, _ last: UInt64) -> [FutureStampsStatus]? {
        OriginID("south").map { [FutureStampsStatus(origin: $0, first: first, last: last, aheadMilliseconds: 90_000)] }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var status: NodeStatus
        var level: Verdict.Level
        /// Words of one of the reasons.
        var says = ""
        var testDescription: String { name }

        init(_ name: String, _ level: Verdict.Level, _ says: String, peer change: (inout NodeStatus.Peer) -> Void) {
            let made = SyncctlVerdictTests.status([SyncctlVerdictTests.peer(change)])
            (self.name, self.status, self.level, self.says) = (name, made, level, says)
        }
        init(_ name: String, _ level: Verdict.Level, _ says: String, node change: (inout NodeStatus) -> Void) {
            let made = SyncctlVerdictTests.status([SyncctlVerdictTests.peer()], change)
            (self.name, self.status, self.level, self.says) = (name, made, level, says)
        }
    }

    static let forked =
        """
        bio-city ended the stream: entry 4 of west is another one. The park west has forked its log (a cloned \
        or restored file).
        """

    /// Two parks that were shown two branches by a third.
    @Test func whoForkedIsNamedAndNotWhoBelievedIt() {
        var retention = RetentionStatus(
            at: 0, frontier: "", heldBy: [], tombstoneRows: 0, tombstoneBytes: 0, droppableRows: 0, bytesPerDay: nil,
            diskFullAt: nil, fenced: [],
            fencing: [], archivedEntries: 0, archiveSegments: 0, archiveBytes: 0, archiveFaults: [])
        retention.otherBranch = ["west"]
        let proof = NodeStatus.Fork(origin: "airport~2", seq: 4, firstSeen: 1, remedy: "")
        let named = RetentionVerdict.reasons(retention, forks: [proof], now: 0)
        #expect(
            named.map(\.park) == ["airport"] && named.map(\.text).joined().contains("syncctl fence airport"), "\(named)"
        )
        let honest = RetentionVerdict.reasons(retention, forks: [], now: 0)
        #expect(
            honest.map(\.park) == [nil] && honest.map(\.text).joined().contains("at west: stop the node"), "\(honest)")
    }

    static let programCases: [Case] = [
        Case(
            "a table that a program dropped", .broken, "dropped it. Restore",
            node: {
                $0.tableObstacles = [
                    TableObstacleStatus(
                        table: "t", cause: "table t is missing: a program dropped it", remedy: "Restore a backup")
                ]
            }),
        Case(
            "an entry from the future", .broken,
            "south:3 is stamped 1 min 30 s ahead of this node's clock: the other parks hold it.",
            node: { $0.futureStamps = Self.stamps(3, 3) }),
        Case(
            "entries from the future, while the next incarnation has to wait", .broken,
            "south:3 to 4 are stamped up to 1 min 30 s ahead of this node's clock: the other parks hold them. "
                + "If this node's clock is right now, run "
                + "`syncctl reissue --reason ...` here (possible again at 00:11 (UTC)",
            node: {
                $0.futureStamps = Self.stamps(3, 4)
                $0.reissuePossibleAt = 601_000
            }),
        Case(
            "decisions that are refused", .broken,
            "south:instrument:1 among them, are not answered: no. It is tried again",
            node: {
                $0.arbiter = ArbiterStatus(
                    since: now, resources: 2, resource: "south:instrument:1", error: "no", isPassing: false,
                    nextTryAt: now)
            }),
        Case(
            "decisions that wait for a lock", .degraded, "are not answered",
            node: {
                $0.arbiter = ArbiterStatus(
                    since: now, resources: 2, resource: nil, error: "locked", isPassing: true, nextTryAt: now)
            }),
    ]

    static let peerCases: [Case] = [
        Case("all is well", .good, "", peer: { _ in }),
        Case("a link that is being opened", .degraded, "connecting", peer: { $0.link = .connecting }),
        Case("a peer that has more", .degraded, "12 entries to go", peer: { ($0.link, $0.weNeed) = (.catchingUp, 12) }),
        Case("a paused link", .degraded, "syncctl link resume west", peer: { $0.link = .paused }),
        Case(
            "a lost link", .degraded, "connection refused",
            peer: { ($0.link, $0.lastError) = (.waiting, "connection refused. Start it.") }),
        Case("a link that was never tried", .degraded, "not tried yet", peer: { $0.link = .waiting }),
        Case("15 seconds of silence", .good, "", peer: { $0.lastContactAt = now - 15_000 }),
        Case("more silence", .degraded, "not heard for 15 seconds", peer: { $0.lastContactAt = now - 15_001 }),
        Case("a peer that was never heard", .degraded, "not heard yet", peer: { $0.lastContactAt = nil }),
        Case(
            "a contact in the future, after the clock was set back", .good, "", peer: { $0.lastContactAt = now + 5_000 }
        ),
        Case("a peer that lacks our entries", .degraded, "not applied 3 of our entries", peer: { $0.theyNeed = 3 }),
        Case("a peer that has entries for us", .degraded, "has 4 entries", peer: { $0.weNeed = 4 }),
        Case("unknown needs of the peer", .degraded, "not known how many of our", peer: { $0.theyNeed = nil }),
        Case("unknown needs of ours", .degraded, "not known how many entries it has", peer: { $0.weNeed = nil }),
        Case(
            "digests never compared", .degraded, "never compared",
            peer: { ($0.agreement, $0.agreementVector) = (.unknown, nil) }),
        Case(
            "digests equal, but at another vector", .degraded, "at south:1 they were the same",
            peer: { $0.agreementVector = "south:1" }),
        Case("different digests", .broken, "syncctl log verify", peer: { $0.agreement = .different }),
        Case(
            "digests that differed on a link that is lost", .broken, "differ",
            peer: { ($0.agreement, $0.link) = (.different, .waiting) }),
        Case(
            "a fork", .broken, "forked",
            peer: { ($0.link, $0.lastError, $0.lastErrorCode) = (.waiting, forked, "fork") }),
        Case(
            "a fork on a followed link", .broken, "forked",
            peer: { ($0.lastError, $0.lastErrorCode) = (forked, "fork") }),
        Case(
            "words of a fork without its code", .degraded, "forked",
            peer: { ($0.lastError, $0.lastErrorCode) = (forked, "broken") }),
        Case("half a minute between the clocks", .good, "", peer: { $0.clockOffsetMilliseconds = -30_000 }),
        Case(
            "more between the clocks", .broken, "its clock is 30 s ahead of this node's. Set the clocks (NTP)",
            peer: { $0.clockOffsetMilliseconds = 30_001 }),
        Case(
            "days between the clocks", .broken, "its clock is 300 days 2 h behind this node's. Set the clocks (NTP)",
            peer: { $0.clockOffsetMilliseconds = -(300 * 24 + 2) * 3_600_000 - 1 }),
        Case("a senseless clock", .broken, "NTP", peer: { $0.clockOffsetMilliseconds = .min }),
        Case(
            "a wrong clock that was measured long ago", .degraded, "no link",
            peer: { ($0.clockOffsetMilliseconds, $0.link) = (90_000, .waiting) }),
    ]

    static let nodeCases: [Case] = [
        Case("conflicts alone", .good, "", node: { $0.conflicts = 17 }),
        Case("a node that stops", .degraded, "stopping", node: { $0.phase = .stopping }),
        Case(
            "a check that waits for a peer", .degraded, "waits for west",
            node: {
                $0.phase = .checking
                $0.check = .init(
                    since: now, heard: [], waitingFor: ["west"], unreachable: [], cause: "it waits for west",
                    remedy: "Wait.")
            }),
        Case(
            "a check without a peer in reach", .broken, "accept-writes",
            node: {
                $0.phase = .checking
                $0.check = .init(
                    since: now, heard: [], waitingFor: [], unreachable: ["west"], cause: "none",
                    remedy: "syncctl accept-writes")
            }),
        Case(
            "a fork", .broken, "syncctl log forks",
            node: { $0.forks = [fork()] }),
        Case(
            "a fork that some have not acknowledged", .degraded, "airport, south have yet to acknowledge",
            node: { $0.forks = [fork(waitsFor: ["airport", "south"])] }),
        Case("a fork that is history", .good, "", node: { $0.forks = [fork(waitsFor: [])] }),
        Case(
            "a log that somebody writes though its park has left it", .degraded, "one node alone runs as west",
            node: { $0.forks = [fork(waitsFor: [], alsoWrittenAt: now - 86_399_999)] }),
        Case(
            "one that nobody has written for a day", .good, "",
            node: { $0.forks = [fork(waitsFor: [], alsoWrittenAt: now - 86_400_000)] }),
        Case(
            "other tables behind a fork that is history", .broken, "the tables differ",
            node: {
                $0.forks = [fork(waitsFor: [])]
                $0.peers = [peer { $0.agreement = .different }]
            }),
        Case("a recovery under way", .degraded, "needs every peer", node: { $0.phase = .recovering }),
        Case(
            "a recovery that gets nowhere", .broken, "no peer can be reached",
            node: {
                $0.phase = .recovering
                $0.peers = [
                    peer { ($0.link, $0.lastError) = (.waiting, "refused. Start it.") }, peer { $0.link = .paused },
                ]
            }),
        Case(
            "a recovery that has not called anybody yet", .degraded, "needs every peer",
            node: {
                $0.phase = .recovering
                $0.peers = [peer { $0.link = .waiting }]
            }),
        Case("an entry that waits", .degraded, "is held: no schema. Wait.", node: { $0.stuck = [stuck(.held)] }),
        Case(
            "an entry set aside", .broken, "west:6 is quarantined: no schema. Wait.",
            node: { $0.stuck = [stuck(.quarantined)] }),
        Case("an entry of a park that is out", .good, "", node: { $0.stuck = [stuck(.leftOut)] }),
        Case("entries that are logged only", .degraded, "logged", node: { $0.logged = "south:2 west:6" }),
        Case("rows that are not sealed", .degraded, "2 rows", node: { $0.unsealedRows = 2 }),
        Case("an old digest", .degraded, "older vector", node: { $0.digestVector = "south:1" }),
        Case("a zone of one", .degraded, "no peer", node: { $0.peers = [] }),
        Case("a write lock that is taken for a moment", .good, "", node: { $0.database = database(lockedFor: 4_999) }),
        Case(
            "a write lock that is taken for long", .degraded,
            "process 4711 (sqlite3) has had the write lock of the database for 5.0 s",
            node: { $0.database = database(lockedFor: 5_000) }),
        Case(
            "a write lock that is taken for longer", .broken, "end the program",
            node: { $0.database = database(lockedFor: 60_000) }),
        Case(
            "rows that wait for the lock", .degraded, "not in the log yet. That goes on when the write lock is free.",
            node: { ($0.database, $0.unsealedRows) = (database(lockedFor: 6_000), 2) }),
        Case(
            "a log that is held back, and short", .good, "",
            node: { $0.database = database { ($0.heldBackSince, $0.bytes) = (now, 1 << 20) } }),
        Case(
            "a long log that is held back", .degraded, "because process 12 (python3) reads",
            node: {
                $0.database = database {
                    ($0.heldBackSince, $0.bytes, $0.heldBackBy) = (now, 256 << 20, ["process 12 (python3)"])
                }
            }),
        Case(
            "a log at its limit", .broken, "no writes are accepted",
            node: { $0.database = database { ($0.heldBackSince, $0.bytes) = (now, $0.bytesMax) } }),
        Case("a long log that nobody holds back", .good, "", node: { $0.database = database { $0.bytes = 1 << 30 } }),
        Case(
            "a log without the guard", .degraded, "WAL-reset race",
            node: { $0.database = database { ($0.isGuarded, $0.unguardedSince) = (false, now - 10_000) } }),
        Case(
            "a wal-index that was made anew", .degraded, "was set right",
            node: { $0.database = database { $0.repairedAt = now - 1_000 } }),
        Case(
            "one that was made anew long ago", .good, "",
            node: { $0.database = database { $0.repairedAt = now - 86_400_000 } }),
        Case(
            "a log that the disk does not take", .degraded, "disk I/O",
            node: { $0.database = database { $0.failure = "disk I/O error" } }),
    ]

    static func database(lockedFor milliseconds: UInt64? = nil, _ change: (inout DatabaseStatus.Log) -> Void = { _ in })
        -> DatabaseStatus
    {
        var database = DatabaseStatus(
            sqliteVersion: "3.40.1", isResetRaceFixed: false,
            log: .init(bytes: 0, frames: 0, writtenBackFrames: 0, isGuarded: true, bytesMax: 4 << 30))
        change(&database.log)
        database.writeLock = milliseconds.map { .init(since: now - $0, holders: ["process 4711 (sqlite3)"]) }
        return database
    }

    static func fork(waitsFor: [String]? = nil, alsoWrittenAt: UInt64? = nil) -> NodeStatus.Fork {
        NodeStatus.Fork(
            origin: "west", seq: 4, firstSeen: now, remedy: "Tell it.", waitsFor: waitsFor,
            alsoWrittenAt: alsoWrittenAt)
    }

    static func stuck(_ state: NodeStatus.Stuck.State) -> NodeStatus.Stuck {
        NodeStatus.Stuck(
            origin: "west", seq: 6, state: state, code: "newer-schema", cause: "no schema", remedy: "Wait.")
    }

    @Test("The verdict is", arguments: peerCases + nodeCases + programCases)
    func verdict(_ item: Case) {
        let verdict = Verdict.judge(item.status)
        #expect(verdict.level == item.level, "\(verdict.reasons)")
        #expect(verdict.exit == item.level.exit)
        #expect(verdict.reasons.isEmpty == (item.level == .good))
        if !item.says.isEmpty {
            #expect(verdict.reasons.contains { $0.text.contains(item.says) }, "\(verdict.reasons)")
        }
    }

    @Test("Every reason ends with what to do", arguments: peerCases + nodeCases + programCases)
    func reasonsAreSentences(_ item: Case) {
        for reason in Verdict.judge(item.status).reasons {
            #expect(reason.text.hasSuffix("."), "\(reason.text)")
        }
    }

    @Test("The worst reason comes first and decides; the others keep their order")
    func order() {
        let status = Self.status(
            [Self.peer { $0.theyNeed = 1 }, Self.peer { ($0.park, $0.agreement) = ("airport", .different) }],
            { $0.unsealedRows = 1 })
        let verdict = Verdict.judge(status)
        #expect(verdict.level == .broken && verdict.exit == 2)
        #expect(verdict.reasons.map(\.level) == [.broken, .degraded, .degraded])
        #expect(verdict.reasons.map { $0.text.prefix(4) } == ["airp", "1 ro", "west"])
    }

    @Test("The first line is the verdict")
    func firstLine() {
        let good = Self.status()
        #expect(
            StatusText.head(good, Verdict.judge(good)).first
                == "GOOD: south holds the same tables as all 1 peers at south:2 west:5")
        let bad = Self.status([Self.peer { $0.agreement = .different }])
        #expect(StatusText.head(bad, Verdict.judge(bad)).first?.hasPrefix("BROKEN: south") == true)
    }

    @Test("A fork that is history is shown, with the time when it was found")
    func healedFork() {
        let status = Self.status { $0.forks = [Self.fork(waitsFor: [])] }
        let lines = StatusText.lines(status, Verdict.judge(status), withTables: false)
        #expect(lines.first?.hasPrefix("GOOD") == true)
        #expect(lines.contains { $0.hasPrefix("healed    west forked at 4, first seen ") }, "\(lines)")
    }

    @Test("Errors of links that are not among the reasons, and older comparisons, are told below the table")
    func remarks() {
        let peer = Self.peer {
            ($0.link, $0.lastError, $0.relays) = (.connecting, "it broke off", ["airport"])
            ($0.agreementVector, $0.agreementAt) = ("south:1", Self.now - 60_000)
        }
        #expect(
            PeerText.remarks(peer, Self.status([peer])) == [
                "west failed last: it broke off", "west was compared at south:1, 60 s ago: same", "west relays airport",
            ])
        #expect(PeerText.remarks(Self.peer(), Self.status()).isEmpty)
    }

    @Test("JSON has the documented shape, with and without a status")
    func json() throws {
        let text = try Self.encoded(Status.Report(verdict: Verdict.judge(Self.status([])), status: Self.status([])))
        let none = "\"text\":\"there is no peer to compare with. Add the other parks to `parks` and `members`.\""
        let cause = "\"cause\":\"no-peers\",\"level\":\"degraded\""
        #expect(text.hasSuffix("\"verdict\":{\"exit\":1,\"level\":\"degraded\",\"reasons\":[{\(cause),\(none)}]}}"))
        #expect(text.hasPrefix("{\"status\":{\"applied\":\"south:2 west:5\""))
        let silent = try Self.encoded(Status.Report(verdict: .unreachable("gone"), status: nil))
        #expect(
            silent
                == "{\"verdict\":{\"exit\":2,\"level\":\"broken\",\"reasons\":["
                + "{\"cause\":\"unreachable\",\"level\":\"broken\",\"text\":\"gone\"}]}}"
        )
    }

    private static func encoded(_ report: Status.Report) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
