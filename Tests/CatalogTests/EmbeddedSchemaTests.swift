import Testing

@testable import ParkSyncCatalog

struct EmbeddedSchemaTests {
    @Test func theFileIsEmbeddedWhole() throws {
        let files = StarterSchema.files
        #expect(files.map(\.name) == ["001-starter.sql"])
        let sql = try #require(files.first?.sql)
        #expect(sql.hasPrefix("-- parksync: schema 1\n"))
        #expect(sql.hasSuffix("END;\n"))
    }

    /// Some versions of SQLite repeat 30 February unless a modifier makes them compute.
    @Test func everyDateIsComputed() throws {
        let lines = try #require(StarterSchema.files.first?.sql).split(separator: "\n").filter { !$0.hasPrefix("--") }
        let calls = lines.joined(separator: "\n").split(separator: "IS ").filter {
            $0.hasPrefix("date(") || $0.hasPrefix("strftime(")
        }
        #expect(calls.count == 11)
        for call in calls { #expect(call.prefix { $0 != ")" }.hasSuffix(", '+0 days'"), "\(call)") }
    }

    /// What the arbiter writes has to pass the CHECKs.
    @Test func theSchemaKnowsEveryOutcome() throws {
        let sql = try #require(StarterSchema.files.first?.sql)
        let table = try #require(sql.split(separator: "CREATE TABLE ").first { $0.hasPrefix("booking_decision (") })
        for outcome in BookingArbiter.Outcome.allCases { #expect(table.contains("'\(outcome.rawValue)'")) }
    }
}
