import Foundation
import Testing

@testable import ParkSyncCatalog

struct EmbeddedSchemaTests {
    @Test func theFilesOfTheFolderAreEmbeddedWhole() throws {
        let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/ParkSyncCatalog/schema")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let files = CatalogueSchema.files
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
        let lines = CatalogueSchema.files.flatMap { $0.sql.split(separator: "\n") }.filter { !$0.hasPrefix("--") }
        let calls = lines.joined(separator: "\n").split(separator: "IS ").filter {
            $0.hasPrefix("date(") || $0.hasPrefix("strftime(")
        }
        #expect(calls.count >= 30)
        for call in calls { #expect(call.prefix { $0 != ")" }.hasSuffix(", '+0 days'"), "\(call)") }
    }
}
