import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let forms = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE item(id INTEGER NOT NULL PRIMARY KEY, a, b);
    -- parksync: writer any
    CREATE TABLE tally(
      id TEXT NOT NULL PRIMARY KEY,
      n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
    );
    """

/// Every number in ParkSync's own tables, replaced by one that no node writes: whatever is then
/// asked of the file is answered or refused. A number that is counted with unchecked ends this
/// process.
@Suite struct OutsideNumberTests {
    private static let values = [
        "-9223372036854775808", "9223372036854775807", "-1", "1099511627776", "4611686018427387904", "'x'",
        "zeroblob(9)", "1e300",
    ]

    /// West writes no more than so many entries in all: each file is asked anew, and gets all of
    /// them.
    private static let writesOfWestMax: UInt64 = 8

    /// Columns are dealt out to so many files, which are asked side by side.
    private static let shares = 6

    /// A file that has something in each of the tables.
    private func filled() async throws -> Federation {
        let federation = try Federation(["south", "west", "airport"], schema: forms)
        for index in 0..<12 {
            for (number, park) in federation.parks.enumerated() {
                try await federation.write(park, "INSERT INTO item VALUES(\(index * 10 + number), 'a', 'b')")
            }
        }
        try await federation.write("south", "INSERT INTO tally VALUES('t', 1)")
        try await federation.converge()
        // A conflict, and a row that died and lives again.
        try await federation.write("south", "UPDATE item SET a = 's' WHERE id = 0")
        try await federation.write("west", "UPDATE item SET a = 'w' WHERE id = 0")
        try await federation.write("west", "UPDATE tally SET n = n + 3")
        try await federation.write("south", "DELETE FROM item WHERE id = 10")
        try await federation.converge()
        try await federation.write("south", "INSERT INTO item VALUES(10, 'again', 'b')")
        try await federation.converge()
        // A fence, and the words that made it.
        for park in ["south", "west"] {
            _ = try await federation[park].fence("airport")
            try await federation.converge()
        }
        #expect(try federation["south"].membership().fenced == ["airport"])
        _ = try await federation["south"].archive(ArchivePolicy(keepEntries: 5, keepMilliseconds: 0))
        let program = try RawProgram(federation.path("south"))
        try program.execute(
            """
            INSERT INTO _parksync_pending_item(op, k0) VALUES(99, 1);
            INSERT INTO _parksync_quarantine VALUES(2, 3, 'cause', 'remedy');
            INSERT INTO _parksync_difference SELECT ordinal, x'148000000000000000', 1 FROM _parksync_table LIMIT 1;
            """)
        try await federation["south"].sealForeign()
        try await federation["south"].close()
        federation.closeWithoutCheckpoint("south")
        return federation
    }

    /// Everything that is asked of a node.
    private func ask(_ federation: Federation, writtenByWest: UInt64) async {
        guard let south = try? federation["south"], let west = try? federation["west"] else { return }
        _ = try? await south.walkLog()
        _ = try? await south.sealForeign()
        _ = try? await federation.write("south", "UPDATE item SET b = 'c' WHERE id IN (0, 10, 1)")
        if let origin = OriginID("west"), west.state().logged[origin] < writtenByWest + Self.writesOfWestMax {
            _ = try? await federation.write("west", "UPDATE item SET b = 'd' WHERE id IN (0, 10, 1)")
        }
        _ = try? await federation.exchange(from: "west", to: "south")
        // What south has is only asked for: west would send all that it took of one file to the
        // next.
        for element in south.state().logged.elements {
            let wanted = west.want(element.origin)
            _ = try? south.answer(element.origin, after: wanted, of: west.state().origin, bytesMax: 1 << 20)
        }
        _ = try? await south.housekeep()
        _ = try? await south.verify()
        _ = try? await south.verifyRows()
        _ = try? await south.recheckDifferences()
        _ = try? await south.retention()
        _ = try? await south.archiveReport()
        _ = try? await south.archive(ArchivePolicy(keepEntries: 2, keepMilliseconds: 0))
        _ = try? await south.compact()
        _ = try? await south.forks(limit: 10)
        _ = try? await south.firstForks()
        _ = try? await south.refused(limit: 10)
        _ = try? await south.conflicts(limit: 10, includesEqual: true)
        _ = try? await south.blame(table: "item", key: [JSONValue(.integer(0))])
        _ = try? await south.futureStamps()
        _ = try? await south.rememberedVerification()
        for origin in federation.parks.compactMap({ OriginID($0) }) {
            for after in [0, 3, CoreLimits.entryNumberMax, .max] {
                _ = try? await south.entries(origin: origin, after: after, limit: 5, changesMax: 10)
                _ = try? south.read(origin: origin, after: after, bytesMax: 1 << 20)
                _ = try? south.hash(of: origin, seq: after)
            }
        }
        _ = try? await south.acknowledge()
        _ = try? await south.close()
    }

    /// Tables and columns of ParkSync's own.
    private func columns(_ federation: Federation) throws -> [(table: String, column: String)] {
        let connection = try Connection(path: federation.path("south"), role: .reader)
        let statement = try connection.statement(
            """
            SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c
            WHERE t.type = 'table' AND t.name LIKE '\\_parksync\\_%' ESCAPE '\\' ORDER BY 1, 2
            """)
        defer { statement.reset() }
        var result: [(String, String)] = []
        while try statement.step() { result.append((statement.string(0), statement.string(1))) }
        return result
    }

    @Test(arguments: 0..<shares) func noNumberInTheFileEndsTheNode(share: Int) async throws {
        let federation = try await filled()
        let path = federation.path("south")
        let written = try federation["west"].state().logged[federation.origin("west")]
        let kept = path + ".kept"
        try FileManager.default.copyItem(atPath: path, toPath: kept)
        let columns = try columns(federation)
        #expect(columns.count > 50, "all tables are there")
        var (opened, refused) = (0, 0)
        for (index, place) in columns.enumerated() where index % Self.shares == share {
            // Each column gets a third of the values, its neighbours get the others.
            for (number, value) in Self.values.enumerated()
            where (number + index / Self.shares) % 3 == 0 || place.table.hasSuffix("origin") {
                for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
                    try FileManager.default.removeItem(atPath: path + suffix)
                }
                try FileManager.default.copyItem(atPath: kept, toPath: path)
                let program = try RawProgram(path)
                _ = program.run("UPDATE OR REPLACE \(quoted(place.table)) SET \(quoted(place.column)) = \(value)")
                program.close()
                do {
                    try federation.open("south")
                    opened += 1
                } catch { refused += 1 }
                await ask(federation, writtenByWest: written)
                federation.closeWithoutCheckpoint("south")
            }
        }
        #expect(opened > 0 && refused > 0, "\(opened) files were opened, \(refused) refused")
    }

    /// The same while the node has the file open.
    @Test(arguments: 0..<shares) func noNumberThatAProgramWritesEndsARunningNode(share: Int) async throws {
        let federation = try await filled()
        let path = federation.path("south")
        let written = try federation["west"].state().logged[federation.origin("west")]
        let kept = path + ".kept"
        try FileManager.default.copyItem(atPath: path, toPath: kept)
        for (index, place) in try columns(federation).enumerated() where index % Self.shares == share {
            let value = Self.values[(index + index / Self.values.count) % Self.values.count]
            for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
                try FileManager.default.removeItem(atPath: path + suffix)
            }
            try FileManager.default.copyItem(atPath: kept, toPath: path)
            try federation.open("south")
            let program = try RawProgram(path)
            _ = program.run("UPDATE OR REPLACE \(quoted(place.table)) SET \(quoted(place.column)) = \(value)")
            program.close()
            await ask(federation, writtenByWest: written)
            federation.closeWithoutCheckpoint("south")
        }
    }
}
