import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Synchronization
import Testing

@testable import ParkSyncStore

private let archiveSchema = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE item(id INTEGER NOT NULL PRIMARY KEY, a);
    """

@Suite struct ArchiveTests {
    private struct Stop: Error {}
    static let everything = ArchivePolicy(keepEntries: 5, keepMilliseconds: 0)

    /// Two parks with some entries each, all acknowledged.
    private func filled(_ parks: [String] = ["south", "west"], entries: Int = 40) async throws -> Federation {
        let federation = try Federation(parks, schema: archiveSchema)
        for index in 0..<entries {
            for (number, park) in parks.enumerated() {
                try await federation.write(
                    park, "INSERT INTO item VALUES(\(index * 10 + number), hex(randomblob(200)))")
            }
        }
        try await exchange(federation)
        for park in parks { try await federation.write(park, "UPDATE item SET a = 'seen' WHERE id = 0") }
        try await exchange(federation)
        try await federation.converge()
        federation.clock.advance(1)
        return federation
    }

    /// Entry by entry, as a stream brings them: a received slice keeps the signature of its last
    /// entry only.
    private func exchange(_ federation: Federation) async throws {
        for from in federation.parks {
            for to in federation.parks where from != to {
                try await federation.exchange(from: from, to: to, bytesMax: 1)
            }
        }
    }

    private func segments(_ federation: Federation, _ park: String) throws -> [ArchiveFolder.Found] {
        ArchiveFolder(database: federation.path(park)).files()
    }

    private func rows(_ federation: Federation, _ park: String) async throws -> Int64 {
        guard
            case .integer(let count)? = try await federation.rows(park, "SELECT count(*) FROM _parksync_log").first?
                .first
        else { return -1 }
        return count
    }

    /// A file that is lost or damaged tells no time, and nothing else is taken for that.
    @Test func anEntryInALostFileTellsNoTime() async throws {
        let federation = try await filled()
        let (south, origin) = (try federation["south"], try federation.origin("south"))
        let header = try #require(try await south.entries(origin: origin, after: 3, limit: 1, changesMax: 0).first)
            .header
        #expect(try await south.timeWritten(origin, after: 3) == .at(header.stamp.milliseconds))
        _ = try await south.archive(Self.everything)
        #expect(try await south.timeWritten(origin, after: 3) == .at(header.stamp.milliseconds), "in a file")
        let last = south.state().logged[origin]
        #expect(try await south.timeWritten(origin, after: last) == .notLogged)
        #expect(try await south.timeWritten(try #require(OriginID("nobody")), after: 0) == .notLogged)
        // A file that was read is remembered; West has read none.
        let west = try federation["west"]
        _ = try await west.archive(Self.everything)
        for file in try segments(federation, "west") { try FileManager.default.removeItem(atPath: file.file) }
        #expect(try await west.timeWritten(origin, after: 3) == .lost)
        guard case .at = try await west.timeWritten(origin, after: last - 1) else {
            Issue.record("what is in the database is not lost")
            return
        }
    }

    @Test func archivedEntriesAreReadLikeOthers() async throws {
        let federation = try await filled()
        let south = try federation["south"]
        let before = try await south.entries(origin: nil, after: nil, limit: 1_000, changesMax: 10)
        let ascending = try await south.entries(
            origin: try federation.origin("west"), after: 3, limit: 20, changesMax: 10)
        let hash = try south.hash(of: try federation.origin("south"), seq: 7)
        let outcome = try await south.archive(Self.everything)
        #expect(outcome.entries == 72 && outcome.segments == 2, "\(outcome)")
        #expect(try await rows(federation, "south") == 10)
        let after = try await south.entries(origin: nil, after: nil, limit: 1_000, changesMax: 10)
        #expect(after.map(\.hash) == before.map(\.hash))
        #expect(
            try await south.entries(origin: try federation.origin("west"), after: 3, limit: 20, changesMax: 10).map(
                \.hash) == ascending.map(\.hash))
        #expect(try south.hash(of: try federation.origin("south"), seq: 7) == hash)
        #expect(try await south.blame(table: "item", key: [JSONValue(.integer(10))]).columns.first?.seq == 2)
        #expect(try await south.verify().findings == [])
        #expect(try await south.appliedEntries(after: VersionVector(), limit: 1_000).count == before.count)
        let report = try await south.archiveReport()
        #expect(report.entries == 72 && report.faults == [] && report.fileBytes == outcome.fileBytes)
        // Nothing is left to do, and what is written later is archived behind.
        #expect(try await south.archive(Self.everything) == ArchiveOutcome())
        for index in 0..<10 { try await federation.write("west", "UPDATE item SET a = \(index) WHERE id = 1") }
        try await exchange(federation)
        federation.clock.advance(1)
        #expect(try await south.archive(Self.everything).entries == 10)
    }

    @Test func aNewNodeIsFedFromSegmentsAndAReplayProvesThem() async throws {
        let federation = try await filled(["south", "west", "bio-city"])
        for park in ["south", "west"] { #expect(try await federation[park].archive(Self.everything).entries > 0) }
        try await federation["south"].vacuum()
        federation.closeWithoutCheckpoint("bio-city")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("bio-city") + suffix)
        }
        try federation.open("bio-city", recovers: true)
        try await federation.exchange(from: "south", to: "bio-city", bytesMax: 2_000)
        #expect(try await federation.dump("bio-city") == federation.dump("west"))
        #expect(try federation["bio-city"].state().digest?.hash == federation["west"].state().digest?.hash)
        let output = federation.folder.path + "/replayed.sqlite"
        let report = try Replay(
            from: federation.path("south"), into: output, members: federation.members, schema: federation.schema
        ).run(until: nil)
        #expect(report.findings == [] && report.hasReadLiveRows && !report.isDifferent)
        let middle = try await federation["south"].entries(
            origin: try federation.origin("south"), after: 9, limit: 1, changesMax: 0)
        let time = try #require(middle.first).header.stamp.milliseconds
        let past = try Replay(
            from: federation.path("south"), into: federation.folder.path + "/past.sqlite", members: federation.members,
            schema: federation.schema
        ).run(
            until: time)
        #expect(past.findings == [] && past.entries > 0 && past.entries < report.entries)
    }

    @Test func whatOthersHaveNotAcknowledgedStays() async throws {
        let federation = try await filled(["south", "west", "bio-city"])
        for _ in 0..<20 { try await federation.write("south", "UPDATE item SET a = a || 'x' WHERE id = 10") }
        try await federation.exchange(from: "south", to: "west")
        federation.clock.advance(1)
        // The others wrote nothing since, so they have acknowledged 40 of south's 61; west's
        // entries need no receipt at south.
        #expect(try await federation["south"].archive(Self.everything).entries > 0)
        let report = try await federation["south"].archiveReport()
        #expect(report.through.description == "bio-city:36 south:40 west:36")
        // By age nothing goes.
        #expect(
            try await federation["west"].archive(ArchivePolicy(keepEntries: 0, keepMilliseconds: 3_600_000))
                == ArchiveOutcome())
    }

    private final class Others: Sendable {
        let outcomes = Mutex<[ArchiveOutcome]>([])
        let isAnswered = Mutex(false)
    }

    /// Retention and an operator may ask at one time. What the one has written and not yet taken is
    /// no remains of a crash.
    @Test func twoRunsDoNotMeet() async throws {
        let federation = try await filled()
        let south = try federation["south"]
        let before = try await south.entries(origin: nil, after: nil, limit: 1_000, changesMax: 10)
        let others = Others()
        let outcome = try await south.archive(Self.everything) { step in
            guard step == .verified else { return }
            let done = DispatchSemaphore(value: 0)
            Task {
                if let other = try? await south.archive(Self.everything) {
                    others.outcomes.withLock { $0.append(other) }
                }
                done.signal()
            }
            // It neither waits for this run nor does anything.
            others.isAnswered.withLock { $0 = done.wait(timeout: .now() + 600) == .success }
        }
        #expect(
            others.isAnswered.withLock { $0 }
                && others.outcomes.withLock { $0 } == [ArchiveOutcome(), ArchiveOutcome()])
        #expect(outcome.entries == 72 && outcome.segments == 2)
        #expect(
            try await south.entries(origin: nil, after: nil, limit: 1_000, changesMax: 10).map(\.hash)
                == before.map(\.hash))
        #expect(try await south.verify().findings == [])
        #expect(
            try await south.archive(Self.everything) == ArchiveOutcome(),
            "nothing is left to do, and the turn was given back")
    }

    @Test(arguments: [ArchiveStep.written, .verified, .taken]) func aCrashLosesNothing(_ step: ArchiveStep) async throws
    {
        let federation = try await filled()
        let dump = try await federation.dump("south")
        await #expect(throws: Stop.self) {
            try await federation["south"].archive(Self.everything) { if $0 == step { throw Stop() } }
        }
        federation.closeWithoutCheckpoint("south")
        try federation.open("south")
        let isTaken = step == .taken
        #expect(try await rows(federation, "south") == (isTaken ? 82 - 36 : 82))
        #expect(try segments(federation, "south").count == 1)
        #expect(try await federation["south"].verify().findings == [])
        #expect(try await federation.dump("south") == dump)
        // A half-written file goes as well.
        let remains = ArchiveFolder(database: federation.path("south")).path + "/south/1-3.parklog.tmp"
        #expect(FileManager.default.createFile(atPath: remains, contents: Data([1, 2, 3])))
        _ = try await federation["south"].archive(Self.everything)
        #expect(try segments(federation, "south").count == 2 && !FileManager.default.fileExists(atPath: remains))
        #expect(try await federation["south"].verify().findings == [])
        #expect(try await federation["south"].verify().origins.map(\.entries) == [41, 41])
    }

    @Test func aMissingSegmentIsToldOfAndTheFeedSaysWhatIsLeft() async throws {
        let federation = try await filled()
        let south = try federation["south"]
        _ = try await south.archive(Self.everything)
        let origin = try federation.origin("south")
        let file = ArchiveFolder(database: federation.path("south")).file(origin, first: 1, last: 36)
        try FileManager.default.removeItem(atPath: file)
        #expect(throws: LogGone(origin: origin, oldestKept: 37)) {
            try south.read(origin: origin, after: 10, bytesMax: 1 << 20)
        }
        #expect(try south.read(origin: origin, after: 36, bytesMax: 1 << 20)?.count == 5)
        #expect(try south.hash(of: origin, seq: 36) != nil)
        #expect(try south.hash(of: origin, seq: 35) == nil)
        #expect(try await south.archiveReport().faults.contains { $0.contains(file) && $0.contains("missing") })
        let findings = try await south.verify().findings
        #expect(findings.count == 1 && findings[0].contains("missing"), "\(findings)")
        let replay = try Replay(
            from: federation.path("south"), into: federation.folder.path + "/r.sqlite", members: federation.members,
            schema: federation.schema
        ).run(
            until: nil)
        #expect(replay.findings.contains { $0.contains("missing") })
        // The tables do not need it.
        try await federation.write("south", "INSERT INTO item VALUES(-2, 'goes on')")
        federation.closeWithoutCheckpoint("south")
        try federation.open("south")
        #expect(try await federation.rows("south", "SELECT a FROM item WHERE id = -2") == [[.string("goes on")]])
    }

    @Test func aDamagedSegmentIsNeverServed() async throws {
        let federation = try await filled()
        _ = try await federation["south"].archive(Self.everything)
        let origin = try federation.origin("south")
        let file = ArchiveFolder(database: federation.path("south")).file(origin, first: 1, last: 36)
        let sound = try Data(contentsOf: URL(fileURLWithPath: file))
        var accepted = 0
        for position in stride(from: 0, to: sound.count, by: max(1, sound.count / 60)) {
            var damaged = sound
            damaged[position] ^= 0x10
            try damaged.write(to: URL(fileURLWithPath: file))
            // A store that has read nothing yet.
            federation.closeWithoutCheckpoint("south")
            let south = try federation.open("south")
            do {
                let slice = try south.read(origin: origin, after: 0, bytesMax: 1 << 20)
                try await federation["west"].receive(try #require(slice))
                accepted += 1
            } catch let gone as LogGone {
                #expect(gone.oldestKept == 37)
                #expect(
                    try await south.archiveReport().faults.contains {
                        $0.contains("damaged") || $0.contains("another segment")
                    }, "byte \(position)")
                #expect(try await south.verify().findings.contains { $0.contains(file) }, "byte \(position)")
            }
        }
        // A bit of a zstd frame's header may say the same in another way; the content was proven to
        // be the same then.
        #expect(accepted <= 2, "\(accepted)")
    }
}
