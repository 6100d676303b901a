import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// The catalogue's schema files on real stores: what SQLite alone takes, a node's compiler, capture
/// and apply take as well.
@Suite struct CatalogueSchemaTests {
    private static let parks = ["bio-city", "south", "west"]

    private func federation() throws -> Federation { try Federation(Self.parks, files: CatalogueZone.files()) }

    /// An instrument in Bio City, and a company of South that asks for two hours of it.
    private func prepare(_ federation: Federation) async throws {
        for park in federation.parks {
            try await federation.write(
                park, "INSERT INTO park(id, name_zh) VALUES('\(park):park', '园区')",
                "INSERT INTO organisation(id, kind, name_zh) VALUES('\(park):organisation:1', 'enterprise', '公司（演示）')",
                "INSERT INTO person(id, kind, name_zh) VALUES('\(park):person:1', 'manager', '甲（演示）')")
        }
        try await federation.write(
            "bio-city",
            """
            INSERT INTO item(id, kind, name_zh, owner_id, capacity, detail)
            VALUES('bio-city:instrument:1', 'instrument', '质谱仪（演示）', 'bio-city:organisation:1', 1,
                (SELECT json_group_object(name, CASE type WHEN 'integer' THEN 1 WHEN 'fen' THEN 1 WHEN 'minutes' THEN 1
                    WHEN 'date' THEN '2026-01-01'
                    WHEN 'code' THEN (SELECT min(c.code) FROM code AS c WHERE c.list = f.list)
                    ELSE '文' END) FROM field AS f WHERE f.kind = 'instrument' AND f.required))
            """)
        try await federation.converge()
        try await federation.write("south", Self.ask("1"))
        try await federation.converge()
    }

    private static func ask(_ tail: String) -> String {
        """
        INSERT INTO request(id, kind, machine, subject_id, party_id, starts_at, ends_at, at)
        VALUES('south:booking:\(tail)', 'booking', 'booking', 'bio-city:instrument:1', 'south:organisation:1',
            '2027-01-04T01:00:00Z', '2027-01-04T03:00:00Z', '2026-12-01T00:00:00Z')
        """
    }

    private static func step(_ tail: String, _ n: Int, from: String, to: String) -> String {
        let follows = n == 1 ? "NULL" : "'bio-city:step:\(tail)-\(n - 1)'"
        return """
            INSERT INTO step(subject_id, request_id, n, id, follows, machine, from_state, to_state, act,
                starts_at, ends_at, weight, reasons, at)
            VALUES('bio-city:instrument:1', 'south:booking:\(tail)', \(n), 'bio-city:step:\(tail)-\(n)', \(follows),
                'booking', '\(from)', '\(to)', 'ask',
                '2027-01-04T01:00:00Z', '2027-01-04T03:00:00Z', 1, '[]', '2026-12-01T00:00:00Z')
            """
    }

    @Test func aNodeCompilesIt() throws {
        let schema = try CompiledSchema(CatalogueZone.files()).schema
        let names = schema.tables.map(\.name)
        for name in [
            "item", "request", "act", "step", "place", "usage", "transfer", "account_balance", "tag", "counter",
        ] {
            #expect(names.contains(name), "\(name)")
        }
        #expect(!names.contains("move") && !names.contains("private_person") && !names.contains("posting"))
        #expect(schema.tables.first { $0.name == "step" }?.allowed.isEmpty == false)
        #expect(schema.tables.first { $0.name == "request" }?.allowed.isEmpty == false)
    }

    @Test func aBookingIsDecidedAtItsHomeAndSeenEverywhere() async throws {
        let federation = try federation()
        try await prepare(federation)
        try await federation.write("bio-city", Self.step("1", 1, from: "", to: "asked"))
        try await federation.write("bio-city", Self.step("1", 2, from: "asked", to: "confirmed"))
        try await federation.converge()
        for park in federation.parks {
            let state = try await federation.rows(
                park, "SELECT state, load FROM place WHERE request_id = 'south:booking:1'")
            #expect(state == [[.text(Array("confirmed".utf8)), .integer(1)]], "\(park)")
            for view in ["stray_step", "place_mismatch", "over_capacity", "overdrawn", "forked_chain"] {
                #expect(try await federation.rows(park, "SELECT * FROM \(view)").isEmpty, "\(view) at \(park)")
            }
        }
        #expect(try Set(federation.parks.map { try federation[$0].state().digest?.hash }).count == 1)
        #expect(try await federation["west"].verify().findings.isEmpty)
        #expect(try await federation["bio-city"].verifyRows().rows.differing == 0)
    }

    @Test func whatTheMachinesDoNotDeclareIsRefused() async throws {
        let federation = try federation()
        try await prepare(federation)
        try await federation.write("bio-city", Self.step("1", 1, from: "", to: "asked"))
        for refused in [
            // No such move; a step of another park's item; a second booking of the place.
            Self.step("1", 2, from: "asked", to: "settled"),
            Self.step("1", 3, from: "asked", to: "confirmed"),
            "UPDATE step SET to_state = 'confirmed'", "DELETE FROM step", "UPDATE move SET to_state = 'settled'",
            "INSERT OR REPLACE INTO state SELECT * FROM state", "DELETE FROM item",
        ] {
            await #expect(throws: StoreError.self, "\(refused)") { try await federation.write("bio-city", refused) }
        }
        await #expect(throws: StoreError.self) {
            try await federation.write("west", Self.step("1", 2, from: "asked", to: "confirmed"))
        }
        try await federation.write("bio-city", Self.step("1", 2, from: "asked", to: "confirmed"))
        try await federation.write("south", Self.ask("2"))
        try await federation.converge()
        try await federation.write("bio-city", Self.step("2", 1, from: "", to: "asked"))
        await #expect(throws: StoreError.self) {
            try await federation.write("bio-city", Self.step("2", 2, from: "asked", to: "confirmed"))
        }
        #expect(
            try await federation.rows("bio-city", "SELECT count(*) FROM step WHERE to_state = 'confirmed'") == [
                [.integer(1)]
            ])
    }

    /// Each table of the schema counts in these numbers.
    @Test func itsRowsAreAsManyAsThePageSays() throws {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/reference/limits.md"), encoding: .utf8)
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let shown = try #require(
            page.firstMatch(
                of:
                    #/In the catalogue that is ([\d,]+) bytes in steps of ([\d,]+) rows: ([\d,]+) rows of its w/#
            ))
        let said = [shown.1, shown.2, shown.3].map { Int($0.filter { $0 != "," }) }
        let schema = try CompiledSchema(CatalogueZone.files()).schema
        let budget = RowBudget(schema, entryBytesMax: CoreLimits.payloadBytesDefault)
        let widest = schema.tables.map { RowBudget.rowBytes($0) }.max() ?? 0
        #expect(said == [budget.bytesMax, budget.stepRows, budget.bytesMax / max(1, widest)])
    }
}
