import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncFiles
@testable import ParkSyncStore

/// What a verification calls damage, and what it calls the honest outcome of a merge.
@Suite(.serialized) struct ReferenceTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE site(id TEXT NOT NULL, part INTEGER NOT NULL, name TEXT, PRIMARY KEY(id, part));
        -- parksync: writer any
        CREATE TABLE lab(
          id TEXT NOT NULL PRIMARY KEY, site TEXT, part INTEGER, head TEXT REFERENCES lab(id),
          FOREIGN KEY(site, part) REFERENCES site);
        """

    private func parted() async throws -> Federation {
        let federation = try Federation(["south", "west"], schema: Self.schema)
        try await federation.write(
            "south", "INSERT INTO site VALUES('a', 1, 'A'), ('b', 2, 'B')",
            "INSERT INTO lab VALUES('boss', 'b', 2, NULL), ('old', NULL, NULL, 'boss')")
        try await federation.converge()
        // One park deletes what the other refers to.
        try await federation.write("south", "DELETE FROM site WHERE id = 'a'")
        try await federation.write("west", "INSERT INTO lab VALUES('west', 'a', 1, NULL)")
        try await federation.write(
            "south", "UPDATE lab SET head = NULL WHERE id = 'old'", "DELETE FROM lab WHERE id = 'boss'")
        try await federation.write("west", "INSERT INTO lab VALUES('under', NULL, 1, 'boss')")
        try await federation.converge()
        return federation
    }

    private static func dangling(_ key: String, _ columns: [String], _ values: [Value], _ parent: String)
        -> DanglingReference
    {
        DanglingReference(
            table: "lab", key: [JSONValue(.string(key))], columns: columns, values: values.map(JSONValue.init),
            parent: parent)
    }

    @Test func aMergeLeavesReferencesWithoutDamage() async throws {
        let federation = try await parted()
        let expected = [
            Self.dangling("under", ["head"], [.string("boss")], "lab"),
            Self.dangling("west", ["site", "part"], [.string("a"), .integer(1)], "site"),
        ]
        for park in federation.parks {
            let found = try await federation[park].verify()
            #expect(found.findings == [], "\(park): nothing is damaged")
            #expect(
                found.danglingCount == 2 && found.dangling?.sorted { "\($0.key)" < "\($1.key)" } == expected,
                "\(String(describing: found.dangling))")
        }
    }

    /// The same rows, and damage: the one is told from the other, both with the rows.
    @Test func damageIsNamedByItsRows() async throws {
        let federation = try await parted()
        try federation.foreign(
            "west", "sqlite3", ["-batch"],
            input: "DROP TRIGGER _parksync_update_lab; UPDATE lab SET site = 'nowhere', part = 9 WHERE id = 'west';\n")
        let found = try await federation["west"].verify()
        #expect(
            found.findings.contains { $0.contains("lab: 1 rows are not what their clocks say: 'west'") },
            "\(found.findings)")
        #expect(
            found.danglingCount == 2
                && found.dangling?.contains { $0.values.map(\.value) == [.string("nowhere"), .integer(9)] } == true)
    }

    @Test func referencesThatHoldAreNotTold() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        try await federation.write(
            "south", "INSERT INTO site VALUES('a', 1, 'A')",
            "INSERT INTO lab VALUES('x', 'a', 1, 'x'), ('y', 'a', NULL, 'x'), ('z', NULL, NULL, NULL)")
        let found = try await federation["south"].verify()
        #expect(found.findings == [] && found.danglingCount == 0 && found.dangling == [])
    }
}
