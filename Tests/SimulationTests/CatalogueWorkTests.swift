import ParkSyncCore
import ParkSyncStore
import Testing

@testable import ParkSyncSimulation

/// What people do in the catalogue of a simulated zone, and what is checked of it.
@Suite struct CatalogueWorkTests {
    static let parks = ["airport", "south", "west"]

    /// A small zone in which people worked for some days, and all that was asked was answered.
    private func workedIn(_ count: Int, seed: UInt64) async throws -> (SmallFederation, made: Set<String>) {
        let federation = try SmallFederation(Self.parks, compiled: try CatalogueWorld.compiled())
        var (work, chance, made) = (try CatalogueWork(seed: seed), Chance(seed: seed), Set<String>())
        for step in 0..<count {
            guard let park = chance.pick(Self.parks) else { continue }
            let place = try federation.place(park)
            let activity = work.next(at: place)
            do {
                try await federation.perform(activity, at: park)
                #expect(activity.outcome != .fails, "\(activity)")
                made.insert(activity.label)
            } catch {
                #expect(activity.outcome != .succeeds, "\(activity): \(error)")
                #expect(try federation.place(park).contents == place.contents, "\(activity)")
                if activity.outcome == .fails { made.insert(activity.label) }
            }
            if step % 9 == 0 {
                try await federation.converge()
                for park in Self.parks { try await federation.decide(park) }
                federation.clock.advance(UInt64(chance.below(7_200_000)))
            }
        }
        // The first look settles what the last one of another park has written.
        for _ in 0..<3 {
            try await federation.converge()
            for park in Self.parks { try await federation.decide(park) }
        }
        try await federation.converge()
        return (federation, made)
    }

    @Test func whatIsAskedIsAnsweredWithinWhatThereIs() async throws {
        let (federation, made) = try await workedIn(220, seed: 4)
        #expect(made == Set(CatalogueWork.Kind.allCases.map(\.rawValue)))
        let facts = try CatalogueFacts.shared.get()
        let observation = try federation.observe("west")
        #expect(Checks.overbooked(observation, facts: facts) == [])
        #expect(Checks.moves(observation, facts: facts) == [])
        #expect(Checks.money(observation) == [])
        let file = try SQLiteFile(federation.path("west"))
        for view in ["request_unanswered", "act_unanswered"] {
            #expect(try file.rows("SELECT * FROM \(view)") == [], "\(view)")
        }
        #expect(try file.rows("SELECT count(*) > 20 FROM step WHERE n > 1") == [[.integer(1)]])
        // Each is taken from the rows, so a row that is altered is found.
        var altered = observation
        func alter(_ table: String, _ column: String, _ value: Value, where isMeant: (NamedRows, [Value]) -> Bool)
            throws -> NodeObservation
        {
            var altered = observation
            let rows = try #require(NamedRows(observation.tables, observation.schema, table))
            let shared = try #require(observation.schema.tables.first { $0.name == table })
            let position = try #require(
                (shared.keyColumns + shared.columns).firstIndex { $0.name == column })
            let index = try #require(rows.rows.firstIndex { isMeant(rows, $0) })
            altered.tables.tables[table]?[index][position] = value
            return altered
        }
        altered = try alter("step", "to_state", .string("lent")) { rows, row in rows.text(row, "machine") == "booking" }
        expect(Checks.moves(altered, facts: facts), [.declaredMoves], at: "west", naming: "is no declared move")
        altered = try alter("step", "n", .integer(1)) { rows, row in rows.integer(row, "n") == 2 }
        expect(Checks.moves(altered, facts: facts), [.declaredMoves], at: "west", naming: "is there twice")
        altered = try alter("transfer", "amount", .integer(CatalogueWork.fundFen * 9)) { rows, row in
            rows.text(row, "from_id")?.contains(":account:") ?? false
        }
        expect(Checks.money(altered), [.balanced], at: "west", naming: "has -")
        altered = try alter("step", "weight", .integer(99)) { rows, row in
            let name = CatalogueFacts.State(
                machine: rows.text(row, "machine") ?? "", name: rows.text(row, "to_state") ?? "")
            let isLast = !rows.rows.contains { rows[$0, "follows"] == rows[row, "id"] }
            return isLast && facts.occupying.contains(name)
                && rows.text(row, "subject_id")?.hasSuffix("talent_time:1") == false
        }
        expect(
            Checks.overbooked(altered, facts: facts), [.neverDoubleBooked], at: "west", naming: "has room for", "99 by")
        altered = observation
        altered.tables.tables["request"] = []
        expect(Checks.moves(altered, facts: facts), [.declaredMoves], at: "west", naming: "and its request is not")
    }

    /// Whole nodes with the catalogue, their arbiters and faults: all machines move, and each seed
    /// gives one history.
    @Test func machinesMoveInWorlds() throws {
        var counters = Counters()
        // Together they have a place that became free for somebody who waited.
        for seed in [7, 13, 21, 51, 60] as [UInt64] {
            let history = History(seed: seed, stepsMax: 160)
            var random = World.random(for: history)
            #expect(WorldWork.Kind.drawn(for: history, &random) == .catalogue)
            let outcome = try World.run(history)
            #expect(outcome.broken == nil, "seed \(seed): \(outcome.broken?.description ?? "")")
            counters.add(outcome.counters)
            if seed == 7 { #expect(try World.run(history).trace == outcome.trace) }
        }
        let facts = try CatalogueFacts.shared.get()
        for machine in Set(facts.forms.map(\.machine)).sorted() {
            #expect(counters["\(machine) moved by ask"] > 0, "\(machine)")
        }
        for act in ["room", "clock", "decide", "withdraw", "amend"] {
            let moved = counters.sorted.filter { $0.name.hasSuffix(" moved by \(act)") }
            #expect(!moved.isEmpty, "\(act)")
        }
        #expect(counters["arbiter decided"] > 20)
    }
}
