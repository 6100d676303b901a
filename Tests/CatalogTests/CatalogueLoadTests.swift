import Foundation
import Testing

@testable import ParkSyncCatalog

/// A hundredth of the load data, in a database with all guards.
@Suite struct CatalogueLoadTests {
    private static let load = CatalogueLoad(seed: 3, percent: 1)
    private static let database = CatalogueDemoDatabase { execute in
        for phase in CatalogueLoad.Phase.allCases {
            for part in 0..<CatalogueLoad.parts {
                for park in CatalogueLoad.parks {
                    for statement in load.statements(park: park, phase, part: part) ?? [] { execute(statement) }
                }
            }
        }
    }

    @Test func everyRowIsTakenAndNothingContradicts() {
        #expect(Self.database.faults.isEmpty, "\(Self.database.faults.prefix(3))")
        for view in [
            "stray_step", "stray_act", "broken_chain", "forked_chain", "place_wrong", "place_mismatch", "over_capacity",
            "overdrawn", "unbalanced", "account_mismatch",
        ] {
            #expect(Self.database.column("SELECT count(*) FROM \(view)") == ["0"], "\(view)")
        }
        #expect(Self.database.column("SELECT count(*) > 2000 FROM request") == ["1"])
        #expect(Self.database.column("SELECT count(*) > 8000 FROM step") == ["1"])
    }

    @Test func theSameSeedGivesTheSameRows() {
        let (again, other) = (CatalogueLoad(seed: 3, percent: 1), CatalogueLoad(seed: 4, percent: 1))
        for phase in CatalogueLoad.Phase.allCases {
            let rows = Self.texts(Self.load, phase)
            #expect(rows == Self.texts(again, phase) && !rows.isEmpty, "\(phase)")
            #expect(rows != Self.texts(other, phase), "\(phase)")
        }
        #expect(Self.load.statements(park: "nowhere", .cards, part: 0) == nil)
    }

    private static func texts(_ load: CatalogueLoad, _ phase: CatalogueLoad.Phase) -> [String] {
        (0..<CatalogueLoad.parts).flatMap { load.statements(park: "west", phase, part: $0) ?? [] }
            .map { "\($0.sql) \($0.parameters)" }
    }

    // MARK: queries

    /// Asked with each of its samples, a query can be executed.
    @Test(arguments: CatalogueQueries.all.map(\.name)) func aQueryIsExecuted(name: String) throws {
        let query = try #require(CatalogueQueries.all.first { $0.name == name })
        let samples = query.samples.map { Self.database.column($0) } ?? [""]
        for sample in samples.prefix(3) {
            #expect(Self.database.fault(of: query.sql, with: sample) == nil, "\(name) with \(sample)")
        }
    }

    /// No query goes through a table from end to end that grows with the zone, unless it says so.
    @Test(arguments: CatalogueQueries.all.map(\.name)) func aQueryGoesThroughNoTable(name: String) throws {
        let query = try #require(CatalogueQueries.all.first { $0.name == name })
        let wholes = Self.database.wholes(of: query.sql)
        #expect(!wholes.contains(""), "\(name): a cursor is on no known table")
        #expect(wholes.subtracting(query.wholes).isEmpty, "\(name)")
    }

    @Test func aTableThatIsGoneThroughIsNoticed() {
        #expect(Self.database.wholes(of: "SELECT count(*) FROM step WHERE by_id = 'x'") == ["step"])
        #expect(Self.database.wholes(of: "SELECT * FROM step WHERE subject_id = 'x'").isEmpty)
    }

    /// The inbox that is found in few rows of what waits is the one that all of it would give.
    @Test(arguments: CatalogueLoad.parks) func theInboxHasTheNextDeadlinesFirst(park: String) {
        let all = """
            SELECT i.request_id FROM (
                SELECT i.*, (SELECT min(d.due_at) FROM deadline AS d
                    WHERE d.subject_id = i.subject_id AND d.request_id = i.request_id) AS due_at
                FROM inbox AS i WHERE i.park = '\(park)') AS i
            ORDER BY due_at NULLS LAST, since_at, request_id LIMIT 40
            """
        var whole = RequestScreens.inbox(isWhole: true)
        for (mark, value) in [("?1", "'\(park)'"), ("?2", "NULL"), ("?3", "40")] {
            whole = whole.replacingOccurrences(of: mark, with: value)
        }
        let rows = Self.database.column(whole)
        #expect(rows.count == 40 && rows == Self.database.column(all))
        #expect(Self.database.wholes(of: whole).isSubset(of: ["place_partied", "place_reviewed"]))
    }

    @Test func namesAreUsedOnce() {
        let names = CatalogueQueries.all.map(\.name)
        #expect(names.count > 40 && names.sorted() == Array(Set(names)).sorted())
        #expect(CatalogueQuery.Kind.allCases.allSatisfy { kind in CatalogueQueries.all.contains { $0.kind == kind } })
    }
}
