import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import Testing

@testable import ParkSyncStore

/// Snapshots whose logs lack their beginnings: what they say has to be confirmed by another park's.
@Suite struct SnapshotWitnessTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE plain(
          id TEXT NOT NULL PRIMARY KEY, a,
          n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
        );
        """

    struct Made {
        var file: String
        var manifest: SnapshotManifest
    }

    /// South and West have lost their old segments. Airport has everything.
    private func zone() async throws -> Federation {
        let federation = try Federation(["south", "west", "airport"], schema: Self.schema)
        for index in 0..<20 {
            for park in ["south", "west"] {
                try await federation.write(park, "INSERT INTO plain VALUES('\(park)\(index)', 'a', \(index))")
            }
        }
        try await exchange(federation)
        try await federation.write(
            "south", "DELETE FROM plain WHERE id = 'west3'", "UPDATE plain SET a = 'one' WHERE id = 'west5'")
        try await federation.write(
            "west", "UPDATE plain SET a = 'two' WHERE id = 'west5'", "UPDATE plain SET n = n + 5 WHERE id = 'south1'")
        try await exchange(federation)
        for park in ["south", "west"] {
            for index in 0..<8 {
                try await federation.write(park, "UPDATE plain SET a = \(index) WHERE id = '\(park)0'")
            }
        }
        try await exchange(federation)
        try await federation.converge()
        federation.clock.advance(1)
        for park in ["south", "west"] {
            let outcome = try await federation[park].archive(ArchivePolicy(keepEntries: 4, keepMilliseconds: 0))
            #expect(outcome.entries > 0)
            for file in ArchiveFolder(database: federation.path(park)).files() {
                try FileManager.default.removeItem(atPath: file.file)
            }
        }
        return federation
    }

    /// Entry by entry: a received slice keeps the signature of its last entry only.
    private func exchange(_ federation: Federation) async throws {
        for (from, to) in [("south", "west"), ("west", "south"), ("south", "airport"), ("west", "airport")] {
            try await federation.exchange(from: from, to: to, bytesMax: 1)
        }
    }

    /// - Parameter sql: what the park does to its snapshot before it signs it; the digests are made
    ///   to fit.
    private func snapshot(_ federation: Federation, _ park: String, altered sql: String? = nil) async throws -> Made {
        let file = federation.folder.path + "/\(UUID().uuidString).snapshot"
        var manifest = try await federation[park].makeSnapshot(
            at: file, id: [UInt8](repeating: 7, count: SnapshotManifest.idBytes)
        ).manifest
        if let sql {
            do {
                let connection = try Connection(path: file, role: .builder)
                try connection.execute(sql)
                manifest.stateHash = try fit(connection, federation.schema.schema)
            }
            (manifest.bytes, manifest.hash) = (FileSystem.bytes(file), try FileSystem.hash(file))
        }
        return Made(file: file, manifest: manifest)
    }

    /// Makes the digests of rows and tables, and the sums of counters, anew from the rows, as
    /// somebody does who alters them and knows how.
    private func fit(_ connection: Connection, _ schema: SharedSchema) throws -> [UInt8] {
        var tables: [(name: String, rows: Int64, digest: RowDigest)] = []
        let state = try SQLReader(connection: connection).originState()
        for table in schema.tables {
            let columns = (table.columns + table.keyColumns).map { quoted($0.name) }.joined(separator: ", ")
            let rows = try RawStatement(connection.handle, "SELECT \(columns) FROM \(quoted(table.name))")
            let clocks = quoted(StoreFile.clockTable(table.name))
            let read = try RawStatement(connection.handle, "SELECT clock FROM \(clocks) WHERE key = ?1")
            let update = try RawStatement(connection.handle, "UPDATE \(clocks) SET clock = ?2 WHERE key = ?1")
            var (cells, sum, count) = (RowCells(), RowDigest(), Int64(0))
            while try rows.step() {
                cells.begin(columns: table.columns.count)
                cells.load(row: rows)
                let key = try #require(
                    KeyCoding.encode(table.keyColumns.indices.map { rows.view(Int32(table.columns.count + $0)).copied })
                )
                let digest = key.withUnsafeBytes { cells.digest(key: $0) }
                read.bindBlob(1, copying: key)
                if try read.step() {
                    var stored = try ClockCoding.decode(read.bytes(0), state: state)
                    stored.digest = digest
                    stored.counters = table.counters(of: table.columns.indices.map { rows.view(Int32($0)).copied })
                    var writer = ByteWriter()
                    ClockCoding.encode(stored, state: state, to: &writer)
                    update.bindBlob(1, copying: key)
                    update.bindBlob(2, copying: writer.bytes)
                    try update.run()
                }
                read.reset()
                sum.add(digest)
                count += 1
            }
            let total = try RawStatement(
                connection.handle, "UPDATE _parksync_table SET rows = ?2, digest = ?3 WHERE name = ?1")
            total.bindText(1, copying: table.name)
            total.bind(2, count)
            total.bindBlob(3, copying: sum.encoded)
            try total.run()
            tables.append((table.name, count, sum))
        }
        return StateHash.of(tables)
    }

    private func build(_ federation: Federation, _ made: Made, _ confirmation: SnapshotCandidate.Confirmation) throws {
        try SnapshotCandidate(
            origin: try federation.origin("airport"), members: federation.members, schema: federation.schema
        )
        .build(database(federation), from: made.file, made.manifest, confirmation: confirmation)
    }

    private func database(_ federation: Federation) -> String { federation.folder.path + "/new.sqlite" }

    private func witness(_ made: Made, _ federation: Federation) -> SnapshotCandidate.Confirmation {
        .witness(file: made.file, made.manifest, wallMilliseconds: federation.clock.wallMilliseconds())
    }

    private func left(_ federation: Federation) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: federation.folder.path).filter { $0.contains("candidate") }
    }

    @Test func aSnapshotThatNobodyConfirmsIsNotTaken() async throws {
        let federation = try await zone()
        let made = try await snapshot(federation, "south")
        let error = #expect(throws: UnconfirmedSnapshot.self) { try build(federation, made, .missing) }
        #expect(
            error?.park == "south" && error?.description.contains("--without-confirmation") == true,
            "\(String(describing: error))")
        // Nobody is a witness of his own.
        let own = #expect(throws: StoreError.self) { try build(federation, made, witness(made, federation)) }
        #expect(own?.reason.contains("the same park's") == true, "\(String(describing: own))")
        #expect(try left(federation) == [])
        // Airport's follows from its log.
        try build(federation, try await snapshot(federation, "airport"), .missing)
    }

    /// Each of the two has entries that the other has not.
    @Test func anotherParksSnapshotConfirmsIt() async throws {
        let federation = try await zone()
        try await federation.write(
            "south", "INSERT INTO plain(id) VALUES('of south alone')", "DELETE FROM plain WHERE id = 'west7'")
        let made = try await snapshot(federation, "south")
        try await federation.write("west", "UPDATE plain SET a = 'west alone', n = n + 1 WHERE id = 'south2'")
        let other = try await snapshot(federation, "west")
        try build(federation, made, witness(other, federation))
        #expect(try left(federation) == ["new.sqlite.candidate"])
        // It is a node's database: Airport goes on with it.
        federation.closeWithoutCheckpoint("airport")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("airport") + suffix)
        }
        try FileManager.default.moveItem(
            atPath: SnapshotCandidate.path(database(federation)),
            toPath: SnapshotCandidate.path(federation.path("airport")))
        let airport = try federation.open("airport")
        guard case .installed? = airport.snapshotOutcome else {
            Issue.record("\(String(describing: airport.snapshotOutcome))")
            return
        }
        try await exchange(federation)
        try await federation.write(
            "airport", "UPDATE plain SET n = n + 1 WHERE id = 'south2'", "INSERT INTO plain(id) VALUES('west3')")
        try await federation.converge()
        #expect(try federation["airport"].state().digest == federation["south"].state().digest)
        #expect(try federation["airport"].state().digest == federation["west"].state().digest)
    }

    /// Nothing in the snapshot itself shows any of these.
    static let lies: [(sql: String, part: String)] = [
        ("UPDATE plain SET a = 'forged' WHERE id = 'west9'", "rows of plain"),
        (
            """
            INSERT INTO plain VALUES('invented', 1, 1);
            INSERT INTO _parksync_clock_plain SELECT CAST(x'20' || 'invented' AS BLOB), clock FROM \
            _parksync_clock_plain WHERE key = CAST(x'20' || 'west9' AS BLOB)
            """, "rows of plain"
        ),
        (
            """
            DELETE FROM plain WHERE id = 'west9'; DELETE FROM _parksync_clock_plain WHERE key = CAST(x'20' || \
            'west9' AS BLOB)
            """,
            "rows of plain"
        ),
        (
            """
            UPDATE _parksync_clock_plain SET clock = CAST(substr(clock, 1, 17) || x'ffffffffff' || \
            substr(clock, 23) AS BLOB) WHERE key = CAST(x'20' || 'west9' AS BLOB)
            """,
            "clocks of plain"
        ),
        ("UPDATE _parksync_life SET causal_length = causal_length + 2", "causal lengths"),
        ("DELETE FROM _parksync_conflict", "conflicts"),
        ("UPDATE _parksync_origin SET dependencies = '-'", "cursors and dependencies"),
    ]

    @Test(arguments: lies.indices) func aLieIsFoundByComparing(_ index: Int) async throws {
        let (sql, part) = Self.lies[index]
        let federation = try await zone()
        let (forged, other) = (
            try await snapshot(federation, "south", altered: sql), try await snapshot(federation, "west")
        )
        for (made, witnessed) in [(forged, other), (other, forged)] {
            let error = #expect(throws: DisagreeingSnapshots.self) {
                try build(federation, made, witness(witnessed, federation))
            }
            #expect(
                error?.parts.contains(part) == true && error?.parks.sorted() == ["south", "west"],
                "\(String(describing: error))")
        }
        #expect(try left(federation) == [])
        // Airport's, which follows from its log, tells which of the two it is.
        let airport = try await snapshot(federation, "airport")
        #expect(throws: DisagreeingSnapshots.self) { try build(federation, forged, witness(airport, federation)) }
        try build(federation, other, witness(airport, federation))
        // The operator can take South's word.
        try build(federation, forged, .waived)
    }

    /// A log that begins where no other is kept: an entry that never was would lie before the
    /// beginning.
    @Test func aLogThatBeginsElsewhereIsFoundOut() async throws {
        let federation = try await zone()
        let other = try await snapshot(federation, "west")
        let cases = [
            "UPDATE _parksync_segment SET hash = zeroblob(32)", "UPDATE _parksync_segment SET last = last + 1",
            "UPDATE _parksync_segment SET id = id + 3", "UPDATE _parksync_segment SET last = -1",
        ]
        for sql in cases {
            let made = try await snapshot(federation, "south", altered: sql)
            #expect(throws: (any Error).self, "\(sql)") { try build(federation, made, witness(other, federation)) }
            #expect(try left(federation) == [], "\(sql)")
        }
    }
}
