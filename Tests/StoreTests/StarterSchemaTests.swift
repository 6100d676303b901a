import Crypto
import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// The starter schema and its demo data on real stores of all six parks.
@Suite struct StarterSchemaTests {
    private func federation() throws -> Federation {
        try Federation(DemoData.parks, schema: StarterSchema.asOneFile)
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
            ("SELECT count(*) FROM booking_request", 120), ("SELECT count(*) FROM policy", 12),
            ("SELECT count(*) FROM resource", 39),
            ("SELECT count(*) FROM organisation", 72), ("SELECT count(*) FROM person", 48),
            ("SELECT count(*) FROM organisation_duplicate", 0),
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
            INSERT INTO booking_request (id, resource_id, organisation_id, starts_at, ends_at, requested_at)
            SELECT 'south:booking:g\(number)', \(resource), min(id),
            '2027-01-04T01:00:00Z', '2027-01-04T02:00:00Z', '2026-12-01T00:00:00Z' FROM organisation
            """
        }
        func confirm(_ number: Int, start: String = "2027-01-04T01:00:00Z") -> String {
            """
            INSERT INTO booking_decision (resource_id, request_id, revision, outcome, starts_at, ends_at, decided_at)
            VALUES (\(resource), 'south:booking:g\(number)', 1, 'confirmed',
            '\(start)', '2027-01-04T02:00:00Z', '2026-12-01T00:00:00Z')
            """
        }
        try await federation.write("south", ask(1), ask(2))
        try await federation.write("south", confirm(1))
        let refused: [(String, String)] = [
            (confirm(2), "is taken in this interval"),
            (confirm(2, start: "2027-01-04T01:30:00Z"), "copy them from booking_request"),
            ("DELETE FROM booking_decision", "not deleted"), ("UPDATE policy SET body_zh = 'x'", "keeps its text"),
            ("UPDATE resource SET id = id || 'x'", "never changed"),
            (
                """
                INSERT INTO resource (id, kind, name_zh, owner_id)
                VALUES ('west:instrument:9', 'instrument', 'x', 'y')
                """,
                "only the park named"
            ),
            ("UPDATE booking_request SET ends_at = '2027-01-04T03:00:00Z'", "higher revision"),
            ("INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:x', 'club', 'x')", "CHECK"),
        ]
        for (sql, reason) in refused {
            let error = await #expect(throws: StoreError.self) { try await federation.write("south", sql) }
            #expect(error?.reason.contains(reason) == true, "\(sql) gave \(String(describing: error))")
        }
        #expect(try await federation.rows("south", "SELECT count(*) FROM double_booking") == [[.integer(0)]])
    }

    private static let request =
        """
        INTO booking_request (id, resource_id, organisation_id, revision, starts_at, ends_at, requested_at) \
        SELECT id
        """
    private static let tail = "requested_at FROM booking_request WHERE id = 'south:booking:g1'"

    /// What follows the word that replaces, and what the guard says.
    private static let refusedReplacements: [(rest: String, reason: String)] = [
        (
            """
            INTO resource (id, kind, name_zh, owner_id, capacity)
            SELECT id, kind, name_zh, owner_id, 1 FROM resource WHERE id = 'south:instrument:g'
            """,
            "new capacity"
        ),
        (
            """
            INTO policy (id, version, title_zh, body_zh, content_hash, status, issued_on)
            SELECT id, version, title_zh, 'x', content_hash, status, issued_on FROM policy WHERE version = 1
            """,
            "keeps its text"
        ),
        (
            """
            INTO policy (id, version, title_zh, body_zh, content_hash)
            SELECT id, version, title_zh, body_zh, content_hash FROM policy WHERE version = 1
            """,
            "keeps its text"
        ),
        (
            "\(request), resource_id, organisation_id, revision, starts_at, '2027-01-04T03:00:00Z', \(tail)",
            "higher revision"
        ),
        ("\(request), resource_id, organisation_id, 0, starts_at, ends_at, \(tail)", "never goes back"),
        (
            """
            \(request), (SELECT min(id) FROM resource), organisation_id, revision + 1, starts_at, ends_at,
            \(tail)
            """,
            "stays with its resource"
        ),
    ]

    /// REPLACE fires no update trigger; a guard holds all the same, under every conflict clause, in
    /// savepoints, and for other programs.
    @Test(arguments: ["REPLACE", "INSERT OR REPLACE", "INSERT OR FAIL", "SAVEPOINT s; REPLACE"])
    func theGuardsHoldWhereRowsAreReplaced(head: String) async throws {
        let federation = try federation()
        let data = DemoData(seed: 1) { Array(SHA256.hash(data: $0)) }
        try await load(data.ownStatements(park: "south"), at: "south", federation)
        let times = "'2027-01-04T01:00:00Z', '2027-01-04T02:00:00Z'"
        try await federation.write(
            "south",
            """
            INSERT INTO resource (id, kind, name_zh, owner_id, capacity)
            SELECT 'south:instrument:g', 'instrument', 'g', min(id), 2 FROM organisation
            """,
            "UPDATE policy SET status = 'issued', issued_on = '2026-12-01' WHERE version = 1",
            """
            INSERT INTO policy (id, version, title_zh, body_zh, content_hash)
            SELECT id, 99, 't', 'draft', content_hash FROM policy WHERE version = 1
            """
        )
        for number in 1...2 {
            try await federation.write(
                "south",
                """
                INSERT INTO booking_request (id, resource_id, organisation_id, starts_at, ends_at, requested_at)
                SELECT 'south:booking:g\(number)', 'south:instrument:g', min(id), \(times), '2026-12-01T00:00:00Z'
                FROM organisation
                """,
                """
                INSERT INTO booking_decision
                (resource_id, request_id, revision, outcome, starts_at, ends_at, decided_at) VALUES
                ('south:instrument:g', 'south:booking:g\(number)', 1, 'confirmed', \(times), '2026-12-01T00:00:00Z')
                """
            )
        }
        for (rest, reason) in Self.refusedReplacements {
            let error = #expect(throws: StoreError.self, "\(rest)") {
                try federation.foreign("south", "sqlite3", ["-batch", "-bail"], input: "\(head) \(rest);\n")
            }
            #expect(error?.reason.contains(reason) == true, "\(rest) gave \(String(describing: error))")
        }
        for (sql, reason) in [
            ("UPDATE OR REPLACE policy SET version = 1 WHERE version = 99", "not replaced"),
            (
                "UPDATE OR REPLACE booking_request SET id = 'south:booking:g1' WHERE id = 'south:booking:g2'",
                "never changed"
            ),
        ] {
            let error = await #expect(throws: StoreError.self) { try await federation.write("south", sql) }
            #expect(error?.reason.contains(reason) == true, "\(sql) gave \(String(describing: error))")
        }
        #expect(
            try await federation.rows("south", "SELECT capacity FROM resource WHERE id = 'south:instrument:g'") == [
                [.integer(2)]
            ])
    }

    @Test func theArbitersStatementsFitTheSchema() async throws {
        let federation = try federation()
        for sql in [
            BookingSQL.openResources, BookingSQL.resourceOfRequest, BookingSQL.resource, BookingSQL.requests,
            BookingSQL.decisions,
        ] {
            #expect(try await federation.rows("south", sql, [.string("south")]).isEmpty)
        }
    }
}
