import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let compactionSchema = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE item(id TEXT NOT NULL PRIMARY KEY, a, b);
    """

@Suite struct CompactionTests {
    private func traces(_ federation: Federation, _ park: String) async throws -> [Value] {
        try await federation.rows(
            park,
            """
            SELECT (SELECT count(*) FROM _parksync_life), (SELECT count(*) FROM _parksync_clock_item) - (SELECT \
            count(*) FROM item)
            """
        )[0]
    }

    /// Three parks with a row that south has deleted, everywhere known.
    private func withDeletedRow() async throws -> Federation {
        let federation = try Federation(["airport", "south", "west"], schema: compactionSchema)
        try await federation.write("south", "INSERT INTO item VALUES('x', 1, 1), ('y', 1, 1)")
        try await federation.settle()
        try await federation.write("south", "DELETE FROM item WHERE id = 'x'")
        try await federation.settle()
        return federation
    }

    /// South proposes to take West out, and Airport consents; South has not heard of that yet.
    private func fenceWest(_ federation: Federation) async throws {
        #expect(try await !federation["south"].fence("west").isDecided)
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await federation["airport"].fence("west").isDecided)
    }

    @Test func tracesGoEverywhereWhenAllHaveAcknowledged() async throws {
        let federation = try await withDeletedRow()
        let south = try federation["south"]
        // Nobody else has written yet: they hold it back, and nothing is sealed.
        var outcome = try await south.compact()
        #expect(outcome.seq == nil && outcome.report.heldBy.map(\.park) == ["airport", "west"])
        #expect(outcome.report.tombstoneRows == 1 && outcome.report.tombstoneBytes > 0)
        for park in ["west", "airport"] { #expect(try await federation[park].acknowledge()) }
        #expect(try await !federation["west"].acknowledge(), "one receipt is enough")
        #expect(try await !south.acknowledge(), "who deleted the row has seen it")
        try await federation.settle()
        #expect(try await federation["west"].acknowledge() == false)
        outcome = try await south.compact()
        #expect(outcome.droppedRows == 1 && outcome.report.heldBy == [])
        let sealed = try #require(outcome.seq)
        try await federation.settle()
        for park in federation.parks {
            #expect(try await traces(federation, park) == [.integer(0), .integer(0)], "\(park)")
        }
        let entry = try await south.entries(
            origin: try federation.origin("south"), after: sealed - 1, limit: 1, changesMax: 5)
        #expect(entry.first?.changes.first?.table == ControlRecord.tableName)
        // The row may be born again, and lives its first life.
        try await federation.write("west", "INSERT INTO item VALUES('x', 2, 2)")
        try await federation.settle()
        for park in federation.parks {
            #expect(try await federation.rows(park, "SELECT a FROM item WHERE id = 'x'") == [[.integer(2)]])
            #expect(try await federation[park].verify().findings == [])
        }
        #expect(try await south.blame(table: "item", key: [JSONValue(.string("x"))]).causalLength == 1)
        let report = try Replay(
            from: federation.path("airport"), into: federation.folder.path + "/r.sqlite", members: federation.members,
            schema: federation.schema
        ).run(
            until: nil)
        #expect(report.findings == [] && !report.isDifferent)
    }

    @Test func aSilentParkIsNamedAndItsFenceReleasesTheRest() async throws {
        let federation = try await withDeletedRow()
        let south = try federation["south"]
        #expect(try await federation["airport"].acknowledge())
        try await federation.settle()
        var report = try await south.retention()
        #expect(report.heldBy == [RetentionStatus.Holder(park: "west", since: nil)])
        await #expect(throws: StoreError.self) { try await south.fence("south") }
        await #expect(throws: StoreError.self) { try await south.fence("nowhere") }
        let word = try await south.fence("west")
        let proposal = FenceProposalStatus(park: "west", kind: .fence, consents: ["south"], needed: 2)
        #expect(
            !word.isDecided && word == FenceReport(origin: "south", seq: word.seq, isDecided: false, proposal: proposal)
        )
        #expect(try await south.fence("west") == word, "it is said once")
        report = try await south.retention()
        #expect(report.proposals == [proposal] && report.fencing == [] && report.fenced == [])
        #expect(try await south.compact().seq == nil)
        try await federation.exchange(from: "south", to: "airport")
        let airport = try federation["airport"]
        #expect(try await airport.retention().proposals == [proposal])
        let last = try await airport.fence("west")
        #expect(last.isDecided && last.consents == ["airport", "south"])
        await #expect(throws: StoreError.self) { try await airport.fence("west") }
        try await federation.exchange(from: "airport", to: "south")
        report = try await south.retention()
        #expect(report.fencing == ["west"] && report.fenced == [] && report.proposals == nil)
        #expect(try await south.acknowledge())
        report = try await south.retention()
        #expect(report.fenced == ["west"] && report.heldBy == [] && report.droppableRows == 1)
        #expect(try await south.compact().droppedRows == 1)
        // West hears of it, writes nothing more by any way, and says why.
        try await federation.exchange(from: "south", to: "west")
        let refusal = await #expect(throws: StoreError.self) {
            try await federation.write("west", "INSERT INTO item VALUES('w', 1, 1)")
        }
        #expect(refusal?.code == .fenced && refusal?.reason.contains("comes back") == true)
        #expect(throws: StoreError.self) {
            try federation.foreign("west", "sqlite3", ["-batch"], input: "INSERT INTO item VALUES('v', 1, 1);\n")
        }
        federation.closeWithoutCheckpoint("west")
        try federation.open("west")
        #expect(try federation["west"].counts.fenced != nil)
        #expect(throws: StoreError.self) {
            try federation.foreign("west", "sqlite3", ["-batch"], input: "DELETE FROM item;\n")
        }
    }

    /// What one park had of a fenced one comes to all; what nobody had stays out, alike everywhere.
    @Test func entriesOfAFencedParkCountAsFarAsAnyParkHadThem() async throws {
        let federation = try await withDeletedRow()
        for park in ["west", "airport"] { #expect(try await federation[park].acknowledge()) }
        try await federation.settle()
        try await federation.write("west", "INSERT INTO item VALUES('airport knows', 1, 1)")
        try await federation.exchange(from: "west", to: "airport")
        try await federation.write("west", "INSERT INTO item VALUES('nobody knows', 1, 1)")
        // South, which has neither, proposes a fence; Airport consents, and says so what it had.
        try await fenceWest(federation)
        try await federation.exchange(from: "airport", to: "south")
        // South gets both entries, from west itself: only the vouched one counts.
        try await federation.exchange(from: "west", to: "south")
        #expect(try federation["south"].stuck.contains { $0.cause.contains("fenced") })
        #expect(try await federation["south"].acknowledge())
        try await federation.exchange(from: "south", to: "airport")
        for park in ["south", "airport"] {
            #expect(
                try await federation.rows(park, "SELECT id FROM item WHERE id LIKE '%knows'") == [
                    [.string("airport knows")]
                ], "\(park)")
        }
        #expect(try await federation.dump("south") == federation.dump("airport"))
        #expect(try federation["south"].state().digest == federation["airport"].state().digest)
        #expect(try federation["south"].stuck.map(\.seq) == [3])
        #expect(try await federation["south"].retention().fenced == ["west"])
        // West learns of it from the log, and takes no more writes.
        try await federation.exchange(from: "south", to: "west")
        let refusal = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(refusal?.code == .fenced && refusal?.reason.contains("taken out of the zone by entry airport:") == true)
    }

    /// A park of which the zone had nothing yet may begin after its fence: with an entry that all
    /// have to see first.
    @Test func whoComesBackBeginsWithAReceipt() async throws {
        let federation = try Federation(["airport", "south", "west"], schema: compactionSchema)
        try await federation.write("south", "INSERT INTO item VALUES('x', 1, 1)")
        try await fenceWest(federation)
        try await federation.settle()
        let west = try federation["west"]
        let early = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(early?.code == .fenced)
        #expect(try await west.acknowledge())
        try await federation.exchange(from: "west", to: "south")
        #expect(try await federation["south"].acknowledge())
        try await federation.exchange(from: "south", to: "west")
        let waiting = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(
            waiting?.reason.contains("airport") == true && waiting?.reason.contains("south") == false,
            "\(waiting?.reason ?? "")")
        try await federation.exchange(from: "west", to: "airport")
        #expect(try await federation["airport"].acknowledge())
        try await federation.exchange(from: "airport", to: "west")
        try await federation.write("west", "DELETE FROM item")
        try federation.foreign("west", "sqlite3", ["-batch"], input: "INSERT INTO item VALUES('back', 1, 1);\n")
        try await federation.settle()
        for park in federation.parks {
            #expect(try await federation.rows(park, "SELECT id FROM item") == [[.string("back")]], "\(park)")
        }
        #expect(try await federation["south"].retention().fenced == [])
    }

    /// Nobody can go on with a log that was fenced: what the zone has not of it would be in the way
    /// for ever.
    @Test func aParkThatHadWrittenComesBackAsANewOrigin() async throws {
        let federation = try await withDeletedRow()
        for park in ["west", "airport"] { #expect(try await federation[park].acknowledge()) }
        try await federation.settle()
        try await federation.write("west", "INSERT INTO item VALUES('known', 1, 1)")
        try await federation.exchange(from: "west", to: "airport")
        try await federation.write("west", "INSERT INTO item VALUES('too late', 1, 1)")
        try await fenceWest(federation)
        try await federation.exchange(from: "airport", to: "south")
        #expect(try await federation["south"].acknowledge())
        // It comes to all, and counts nowhere.
        try await federation.exchange(from: "west", to: "airport")
        try await federation.exchange(from: "airport", to: "south")
        federation.closeWithoutCheckpoint("west")
        for suffix in ["", "-wal", "-shm"] {
            try FileManager.default.removeItem(atPath: federation.path("west") + suffix)
        }
        let west = try federation.open("west", recovers: true, checks: true)
        for park in ["south", "airport"] { try await federation.exchange(from: park, to: "west") }
        try await west.finishRecovery()
        #expect(west.state().origin.name == "west~2")
        #expect(throws: StoreError.self) {
            try federation.foreign("west", "sqlite3", ["-batch"], input: "DELETE FROM item;\n")
        }
        let early = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(early?.code == .fenced && early?.reason.contains("comes back") == true)
        #expect(try await west.acknowledge())
        for park in ["south", "airport"] {
            try await federation.exchange(from: "west", to: park)
            #expect(try await federation[park].acknowledge())
            try await federation.exchange(from: park, to: "west")
        }
        try await federation.write("west", "INSERT INTO item VALUES('back', 1, 1)")
        try federation.foreign("west", "sqlite3", ["-batch"], input: "INSERT INTO item VALUES('by hand', 1, 1);\n")
        try await federation.settle()
        for park in federation.parks {
            let ids = try await federation.rows(park, "SELECT id FROM item ORDER BY id").map { $0[0] }
            #expect(ids == ["back", "by hand", "known", "y"].map { .string($0) }, "\(park)")
            #expect(try federation[park].state().digest == federation["south"].state().digest, "\(park)")
            #expect(try await federation[park].verify().findings == [], "\(park)")
        }
        #expect(try await federation["south"].retention().fenced == [])
        // It goes on as what it is.
        federation.closeWithoutCheckpoint("west")
        #expect(try federation.open("west", checks: true).state().origin.name == "west~2")
    }

    /// The own log of a park that has lost its file may be back before it hears that it was taken
    /// out meanwhile.
    @Test(arguments: [false, true]) func aFenceThatComesAfterTheOwnLogIsNoDeadEnd(leavesOut: Bool) async throws {
        let federation = try Federation(["airport", "south", "west"], schema: compactionSchema)
        try await federation.write("west", "INSERT INTO item VALUES('known', 1, 1)")
        if !leavesOut { for park in ["airport", "south"] { try await federation.exchange(from: "west", to: park) } }
        try await fenceWest(federation)
        try await federation.exchange(from: "airport", to: "south")
        // It has come to all, and counts where it had come in time.
        for park in ["airport", "south"] { try await federation.exchange(from: "west", to: park) }
        federation.closeWithoutCheckpoint("west")
        for suffix in ["", "-wal", "-shm"] {
            try FileManager.default.removeItem(atPath: federation.path("west") + suffix)
        }
        let west = try federation.open("west", recovers: true, checks: true)
        let (own, south) = (try federation.origin("west"), try federation["south"])
        let log = try #require(try south.answer(own, after: west.want(own), of: west.state().origin, bytesMax: 1 << 20))
        try await west.receive(log)
        try await west.finishRecovery()
        #expect(west.state().origin == own && west.state().applied[own] == 1, "writes are accepted")
        for park in ["south", "airport"] { try await federation.exchange(from: park, to: "west") }
        let shut = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(shut?.code == .fenced)
        #expect(try await west.acknowledge())
        #expect(west.state().origin.name == "west~2")
        #expect(try await west.acknowledge())
        for _ in 0..<2 {
            for park in ["south", "airport"] {
                try await federation.exchange(from: "west", to: park)
                _ = try await federation[park].acknowledge()
                try await federation.exchange(from: park, to: "west")
            }
        }
        try await federation.write("west", "INSERT INTO item VALUES('back', 1, 1)")
        try await federation.settle()
        for park in federation.parks {
            let ids = try await federation.rows(park, "SELECT id FROM item ORDER BY id").map { $0[0] }
            #expect(ids == (leavesOut ? ["back"] : ["back", "known"]).map { .string($0) }, "\(park)")
            #expect(try await federation.dump(park) == federation.dump("south"), "\(park)")
            #expect(try await federation[park].verify().findings == [], "\(park)")
        }
        // It stays what it is.
        federation.closeWithoutCheckpoint("west")
        #expect(try federation.open("west", checks: true).state().origin.name == "west~2")
    }

    /// Its next number may be one that it has given already and forgotten.
    @Test func aNodeWhoseLogIsBeingComparedAcknowledgesNothing() async throws {
        let federation = try await withDeletedRow()
        federation.closeWithoutCheckpoint("west")
        let west = try federation.open("west", checks: true)
        #expect(try await !west.acknowledge())
        #expect(west.state().logged[try federation.origin("west")] == 0)
        try await west.finishRecovery()
        #expect(try await west.acknowledge())
    }

    @Test func aFencedParkStaysShutWhenItsLogHasBeenCompared() async throws {
        let federation = try await withDeletedRow()
        for park in ["west", "airport"] { #expect(try await federation[park].acknowledge()) }
        try await federation.settle()
        try await fenceWest(federation)
        try await federation.settle()
        federation.closeWithoutCheckpoint("west")
        let west = try federation.open("west", checks: true)
        try await west.finishRecovery()
        #expect(throws: StoreError.self) {
            try federation.foreign("west", "sqlite3", ["-batch"], input: "DELETE FROM item;\n")
        }
        #expect(try await west.sealForeign() == .nothing)
        let refusal = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(refusal?.code == .fenced)
    }

    @Test func aFrontierThatNobodyAcknowledgedIsSetAsideEverywhere() async throws {
        let federation = try await withDeletedRow()
        var forged = ForgedLog(federation, park: "west")
        let origin = try federation.origin("south")
        let record = ControlRecord.compaction(frontier: VersionVector([(origin, UInt64(2))]))
        let block = ForgedLog.Block(
            table: ControlRecord.tableName, columns: 1,
            changes: [ForgedLog.Change(key: [.string(record.key)], values: [.string(record.text)])])
        // West itself has seen nothing when it says so; then it has, and airport has acknowledged
        // nothing but the first entry.
        #expect(try await federation["airport"].acknowledge())
        try await federation.write("south", "DELETE FROM item WHERE id = 'y'")
        try await federation.exchange(from: "south", to: "airport")
        try await federation.exchange(from: "airport", to: "south")
        let three = ControlRecord.compaction(frontier: VersionVector([(origin, UInt64(3))]))
        let higher = ForgedLog.Block(
            table: ControlRecord.tableName, columns: 1,
            changes: [ForgedLog.Change(key: [.string(three.key)], values: [.string(three.text)])])
        let airport = try federation.origin("airport")
        let slices = [
            try forged.entry([block]),
            try forged.entry([higher], dependencies: [.init(origin: airport, seq: 1), .init(origin: origin, seq: 3)]),
        ]
        for park in ["south", "airport"] {
            for slice in slices { try await federation[park].receive(slice) }
            let stuck = try federation[park].stuck
            #expect(stuck.map(\.seq) == [1, 2] && stuck.allSatisfy { $0.state == .quarantined }, "\(stuck)")
            #expect(stuck.last?.cause.contains("airport had acknowledged 2") == true, "\(stuck)")
            #expect(try await federation[park].retention().tombstoneRows == 2)
        }
    }

    /// Three stores write, acknowledge, compact and exchange in random order; whatever the order,
    /// they end alike.
    @Test(arguments: 0..<12 as Range<UInt64>) func anyOrderEndsAlike(_ seed: UInt64) async throws {
        let federation = try Federation(["airport", "south", "west"], schema: compactionSchema)
        var random = SplitMix64(state: seed)
        for park in federation.parks { #expect(try await !federation[park].acknowledge()) }
        var dropped = 0
        for step in 0..<90 {
            let park = federation.parks.randomElement(using: &random) ?? "south"
            let key = ["x", "y"].randomElement(using: &random) ?? "x"
            switch Int.random(in: 0..<13, using: &random) {
            case 0, 1: try await federation.write(park, "INSERT OR REPLACE INTO item VALUES('\(key)', \(step), 0)")
            case 2, 3:
                try await federation.write(
                    park, "UPDATE item SET \(Bool.random(using: &random) ? "a" : "b") = \(step) WHERE id = '\(key)'")
            case 4, 5: try await federation.write(park, "DELETE FROM item WHERE id = '\(key)'")
            case 6, 7: _ = try await federation[park].acknowledge()
            case 12:
                guard
                    let open = try await federation[park].conflicts(limit: 9, includesEqual: true).randomElement(
                        using: &random)
                else { continue }
                _ = try await federation[park].confirm([open.id], author: "", note: "")
            case 8: dropped += try await federation[park].compact().droppedRows
            default:
                let other = federation.parks.randomElement(using: &random) ?? "west"
                if park != other { try await federation.exchange(from: park, to: other, bytesMax: 1) }
            }
        }
        for _ in 0..<2 {
            try await federation.settle()
            for park in federation.parks { _ = try await federation[park].acknowledge() }
        }
        try await federation.settle()
        dropped += try await federation["west"].compact().droppedRows
        try await federation.settle()
        let dump = try await federation.dump("south")
        for park in federation.parks {
            #expect(try await federation.dump(park) == dump, "\(park)")
            #expect(try federation[park].stuck == [])
            #expect(try await federation[park].retention().tombstoneRows == 0, "\(park)")
            #expect(try await federation[park].verify().findings == [])
        }
        let conflicts = try await federation.parks.asyncMap { try await federation[$0].conflicts(limit: 100).map(\.id) }
        #expect(Set(conflicts).count == 1)
        let report = try Replay(
            from: federation.path("airport"), into: federation.folder.path + "/r.sqlite", members: federation.members,
            schema: federation.schema
        ).run(
            until: nil)
        #expect(report.findings == [] && !report.isDifferent)
    }
}

extension Sequence {
    fileprivate func asyncMap<T>(_ body: (Element) async throws -> T) async throws -> [T] {
        var result: [T] = []
        for element in self { result.append(try await body(element)) }
        return result
    }
}
