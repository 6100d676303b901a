import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// A park that wrote with a clock that was ahead has written that anew, and then loses its file, or
/// gets an old copy of it.
@Suite struct FutureStampRecoveryTests {
    private static let day: UInt64 = 86_400_000

    /// What becomes of West's file after all.
    enum Fate: String, CaseIterable, Sendable {
        case lost
        /// A copy from before the clock was ahead, from while it was, from after it was set right,
        /// and from after the entries were written anew.
        case before, during, setRight, after
    }

    /// A zone in which West was ahead and has written that anew, and what its file was at each
    /// time.
    private struct History {
        let federation: Federation
        var random: SplitMix64
        var number = 0

        init(seed: UInt64) throws {
            random = SplitMix64(state: seed)
            federation = try Federation(["airport", "south", "west"], schema: shapes)
        }

        mutating func write(_ park: String) async throws {
            number += 1
            switch Int.random(in: 0..<3, using: &random) {
            case 0: try await federation.write(park, "INSERT INTO plain(id, a) VALUES('\(park) \(number)', \(number))")
            case 1: try await federation.write(park, "UPDATE plain SET a = \(number) WHERE id = 's'")
            default: try await federation.write(park, "UPDATE tally SET n = n + 1, v = '\(number)' WHERE id = 't'")
            }
        }

        /// One entry of one log goes from one park to another, if it is to be had.
        mutating func deliver(from: String, to: String) async throws {
            let (source, target) = (try federation[from], try federation[to])
            guard let origin = source.state().logged.elements.randomElement(using: &random)?.origin,
                let slice = try source.answer(
                    origin, after: target.want(origin), of: target.state().origin, bytesMax: 1)
            else { return }
            do { try await target.receive(slice) } catch is SliceRefused {}
        }

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

        mutating func deliverSome(_ count: Int) async throws {
            for _ in 0..<count {
                let parks = federation.parks.shuffled(using: &random)
                try await deliver(from: parks[0], to: parks[1])
            }
        }
    }

    private func newest(_ federation: Federation, _ park: String) async throws -> EntryHeader {
        let origin = try federation[park].state().origin
        return try #require(
            try await federation[park].entries(origin: origin, after: nil, limit: 1, changesMax: 0).first
        ).header
    }

    private func made(seed: UInt64, alsoAhead: Bool) async throws -> History {
        var history = try History(seed: seed)
        let federation = history.federation
        try await federation.write(
            "south", "INSERT INTO plain(id, a) VALUES('s', 0)", "INSERT INTO tally(id, n) VALUES('t', 0)")
        try await federation.converge()
        for park in federation.parks { try await history.write(park) }
        try await history.deliverSome(6)
        try federation.copy("west", to: Fate.before.rawValue)
        let now = federation.clock.wallMilliseconds() + 60_000
        federation.clock.set(now + 300 * Self.day)
        for step in 0..<4 {
            try await history.write("west")
            if step == 1 { try federation.copy("west", to: Fate.during.rawValue) }
            if alsoAhead {
                try await federation.exchange(from: "west", to: "airport")
                try await history.write("airport")
                if history.chance(50) { try await federation.exchange(from: "airport", to: "west") }
            }
        }
        federation.clock.set(now)
        try await history.write("west")
        try federation.copy("west", to: Fate.setRight.rawValue)
        try await federation.converge()
        _ = try await federation["west"].reissueFuture(reason: "NTP")
        try await history.write("west")
        try federation.copy("west", to: Fate.after.rawValue)
        for _ in 0..<4 {
            try await history.write(["south", "west"].randomElement(using: &history.random) ?? "west")
            try await history.deliverSome(4)
        }
        try await federation.converge()
        return history
    }

    /// West comes back with what its peers have, in whatever order that comes, and with restarts
    /// between.
    private func recover(_ history: inout History, _ fate: Fate) async throws {
        let federation = history.federation
        if fate == .lost {
            federation.closeWithoutCheckpoint("west")
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: federation.path("west") + suffix)
            }
        } else {
            try federation.putBack(fate.rawValue, "west")
            if history.chance(30) {
                try federation.foreign(
                    "west", "sqlite3", ["-batch"], input: "UPDATE tally SET n = n + 1, v = 'program' WHERE id = 't';\n")
            }
        }
        try federation.open("west", recovers: true, checks: true)
        for _ in 0..<2_000 {
            let standing = try federation["west"].standing()
            if standing == .ready { return }
            if case .demand(let demand) = try federation.verdict("west", peers: ["airport", "south"]),
                history.chance(40)
            {
                do { try await federation.carryOut(demand, "west") } catch let error as StoreError
                    where error.code == .notReady
                {}
            } else if history.chance(4) {
                federation.closeWithoutCheckpoint("west")
                try federation.open("west", recovers: true, checks: true)
            } else {
                try await history.deliver(from: history.chance(50) ? "airport" : "south", to: "west")
            }
        }
        Issue.record("West does not come back: \(try federation["west"].standing()), \(try federation["west"].stuck)")
    }

    @Test(arguments: 1...2, Fate.allCases) func itsClockStaysRight(seed: UInt64, fate: Fate) async throws {
        for alsoAhead in [false, true] {
            var history = try await made(seed: seed, alsoAhead: alsoAhead)
            let federation = history.federation
            let comment = Comment(rawValue: "seed \(seed), \(fate), also ahead: \(alsoAhead)")
            try await recover(&history, fate)
            // Airport's entries of the future wait, whatever of West's has depended on them.
            try await history.write("west")
            let limit = federation.clock.wallMilliseconds() + CoreLimits.clockAheadMillisecondsMax
            #expect(try await newest(federation, "west").stamp.milliseconds <= limit, comment)
            #expect(try await federation["west"].futureStamps() == nil, comment)
            if alsoAhead { _ = try await federation["airport"].reissueFuture(reason: "NTP") }
            try await federation.converge()
            try await federation.converge()
            for park in federation.parks {
                #expect(try federation[park].stuck == [], comment)
                #expect(try await federation.dump(park) == federation.dump("south"), comment)
                #expect(try await federation[park].verify().findings == [], comment)
            }
        }
    }

    // MARK: each way by itself

    /// South's entry that West's first one depends on comes late.
    private func writtenAnew() async throws -> Federation {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO tally(id, n) VALUES('t', 0)")
        try await federation.converge()
        let now = federation.clock.wallMilliseconds() + 60_000
        try await federation.write("west", "UPDATE tally SET n = n + 1 WHERE id = 't'")
        federation.clock.set(now + 300 * Self.day)
        for _ in 0..<3 { try await federation.write("west", "UPDATE tally SET n = n + 1 WHERE id = 't'") }
        federation.clock.set(now)
        try await federation.converge()
        _ = try await federation["west"].reissueFuture(reason: "NTP")
        try await federation.converge()
        federation.closeWithoutCheckpoint("west")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("west") + suffix)
        }
        return federation
    }

    private func expectRightClock(_ federation: Federation, _ comment: Comment) throws {
        let limit = federation.clock.wallMilliseconds() + CoreLimits.clockAheadMillisecondsMax
        #expect(try federation["west"].publishedState.clock.last.milliseconds <= limit, comment)
    }

    /// West goes on as what it was, after all that it has published, and everybody takes what it
    /// writes.
    private func expectGoesOn(_ federation: Federation) async throws {
        try await federation.check("west", peers: ["airport", "south"])
        try expectRightClock(federation, "ready")
        #expect(try federation["west"].state().origin.name == "west~2")
        let before = try await newest(federation, "west")
        try await federation.write("west", "UPDATE tally SET n = n + 1 WHERE id = 't'")
        let next = try await newest(federation, "west")
        #expect(next.seq == before.seq + 1 && next.stamp > before.stamp)
        try expectRightClock(federation, "written")
        federation.closeWithoutCheckpoint("west")
        try federation.open("west")
        try expectRightClock(federation, "started")
        try await federation.converge()
        for park in federation.parks {
            #expect(try federation[park].stuck == [], "\(park)")
            #expect(try await federation.rows(park, "SELECT n FROM tally WHERE id = 't'") == [[.integer(5)]], "\(park)")
        }
    }

    @Test func aStartWhileOwnEntriesWait() async throws {
        let federation = try await writtenAnew()
        try federation.open("west", recovers: true, checks: true)
        let (west, origin) = (try federation["west"], try federation.origin("west"))
        while let slice = try federation["airport"].answer(origin, after: west.want(origin), of: origin, bytesMax: 1) {
            try await west.receive(slice)
        }
        #expect(west.state().logged[origin] == 4 && west.stuck.map(\.seq) == [1], "they wait for South's")
        try expectRightClock(federation, "waiting")
        federation.closeWithoutCheckpoint("west")
        try federation.open("west", recovers: true, checks: true)
        try expectRightClock(federation, "started while they wait")
        try await expectGoesOn(federation)
    }

    @Test func aSnapshot() async throws {
        let federation = try await writtenAnew()
        let file = federation.folder.path + "/snapshot"
        let made = try await federation["airport"].makeSnapshot(
            at: file, id: [UInt8](repeating: 3, count: SnapshotManifest.idBytes))
        let read = try SnapshotManifest(reading: made.signed, from: "airport", members: federation.members)
        let candidate = SnapshotCandidate(
            origin: try federation.origin("west"), members: federation.members, schema: federation.schema)
        try candidate.build(federation.path("west"), from: file, read)
        let west = try federation.open("west", recovers: true, checks: true)
        guard case .installed? = west.snapshotOutcome else {
            Issue.record("\(String(describing: west.snapshotOutcome))")
            return
        }
        try expectRightClock(federation, "installed")
        try await expectGoesOn(federation)
    }

    @Test func aBundle() async throws {
        let federation = try await writtenAnew()
        let path = federation.folder.path + "/bundle"
        _ = try await federation["airport"].exportBundle(to: "west", before: VersionVector(), path: path)
        try federation.open("west", recovers: true, checks: true)
        #expect(try await federation["west"].importBundle(path).newEntries > 5)
        try expectRightClock(federation, "imported")
        try await expectGoesOn(federation)
    }

    /// Another park has passed over what West took back, and says so in its entries. When its file
    /// is lost these come first.
    @Test(arguments: [true, false]) func anotherParkLosesItsFile(laterLogComesFirst: Bool) async throws {
        let federation = try await writtenAnew()
        try await federation.write("south", "UPDATE tally SET n = n + 1 WHERE id = 't'")
        try await federation.exchange(from: "south", to: "airport")
        federation.closeWithoutCheckpoint("south")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("south") + suffix)
        }
        let south = try federation.open("south", recovers: true, checks: true)
        let limit = federation.clock.wallMilliseconds() + CoreLimits.clockAheadMillisecondsMax
        for name in ["south"] + (laterLogComesFirst ? ["west~2", "west"] : ["west", "west~2"]) {
            let origin = try #require(OriginID(name))
            while let slice = try federation["airport"].answer(
                origin, after: south.want(origin), of: south.state().origin, bytesMax: 1)
            {
                try await south.receive(slice)
                #expect(south.publishedState.clock.last.milliseconds <= limit, "\(name):\(slice.last)")
            }
        }
        try await federation.check("south", peers: ["airport"], policy: HeadGuard.Policy(acceptsLoss: true))
        try await federation.write("south", "UPDATE tally SET n = n + 1 WHERE id = 't'")
        #expect(try await newest(federation, "south").stamp.milliseconds <= limit)
        try await federation.exchange(from: "south", to: "airport")
        #expect(try federation["airport"].stuck == [])
        #expect(try await federation.rows("airport", "SELECT n FROM tally WHERE id = 't'") == [[.integer(6)]])
        #expect(try await federation.dump("airport") == federation.dump("south"))
    }
}
