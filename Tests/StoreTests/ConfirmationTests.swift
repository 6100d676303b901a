import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let schema = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE item(
      id TEXT NOT NULL PRIMARY KEY, a, b,
      n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
    );
    -- parksync: writer any
    -- parksync: append-only
    CREATE TABLE event(id TEXT NOT NULL PRIMARY KEY, a, b);
    -- parksync: writer home(id)
    CREATE TABLE own(id TEXT NOT NULL PRIMARY KEY, a);
    """

/// A conflict whose winner is right is confirmed by an entry, and is settled at every node.
@Suite struct ConfirmationTests {
    /// South and West have written `a` of one row without knowing of one another; West's value has
    /// won.
    private static func parted(_ parks: [String] = ["south", "west", "airport"]) async throws -> Federation {
        let federation = try Federation(parks, schema: schema)
        try await federation.write("south", "INSERT INTO item(id, a, b, n) VALUES('x', 'first', 'b', 5)")
        try await federation.converge()
        try await write(
            federation, "south", "UPDATE item SET a = 'of south', n = n + 1 WHERE id = 'x'", author: "li",
            note: "renamed")
        federation.clock.advance(5)
        try await write(
            federation, "west", "UPDATE item SET a = 'of west', n = n + 2 WHERE id = 'x'", author: "wang",
            note: "corrected")
        try await federation.converge()
        return federation
    }

    private static func write(_ federation: Federation, _ park: String, _ sql: String, author: String, note: String)
        async throws
    {
        _ = try await federation[park].transact(
            StoreTransaction(statements: [StoreStatement(sql: sql)], author: author, note: note))
    }

    private static func ids(_ federation: Federation, _ park: String) async throws -> [String] {
        try await federation[park].conflicts(limit: 100, includesEqual: true).map(\.id)
    }

    private static func expectSame(_ federation: Federation) async throws {
        try await federation.converge()
        let dump = try await federation.dump(federation.parks[0])
        let open = try await ids(federation, federation.parks[0])
        for park in federation.parks {
            #expect(try await federation.dump(park) == dump, "\(park)")
            #expect(try await ids(federation, park) == open, "\(park)")
            #expect(try await federation[park].verify().findings == [], "\(park)")
        }
    }

    @Test func bothSidesAreListedWithWhoAndWhy() async throws {
        let federation = try await Self.parted()
        for park in federation.parks {
            let open = try await federation[park].conflicts(limit: 9)
            #expect(
                open.count == 1 && open[0].table == "item" && open[0].key == [JSONValue(.string("x"))]
                    && open[0].column == "a")
            #expect(open[0].lost.value == .string("of south") && open[0].author == "li" && open[0].note == "renamed")
            #expect(
                open[0].current?.value == .string("of west") && open[0].winner?.author == "wang"
                    && open[0].winner?.note == "corrected")
            #expect(open[0].origin == "south" && open[0].winner?.origin == "west")
        }
    }

    @Test func oneConfirmationSettlesItEverywhere() async throws {
        let federation = try await Self.parted()
        let id = try #require(try await Self.ids(federation, "airport").first)
        let before = try await federation.dump("south")
        federation.clock.advance(5)
        // The first digits are enough; neither side has to do it.
        let outcome = try await federation["airport"].confirm(
            [String(id.prefix(12))], author: "zhao", note: "asked both")
        #expect(outcome == ConfirmationReport(origin: "airport", seq: 1, ids: [id]))
        try await Self.expectSame(federation)
        #expect(try await Self.ids(federation, "south") == [])
        #expect(
            try await federation.dump("south") == before,
            "a confirmation changes no value, and adds nothing to a counter")
        let blame = try await federation["west"].blame(table: "item", key: [JSONValue(.string("x"))])
        #expect(blame.columns.map(\.author) == ["zhao", "", "wang"] && blame.columns.first?.note == "asked both")
        // From the log alone the same comes out.
        let replayed = federation.folder.path + "/replayed.sqlite"
        let report = try Replay(
            from: federation.path("west"), into: replayed, members: federation.members, schema: federation.schema
        ).run(until: nil)
        #expect(report.findings == [] && !report.isDifferent)
    }

    @Test func whoDecidesOtherwiseAtTheSameTimeMakesAConflictAnew() async throws {
        let federation = try await Self.parted()
        let id = try #require(try await Self.ids(federation, "south").first)
        _ = try await federation["south"].confirm([id], author: "li", note: "")
        federation.clock.advance(5)
        try await federation.write("west", "UPDATE item SET a = 'of south' WHERE id = 'x'")
        try await Self.expectSame(federation)
        let open = try await federation["airport"].conflicts(limit: 9)
        #expect(
            open.map(\.lost.value) == [.string("of west")] && open.first?.author == "li"
                && open.first?.current?.value == .string("of south"))
    }

    @Test func twoWhoConfirmAtTheSameTimeAgree() async throws {
        let federation = try await Self.parted()
        let id = try #require(try await Self.ids(federation, "south").first)
        for park in ["south", "west"] { _ = try await federation[park].confirm([id], author: park, note: "") }
        try await Self.expectSame(federation)
        for park in federation.parks {
            #expect(try await federation[park].conflicts(limit: 9).isEmpty, "both wanted the same value")
        }
        // What is left is a record of equal values, which can be confirmed as well.
        let left = try await Self.ids(federation, "airport")
        #expect(left.count == 1)
        _ = try await federation["airport"].confirm(left, author: "", note: "")
        try await Self.expectSame(federation)
        #expect(try await Self.ids(federation, "south") == [])
    }

    @Test func aDeletionIsConfirmedAsWell() async throws {
        let federation = try Federation(["south", "west", "airport"], schema: schema)
        try await federation.write("south", "INSERT INTO item(id, a, b) VALUES('x', 1, 2)")
        try await federation.converge()
        try await federation.write("south", "UPDATE item SET a = 3, b = 4 WHERE id = 'x'")
        try await federation.write("west", "DELETE FROM item WHERE id = 'x'")
        try await federation.converge()
        let open = try await federation["airport"].conflicts(limit: 9)
        #expect(
            open.map(\.column) == ["a", "b"] && open.allSatisfy { $0.current == nil && $0.winner?.origin == "west" })
        // A deletion speaks of all columns.
        let outcome = try await federation["airport"].confirm([open[0].id], author: "", note: "")
        #expect(outcome.ids == open.map(\.id).sorted())
        try await Self.expectSame(federation)
        #expect(try await Self.ids(federation, "west") == [])
        for _ in 0..<2 {
            for park in federation.parks { _ = try await federation[park].acknowledge() }
            try await federation.converge()
        }
        #expect(try await federation["south"].compact().droppedRows == 1)
        try await Self.expectSame(federation)
    }

    @Test func aDeletionWhoseTraceWasDroppedIsConfirmedToo() async throws {
        let federation = try Federation(["south", "west"], schema: schema)
        try await federation.write("south", "INSERT INTO item(id, a) VALUES('x', 1)")
        try await federation.converge()
        try await federation.write("south", "UPDATE item SET a = 3 WHERE id = 'x'")
        try await federation.write("west", "DELETE FROM item WHERE id = 'x'")
        for _ in 0..<3 {
            try await federation.converge()
            for park in federation.parks { _ = try await federation[park].acknowledge() }
        }
        try await federation.converge()
        #expect(try await federation["west"].compact().droppedRows == 1)
        try await federation.converge()
        let open = try await federation["south"].conflicts(limit: 9)
        #expect(open.count == 1 && open[0].winner == nil && open[0].current == nil)
        _ = try await federation["south"].confirm(open.map(\.id), author: "", note: "")
        try await Self.expectSame(federation)
        #expect(try await Self.ids(federation, "west") == [])
        try await federation.write("west", "INSERT INTO item(id, a) VALUES('x', 9)")
        try await Self.expectSame(federation)
        #expect(try await federation.rows("south", "SELECT a FROM item") == [[.integer(9)]])
    }

    @Test func anAppendOnlyRowIsConfirmedWhole() async throws {
        let federation = try Federation(["south", "west"], schema: schema)
        try await federation.write("south", "INSERT INTO event(id, a, b) VALUES('x', 's', 5)")
        federation.clock.advance(5)
        try await federation.write("west", "INSERT INTO event(id, a, b) VALUES('x', 'w', 7)")
        try await federation.converge()
        let before = try await federation.dump("south")
        let ids = try await Self.ids(federation, "south")
        #expect(ids.count == 2)
        #expect(try await federation["south"].confirm([ids[0]], author: "", note: "").ids == ids.sorted())
        try await Self.expectSame(federation)
        #expect(try await Self.ids(federation, "west") == [])
        #expect(try await federation.dump("west") == before)
    }

    @Test func whatCannotBeConfirmedIsRefused() async throws {
        let federation = try await Self.parted()
        let south = try federation["south"]
        func refusal(_ names: [String], note: String = "") async -> StoreError? {
            await #expect(throws: StoreError.self) { _ = try await south.confirm(names, author: "", note: note) }
        }
        let before = south.state().logged
        #expect(await refusal(["0123456789abcdef"])?.code == .unknownConflict)
        #expect(await refusal(["0123"])?.reason.contains("too short") == true)
        let id = try #require(try await Self.ids(federation, "south").first)
        #expect(await refusal([id, "0123456789abcdef"])?.code == .unknownConflict)
        #expect(
            await refusal([id], note: String(repeating: "x", count: CoreLimits.noteBytesMax + 1))?.code == .tooLarge)
        #expect(south.state().logged == before)
        // Named twice is named once.
        #expect(try await south.confirm([id, String(id.prefix(10))], author: "", note: "").ids == [id])
        #expect(await refusal([id])?.code == .unknownConflict)
    }

    /// A park's own rows conflict only with those of an earlier incarnation of it; no other park
    /// has a say.
    @Test func anotherParksRowIsNotConfirmed() async throws {
        let federation = try Federation(["south", "west"], schema: schema)
        try await federation.write("south", "INSERT INTO own(id, a) VALUES('south:1', 's')")
        try await federation.converge()
        // As if South had lost against itself.
        try federation.foreign(
            "west", "sqlite3", [],
            input: """
                INSERT INTO _parksync_conflict(tbl, key, column, origin, seq, stamp, value) \
                SELECT t.ordinal, c.key, 0, o.ordinal, 1, 1, 'old' FROM _parksync_table t, _parksync_clock_own c, \
                _parksync_origin o \
                WHERE t.name = 'own' AND o.name = 'south';
                """)
        federation.closeWithoutCheckpoint("west")
        try federation.open("west")
        let id = try #require(try await Self.ids(federation, "west").first)
        let west = try federation["west"]
        let error = await #expect(throws: StoreError.self) { _ = try await west.confirm([id], author: "", note: "") }
        #expect(error?.code == .constraint && error?.reason.contains("only the park south") == true)
    }
}
