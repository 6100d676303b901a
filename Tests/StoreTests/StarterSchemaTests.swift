import Crypto
import ParkSyncCatalog
import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// The starter schema and its demo data on real stores of all six parks.
@Suite struct StarterSchemaTests {
    private func federation() throws -> Federation {
        try Federation(DemoData.parks, schema: StarterSchema.files.map(\.sql).joined(separator: "\n"))
    }

    private func load(_ statements: [DemoStatement]?, at park: String, _ federation: Federation) async throws {
        let statements = try #require(statements).map { StoreStatement(sql: $0.sql, parameters: $0.parameters) }
        federation.clock.advance(1)
        _ = try await federation[park].transact(StoreTransaction(statements: statements))
    }

    @Test(arguments: [1, 42] as [UInt64]) func theDemoDataLoadsEverywhere(seed: UInt64) async throws {
        let federation = try federation()
        let data = DemoData(seed: seed) { Array(SHA256.hash(data: $0)) }
        for park in federation.parks { try await load(data.ownStatements(park: park), at: park, federation) }
        try await federation.settle()
        for park in federation.parks { try await load(data.useStatements(park: park), at: park, federation) }
        try await federation.settle()
        let digests = try Set(federation.parks.map { try federation[$0].state().digest?.hash })
        #expect(digests.count == 1)
        for (sql, count) in [
            ("SELECT count(*) FROM booking_request", 120), ("SELECT count(*) FROM policy", 12), ("SELECT count(*) FROM resource", 39),
            ("SELECT count(*) FROM organisation", 72), ("SELECT count(*) FROM person", 48), ("SELECT count(*) FROM organisation_duplicate", 0),
        ] {
            #expect(try await federation.rows("airport", sql) == [[.integer(Int64(count))]], "\(sql)")
        }
        #expect(try await federation[federation.parks[0]].verify().findings.isEmpty)
    }

    @Test func theGuardsRefuseWhatTheParksAgreedNotToDo() async throws {
        let federation = try federation()
        let data = DemoData(seed: 1) { Array(SHA256.hash(data: $0)) }
        try await load(data.ownStatements(park: "south"), at: "south", federation)
        let resource = "(SELECT min(id) FROM resource WHERE capacity = 1)"
        func ask(_ number: Int) -> String {
            """
            INSERT INTO booking_request (id, resource_id, organisation_id, starts_at, ends_at, requested_at) SELECT 'south:booking:g\(number)', \(resource), min(id),
            '2027-01-04T01:00:00Z', '2027-01-04T02:00:00Z', '2026-12-01T00:00:00Z' FROM organisation
            """
        }
        func confirm(_ number: Int, start: String = "2027-01-04T01:00:00Z") -> String {
            """
            INSERT INTO booking_decision (resource_id, request_id, revision, outcome, starts_at, ends_at, decided_at)
            VALUES (\(resource), 'south:booking:g\(number)', 1, 'confirmed', '\(start)', '2027-01-04T02:00:00Z', '2026-12-01T00:00:00Z')
            """
        }
        try await federation.write("south", ask(1), ask(2))
        try await federation.write("south", confirm(1))
        let refused: [(String, String)] = [
            (confirm(2), "is taken in this interval"), (confirm(2, start: "2027-01-04T01:30:00Z"), "copy them from booking_request"),
            ("DELETE FROM booking_decision", "not deleted"), ("UPDATE policy SET body_zh = 'x'", "keeps its text"),
            ("UPDATE resource SET id = id || 'x'", "never changed"),
            ("INSERT INTO resource (id, kind, name_zh, owner_id) VALUES ('west:instrument:9', 'instrument', 'x', 'y')", "only the park named"),
            ("UPDATE booking_request SET ends_at = '2027-01-04T03:00:00Z'", "higher revision"),
            ("INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:x', 'club', 'x')", "CHECK"),
        ]
        for (sql, reason) in refused {
            let error = await #expect(throws: StoreError.self) { try await federation.write("south", sql) }
            #expect(error?.reason.contains(reason) == true, "\(sql) gave \(String(describing: error))")
        }
        #expect(try await federation.rows("south", "SELECT count(*) FROM double_booking") == [[.integer(0)]])
    }

    /// docs/reference/limits.md names this number.
    @Test func theStarterSchemasRowsAreAsManyAsThePageSays() throws {
        #expect(RowBudget.rowsMax(try federation().schema.schema) == 84_370)
    }

    @Test func theArbitersStatementsFitTheSchema() async throws {
        let federation = try federation()
        for sql in [BookingSQL.openResources, BookingSQL.resourceOfRequest, BookingSQL.resource, BookingSQL.requests, BookingSQL.decisions] {
            #expect(try await federation.rows("south", sql, [.string("south")]).isEmpty)
        }
    }
}
