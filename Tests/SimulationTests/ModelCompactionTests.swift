import Crypto
import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import Testing

@testable import ParkSyncSimulation

/// Forgotten rows: the model's definition against shipped stores.
@Suite struct ModelCompactionTests {
    private let parks = ["airport", "bio-city", "south", "west"]

    /// A row is deleted, which all acknowledge; its last value was lost unseen. Then, without
    /// hearing of one another, South and Airport compact, West, which has the trace, lets the row
    /// live again and ends that life, and Bio-City lets it live for the first time, since it has
    /// dropped the trace. Airport has deleted another row, which nobody has acknowledged and West
    /// changes.
    private func manyAtOnce() async throws -> (SmallFederation, base: VersionVector) {
        let federation = try SmallFederation(parks)
        try await federation.write("south", "INSERT INTO item(id, a, n) VALUES('x', 'first', 1), ('y', 'first', 1)")
        try await federation.converge()
        try await federation.write("west", "UPDATE item SET a = 'lost', n = n + 4 WHERE id = 'x'")
        try await federation.write("south", "DELETE FROM item WHERE id = 'x'")
        try await federation.converge()
        for park in parks { _ = try await federation[park].acknowledge() }
        try await federation.converge()
        let base = try federation["south"].state().logged
        #expect(try await federation["south"].compact().droppedRows == 1)
        try await federation.write("airport", "DELETE FROM item WHERE id = 'y'")
        #expect(try await federation["airport"].compact().droppedRows == 1)
        try await federation.write(
            "west", "INSERT INTO item(id, a, n) VALUES('x', 'again', 2)", "UPDATE item SET b = 'late' WHERE id = 'y'")
        try await federation.write("west", "DELETE FROM item WHERE id = 'x'")
        try await federation.exchange(from: "south", to: "bio-city")
        try await federation.write("bio-city", "INSERT INTO item(id, a, n) VALUES('x', 'anew', 8)")
        return (federation, base)
    }

    /// Every order in which entries can be heard of.
    private func orders(of oracle: ModelOracle, after vector: VersionVector) -> [[EntryName]] {
        let next = oracle.origins.map { EntryName($0, vector[$0] + 1) }.filter {
            oracle.entry($0).map { vector.covers($0.needs) } ?? false
        }
        if next.isEmpty { return [[]] }
        return next.flatMap { name in
            var later = vector
            later[name.origin] = name.seq
            return orders(of: oracle, after: later).map { [name] + $0 }
        }
    }

    @Test func everyOrderGivesTheModelsRows() async throws {
        let (federation, base) = try await manyAtOnce()
        var oracle = ModelOracle(schemas: federation.schemas)
        try federation.inform(&oracle)
        let orders = orders(of: oracle, after: base)
        #expect(orders.count == 90 && orders.allSatisfy { $0.count == 6 })
        let origin = try #require(OriginID("observer"))
        let identity = Curve25519.Signing.PrivateKey()
        let members = federation.members.merging(["observer": Array(identity.publicKey.rawRepresentation)]) {
            known, _ in known
        }
        // What orders begin with in common is looked at once, and what the model says of the same
        // entries is the same.
        var looked: Set<[EntryName]> = []
        var views: [VersionVector: ModelView] = [:]
        for (index, order) in orders.enumerated() {
            let path = "\(federation.folder)/observer-\(index).sqlite"
            let store = try ParkStore(
                StoreOptions(
                    path: path, origin: origin, identity: identity, members: members, schema: federation.compiled[2],
                    clock: federation.clock))
            for element in base.elements {
                while store.state().logged[element.origin] < element.seq {
                    try await receive(
                        EntryName(element.origin, store.state().logged[element.origin] + 1), at: store, federation)
                }
            }
            for (count, name) in order.enumerated() {
                try await receive(name, at: store, federation)
                guard looked.insert(Array(order[...count])).inserted else { continue }
                let observed = try NodeWitness.observe(
                    try SQLiteFile(path), schemas: federation.schemas, withLog: false)
                let view = views[observed.applied] ?? oracle.contents(at: observed.applied, schema: observed.schema)
                views[observed.applied] = view
                #expect(observed.tables.rows("item") == view.rows("item"), "\(order) at \(name)")
                #expect(observed.conflicts == view.conflicts(), "\(order) at \(name)")
                #expect(observed.applied[name.origin] == name.seq && observed.quarantined == [], "\(order) at \(name)")
            }
            store.abandon()
        }
    }

    private func receive(_ name: EntryName, at store: ParkStore, _ federation: SmallFederation) async throws {
        let author = try federation[name.origin.park]
        try await store.receive(try #require(try author.read(origin: name.origin, after: name.seq - 1, bytesMax: 1)))
    }

    /// What the rows come to, without any store.
    @Test func whatIsLeftOfForgottenRows() async throws {
        let (federation, base) = try await manyAtOnce()
        var oracle = ModelOracle(schemas: federation.schemas)
        try federation.inform(&oracle)
        let schema = try federation["south"].schema
        let table = try #require(schema.tables.first { $0.name == "item" })
        func row(_ key: String, _ parks: String...) throws -> ModelRow? {
            var vector = base
            for park in parks { vector[try federation.origin(park)] = oracle.vector[try federation.origin(park)] }
            return oracle.row(table, [.string(key)], at: vector)
        }
        #expect(try row("x")?.causalLength == 2)
        // Dropped by either: the trace is gone, and what was lost is not.
        for park in ["south", "airport"] {
            #expect(try row("x", park)?.causalLength == 0)
            #expect(try row("x", park)?.conflicts(table, key: [.string("x")]).map(\.lost) == [.string("lost")])
        }
        // A first life: nothing of the last one is added to its counter.
        #expect(try row("x", "south", "bio-city")?.values(table)?[7...8] == [.integer(8), .integer(5)])
        #expect(try row("x", "south", "bio-city", "airport")?.causalLength == 1)
        // Whoever kept the trace writes with a higher length, which wins.
        #expect(try row("x", "south", "bio-city", "west")?.causalLength == 4)
        // Nobody but Airport has seen this deletion: it is not forgotten, and West's change loses.
        #expect(try row("y", "airport")?.causalLength == 2)
        #expect(try row("y", "airport", "west")?.isAlive == false)
        // Forwards from vector to vector or at once: the same.
        var view = ModelView(schema: schema)
        var vector = VersionVector()
        for element in oracle.vector.elements {
            vector[element.origin] = min(element.seq, base[element.origin])
            view.advance(to: vector, in: oracle)
        }
        for name in orders(of: oracle, after: base)[0] {
            vector[name.origin] = name.seq
            view.advance(to: vector, in: oracle)
            #expect(view.dump == oracle.contents(at: vector, schema: schema).dump, "\(name)")
            #expect(view.conflicts() == oracle.contents(at: vector, schema: schema).conflicts(), "\(name)")
        }
    }

    /// What one compaction has dropped is no deletion for the next one.
    @Test func aRowThatLivesAgainOutlivesTheNextCompaction() async throws {
        let federation = try SmallFederation(["airport", "south"])
        try await federation.write("south", "INSERT INTO item(id, a) VALUES('x', 1), ('y', 1)")
        for (key, again) in [
            ("x", "INSERT INTO item(id, a) VALUES('x', 2)"), ("y", "UPDATE item SET b = 3 WHERE id = 'x'"),
        ] {
            try await federation.converge()
            try await federation.write("south", "DELETE FROM item WHERE id = '\(key)'")
            try await federation.converge()
            _ = try await federation["airport"].acknowledge()
            try await federation.converge()
            #expect(try await federation["south"].compact().droppedRows == 1)
            try await federation.write("south", again)
        }
        try await federation.converge()
        var oracle = ModelOracle(schemas: federation.schemas)
        try federation.inform(&oracle)
        let observations = try federation.parks.map { try federation.observe($0) }
        #expect(
            observations[0].tables.rows("item").map { Array($0.prefix(3)) } == [
                [.string("x"), .integer(2), .string("3")]
            ])
        #expect(
            oracle.compactions.count == 2 && Checks.all(observations, oracle: oracle, members: federation.members) == []
        )
    }

    /// A write that no honest park can make: by somebody who counted and had not seen the deletion.
    /// It comes to nothing, whether the compaction is known already or not.
    @Test func aWriteThatKnowsOfNothingComesToNothing() async throws {
        let (federation, base) = try await manyAtOnce()
        var oracle = ModelOracle(schemas: federation.schemas)
        try federation.inform(&oracle)
        var blind = LyingPark(try #require(OriginID("west~2")), key: try federation.key("west"))
        let update = LyingPark.Change([.string("x")], [.string("blind")], kind: .update(ColumnMask(rawValue: 1)))
        try oracle.add(
            blind.payload([LyingPark.Block("item", columns: 9, [update])], now: federation.clock.wallMilliseconds()))
        var view = ModelView(schema: federation.schemas[2])
        var vector = base
        vector[blind.origin] = 1
        view.advance(to: vector, in: oracle)
        #expect(view.row("item", [.string("x")]) == nil)
        vector[try federation.origin("south")] += 1
        view.advance(to: vector, in: oracle)
        #expect(view.row("item", [.string("x")]) == nil, "its author knows of no compaction")
        #expect(view.dump == oracle.contents(at: vector, schema: federation.schemas[2]).dump)
        #expect(Checks.resurrections(at: vector, schema: federation.schemas[2], oracle: oracle) == [])
    }

    /// Stores write few rows, acknowledge, compact and exchange in random order.
    @Test(arguments: 1...8) func anyHistoryGivesTheModelsTables(seed: UInt64) async throws {
        var chance = Chance(seed: seed)
        let parks = Array(parks.prefix(2 + chance.below(3)))
        let federation = try SmallFederation(parks)
        var oracle = ModelOracle(schemas: federation.schemas)
        func compare(_ comment: Comment) throws {
            try federation.inform(&oracle)
            let observations = try federation.parks.map { try federation.observe($0) }
            #expect(Checks.all(observations, oracle: oracle, members: federation.members) == [], comment)
        }
        for step in 0..<100 {
            guard let park = chance.pick(parks), let other = chance.pick(parks.filter { $0 != park }),
                let key = chance.pick(["x", "y"])
            else {
                continue
            }
            switch chance.below(14) {
            case 0, 1:
                try await federation.write(park, "INSERT OR REPLACE INTO item(id, a, n) VALUES('\(key)', \(step), 1)")
            case 2, 3:
                try await federation.write(
                    park, "UPDATE item SET \(chance.oneIn(2) ? "a" : "b") = \(step), n = n + 1 WHERE id = '\(key)'")
            case 4, 5: try await federation.write(park, "DELETE FROM item WHERE id = '\(key)'")
            case 6, 7: _ = try await federation[park].acknowledge()
            case 8: _ = try await federation[park].compact()
            case 9:
                for park in parks { try await federation[park].housekeep() }
                try compare("seed \(seed) step \(step)")
            default: try await federation.exchange(from: park, to: other, bytesMax: chance.oneIn(2) ? 1 : 1 << 20)
            }
        }
        for _ in 0..<2 {
            try await federation.converge()
            for park in parks { _ = try await federation[park].acknowledge() }
        }
        try await federation.write("airport", "INSERT OR IGNORE INTO item(id) VALUES('x')")
        try await federation.write("airport", "DELETE FROM item WHERE id = 'x'")
        try await federation.converge()
        for park in parks { _ = try await federation[park].acknowledge() }
        try await federation.converge()
        #expect(try await federation["bio-city"].compact().droppedRows > 0)
        try await federation.converge()
        try compare("seed \(seed) at the end")
        #expect(!oracle.compactions.isEmpty && oracle.appliedEverywhere() == oracle.vector)
    }
}
