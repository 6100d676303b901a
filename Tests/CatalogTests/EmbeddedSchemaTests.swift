import Foundation
import Testing

@testable import ParkSyncCatalog

struct EmbeddedSchemaTests {
    @Test(arguments: ["schema", "starter"]) func theFilesOfTheFolderAreEmbeddedWhole(name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/ParkSyncCatalog/\(name)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let files = name == "schema" ? CatalogueSchema.files : StarterSchema.files
        #expect(!files.isEmpty && files.map(\.name) == names.sorted())
        for (index, file) in files.enumerated() {
            #expect(
                try file.sql == String(contentsOf: folder.appendingPathComponent(file.name), encoding: .utf8),
                "\(file.name)")
            #expect(file.sql.hasPrefix("-- parksync: schema \(index + 1)\n"), "\(file.name)")
        }
    }

    /// Some versions of SQLite repeat 30 February unless a modifier makes them compute.
    @Test func everyDateIsComputed() {
        for files in [CatalogueSchema.files, StarterSchema.files] {
            let lines = files.flatMap { $0.sql.split(separator: "\n") }.filter { !$0.hasPrefix("--") }
            let calls = lines.joined(separator: "\n").split(separator: "IS ").filter {
                $0.hasPrefix("date(") || $0.hasPrefix("strftime(")
            }
            #expect(calls.count >= 11)
            for call in calls { #expect(call.prefix { $0 != ")" }.hasSuffix(", '+0 days'"), "\(call)") }
        }
    }

    /// What the arbiter writes has to pass the CHECKs.
    @Test func theSchemaKnowsEveryOutcome() throws {
        let sql = try #require(StarterSchema.files.first?.sql)
        let table = try #require(sql.split(separator: "CREATE TABLE ").first { $0.hasPrefix("booking_decision (") })
        for outcome in BookingArbiter.Outcome.allCases { #expect(table.contains("'\(outcome.rawValue)'")) }
    }
}
