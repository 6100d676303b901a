import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// A table that does not exist is told with the nearest one that does.
@Suite struct MisspeltTableTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE organisation(id TEXT NOT NULL PRIMARY KEY, a);
        -- parksync: local
        CREATE TABLE notes(id INTEGER PRIMARY KEY, a);
        """

    @Test func theNearestTableIsNamed() async throws {
        let federation = try Federation(["south", "west"], schema: Self.schema)
        let south = try federation["south"]
        func remedy(_ body: () async throws -> Void) async -> String {
            (await #expect(throws: StoreError.self) { try await body() })?.remedy ?? ""
        }
        let read = await remedy { _ = try await federation.rows("south", "SELECT * FROM organization") }
        #expect(read.hasPrefix("Did you mean organisation? "), "\(read)")
        let written = await remedy { _ = try await federation.write("south", "DELETE FROM noets") }
        #expect(written.hasPrefix("Did you mean notes? "), "\(written)")
        let blamed = await remedy { _ = try await south.blame(table: "organisatoin", key: [JSONValue(.string("x"))]) }
        #expect(blamed.hasPrefix("Did you mean organisation? Shared tables: organisation"), "\(blamed)")
        for table in ["telescope", "_parksync_lgo", "\"a \"\" b\""] {
            let far = await remedy { _ = try await federation.rows("south", "SELECT * FROM \(table)") }
            #expect(!far.contains("Did you mean"), "\(table): \(far)")
        }
    }
}
