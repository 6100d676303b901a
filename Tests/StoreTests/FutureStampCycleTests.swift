import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Parks whose clocks were ahead, of which one has seen what the other wrote; parks that are gone;
/// old copies.
@Suite(.serialized) struct FutureStampCycleTests {
    private static let day: UInt64 = 86_400_000

    /// Everybody named writes by a clock that is right, and all have it at once.
    private func expectAllWrite(_ federation: Federation, _ parks: [String], _ comment: String) async throws {
        for park in parks {
            try await federation.write(park, "INSERT INTO bare(id) VALUES('\(comment) \(park)')")
            #expect(try await federation[park].futureStamps() == nil, "\(park) \(comment)")
        }
        try await exchange(federation, parks)
        for park in parks {
            #expect(try federation[park].stuck.filter { $0.state != .leftOut } == [], "\(park) \(comment)")
            let rows = try await federation.rows(park, "SELECT count(*) FROM bare WHERE id LIKE '\(comment) %'")
            #expect(rows == [[.integer(Int64(parks.count))]], "\(park) \(comment)")
            #expect(try await federation.dump(park) == federation.dump(parks[0]), "\(park) \(comment)")
            #expect(try await federation[park].verify().findings == [], "\(park) \(comment)")
            let report = try Replay(
                from: federation.path(park), into: federation.folder.path + "/\(UUID().uuidString).sqlite",
                members: federation.members,
                schema: federation.schema
            ).run(until: nil)
            #expect(report.findings == [], "\(park) \(comment)")
        }
    }

    private func exchange(_ federation: Federation, _ parks: [String]) async throws {
        for park in parks { try await federation[park].sealForeign() }
        for _ in 0..<3 {
            for from in parks { for to in parks where from != to { try await federation.exchange(from: from, to: to) } }
        }
        for park in parks { try await federation[park].housekeep() }
    }

    private func restart(_ federation: Federation, _ park: String) throws {
        federation.closeWithoutCheckpoint(park)
        try federation.open(park)
    }

    /// Bio-city is 200 days ahead, Airport 400, and has applied what Bio-city wrote; perhaps the
    /// other way round as well.
    @Test(arguments: [["airport", "bio-city"], ["bio-city", "airport"]], [true, false])
    func oneHasSeenTheOther(order: [String], both: Bool) async throws {
        let federation = try Federation(["airport", "bio-city", "south"], schema: shapes)
        try await federation.write("south", "INSERT INTO tally(id, n) VALUES('t', 100)")
        try await federation.converge()
        let now = federation.clock.wallMilliseconds() + 1_000
        federation.clock.set(now + 200 * Self.day)
        try await federation.write(
            "bio-city", "INSERT INTO plain(id, a, b) VALUES('c1', 'bio-city', 1)", "UPDATE tally SET n = n + 1")
        federation.clock.set(now + 400 * Self.day)
        try await federation.exchange(from: "bio-city", to: "airport")
        try await federation.write(
            "airport", "UPDATE plain SET a = 'airport' WHERE id = 'c1'", "UPDATE tally SET n = n + 10")
        if both {
            try await federation.exchange(from: "airport", to: "bio-city")
            try await federation.write(
                "bio-city", "UPDATE plain SET b = 2 WHERE id = 'c1'", "UPDATE tally SET n = n + 1000")
            try await federation.exchange(from: "bio-city", to: "airport")
        }
        federation.clock.set(now)
        try await federation.converge()
        #expect(try !federation["south"].stuck.isEmpty)
        for park in order {
            let done = try await federation[park].reissueFuture(reason: "both were ahead")
            #expect(done.origin.name == park + "~2")
            #expect(try await federation[park].futureStamps() == nil, "\(park) stamps by its clock at once")
            try await federation.write(park, "INSERT INTO bare(id) VALUES('\(park) goes on')")
            try await exchange(federation, federation.parks)
            #expect(
                try await federation.rows("south", "SELECT count(*) FROM bare WHERE id = '\(park) goes on'") == [
                    [.integer(1)]
                ], "\(park)")
        }
        try await expectAllWrite(federation, federation.parks, "after")
        #expect(try await federation.rows("south", "SELECT n FROM tally") == [[.integer(both ? 1_111 : 111)]])
        #expect(try await federation.rows("south", "SELECT b FROM plain WHERE id = 'c1'") == [[.integer(both ? 2 : 1)]])
        // Who wrote anew later is later; what it replaced is in the inbox.
        let values = try await federation.rows("south", "SELECT a FROM plain WHERE id = 'c1'")
        #expect(values == [[.string(order.last ?? "")]])
        for park in federation.parks { try restart(federation, park) }
        try await expectAllWrite(federation, federation.parks, "later")
    }

    /// West is gone for good, and Airport alone has applied what it wrote by a clock that was
    /// ahead.
    @Test(arguments: [["fence", "reissue"], ["reissue", "fence"]], [true, false])
    func theParkIsGone(order: [String], losesFile: Bool) async throws {
        let federation = try Federation(["airport", "bio-city", "south", "west"], schema: shapes)
        for park in federation.parks {
            try await federation.write(park, "INSERT INTO plain(id, a) VALUES('\(park)', 1)")
        }
        try await federation.converge()
        let now = federation.clock.wallMilliseconds() + 1_000
        federation.clock.set(now + 300 * Self.day)
        try await federation.write(
            "west", "INSERT INTO plain(id, a) VALUES('future', 'west')",
            "UPDATE plain SET a = 'west' WHERE id = 'south'")
        try await federation.exchange(from: "west", to: "airport")
        try await federation.write(
            "airport", "UPDATE plain SET b = 7 WHERE id = 'future'", "INSERT INTO bare(id) VALUES('of airport')")
        federation.clock.set(now)
        let stay = ["airport", "bio-city", "south"]
        try await federation.exchange(from: "west", to: "south")
        federation.closeWithoutCheckpoint("west")
        try await exchange(federation, stay)
        if losesFile {
            // What its own entries depend on comes back with them, whatever the clock says.
            federation.closeWithoutCheckpoint("airport")
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: federation.path("airport") + suffix)
            }
            try federation.open("airport", recovers: true, checks: true)
            try await federation.check(
                "airport", peers: ["bio-city", "south"], policy: HeadGuard.Policy(acceptsLoss: true))
            #expect(try federation["airport"].standing() == .ready)
        }
        for step in order {
            if step == "fence" {
                _ = try await federation["south"].fence("west")
                try await exchange(federation, stay)
                #expect(try await federation["bio-city"].fence("west").isDecided)
            } else {
                _ = try await federation["airport"].reissueFuture(reason: "NTP")
            }
            try await exchange(federation, stay)
            for park in stay { _ = try await federation[park].acknowledge() }
            try await exchange(federation, stay)
            if step == "fence", order.first == "fence" {
                let held = try #require(try federation["south"].stuck.first { $0.origin.name == "west" })
                #expect(held.remedy.contains("run syncctl reissue there") && held.remedy.contains("airport"), "\(held)")
            }
        }
        try await expectAllWrite(federation, stay, "without west")
        let west = try federation.origin("west")
        for park in stay {
            #expect(try federation[park].state().applied[west] == 1, "\(park): what nobody vouches for stays out")
            #expect(
                try await federation.rows(park, "SELECT a FROM plain WHERE id = 'south'") == [[.integer(1)]], "\(park)")
            #expect(
                try await federation.rows(park, "SELECT a, b FROM plain WHERE id = 'future'") == [
                    [.null, .integer(7)]
                ], "\(park)")
            #expect(
                try await federation.rows(park, "SELECT count(*) FROM bare WHERE id = 'of airport'") == [[.integer(1)]],
                "\(park)")
        }
        federation.closeWithoutCheckpoint("airport")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("airport") + suffix)
        }
        try federation.open("airport", recovers: true, checks: true)
        try await federation.check(
            "airport", peers: ["bio-city", "south"], policy: HeadGuard.Policy(acceptsLoss: true))
        #expect(try federation["airport"].state().origin.name == "airport~2")
        try await expectAllWrite(federation, stay, "found")
    }

    /// An old copy was written to while the park's entries from the future came back as the park's
    /// first log.
    @Test func anOldCopyAndTheFuture() async throws {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        try await federation.write("west", "INSERT INTO tally(id, n) VALUES('t', 1)")
        try await federation.converge()
        try federation.copy("west", to: "yesterday")
        let now = federation.clock.wallMilliseconds() + 1_000
        federation.clock.set(now + 300 * Self.day)
        try await federation.write("west", "INSERT INTO plain(id) VALUES('future')", "UPDATE tally SET n = n + 10")
        try await federation.write("west", "UPDATE tally SET n = n + 100")
        federation.clock.set(now)
        for park in ["airport", "south"] { try await federation.exchange(from: "west", to: park) }
        try federation.putBack("yesterday", "west")
        try federation.open("west", checks: true)
        try await federation.check("west", peers: [], policy: HeadGuard.Policy(acceptsWithoutPeers: true))
        try await federation.write("west", "UPDATE tally SET n = n + 1000")
        try await federation.check("west", peers: ["airport", "south"])
        #expect(try federation["west"].state().origin.name == "west~2")
        try await federation.converge()
        let standing = try #require(try await federation["west"].futureStamps())
        #expect(
            standing.stamps.first?.origin.name == "west" && standing.stamps.first?.first == 2
                && standing.stamps.first?.last == 3)
        let refusal = await #expect(throws: StoreError.self) {
            try await federation["west"].reissueFuture(reason: "too soon")
        }
        #expect(
            refusal?.code == .notReady && refusal?.remedy.contains("Possible again at") == true,
            "\(String(describing: refusal))")
        federation.clock.advance(Reissue.intervalMilliseconds)
        let done = try await federation["west"].reissueFuture(reason: "NTP")
        #expect(done.origin.name == "west~3", "\(done)")
        try await federation.converge()
        try await expectAllWrite(federation, federation.parks, "after")
        for park in federation.parks {
            #expect(try await federation.rows(park, "SELECT n FROM tally") == [[.integer(1_111)]], "\(park)")
            #expect(
                try await federation.rows(park, "SELECT count(*) FROM plain WHERE id = 'future'") == [[.integer(1)]],
                "\(park)")
        }
    }

    /// The clock was set back twice: the first time it was still ahead.
    @Test(arguments: [[], ["airport"]]) func theClockIsSetBackTwice(alsoAhead: [String]) async throws {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        try await federation.write("west", "INSERT INTO tally(id, n) VALUES('t', 1)")
        try await federation.converge()
        let now = federation.clock.wallMilliseconds() + 1_000
        federation.clock.set(now + 300 * Self.day)
        try await federation.write("west", "UPDATE tally SET n = n + 10")
        for park in alsoAhead { try await federation.exchange(from: "west", to: park) }
        federation.clock.set(now + 100 * Self.day)
        _ = try await federation["west"].reissueFuture(reason: "NTP")
        try await federation.write("west", "UPDATE tally SET n = n + 100")
        for park in alsoAhead { try await federation.exchange(from: "west", to: park) }
        federation.clock.set(now)
        try await federation.converge()
        let done = try await federation["west"].reissueFuture(reason: "NTP, now right")
        #expect(done.origin.name == "west~3" && done.taken.map(\.origin.name) == ["west", "west~2"])
        try await federation.converge()
        try await expectAllWrite(federation, federation.parks, "after")
        for park in federation.parks {
            #expect(try await federation.rows(park, "SELECT n FROM tally") == [[.integer(111)]], "\(park)")
        }
    }

    /// Nobody is cloned: the remedy is to wait, and says until when.
    @Test func theNextOneWaits() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let now = federation.clock.wallMilliseconds()
        for round in 1...2 {
            federation.clock.set(now + 300 * Self.day)
            try await federation.write("west", "INSERT INTO bare(id) VALUES('\(round)')")
            federation.clock.set(now + UInt64(round) * 1_000)
            if round == 2 { break }
            _ = try await federation["west"].reissueFuture(reason: "NTP")
        }
        let standing = try #require(try await federation["west"].futureStamps())
        #expect(standing.possibleAt == now + 1_000 + Reissue.intervalMilliseconds)
        let refusal = await #expect(throws: StoreError.self) {
            try await federation["west"].reissueFuture(reason: "again")
        }
        #expect(
            refusal?.code == .notReady && refusal?.reason.contains("to write entries anew") == true,
            "\(String(describing: refusal))")
        let time = TimeOfDay.minute(now + 1_000 + Reissue.intervalMilliseconds)
        #expect(refusal?.remedy.hasPrefix("Possible again at \(time).") == true, "\(String(describing: refusal))")
        federation.clock.set(now + 1_000 + Reissue.intervalMilliseconds)
        #expect(try await federation["west"].futureStamps()?.possibleAt == nil)
        _ = try await federation["west"].reissueFuture(reason: "again")
        try await federation.converge()
        try await expectAllWrite(federation, federation.parks, "after")
    }

    /// What one park fenced by a clock that was ahead is fenced when it is written anew.
    @Test func aFenceIsWrittenAnew() async throws {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        for park in federation.parks { try await federation.write(park, "INSERT INTO plain(id) VALUES('\(park)')") }
        try await federation.converge()
        let now = federation.clock.wallMilliseconds() + 1_000
        federation.clock.set(now + 300 * Self.day)
        try await federation.write("west", "INSERT INTO bare(id) VALUES('future')")
        try await federation.exchange(from: "west", to: "airport")
        _ = try await federation["airport"].fence("west")
        federation.clock.set(now)
        federation.closeWithoutCheckpoint("west")
        _ = try await federation["airport"].reissueFuture(reason: "NTP")
        let stay = ["airport", "south"]
        try await exchange(federation, stay)
        #expect(try await federation["south"].fence("west").isDecided, "Airport's word was written anew")
        try await exchange(federation, stay)
        for park in stay { _ = try await federation[park].acknowledge() }
        try await exchange(federation, stay)
        try await expectAllWrite(federation, stay, "without west")
        for park in stay { #expect(try federation[park].membership().fenced == ["west"], "\(park)") }
    }

    /// A hand on the tables that say what counts is found by a verification.
    @Test(arguments: [
        "INSERT INTO _parksync_withdrawal(by, origin, first, last) SELECT b.ordinal, a.ordinal, 1, 1 FROM "
            + "_parksync_origin a, _parksync_origin b "
            + "WHERE a.name = 'west' AND b.name = 'south';",
        "DELETE FROM _parksync_withdrawal;", "UPDATE _parksync_withdrawal SET first = first - 1;",
        "DELETE FROM _parksync_fence;",
        "UPDATE _parksync_fence SET after = '-';", "UPDATE _parksync_fence SET returned = 'airport';",
        "DELETE FROM _parksync_vote WHERE seq > 0;", "UPDATE _parksync_vote SET side = 'back';",
        "UPDATE _parksync_decision SET side = 'back';",
        "DELETE FROM _parksync_decision;",
        """
        INSERT INTO _parksync_fence(park, origin, seq, after, returned) SELECT 'west', ordinal, 1, '-', '' FROM \
        _parksync_origin WHERE name = 'south';
        """,
    ]) func aHandOnWhatCountsIsFound(sql: String) async throws {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        for park in federation.parks { try await federation.write(park, "INSERT INTO plain(id) VALUES('\(park)')") }
        try await federation.converge()
        let now = federation.clock.wallMilliseconds()
        federation.clock.set(now + 300 * Self.day)
        try await federation.write("west", "INSERT INTO bare(id) VALUES('future')")
        federation.clock.set(now)
        _ = try await federation["west"].reissueFuture(reason: "NTP")
        try await federation.converge()
        _ = try await federation["south"].fence("airport")
        try await federation.exchange(from: "south", to: "west")
        #expect(try await federation["west"].fence("airport").isDecided)
        try await federation.exchange(from: "west", to: "south")
        #expect(try await federation["south"].verify().findings == [])
        federation.closeWithoutCheckpoint("south")
        try federation.foreign("south", "sqlite3", ["-batch"], input: sql + "\n")
        // What no entry says is found at the start, what is missing when the file is verified.
        let findings: [String]
        do {
            try federation.open("south")
            findings = try await federation["south"].verify().findings
        } catch let error as StoreError { findings = [error.reason] }
        #expect(
            !findings.isEmpty
                && findings.allSatisfy { $0.contains("and the file does not") || $0.contains("and the log does not") },
            "\(findings)")
    }
}
