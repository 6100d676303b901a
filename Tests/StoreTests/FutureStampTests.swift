import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// A park's clock was ahead while it wrote, and is set right.
@Suite(.serialized) struct FutureStampTests {
    private static let days: UInt64 = 300 * 86_400_000

    /// West has written three entries with a clock that is `ahead`; who is named has received them
    /// meanwhile, by a clock that was ahead as well.
    private func made(ahead: UInt64 = days, alsoAhead: [String] = []) async throws -> (Federation, now: UInt64) {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        try await federation.write(
            "south", "INSERT INTO plain(id, a, b) VALUES('s', 'south', 1)", "INSERT INTO tally(id, n) VALUES('t', 100)")
        try await federation.write("west", "INSERT INTO plain(id, a) VALUES('w', 'west')")
        try await federation.converge()
        let now = federation.clock.wallMilliseconds() + 1_000
        federation.clock.set(now + ahead)
        try await federation.write(
            "west", "INSERT INTO plain(id, a) VALUES('future', 'west')", "UPDATE tally SET n = n + 10 WHERE id = 't'")
        try await federation.write(
            "west", "UPDATE plain SET a = 'of the future' WHERE id = 's'", "DELETE FROM plain WHERE id = 'w'")
        for park in alsoAhead { try await federation.exchange(from: "west", to: park) }
        try await federation.write("west", "INSERT INTO owned(id, v) VALUES('west:1', 1)")
        for park in alsoAhead { try await federation.exchange(from: "west", to: park) }
        federation.clock.set(now)
        for park in federation.parks where park != "west" { try await federation.exchange(from: "west", to: park) }
        return (federation, now)
    }

    private func newest(_ federation: Federation, _ park: String) async throws -> EntryHeader {
        let origin = try federation[park].state().origin
        return try #require(
            try await federation[park].entries(origin: origin, after: nil, limit: 1, changesMax: 0).first
        ).header
    }

    /// Everybody writes, and it comes to all at once.
    private func expectAllWrite(_ federation: Federation, _ comment: String) async throws {
        for park in federation.parks {
            try await federation.write(park, "INSERT INTO bare(id) VALUES('\(comment) \(park)')")
            let stamp = try await newest(federation, park).stamp
            #expect(
                stamp.milliseconds <= federation.clock.wallMilliseconds() + CoreLimits.clockAheadMillisecondsMax,
                "\(park) \(comment)")
        }
        try await expectSame(federation, comment)
        for park in federation.parks {
            #expect(try federation[park].stuck == [], "\(park) \(comment)")
            #expect(
                try await federation.rows(park, "SELECT count(*) FROM bare WHERE id LIKE '\(comment) %'") == [
                    [.integer(3)]
                ])
        }
    }

    private func expectReplayed(_ federation: Federation, _ park: String) async throws {
        let report = try Replay(
            from: federation.path(park), into: federation.folder.path + "/replayed-\(UUID().uuidString).sqlite",
            members: federation.members,
            schema: federation.schema
        ).run(until: nil)
        #expect(report.findings == [] && report.hasReadLiveRows, "\(park)")
    }

    /// The stamp of an entry that only waits in the log is nobody's clock, also not after a start.
    @Test(arguments: [UInt64(90_000), 3_600_000, days]) func aHeldStampIsNotTakenForTheOwnClock(ahead: UInt64)
        async throws
    {
        let (federation, now) = try await made(ahead: ahead)
        let held = try federation["south"].stuck
        #expect(
            held.map(\.seq) == [2] && held.first?.state == .held
                && held.first?.remedy.contains("clock of west") == true, "\(held)")
        federation.closeWithoutCheckpoint("south")
        try federation.open("south")
        try await federation.write("south", "UPDATE plain SET b = 7 WHERE id = 's'")
        #expect(try await newest(federation, "south").stamp.milliseconds <= now + 10)
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await federation.rows("airport", "SELECT b FROM plain WHERE id = 's'") == [[.integer(7)]])
        // A restart of everybody else changes nothing either.
        for park in ["airport", "south"] {
            federation.closeWithoutCheckpoint(park)
            try federation.open(park)
            try await federation.write(park, "INSERT INTO bare(id) VALUES('\(park)')")
            #expect(try await newest(federation, park).stamp.milliseconds <= now + 20)
        }
    }

    /// - Parameter alsoAhead: parks that have applied the entries, since their clocks were ahead
    ///   too.
    @Test(arguments: [[], ["airport"]], [true, false]) func theAuthorWritesThemAnew(alsoAhead: [String], restarts: Bool)
        async throws
    {
        let (federation, now) = try await made(alsoAhead: alsoAhead)
        // South writes what is newer than what West wrote, whatever West's stamps say.
        if restarts {
            for park in federation.parks {
                federation.closeWithoutCheckpoint(park)
                try federation.open(park)
            }
        }
        let stamps = try #require(try await federation["west"].futureStamps()?.stamps.first)
        #expect(stamps.first == 2 && stamps.last == 4 && stamps.aheadMilliseconds > Self.days - 2_000)
        #expect(try await federation["south"].futureStamps() == nil)
        let done = try await federation["west"].reissueFuture(reason: "NTP was off", author: "operator")
        #expect(done.origin.name == "west~2" && done.taken == [stamps] && done.last == 4)
        #expect(try await federation["west"].futureStamps() == nil)
        for park in federation.parks where park != "west" { try await federation.exchange(from: "west", to: park) }
        try await expectAllWrite(federation, "after")
        for park in federation.parks {
            #expect(
                try await federation.rows(park, "SELECT n FROM tally WHERE id = 't'") == [[.integer(110)]],
                "\(park): a counter adds up once")
            #expect(
                try await federation.rows(park, "SELECT id, a FROM plain ORDER BY id") == [
                    [.string("future"), .string("west")], [.string("s"), .string("of the future")],
                ], "\(park)")
            #expect(try await federation.rows(park, "SELECT v FROM owned") == [[.integer(1)]], "\(park)")
            #expect(try await federation[park].conflicts(limit: 10).isEmpty, "\(park)")
            try await expectReplayed(federation, park)
        }
        let first = try #require(
            try await federation["south"].entries(origin: done.origin, after: 0, limit: 1, changesMax: 2).first)
        #expect(
            first.header.note == "NTP was off" && first.header.author == "operator"
                && first.header.stamp.milliseconds <= now + 1_000)
        // And so it stays.
        for park in federation.parks {
            federation.closeWithoutCheckpoint(park)
            try federation.open(park)
        }
        try await expectAllWrite(federation, "later")
        let refusal = await #expect(throws: StoreError.self) {
            try await federation["west"].reissueFuture(reason: "again")
        }
        #expect(refusal?.code == .invalidInput)
    }

    /// Two parks were ahead together and have applied what the other wrote. Each writes its own
    /// anew; the third holds nothing in the end.
    @Test func twoParksWereAheadTogether() async throws {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO tally(id, n) VALUES('t', 0)")
        try await federation.converge()
        let now = federation.clock.wallMilliseconds()
        federation.clock.set(now + Self.days)
        for (index, park) in ["south", "west", "south", "west"].enumerated() {
            try await federation.write(park, "UPDATE tally SET n = n + 1, v = '\(index)' WHERE id = 't'")
            for (from, to) in [("south", "west"), ("west", "south")] {
                try await federation.exchange(from: from, to: to)
            }
        }
        federation.clock.set(now + 1)
        try await federation.converge()
        #expect(try federation["airport"].stuck.count == 2)
        for park in ["west", "south"] { _ = try await federation[park].reissueFuture(reason: "both were ahead") }
        try await federation.converge()
        try await federation.converge()
        for park in federation.parks { #expect(try await federation[park].futureStamps() == nil, "\(park)") }
        try await expectAllWrite(federation, "both")
        #expect(try await federation.rows("airport", "SELECT n FROM tally") == [[.integer(4)]])
    }

    /// The park loses its file before it could write them anew. Its entries come back, and no clock
    /// keeps it from having them.
    @Test func aLostFileBringsThemBack() async throws {
        let (federation, _) = try await made()
        federation.closeWithoutCheckpoint("west")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("west") + suffix)
        }
        try federation.open("west", recovers: true, checks: true)
        try await federation.check("west", peers: ["south", "airport"])
        #expect(try federation["west"].standing() == .ready)
        #expect(try await federation["west"].futureStamps()?.stamps.first?.first == 2)
        _ = try await federation["west"].reissueFuture(reason: "the clock was ahead")
        try await federation.converge()
        try await expectAllWrite(federation, "found")
        #expect(try await federation.rows("south", "SELECT n FROM tally WHERE id = 't'") == [[.integer(110)]])
        // And once more: the park goes on as what it is now.
        federation.closeWithoutCheckpoint("west")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("west") + suffix)
        }
        try federation.open("west", recovers: true, checks: true)
        try await federation.check("west", peers: ["south", "airport"])
        #expect(try federation["west"].state().origin.name == "west~2")
        try await expectAllWrite(federation, "found again")
    }

    /// A snapshot of a node whose clock was ahead would take this node's clock along.
    @Test func aSnapshotFromTheFutureIsRefused() async throws {
        let (federation, now) = try await made(alsoAhead: ["airport"])
        let file = federation.folder.path + "/snapshot"
        let made = try await federation["airport"].makeSnapshot(
            at: file, id: [UInt8](repeating: 3, count: SnapshotManifest.idBytes))
        let read = try SnapshotManifest(reading: made.signed, from: "airport", members: federation.members)
        let candidate = SnapshotCandidate(
            origin: try federation.origin("south"), members: federation.members, schema: federation.schema)
        try candidate.build(federation.path("south"), from: file, read)
        federation.closeWithoutCheckpoint("south")
        let store = try federation.open("south")
        guard case .refused(let error)? = store.snapshotOutcome else {
            Issue.record("\(String(describing: store.snapshotOutcome))")
            return
        }
        #expect(error.code == .clock && error.remedy.contains("reissue") && error.reason.contains("west"), "\(error)")
        try await federation.write("south", "INSERT INTO bare(id) VALUES('x')")
        #expect(try await newest(federation, "south").stamp.milliseconds <= now + 10)
    }

    /// Nobody takes back what another wrote, what it depends on, or anything but at the beginning
    /// of a log.
    @Test func onlyTheAuthorTakesBackWhatItWrote() async throws {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        for park in ["south", "west"] { try await federation.write(park, "INSERT INTO plain(id) VALUES('\(park)')") }
        try await federation.converge()
        let (south, west) = (try federation.origin("south"), try federation.origin("west"))
        func block(_ record: ControlRecord) -> ForgedLog.Block {
            ForgedLog.Block(
                table: ControlRecord.tableName, columns: 1,
                changes: [ForgedLog.Change(key: [.string(record.key)], values: [.string(record.text)])])
        }
        var forged = ForgedLog(federation, park: "west", origin: "west~2")
        try await federation["airport"].receive(try forged.entry([block(.withdrawal(of: south, first: 1, last: 1))]))
        try await federation["airport"].receive(try forged.entry([block(.withdrawal(of: west, first: 1, last: 1))]))
        var depending = ForgedLog(federation, park: "west", origin: "west~3")
        try await federation["airport"].receive(
            try depending.entry(
                [block(.withdrawal(of: west, first: 1, last: 1))],
                dependencies: [VersionVector.Element(origin: west, seq: 1)]))
        var own = ForgedLog(federation, park: "west", origin: "west~4")
        try await federation["airport"].receive(
            try own.entry([block(.withdrawal(of: try #require(OriginID("west~4")), first: 1, last: 1))]))
        let causes = try federation["airport"].stuck.map(\.cause)
        #expect(causes.count == 4 && causes.allSatisfy { $0.contains("takes back") }, "\(causes)")
        #expect(
            try await federation.rows("airport", "SELECT id FROM plain ORDER BY id") == [
                [.string("south")], [.string("west")],
            ])
        // An honest one of a park that never was ahead works as well, and takes the row away
        // everywhere.
        var honest = ForgedLog(federation, park: "west", origin: "west~5")
        let slice = try honest.entry([block(.withdrawal(of: west, first: 1, last: 9))])
        for park in ["airport", "south"] { try await federation[park].receive(slice) }
        #expect(try await federation.rows("airport", "SELECT id FROM plain") == [[.string("south")]])
        #expect(try federation["airport"].state().applied[west] == 1, "it stays in the vector")
        #expect(try await federation["airport"].verify().findings == [])
    }

    /// A log that is taken back before it comes is read once, however long it is. With one look at
    /// all of it for each entry this test would take hours.
    @Test func aLongLogThatIsTakenBackKeepsNobody() async throws {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        let west = try federation.origin("west")
        var later = ForgedLog(federation, park: "west", origin: "west~2")
        let record = ControlRecord.withdrawal(of: west, first: 1, last: CoreLimits.entryNumberMax)
        let block = ForgedLog.Block(
            table: ControlRecord.tableName, columns: 1,
            changes: [ForgedLog.Change(key: [.string(record.key)], values: [.string(record.text)])])
        try await federation["airport"].receive(try later.entry([block]))
        var long = ForgedLog(federation, park: "west")
        let count = 20_000
        for _ in 0..<4 { try await federation["airport"].receive(try long.emptyEntries(count / 4)) }
        #expect(try federation["airport"].state().applied[west] == UInt64(count))
        try await federation.write("airport", "INSERT INTO plain(id) VALUES('a')")
        // What comes behind it, also after a restart, has seen what those had seen.
        federation.closeWithoutCheckpoint("airport")
        try federation.open("airport")
        try await federation["airport"].receive(try long.emptyEntries(count / 4))
        #expect(try federation["airport"].state().applied[west] == UInt64(count / 4 * 5))
        #expect(try federation["airport"].stuck == [])
    }
}
