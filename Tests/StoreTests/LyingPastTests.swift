import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// What a lying park says of what it had seen, and what it takes back on which others have relied.
@Suite("Lies about what was seen", .serialized) struct LyingPastTests {
    private static let liar = "science-city"
    private static let honest = ["airport", "south", "west"]

    /// Three honest parks that know of one another, and one whose software is not ours.
    private func made() async throws -> (Federation, ForgedLog) {
        let federation = try Federation(Self.honest + [Self.liar], schema: shapes)
        federation.closeWithoutCheckpoint(Self.liar)
        try await federation.write(
            "south", "INSERT INTO plain(id, a) VALUES('x', 1)", "INSERT INTO plain(id, a) VALUES('y', 1)")
        for park in ["airport", "west"] { try await federation.write(park, "INSERT INTO bare(id) VALUES('\(park)')") }
        try await exchange(federation)
        try await federation.write("south", "INSERT INTO bare(id) VALUES('south')")
        try await exchange(federation)
        return (federation, ForgedLog(federation, park: Self.liar))
    }

    private func exchange(_ federation: Federation, _ parks: [String] = honest) async throws {
        for _ in 0..<2 {
            for from in parks { for to in parks where from != to { try await federation.exchange(from: from, to: to) } }
        }
        for park in parks { try await federation[park].housekeep() }
    }

    private func block(_ records: ControlRecord...) -> ForgedLog.Block {
        let sorted = records.sorted { $0.key < $1.key }
        return ForgedLog.Block(
            table: ControlRecord.tableName, columns: 1,
            changes: sorted.map { ForgedLog.Change(key: [.string($0.key)], values: [.string($0.text)]) })
    }

    private func withdrawal(_ federation: Federation, of entries: ClosedRange<UInt64>) throws -> LogSlice {
        let origin = try federation.origin(Self.liar)
        var later = ForgedLog(federation, park: Self.liar, origin: Self.liar + "~2")
        return try later.entry([
            block(
                .incarnation(of: origin, after: 0, hash: EntryChain.genesis),
                .withdrawal(of: origin, first: entries.lowerBound, last: entries.upperBound))
        ])
    }

    /// All have the same tables, which are what the log says, and nobody but the liar is named.
    private func expectSame(_ federation: Federation, _ comment: String, _ parks: [String] = honest) async throws {
        try await exchange(federation, parks)
        let dump = try await federation.dump(parks[0])
        for park in parks {
            #expect(try await federation.dump(park) == dump, "\(park) \(comment)")
            let stuck = try federation[park].stuck
            #expect(stuck.allSatisfy { $0.origin.park == Self.liar }, "\(park) \(comment): \(stuck)")
            #expect(try await federation[park].verify().findings == [], "\(park) \(comment)")
            #expect(try federation[park].state().digest == federation[parks[0]].state().digest, "\(park) \(comment)")
        }
    }

    private func restart(_ federation: Federation, _ park: String) throws {
        federation.closeWithoutCheckpoint(park)
        try federation.open(park)
    }

    // MARK: compactions

    @Test("A compaction that hides a park counts nowhere, whatever comes first", arguments: [true, false])
    func hiddenPark(isUpdateFirst: Bool) async throws {
        var (federation, forged) = try await made()
        try await federation.write("west", "UPDATE plain SET a = 'of west' WHERE id = 'x'")
        let deletion = try #require(try await federation.write("south", "DELETE FROM plain WHERE id = 'x'").seq)
        try await exchange(federation, ["airport", "south"])
        let south = VersionVector.Element(origin: try federation.origin("south"), seq: deletion)
        let frontier = VersionVector([(south.origin, south.seq)])
        let slices = [
            try forged.entry([], dependencies: [south]), try forged.entry([block(.compaction(frontier: frontier))]),
        ]
        if isUpdateFirst { try await federation.exchange(from: "west", to: "airport") }
        for slice in slices { for park in ["airport", "south"] { try await federation[park].receive(slice) } }
        try await expectSame(federation, "hidden park")
        for park in Self.honest {
            let stuck = try #require(try federation[park].stuck.first)
            #expect(
                stuck.state == .quarantined && stuck.seq == 2 && stuck.cause.contains("and not"), "\(park): \(stuck)")
            #expect(try await federation.rows(park, "SELECT id FROM plain") == [[.string("y")]], "\(park)")
        }
        // A later one that is true is carried out by all.
        for park in Self.honest { try await federation.write(park, "INSERT INTO bare(id) VALUES('later \(park)')") }
        try await exchange(federation)
        #expect(try await federation["south"].compact().seq == nil, "the liar has acknowledged nothing")
    }

    @Test("A park cannot compact its own deletions by its own word") func ownDeletions() async throws {
        var (federation, forged) = try await made()
        let origin = try federation.origin(Self.liar)
        let made = ForgedLog.Block(
            table: "plain", columns: 6,
            changes: [ForgedLog.Change(key: [.string("z")], values: [.string("z")] + Array(repeating: .null, count: 5))]
        )
        let gone = ForgedLog.Block(
            table: "plain", columns: 6, changes: [ForgedLog.Change(key: [.string("z")], kind: .delete)])
        let first = try forged.entry([made])
        for park in Self.honest { try await federation[park].receive(first) }
        #expect(try federation["south"].stuck == [])
        try await federation.write("west", "UPDATE plain SET a = 'of west' WHERE id = 'z'")
        let compaction = ControlRecord.compaction(frontier: VersionVector([(origin, UInt64(2))]))
        let slices = [try forged.entry([gone]), try forged.entry([block(compaction)])]
        for slice in slices { for park in ["airport", "south"] { try await federation[park].receive(slice) } }
        try await expectSame(federation, "own deletions")
        for park in Self.honest {
            #expect(try federation[park].stuck.map(\.seq) == [3], "\(park)")
            #expect(try await federation.rows(park, "SELECT id FROM plain WHERE id = 'z'") == [], "\(park)")
        }
    }

    // MARK: taking back what others rely on

    @Test("A receipt that was taken back was given", arguments: [true, false]) func receipt(restarts: Bool) async throws
    {
        var (federation, forged) = try await made()
        try await federation.write("south", "DELETE FROM plain WHERE id = 'x'")
        try await exchange(federation)
        for park in Self.honest { _ = try await federation[park].acknowledge() }
        try await exchange(federation)
        let receipt = try forged.entry([], seeing: try federation["south"])
        for park in Self.honest { try await federation[park].receive(receipt) }
        let taken = try withdrawal(federation, of: 1...1)
        // Airport hears first that it was taken back, South when it has relied on it.
        try await federation["airport"].receive(taken)
        if restarts { try restart(federation, "airport") }
        #expect(try await federation["south"].compact().droppedRows == 1)
        try await federation["south"].receive(taken)
        if restarts { try restart(federation, "south") }
        try await expectSame(federation, "receipt")
        for park in Self.honest {
            #expect(try federation[park].stuck == [], "\(park)")
            #expect(try await federation[park].retention().tombstoneRows == 0, "\(park)")
        }
    }

    @Test("A vote that was taken back decides where it was known", arguments: [true, false]) func vote(restarts: Bool)
        async throws
    {
        var (federation, forged) = try await made()
        let members = (Self.honest + [Self.liar]).sorted()
        let vote = try forged.entry([block(.vote(park: "west", .out, members: members))])
        let taken = try withdrawal(federation, of: 1...1)
        for park in ["airport", "south"] { try await federation[park].receive(vote) }
        try await federation["airport"].receive(taken)
        if restarts { try restart(federation, "airport") }
        #expect(try await federation["south"].fence("west").isDecided)
        try await federation["south"].receive(taken)
        if restarts { try restart(federation, "south") }
        try await expectSame(federation, "vote", ["airport", "south"])
        for park in ["airport", "south"] {
            #expect(try federation[park].stuck == [] && federation[park].membership().fenced == ["west"], "\(park)")
        }
        // Who knows that it was taken back cannot rely on it.
        _ = try await federation["airport"].unfence("west")
        #expect(
            try await !(federation["south"].retention().proposals ?? []).contains { $0.consents.contains(Self.liar) })
    }

    @Test("A fence that was taken back was in force for who had relied on it", arguments: [true, false]) func fence(
        restarts: Bool
    ) async throws {
        var (federation, forged) = try await made()
        let members = (Self.honest + [Self.liar]).sorted()
        try await federation.write("south", "DELETE FROM plain WHERE id = 'x'")
        try await exchange(federation, ["airport", "south"])
        #expect(try await !federation["airport"].fence("west").isDecided)
        try await exchange(federation, ["airport", "south"])
        let after = VersionVector([
            (try federation.origin("west"), try federation["south"].state().applied[try federation.origin("west")])
        ])
        let fence = try forged.entry(
            [block(.vote(park: "west", .out, members: members), .fence(park: "west", after: after))],
            seeing: try federation["south"])
        let taken = try withdrawal(federation, of: 1...1)
        for park in ["airport", "south"] { try await federation[park].receive(fence) }
        #expect(try federation["south"].membership().fenced == ["west"])
        for park in ["airport", "south"] { _ = try await federation[park].acknowledge() }
        try await exchange(federation, ["airport", "south"])
        try await federation["airport"].receive(taken)
        if restarts { try restart(federation, "airport") }
        #expect(try await federation["south"].compact().droppedRows == 1)
        try await federation["south"].receive(taken)
        if restarts { try restart(federation, "south") }
        try await expectSame(federation, "fence", ["airport", "south"])
        for park in ["airport", "south"] { #expect(try federation[park].stuck == [], "\(park)") }
    }
}
