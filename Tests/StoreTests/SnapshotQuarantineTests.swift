import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncFiles
@testable import ParkSyncStore

/// A zone with entries that are set aside for what their author had seen, not for what their bytes
/// say, still has snapshots.
@Suite struct SnapshotQuarantineTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE item(id TEXT NOT NULL PRIMARY KEY, a);
        """

    private func control(_ record: ControlRecord) -> ForgedLog.Block {
        ForgedLog.Block(
            table: ControlRecord.tableName, columns: 1,
            changes: [ForgedLog.Change(key: [.string(record.key)], values: [.string(record.text)])])
    }

    /// West claims receipts that nobody gave, fences itself, and revives a row more often than
    /// anybody can have.
    private func made() async throws -> Federation {
        let federation = try Federation(["airport", "south", "west"], schema: Self.schema)
        let (south, airport) = (try federation.origin("south"), try federation.origin("airport"))
        try await federation.write("south", "INSERT INTO item VALUES('x', 1)")
        try await federation.write("south", "DELETE FROM item")
        try await federation.write("airport", "INSERT INTO item VALUES('y', 1)")
        for (from, to) in [("south", "airport"), ("airport", "south")] {
            try await federation.exchange(from: from, to: to)
        }
        var forged = ForgedLog(federation, park: "west")
        let frontier = VersionVector([(south, UInt64(2))])
        let lives = ForgedLog.Change(
            key: [.string("x")], kind: .delete, length: UInt64(CoreLimits.causalLengthPerEntryMax) * 40)
        let slices = [
            try forged.entry([control(.compaction(frontier: frontier))]),
            try forged.entry(
                [control(.compaction(frontier: frontier))],
                dependencies: [.init(origin: airport, seq: 1), .init(origin: south, seq: 2)]),
            try forged.entry([control(.fence(park: "west", after: VersionVector()))]),
            try forged.entry([ForgedLog.Block(table: "item", columns: 1, changes: [lives])]),
            try forged.entry([
                ForgedLog.Block(
                    table: "item", columns: 1, changes: [ForgedLog.Change(key: [.string("w")], values: [.integer(1)])])
            ]),
        ]
        for park in ["south", "airport"] { for slice in slices { try await federation[park].receive(slice) } }
        return federation
    }

    @Test func aSnapshotIsTakenWithWhatIsSetAside() async throws {
        let federation = try await made()
        // It has something to fetch from others afterwards.
        try await federation.write("south", "INSERT INTO item VALUES('z', 1)")
        let before = try federation["south"].stuck
        #expect(before.map(\.seq) == [1, 2, 3, 4] && before.allSatisfy { $0.state == .quarantined }, "\(before)")
        let file = federation.folder.path + "/snapshot"
        let made = try await federation["south"].makeSnapshot(
            at: file, id: [UInt8](repeating: 7, count: SnapshotManifest.idBytes))
        let candidate = SnapshotCandidate(
            origin: try federation.origin("airport"), members: federation.members, schema: federation.schema)
        try candidate.build(federation.path("airport"), from: file, made.manifest)
        federation.closeWithoutCheckpoint("airport")
        let airport = try federation.open("airport")
        guard case .installed? = airport.snapshotOutcome else {
            Issue.record("\(String(describing: airport.snapshotOutcome))")
            return
        }
        #expect(airport.stuck == before)
        #expect(try await federation.dump("airport") == federation.dump("south"))
        #expect(try await airport.verify().findings == [])
    }

    /// Where rows have to be copied, what is set aside is judged anew, and told in this node's
    /// words.
    @Test func copiedEntriesAreJudgedAnew() async throws {
        let federation = try await made()
        let before = try federation["south"].stuck
        let (file, copy) = (federation.folder.path + "/snapshot", federation.folder.path + "/copy")
        let made = try await federation["south"].makeSnapshot(
            at: file, id: [UInt8](repeating: 7, count: SnapshotManifest.idBytes))
        let connection = try SnapshotTables.begin(copy, from: file, schema: federation.schema, park: "airport")
        try SnapshotTables.hold(connection)
        try SnapshotTables.fill(connection, schema: federation.schema.schema)
        try connection.execute("UPDATE _parksync_quarantine SET cause = 'as another park says', remedy = 'none'")
        try SnapshotQuarantine(connection: connection, schema: federation.schema.schema, manifest: made.manifest)
            .judge()
        let state = try StateLoader.load(
            connection, origin: try federation.origin("airport"), schema: federation.schema.schema)
        #expect(state.quarantine.listed == before)
    }

    /// An entry that counts everywhere else is not set aside because a snapshot says so, whatever
    /// its records.
    @Test func aSoundEntryIsNotSetAside() async throws {
        let federation = try await made()
        let file = federation.folder.path + "/snapshot"
        var manifest = try await federation["south"].makeSnapshot(
            at: file, id: [UInt8](repeating: 7, count: SnapshotManifest.idBytes)
        ).manifest
        do {
            let connection = try Connection(path: file, role: .builder)
            try connection.execute(
                """
                INSERT INTO _parksync_quarantine SELECT ordinal, 5, 'no reason', 'none' FROM _parksync_origin \
                WHERE name = 'west'
                """
            )
        }
        (manifest.bytes, manifest.hash) = (FileSystem.bytes(file), try FileSystem.hash(file))
        let candidate = SnapshotCandidate(
            origin: try federation.origin("airport"), members: federation.members, schema: federation.schema)
        let lie = #expect(throws: FalseSnapshot.self) {
            try candidate.build(federation.path("airport"), from: file, manifest)
        }
        #expect(lie?.error.reason.contains("entries that were set aside") == true, "\(String(describing: lie))")
    }
}
