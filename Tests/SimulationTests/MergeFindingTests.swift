import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import Testing

@testable import ParkSyncSimulation

/// Histories in which the store differed from the model, or one node from another, as small as they
/// can be.
@Suite struct MergeFindingTests {
    /// Hears of slices in both orders and compares.
    private func expectSame(_ federation: SmallFederation, _ oracle: ModelOracle) throws {
        for park in ["south", "west"] {
            let observed = try federation.observe(park)
            let view = oracle.contents(at: observed.applied, schema: observed.schema)
            #expect(observed.tables.rows("item") == view.rows("item"), "\(park)")
            #expect(observed.tables.rows("parent") == view.rows("parent"), "\(park)")
            #expect(observed.conflicts == view.conflicts(), "\(park)")
            #expect(observed.quarantined == Set(oracle.quarantined(at: observed.applied).keys), "\(park)")
        }
        #expect(try federation["south"].state().digest == federation["west"].state().digest)
    }

    /// A park of the older schema replaces a row while another sets a column that the first does
    /// not know: whoever comes first, the row is the same, and the value that lost is in every
    /// inbox.
    @Test(arguments: [true, false]) func aRowReplacedByAnOlderSchema(newColumnIsNewer: Bool) async throws {
        let federation = try SmallFederation(["airport", "bio-city", "south", "west"], schemaNumber: 1)
        try await federation.write("airport", "INSERT INTO item(id, a) VALUES('k', 0)")
        try await federation.exchange(from: "airport", to: "bio-city")
        for park in ["bio-city", "south", "west"] { try federation.restart(park, schemaNumber: 3) }
        let replace = { try await federation.write("airport", "REPLACE INTO item(id, a) VALUES('k', 1)") }
        let set = { try await federation.write("bio-city", "UPDATE item SET later = 'set' WHERE id = 'k'") }
        if newColumnIsNewer {
            _ = (try await replace(), try await set())
        } else {
            _ = (try await set(), try await replace())
        }
        try await federation.exchange(from: "bio-city", to: "south")
        try await federation.exchange(from: "airport", to: "south")
        try await federation.exchange(from: "airport", to: "west")
        try await federation.exchange(from: "bio-city", to: "west")
        var oracle = ModelOracle(schemas: federation.schemas)
        try federation.inform(&oracle)
        try expectSame(federation, oracle)
    }

    private func lie(_ block: LyingPark.Block) async throws -> SmallFederation {
        let federation = try SmallFederation(["airport", "bio-city", "south", "west"], schemaNumber: 1)
        var liar = LyingPark(try federation.origin("airport"), key: try federation.key("airport"))
        try await federation.write("bio-city", "INSERT INTO item(id, a, b, stock) VALUES('k', 1, 'honest', 3)")
        federation.clock.advance(10)
        let payload = liar.payload([block], now: federation.clock.wallMilliseconds())
        let slice = try liar.sign(payload)
        try await federation["south"].receive(slice)
        try await federation.exchange(from: "bio-city", to: "south")
        try await federation.exchange(from: "bio-city", to: "west")
        try await federation["west"].receive(slice)
        var oracle = ModelOracle(schemas: federation.schemas)
        try federation.inform(&oracle)
        try oracle.add(payload)
        try expectSame(federation, oracle)
        return federation
    }

    /// A change of a row that its author never saw inserted says nothing of the columns that it
    /// does not carry.
    @Test func anUpdateOfARowThatItsAuthorNeverSaw() async throws {
        let update = LyingPark.Change([.string("k")], [.string("liar")], kind: .update(ColumnMask(rawValue: 1)))
        let federation = try await lie(LyingPark.Block("item", columns: 9, [update]))
        let row = try federation.place("south").contents.rows("item").first ?? []
        #expect(row.prefix(3) == [.string("k"), .string("liar"), .string("honest")] && row.last == .integer(3))
    }

    /// A row that a liar says was revived a hundred million million times could not be revived by
    /// anybody else any more.
    @Test func aLifeThatIsTooLongIsSetAside() async throws {
        for (kind, length) in [
            (IncomingChange.Kind.delete, UInt64(1) << 48), (.insert, (1 << 48) - 1), (.delete, 2 * 400_000),
        ] {
            let values: [Value] =
                kind == .delete
                ? [] : [.null, .null, .null, .null, .null, .null, .string("x"), .integer(0), .integer(0)]
            let federation = try await lie(
                LyingPark.Block(
                    "item", columns: 9, [LyingPark.Change([.string("k")], values, kind: kind, length: length)]))
            #expect(try federation.observe("south").quarantined.count == 1)
            try await federation.write("south", "DELETE FROM item", "INSERT INTO item(id) VALUES('k')")
            try await federation.exchange(from: "south", to: "west")
            #expect(
                try federation.observe("west").tables.rows("item") == federation.observe("south").tables.rows("item"))
        }
        // As many lives as the captured rows of one transaction can have are believed.
        let fits = LyingPark.Change([.string("k")], kind: .delete, length: 400_000)
        #expect(try await lie(LyingPark.Block("item", columns: 9, [fits])).observe("south").quarantined == [])
    }

    /// The largest jump that an honest transaction makes is far from the bound.
    @Test func manyLivesInOneTransaction() async throws {
        let federation = try SmallFederation(["south", "west"])
        for _ in 0..<3 {
            let again = ["INSERT INTO parent VALUES('p', 'x')", "DELETE FROM parent WHERE id = 'p'"]
            let statements = (0..<300).flatMap { _ in again.map { Activity.Statement($0) } }
            try await federation.perform(Activity(label: "lives", channel: .api, statements: statements), at: "south")
        }
        try await federation.converge()
        #expect(try federation.observe("west").applied == federation.observe("south").applied)
        #expect(try federation.observe("west").quarantined == [])
    }
}
