import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

extension Federation {
    static let itemSchema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE item(id TEXT NOT NULL PRIMARY KEY, a, b);
        """

    /// Three parks with a row that south has deleted, everywhere known.
    static func withDeletedRow() async throws -> Federation {
        let federation = try Federation(["airport", "south", "west"], schema: itemSchema)
        try await federation.write("south", "INSERT INTO item VALUES('x', 1, 1), ('y', 1, 1)")
        try await federation.converge()
        try await federation.write("south", "DELETE FROM item WHERE id = 'x'")
        try await federation.converge()
        return federation
    }
}

@Suite struct CompactionTests {
    private func traces(_ federation: Federation, _ park: String) async throws -> [Value] {
        try await federation.rows(
            park,
            """
            SELECT (SELECT count(*) FROM _parksync_life),
            (SELECT count(*) FROM _parksync_clock_item) - (SELECT count(*) FROM item)
            """
        )[0]
    }

    @Test func tracesGoEverywhereWhenAllHaveAcknowledged() async throws {
        let federation = try await Federation.withDeletedRow()
        let south = try federation["south"]
        // Nobody else has written yet: they hold it back, and nothing is sealed.
        var outcome = try await south.compact()
        #expect(outcome.seq == nil && outcome.report.heldBy.map(\.park) == ["airport", "west"])
        #expect(outcome.report.tombstoneRows == 1 && outcome.report.tombstoneBytes > 0)
        for park in ["west", "airport"] { #expect(try await federation[park].acknowledge()) }
        #expect(try await !federation["west"].acknowledge(), "one receipt is enough")
        #expect(try await !south.acknowledge(), "who deleted the row has seen it")
        try await federation.converge()
        #expect(try await federation["west"].acknowledge() == false)
        outcome = try await south.compact()
        #expect(outcome.droppedRows == 1 && outcome.report.heldBy == [])
        let sealed = try #require(outcome.seq)
        try await federation.converge()
        for park in federation.parks {
            #expect(try await traces(federation, park) == [.integer(0), .integer(0)], "\(park)")
        }
        let entry = try await south.entries(
            origin: try federation.origin("south"), after: sealed - 1, limit: 1, changesMax: 5)
        #expect(entry.first?.changes.first?.table == ControlRecord.tableName)
        // The row may be born again, and lives its first life.
        try await federation.write("west", "INSERT INTO item VALUES('x', 2, 2)")
        try await federation.converge()
        for park in federation.parks {
            #expect(try await federation.rows(park, "SELECT a FROM item WHERE id = 'x'") == [[.integer(2)]])
            #expect(try await federation[park].verify().findings == [])
        }
        #expect(try await south.blame(table: "item", key: [JSONValue(.string("x"))]).causalLength == 1)
        let report = try Replay(
            from: federation.path("airport"), into: federation.folder.path + "/r.sqlite", members: federation.members,
            schema: federation.schema
        ).run(until: nil)
        #expect(report.findings == [] && !report.isDifferent)
    }

    /// Its next number may be one that it has given already and forgotten.
    @Test func aNodeWhoseLogIsBeingComparedAcknowledgesNothing() async throws {
        let federation = try await Federation.withDeletedRow()
        federation.closeWithoutCheckpoint("west")
        let west = try federation.open("west", checks: true)
        #expect(try await !west.acknowledge())
        #expect(west.state().logged[try federation.origin("west")] == 0)
        try await west.finishRecovery()
        #expect(try await west.acknowledge())
    }

    @Test func aFrontierThatNobodyAcknowledgedIsSetAsideEverywhere() async throws {
        let federation = try await Federation.withDeletedRow()
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
        let federation = try Federation(["airport", "south", "west"], schema: Federation.itemSchema)
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
            try await federation.converge()
            for park in federation.parks { _ = try await federation[park].acknowledge() }
        }
        try await federation.converge()
        dropped += try await federation["west"].compact().droppedRows
        try await federation.converge()
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
        ).run(until: nil)
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
