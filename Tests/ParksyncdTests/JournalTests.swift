import Foundation
import Logging
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import ParkSyncStore
import Synchronization
import Testing

@testable import parksyncd

/// What a node writes about what happens: the lines, and what holds them back.
@Suite struct JournalTests {
    /// Keeps what is written.
    private final class Lines: Sendable {
        private let kept = Mutex<[String]>([])
        var all: [String] { kept.withLock { $0 } }
        func add(_ line: String) { kept.withLock { $0.append(line) } }
    }

    private static func journal(
        _ lines: Lines, clock: any NodeClock = SetClock(), isSystem: Bool = true, level: Priority = .info
    ) -> Journal {
        Journal(level: level, clock: clock, isSystemJournal: isSystem) { lines.add($0) }
    }

    // MARK: the page

    /// One of each, so that its fields can be compared with the page.
    private static var samples: [Event] {
        let stuck = { (state: NodeStatus.Stuck.State) in
            NodeStatus.Stuck(origin: "west", seq: 7, state: state, code: "table", cause: "a", remedy: "b")
        }
        let refusal = SliceRefused(.wrongSignature, origin: OriginID("west")!, first: 3, reason: "a", remedy: "b")
        let error = StoreError(.sql, "a", remedy: "b")
        return [
            .started(version: "1", origin: "south", listeners: 2), .listening(.localSocket(path: "/s")), .reopened,
            .stopped,
            .failed("a", exit: 70), .reloaded(["tls"]), .reloadRefused("a"), .restartNeeded(["schema"]),
            .broken("held", subject: "node", reasons: 1, "a"),
            .mended("held", subject: "node", afterMilliseconds: 5, left: 0),
            .library("NIO", level: .warning, "a"),
            .of(.operatorCommand(caller: "a", route: "b")), .of(.operatorRefused(caller: "a", route: "b")),
            .of(.strangerRefused(address: "a", reason: "b")),
            .of(.peerRefused(address: "a", park: "west", code: "b", detail: "c")),
            .of(.requestRefused(caller: "a", code: "b", route: "c")),
            .of(.requestFailed(path: "a", cause: "b")),
            .of(.listenerFailed(interface: "peer", place: "a", cause: "b", retryMilliseconds: 1)),
            .slowStatement("query", milliseconds: 5, sql: "SELECT"), .linked("west", afterMilliseconds: 3),
            .lost("west", LinkFailure(.unreachable, "a", remedy: "b")), .refused("west", refusal),
            .notStored("west", "a"),
            .clockOff("west", milliseconds: 1), .clockRight("west", milliseconds: 1), .differ("west", vector: "a"),
            .same("west", vector: "a"),
            .certificateEnding("f", days: 1, end: "a"), .certificateEnded("f", end: "a"),
            .certificateEarly("f", begin: "a"),
            .certificateRenewed("f", days: 1), .checking, .fetching(isLost: true),
            .ready(origin: "south", ownEntries: 1, accepted: "because"),
            .forked("west", seq: 1, remedy: "a"), .stuck(stuck(.held)), .stuck(stuck(.quarantined)),
            .released(stuck(.held)),
            .fenced("west", isComplete: false), .fenced("west", isComplete: true), .acknowledged,
            .archived(entries: 1, segments: 1),
            .compacted(rows: 1), .diskFull("a"), .diskFreed, .snapshotWanted("west"), .snapshotNeeded("west"),
            .snapshotReceived("west", bytes: 1),
            .snapshotInstalled(vector: "a", aside: nil), .snapshotFailed("west", "a"), .archiveDamaged("a"),
            .sealFailed(error),
            .housekeepingFailed(error), .retentionFailed(error), .bookingFailed(error), .mendedWork("a"),
            .writeLocked(by: "a", forMilliseconds: 1), .writeLockFree(afterMilliseconds: 1),
            .writingBlocked(by: "a", forMilliseconds: 1), .writingFree(afterMilliseconds: 1),
            .logHeldBack(by: "a", bytes: 1, forMilliseconds: 1),
            .logRenewed(bytes: 1), .logUnguarded, .logGuarded, .indexRepaired(1), .rowsVerified(1),
            .rowsNotVerified(error), .triggersLost(["a"]),
            .foreignDropped("a"), .constantRestored(RestoredConstant(table: "a", difference: "b")),
            .excluded(by: ["west"]), .overruled(reason: "a"), .exclusionFailed(error), .databaseDamaged(error),
            .databaseSound,
            .lied("west", PeerLie(.falseHead, "a")),
            .rowRefused(RefusedRowReport(id: 1, foundAt: 1, table: "a", row: "b", cause: "c")),
            Event(.rowDiffers, [Event.Field("table", "a"), Event.Field("kind", "extra")], "a"),
        ]
    }

    @Test func thePageListsEveryEventWithItsPriorityAndItsFields() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/reference/journal.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
            row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
        let shown = rows.map { "\($0[0]) \($0[1]) \($0[2].replacing(" ", with: ""))" }
        #expect(Set(Self.samples.map(\.code)) == Set(EventCode.allCases), "a sample of each event belongs here")
        let real = Self.samples.map { event in
            """
            `\(event.code.rawValue)` \(event.code.priority.name) \
            \(event.fields.map { "`\($0.name)`" }.joined(separator: ","))
            """
        }
        #expect(shown.sorted() == real.sorted())
        #expect(rows.allSatisfy { !$0[3].isEmpty }, "each event is explained")
    }

    @Test func namesHaveTwoPartsAndSentencesHaveNoEnd() {
        for event in Self.samples where event.code != .library {
            #expect(event.code.rawValue.wholeMatch(of: #/[a-z-]+\.[a-z-]+/#) != nil, "\(event.code)")
        }
    }

    // MARK: lines

    @Test func theJournalOfSystemdGetsThePriorityAndOneLine() {
        let lines = Lines()
        let journal = Self.journal(lines)
        journal.write(
            .lost(
                "west", LinkFailure(.unreachable, "west: no route\nto host", remedy: "Check.\u{1B}[31m\u{202E}\u{2028}")
            ))
        #expect(
            lines.all == [
                """
                <4>no link to west: west: no route\\nto host. Check.\\u{1b}[31m\\u{202e}\\u{2028}  \
                event=peer.lost peer=west kind=unreachable\n
                """
            ])
    }

    @Test func aFileGetsTheTimeAndThePrioritysName() {
        let lines = Lines()
        Self.journal(lines, clock: SetClock(wall: 1_795_518_429_250), isSystem: false).write(.diskFreed)
        #expect(lines.all == ["2026-11-24T11:07:09.250Z notice   the disk takes writes again  event=disk.freed\n"])
    }

    @Test func aValueThatAReaderCouldMistakeStandsInQuotes() {
        let lines = Lines()
        let journal = Self.journal(lines)
        journal.write(.notAnOperator("li (1001)", "POST /v1/fences"))
        journal.write(.command(by: "a\"b\\c=d", ""))
        #expect(lines.all[0].hasSuffix("  event=operator.refused caller=\"li (1001)\" route=\"POST /v1/fences\"\n"))
        #expect(lines.all[1].hasSuffix("  event=operator.command caller=\"a\\\"b\\\\c=d\" route=\"\"\n"))
    }

    @Test func aLongTextIsCut() {
        let lines = Lines()
        Self.journal(lines).write(
            .requestFailed(String(repeating: "p", count: 9_000), String(repeating: "城", count: 9_000)))
        #expect(lines.all.count == 1)
        #expect(lines.all[0].utf8.count < JournalLine.textBytesMax + JournalLine.valueBytesMax + 100)
    }

    @Test func whatMattersLessThanTheLevelIsNotWritten() {
        let lines = Lines()
        let journal = Self.journal(lines, level: .warning)
        journal.write(.stopped)
        #expect(lines.all.isEmpty)
        journal.level = .notice
        journal.write(.stopped)
        #expect(lines.all.count == 1)
    }

    @Test func librariesAreHeardFromAWarningOn() {
        let lines = Lines()
        let logger = LibraryLog.logger(Self.journal(lines, level: .debug), "server")
        logger.info("x")
        logger.debug("x")
        // Libraries may set the level of their own loggers.
        var loud = logger
        loud.logLevel = .trace
        loud.info("x")
        logger.error("it broke", metadata: ["a": "b"])
        #expect(
            lines.all.count == 1 && lines.all[0].hasPrefix("<3>")
                && lines.all[0].contains("it broke  event=library library="))
    }

    @Test func anErrorWithoutWordsIsNotPrintedAsASwiftValue() {
        struct Bare: Error { var secret = 5 }
        #expect(!ErrorText.of(Bare()).contains("secret"))
        #expect(ErrorText.of(StoreError(.sql, "a", remedy: "b.")) == "a. b.")
    }

    // MARK: what is held back

    @Test func whoComesAgainAndAgainIsToldOnceAMinute() {
        let (lines, clock) = (Lines(), SetClock())
        let journal = Self.journal(lines, clock: clock)
        for _ in 0..<5 { journal.write(.strangerRefused("192.0.2.1", "CERTIFICATE_VERIFY_FAILED")) }
        journal.write(.strangerRefused("192.0.2.2", "CERTIFICATE_VERIFY_FAILED"))
        #expect(lines.all.count == 2)
        clock.advance(by: JournalThrottle.pauseMilliseconds)
        journal.write(.strangerRefused("192.0.2.1", "CERTIFICATE_VERIFY_FAILED"))
        #expect(lines.all.count == 3 && lines.all[2].contains(" repeated=4\n"))
    }

    @Test func anotherKindOfLieIsNews() {
        let lines = Lines()
        let journal = Self.journal(lines, clock: SetClock())
        for kind in [PeerLie.Kind.falseHead, .withheldHead, .falseHead] {
            journal.write(.lied("airport", PeerLie(kind, "so it is")))
        }
        #expect(lines.all.count == 2 && lines.all[1].contains("kind=withheld-head"), "\(lines.all)")
    }

    @Test func soManyCausesAreToldApartAtATime() {
        var throttle = JournalThrottle()
        // Slowly enough for their number.
        let step = JournalThrottle.pauseMilliseconds / UInt64(JournalThrottle.linesMax) + 1
        for number in 0..<JournalThrottle.causesMax * 2 {
            #expect(throttle.admit(.strangerRefused("\(number)", ""), now: UInt64(number) * step) == 0)
        }
        // The newest are still known, the oldest are not.
        let now = UInt64(JournalThrottle.causesMax * 2) * step
        #expect(throttle.admit(.strangerRefused("\(JournalThrottle.causesMax * 2 - 1)", ""), now: now) == nil)
        #expect(throttle.admit(.strangerRefused("0", ""), now: now) == 0)
    }

    @Test func inventedNamesDoNotFillTheJournal() {
        let (lines, clock) = (Lines(), SetClock())
        let journal = Self.journal(lines, clock: clock)
        for number in 0..<10_000 { journal.write(.strangerRefused("2001:db8::\(number)", "")) }
        #expect(lines.all.count == JournalThrottle.linesMax)
        // One event's lines are not another's.
        journal.write(.requestRefused("li", "origin-refused", "GET /v1/blame"))
        journal.write(.requestRefused("li", "forbidden-sql", "POST /v1/queries"))
        journal.write(.requestRefused("li", "forbidden-sql", "POST /v1/transactions"))
        #expect(lines.all.count == JournalThrottle.linesMax + 2)
        clock.advance(by: JournalThrottle.pauseMilliseconds)
        journal.write(.strangerRefused("2001:db8::ffff", ""))
        #expect(lines.all.last?.contains(" repeated=\(10_000 - JournalThrottle.linesMax)\n") == true)
        #expect(journal.refusals.map { "\($0.event) \($0.count)" }.contains("stranger.refused 10001"))
    }

    @Test func workThatFailsIsToldOnceAndItsEndOnce() {
        let lines = Lines()
        let journal = Self.journal(lines)
        let error = StoreError(.damaged, "a", remedy: "b")
        for _ in 0..<3 { journal.failed("sealing", error, .sealFailed(error)) }
        for _ in 0..<3 { journal.done("sealing") }
        journal.failed("sealing", error, .sealFailed(error))
        #expect(lines.all.map { String($0.prefix(3)) } == ["<3>", "<5>", "<3>"])
    }

    @Test func aFullDiskIsToldOnceWhateverItStops() {
        let lines = Lines()
        let journal = Self.journal(lines)
        let full = StoreError(.diskFull, "no space", remedy: "Free some.")
        journal.failed("sealing", full, .sealFailed(full))
        journal.failed("housekeeping", full, .housekeepingFailed(full))
        journal.fullDisk("no space")
        journal.done("a query", wrote: false)
        #expect(lines.all.count == 1 && lines.all[0].hasPrefix("<2>") && lines.all[0].contains("event=disk.full"))
        journal.done("sealing")
        journal.done("housekeeping")
        #expect(lines.all.count == 2 && lines.all[1].contains("event=disk.freed"))
    }
}

/// A clock that stands where a test has set it.
final class SetClock: NodeClock {
    private let time: Mutex<(monotonic: UInt64, wall: UInt64)>
    init(wall: UInt64 = 0) { time = Mutex((1_000_000, wall)) }
    func monotonicMilliseconds() -> UInt64 { time.withLock { $0.monotonic } }
    func wallMilliseconds() -> UInt64 { time.withLock { $0.wall } }
    func sleep(until deadline: UInt64) async throws {}
    func advance(by milliseconds: UInt64) {
        time.withLock { $0 = ($0.monotonic + milliseconds, $0.wall + milliseconds) }
    }
}
