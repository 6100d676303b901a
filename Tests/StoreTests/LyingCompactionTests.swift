import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncFiles
@testable import ParkSyncStore

/// A park has acknowledged that a row was deleted, and writes to it as if it had not, at the time
/// when the row is compacted.
@Suite("Lies about rows that are compacted", .serialized) struct LyingCompactionTests {
    private static let liar = "science-city"
    private static let honest = ["airport", "south", "west"]

    /// What the liar says of the row `x`, which has died once.
    enum Write: CaseIterable, Sendable {
        case insert, update, delete, furtherLife, furtherUpdate, furtherDeath

        var change: ForgedLog.Change {
            let values: [Value] = [.string("of the liar")] + Array(repeating: .null, count: 5)
            let first = IncomingChange.Kind.update(.first(1))
            return switch self {
            case .insert: ForgedLog.Change(key: [.string("x")], length: 1, values: values)
            case .update:
                ForgedLog.Change(key: [.string("x")], kind: first, length: 1, values: [.string("of the liar")])
            case .delete: ForgedLog.Change(key: [.string("x")], kind: .delete, length: 2)
            case .furtherLife: ForgedLog.Change(key: [.string("x")], length: 3, values: values)
            case .furtherUpdate:
                ForgedLog.Change(key: [.string("x")], kind: first, length: 3, values: [.string("of the liar")])
            case .furtherDeath: ForgedLog.Change(key: [.string("x")], kind: .delete, length: 4)
            }
        }
        var block: ForgedLog.Block { ForgedLog.Block(table: "plain", columns: 6, changes: [change]) }
    }

    /// Three honest parks that know of one another, rows that South has deleted, and the liar's
    /// word that it has seen that.
    private func made() async throws -> (Federation, ForgedLog) {
        let federation = try Federation(Self.honest + [Self.liar], schema: shapes)
        federation.closeWithoutCheckpoint(Self.liar)
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('x', 1), ('y', 1), ('z', 1)")
        for park in ["airport", "west"] { try await federation.write(park, "INSERT INTO bare(id) VALUES('\(park)')") }
        try await exchange(federation)
        var forged = ForgedLog(federation, park: Self.liar)
        try await delete("x", federation, &forged)
        return (federation, forged)
    }

    /// South deletes a row, and all acknowledge that.
    private func delete(_ id: String, _ federation: Federation, _ forged: inout ForgedLog) async throws {
        try await federation.write("south", "DELETE FROM plain WHERE id = '\(id)'")
        try await exchange(federation)
        for park in Self.honest { _ = try await federation[park].acknowledge() }
        try await exchange(federation)
        let receipt = try forged.entry([], seeing: try federation["south"])
        for park in Self.honest { try await federation[park].receive(receipt) }
    }

    private func exchange(_ federation: Federation) async throws {
        for _ in 0..<2 {
            for from in Self.honest {
                for to in Self.honest where from != to { try await federation.exchange(from: from, to: to) }
            }
        }
        for park in Self.honest { try await federation[park].housekeep() }
    }

    private func early(_ federation: Federation) throws -> [VersionVector.Element] {
        try Self.honest.map { VersionVector.Element(origin: try federation.origin($0), seq: 1) }
    }

    private func kept(_ federation: Federation, _ park: String) async throws -> Int64 {
        guard case .integer(let count) = try await federation.rows(park, "SELECT count(*) FROM _parksync_dropped")[0][0]
        else { return -1 }
        return count
    }

    /// All have the same tables and the same traces, which are what the log says, and can go on
    /// from there.
    private func expectSame(_ federation: Federation, _ comment: String) async throws {
        try await exchange(federation)
        let first = try Connection(path: federation.path("airport"), role: .reader)
        let dump = try await federation.dump("airport")
        for park in Self.honest {
            #expect(try await federation.dump(park) == dump, "\(park) \(comment)")
            #expect(try federation[park].state().digest == federation["airport"].state().digest, "\(park) \(comment)")
            #expect(try await federation[park].verify().findings == [], "\(park) \(comment)")
            let other = try Connection(path: federation.path(park), role: .reader)
            let schema = federation.schema.schema
            #expect(
                try SharedState(first, schema: schema).differences(from: SharedState(other, schema: schema)) == [],
                "\(park) \(comment)")
            let replayed = try Replay(
                from: federation.path(park), into: federation.folder.path + "/\(park) \(comment).sqlite",
                members: federation.members,
                schema: federation.schema
            ).run(until: nil)
            #expect(replayed.findings == [] && !replayed.isDifferent, "\(park) \(comment): \(replayed.findings)")
        }
    }

    @Test("It comes to the same before the compaction and after it", arguments: Write.allCases, [false, true])
    func stale(_ write: Write, isReborn: Bool) async throws {
        var (federation, forged) = try await made()
        #expect(try await federation["south"].compact().droppedRows == 1)
        #expect(try await kept(federation, "south") == 1)
        try await federation.exchange(from: "south", to: "west")
        if isReborn { try await federation.write("west", "INSERT INTO plain(id, a) VALUES('x', 'anew')") }
        // Airport hears of the write first, the others of the compaction; what it says to have seen
        // is less than it has said before.
        let lie = try forged.entry([write.block], dependencies: try early(federation))
        for park in Self.honest { try await federation[park].receive(lie) }
        #expect(try await kept(federation, "airport") == 0)
        try await expectSame(federation, "after")
        let found = try await federation.rows("west", "SELECT a FROM plain WHERE id = 'x'")
        switch write {
        case .insert, .update: #expect(found == (isReborn ? [[.string("anew")]] : []))
        case .furtherLife, .furtherUpdate: #expect(found == [[.string("of the liar")]])
        case .delete, .furtherDeath: #expect(found == [])
        }
        // The row goes on everywhere alike.
        try await federation.write("airport", "INSERT OR REPLACE INTO plain(id, a) VALUES('x', 'last')")
        try await expectSame(federation, "later")
        #expect(try await federation.rows("south", "SELECT a FROM plain WHERE id = 'x'") == [[.string("last")]])
        for park in Self.honest { #expect(try federation[park].stuck == [], "\(park)") }
    }

    @Test("What is kept aside goes when all have said that they know it", arguments: [false, true]) func settled(
        restarts: Bool
    ) async throws {
        var (federation, forged) = try await made()
        func restart() throws {
            guard restarts else { return }
            for park in Self.honest {
                federation.closeWithoutCheckpoint(park)
                try federation.open(park)
            }
        }
        #expect(try await federation["south"].compact().droppedRows == 1)
        try await exchange(federation)
        try restart()
        try await delete("y", federation, &forged)
        #expect(try await federation["south"].compact().droppedRows == 1)
        // West has dropped the trace, and does not know of the second compaction.
        try await federation.write("west", "INSERT INTO plain(id, a) VALUES('x', 'anew')")
        try await expectSame(federation, "second")
        for park in Self.honest {
            #expect(try await kept(federation, park) == 2, "\(park)")
            #expect(
                try await federation.rows(park, "SELECT a FROM plain WHERE id = 'x'") == [[.string("anew")]], "\(park)")
        }
        try restart()
        try await delete("z", federation, &forged)
        #expect(try await federation["south"].compact().droppedRows == 1)
        // West and Airport hear of the third compaction at different times.
        try await federation.exchange(from: "south", to: "west")
        let lie = try forged.entry([Write.insert.block], dependencies: try early(federation))
        for park in Self.honest { try await federation[park].receive(lie) }
        try await expectSame(federation, "third")
        for park in Self.honest {
            #expect(try await kept(federation, park) == 2, "\(park)")
            // The liar had said that it knows: it is one who writes to the row as it is now.
            #expect(try await federation.rows(park, "SELECT a FROM plain") == [[.string("of the liar")]], "\(park)")
            #expect(try federation[park].stuck == [], "\(park)")
        }
    }

    @Test("A member that has never written is waited for, however often the liar compacts") func firstWrite()
        async throws
    {
        let federation = try Federation(Self.honest + [Self.liar], schema: shapes)
        federation.closeWithoutCheckpoint(Self.liar)
        var forged = ForgedLog(federation, park: Self.liar)
        let (airport, south) = (try federation["airport"], try federation["south"])
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('x', 1)")
        try await exchange(federation)
        // West is away, and changes the row for the first time.
        try await federation.write("west", "UPDATE plain SET a = 'of west' WHERE id = 'x'")
        let deletion = try #require(try await federation.write("south", "DELETE FROM plain WHERE id = 'x'").seq)
        let record = ControlRecord.compaction(frontier: VersionVector([(try federation.origin("south"), deletion)]))
        let compaction = ForgedLog.Block(
            table: ControlRecord.tableName, columns: 1,
            changes: [ForgedLog.Change(key: [.string(record.key)], values: [.string(record.text)])])
        for round in 1...4 {
            for _ in 0..<2 {
                for (from, to) in [("south", "airport"), ("airport", "south")] {
                    try await federation.exchange(from: from, to: to)
                }
            }
            for park in ["airport", "south"] {
                try await federation.write(park, "INSERT INTO bare(id) VALUES('\(park) \(round)')")
            }
            for (from, to) in [("south", "airport"), ("airport", "south")] {
                try await federation.exchange(from: from, to: to)
            }
            let slices = [try forged.entry([], seeing: south), try forged.entry([compaction])]
            for store in [airport, south] { for slice in slices { try await store.receive(slice) } }
            #expect(south.stuck == [], "round \(round)")
            #expect(try await federation.rows("south", "SELECT count(*) FROM _parksync_life") == [[.integer(0)]])
        }
        #expect(try await kept(federation, "south") == 1)
        let settled = try await federation.rows("south", "SELECT count(*) FROM _parksync_known WHERE settled <> '-'")
        #expect(settled != [[.integer(0)]], "all that have written know it")
        try await expectSame(federation, "west comes")
        for park in Self.honest { #expect(try await federation.rows(park, "SELECT a FROM plain") == [], "\(park)") }
        // West has shown that it knows: the next compaction lets it go.
        try await federation.write("west", "INSERT INTO bare(id) VALUES('west')")
        try await exchange(federation)
        let slices = [try forged.entry([], seeing: south), try forged.entry([compaction])]
        for park in Self.honest { for slice in slices { try await federation[park].receive(slice) } }
        try await expectSame(federation, "gone")
        for park in Self.honest { #expect(try await kept(federation, park) == 0, "\(park)") }
    }

    @Test("A receipt that the liar shows to one park alone makes no difference") func receiptForOne() async throws {
        let federation = try Federation(Self.honest + [Self.liar], schema: shapes)
        federation.closeWithoutCheckpoint(Self.liar)
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('x', 1)")
        for park in ["airport", "west"] { try await federation.write(park, "INSERT INTO bare(id) VALUES('\(park)')") }
        try await exchange(federation)
        try await federation.write("south", "DELETE FROM plain WHERE id = 'x'")
        try await exchange(federation)
        for park in Self.honest { _ = try await federation[park].acknowledge() }
        try await exchange(federation)
        var (forged, other) = (ForgedLog(federation, park: Self.liar), ForgedLog(federation, park: Self.liar))
        try await federation["south"].receive(try forged.entry([], seeing: try federation["south"]))
        let first = try other.entry([])
        for park in ["airport", "west"] { try await federation[park].receive(first) }
        #expect(try await federation["south"].compact().droppedRows == 1)
        for park in ["airport", "west"] {
            for origin in Self.honest {
                let (source, id) = (try federation[origin], try federation.origin(origin))
                while let slice = try source.answer(
                    id, after: federation[park].want(id), of: federation[park].state().origin, bytesMax: 1 << 20)
                {
                    try await federation[park].receive(slice)
                }
            }
            #expect(try federation[park].stuck == [], "\(park)")
            #expect(try await federation[park].retention().tombstoneRows == 0, "\(park)")
            #expect(try await federation.rows(park, "SELECT a FROM plain") == [], "\(park)")
            #expect(try await kept(federation, park) == 1, "\(park)")
        }
    }

    @Test("A file of the format before gets what is kept aside from its log") func earlierFormat() async throws {
        var (federation, forged) = try await made()
        #expect(try await federation["south"].compact().droppedRows == 1)
        try await exchange(federation)
        try await delete("y", federation, &forged)
        #expect(try await federation["airport"].compact().droppedRows == 1)
        try await exchange(federation)
        let queries = [
            "SELECT * FROM _parksync_dropped", "SELECT origin, seq, dropped, agreed, settled FROM _parksync_known",
        ]
        var before: [[[Value]]] = []
        for sql in queries { before.append(try await federation.rows("west", sql)) }
        #expect(before.map(\.count).allSatisfy { $0 > 1 })
        federation.closeWithoutCheckpoint("west")
        try federation.foreign(
            "west", "sqlite3", ["-batch", "-bail"],
            input:
                """
                DROP TABLE _parksync_dropped; DROP TABLE _parksync_known; UPDATE _parksync_meta SET value = 3 \
                WHERE name = 'format';\n
                """
        )
        try federation.open("west")
        for (sql, rows) in zip(queries, before) { #expect(try await federation.rows("west", sql) == rows, "\(sql)") }
        let lie = try forged.entry([Write.insert.block], dependencies: try early(federation))
        for park in Self.honest { try await federation[park].receive(lie) }
        try await expectSame(federation, "earlier")
    }

    @Test("A file of the format before is read with its archive, or waits for it", arguments: [true, false])
    func archivedFormat(
        isAtHand: Bool
    ) async throws {
        var (federation, forged) = try await made()
        #expect(try await federation["south"].compact().droppedRows == 1)
        try await exchange(federation)
        for park in Self.honest { try await federation.write(park, "INSERT INTO bare(id) VALUES('later \(park)')") }
        try await exchange(federation)
        federation.clock.advance(1)
        _ = try await federation["west"].archive(ArchivePolicy(keepEntries: 1, keepMilliseconds: 0))
        let record = ControlRecord.compaction(frontier: VersionVector()).key
        let inTable = "SELECT count(*) FROM _parksync_log WHERE instr(payload, CAST('\(record)' AS BLOB))"
        #expect(try await federation.rows("west", inTable) == [[.integer(0)]], "the compaction is archived")
        let queries = [
            "SELECT * FROM _parksync_dropped", "SELECT origin, seq, dropped, agreed, settled FROM _parksync_known",
        ]
        var before: [[[Value]]] = []
        for sql in queries { before.append(try await federation.rows("west", sql)) }
        federation.closeWithoutCheckpoint("west")
        try federation.foreign(
            "west", "sqlite3", ["-batch", "-bail"],
            input:
                """
                DROP TABLE _parksync_dropped; DROP TABLE _parksync_known; UPDATE _parksync_meta SET value = 3 \
                WHERE name = 'format';\n
                """
        )
        let files = ArchiveFolder(database: federation.path("west")).files().map(\.file)
        #expect(!files.isEmpty)
        let away = try ScratchFolder()
        let places = files.enumerated().map { (from: $0.element, to: "\(away.path)/\($0.offset)") }
        if !isAtHand { for place in places { try FileManager.default.moveItem(atPath: place.from, toPath: place.to) } }
        try federation.open("west")
        for (sql, rows) in zip(queries, before) {
            #expect(try await federation.rows("west", sql) == (isAtHand ? rows : []), "\(sql)")
        }
        let faults = try await federation["west"].archiveReport().faults
        #expect(faults.contains { $0.contains("is not known") } != isAtHand, "\(faults)")
        // Who knows of all that is archived is judged by none of it.
        try await federation.write("airport", "INSERT INTO plain(id, a) VALUES('x', 'anew')")
        try await federation.exchange(from: "airport", to: "west")
        #expect(try await federation.rows("west", "SELECT a FROM plain WHERE id = 'x'") == [[.string("anew")]])
        let lie = try forged.entry([Write.insert.block], dependencies: try early(federation))
        for park in Self.honest { try await federation[park].receive(lie) }
        if !isAtHand {
            #expect(try federation["west"].stuck.map(\.kind.code) == [.logGap])
            federation.closeWithoutCheckpoint("west")
            for place in places { try FileManager.default.moveItem(atPath: place.to, toPath: place.from) }
            try federation.open("west")
            #expect(try await federation["west"].archiveReport().faults == [])
        }
        try await expectSame(federation, "archived")
        #expect(try federation["west"].stuck == [])
    }

    @Test("Another log of the park, which knows of nothing, changes nothing", arguments: [false, true]) func furtherLog(
        isKnown: Bool
    ) async throws {
        var (federation, forged) = try await made()
        var other = ForgedLog(federation, park: Self.liar, origin: Self.liar + "~2")
        let lie = try other.entry([Write.insert.block], dependencies: try early(federation))
        #expect(try await federation["south"].compact().droppedRows == 1)
        // Airport knows of nothing yet when it hears of the lie, and says so.
        if isKnown { try await federation["airport"].receive(lie) }
        try await federation.write("airport", "INSERT INTO bare(id) VALUES('later')")
        for id in ["y", "z"] {
            try await exchange(federation)
            try await delete(id, federation, &forged)
            #expect(try await federation["south"].compact().droppedRows == (isKnown ? 0 : 1))
        }
        for park in Self.honest { try await federation[park].receive(lie) }
        try await expectSame(federation, "further")
        for park in Self.honest {
            #expect(try await federation.rows(park, "SELECT a FROM plain WHERE id = 'x'") == [], "\(park)")
            let stuck = try federation[park].stuck
            #expect(
                isKnown ? stuck == [] : stuck.map(\.state) == [.leftOut] && stuck[0].origin.name == Self.liar + "~2",
                "\(park): \(stuck)")
        }
    }
}
