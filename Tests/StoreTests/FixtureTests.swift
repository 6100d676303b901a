import Crypto
import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Files that an earlier version has written can still be read. `make fixture` writes those of this
/// version.
@Suite(.serialized) struct FixtureTests {
    static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    /// What the files must give.
    struct Expected: Codable {
        var schema: String
        /// Raw private keys by park, base64. They sign nothing but these files.
        var keys: [String: Data]
        var wallMilliseconds: UInt64
        var vector: String
        var stateHash: String
        /// Rows of each table in key order, as SQLite quotes the values.
        var rows: [String: [String]]
    }

    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE plain(
          id TEXT NOT NULL PRIMARY KEY, a,
          n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
        );
        -- parksync: writer home(id)
        CREATE TABLE owned(id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, weight REAL) STRICT;
        -- parksync: writer any
        -- parksync: append-only
        CREATE TABLE note(id BLOB NOT NULL, part INTEGER NOT NULL, text TEXT, PRIMARY KEY(id, part));
        """

    private static func rows(_ federation: Federation, _ park: String) async throws -> [String: [String]] {
        var result: [String: [String]] = [:]
        for table in federation.schema.schema.tables {
            let names = (table.keyColumns + table.columns).map { "quote(\(quoted($0.name)))" }
            let order = table.keyColumns.map { quoted($0.name) }.joined(separator: ", ")
            let found = try await federation.rows(
                park, "SELECT \(names.joined(separator: " || ',' || ")) FROM \(quoted(table.name)) ORDER BY \(order)")
            result[table.name] = found.compactMap {
                if case .text(let bytes)? = $0.first { String(decoding: bytes, as: UTF8.self) } else { nil }
            }
        }
        return result
    }

    /// Writes the files anew when it is asked to; otherwise sees to it that they are there.
    @Test func aWritingOfTheFixture() async throws {
        let manager = FileManager.default
        guard ProcessInfo.processInfo.environment["PARKSYNC_WRITE_FIXTURE"] == "1" else {
            let names = try manager.contentsOfDirectory(atPath: Self.folder.path)
            #expect(!names.filter { $0.hasPrefix("format-") }.isEmpty, "run make fixture")
            return
        }
        let target = Self.folder.appendingPathComponent("format-\(StoreFile.formatVersion)")
        try? manager.removeItem(at: target)
        try manager.createDirectory(at: target, withIntermediateDirectories: true)
        let federation = try Federation(["airport", "south", "west"], schema: Self.schema)
        try await federation.write(
            "south", "INSERT INTO plain(id, a, n) VALUES('s', x'00ff', 1), ('国', -0.0, 2), ('gone', NULL, 3)")
        try await federation.write(
            "west", "INSERT INTO owned VALUES('west:1', '精密仪器', 1.5)", "INSERT INTO note VALUES(x'01', 1, 'first')")
        try await federation.converge()
        try await federation.write(
            "south", "UPDATE plain SET a = 'south', n = n + 5 WHERE id = 's'", "DELETE FROM plain WHERE id = 'gone'")
        try await federation.write(
            "west", "UPDATE plain SET a = 'west', n = n + 7 WHERE id = 's'", "UPDATE plain SET n = 9 WHERE id = 'gone'")
        try await federation.converge()
        try await federation.write(
            "south", "INSERT INTO plain(id, n) VALUES('gone', 4)", "INSERT INTO owned VALUES('south:1', 'x', NULL)")
        let copy = try await federation["south"].backup(to: target.appendingPathComponent("south.sqlite").path)
        _ = try await federation["south"].exportBundle(
            to: "airport", before: VersionVector(), path: target.appendingPathComponent("airport.bundle").path)
        let expected = Expected(
            schema: Self.schema,
            keys: Dictionary(uniqueKeysWithValues: federation.parks.map { ($0, federation.key($0).rawRepresentation) }),
            wallMilliseconds: federation.clock.wallMilliseconds(), vector: copy.vector, stateHash: copy.stateHash,
            rows: try await Self.rows(federation, "south"))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(expected).write(to: target.appendingPathComponent("expected.json"))
    }

    /// A hand on a counter is found when the row is written the next time, also in a file whose
    /// clocks had no sums.
    private static func expectSumsOfCounters(_ federation: Federation) async throws {
        let south = try federation["south"]
        try Connection(path: federation.path("south"), role: .applier).execute(
            "UPDATE plain SET n = n + 100 WHERE id = 's'")
        try await federation.write("south", "UPDATE plain SET n = n + 1 WHERE id = 's'")
        try await south.housekeep()
        try await south.nameFoundDifferences()
        #expect(
            south.rowsStatus.differences.map(\.columns) == [
                [.init(name: "n", here: .integer(114), logged: .integer(14), isKnown: true)]
            ])
        federation.closeWithoutCheckpoint("south")
    }

    static let formats = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter {
        $0.hasPrefix("format-")
    }.sorted()

    @Test(arguments: formats) func databaseAndBundleGiveTheExpectedRows(_ format: String) async throws {
        let source = Self.folder.appendingPathComponent(format)
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: source.appendingPathComponent("expected.json")))
        let keys = try expected.keys.mapValues { try Curve25519.Signing.PrivateKey(rawRepresentation: $0) }
        let federation = try Federation(["airport", "south", "west"], schema: expected.schema, keys: keys)
        federation.clock.set(expected.wallMilliseconds)
        // The database, under the version of today.
        federation.closeWithoutCheckpoint("south")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("south") + suffix)
        }
        try FileManager.default.copyItem(
            atPath: source.appendingPathComponent("south.sqlite").path, toPath: federation.path("south"))
        try federation.open("south")
        let found = try await federation["south"].verify()
        let stateHash = StateHash.of(found.tables.map { ($0.name, $0.rows, $0.digest) })
        #expect(
            found.findings.isEmpty && found.vector == expected.vector && Hex.encode(stateHash) == expected.stateHash)
        #expect(try await Self.rows(federation, "south") == expected.rows)
        // Its log alone.
        let replayed = try Replay(
            from: federation.path("south"), into: federation.folder.path + "/replayed", members: federation.members,
            schema: federation.schema
        ).run(
            until: nil)
        #expect(replayed.findings.isEmpty && Hex.encode(replayed.stateHash) == expected.stateHash)
        // The log as a bundle.
        _ = try await federation["airport"].importBundle(source.appendingPathComponent("airport.bundle").path)
        #expect(try await Self.rows(federation, "airport") == expected.rows)
        let digest = try #require(try federation["airport"].state().digest)
        #expect(Hex.encode(digest.hash) == expected.stateHash)
        try await Self.expectSumsOfCounters(federation)
    }

    @Test(arguments: [
        (Int64(99), "newer than this program's (\(StoreFile.formatVersion))", "Upgrade this node"),
        (0, "has format 0", "altered"),
    ])
    func aDatabaseOfAnotherFormatIsNotOpened(format: Int64, reason: String, remedy: String) async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        federation.closeWithoutCheckpoint("south")
        try federation.foreign(
            "south", "sqlite3", ["-batch"],
            input: "UPDATE _parksync_meta SET value = \(format) WHERE name = 'format';\n")
        let error = #expect(throws: StoreError.self) { try federation.open("south") }
        #expect(error?.code == .format && error?.reason.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.remedy.contains(remedy) == true, "\(String(describing: error))")
    }
}
