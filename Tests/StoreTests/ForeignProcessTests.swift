import Foundation
import ParkSyncCore
import ParkSyncReports
import Synchronization
import Testing

@testable import ParkSyncStore

/// Other programs write the shared tables with SQLite libraries of their own.
@Suite struct ForeignProcessTests {
    static let python = """
        import sqlite3, sys, struct
        db = sqlite3.connect(sys.argv[1], timeout=600)
        values = [None, 0, -1, 2**63 - 1, -2**63, 0.1, 5e-324, 1.7976931348623157e308, -0.0, float('inf'), '', \
        'a\\0b', '国际生物城 🧪', b'', bytes(range(256))]
        for i, v in enumerate(values):
            db.execute('INSERT INTO plain(id, a) VALUES(?, ?)', (f'p{i:02}', v))
        db.commit()
        db.execute('UPDATE plain SET a = ? WHERE id = ?', (struct.unpack('>d', bytes.fromhex('3ff0000000000001'))[0], \
        'p00'))
        db.execute('DELETE FROM plain WHERE id = ?', ('p01',))
        db.execute('REPLACE INTO pair VALUES(?, ?, ?, ?)', ('k', 2**62, b'\\0', 'x'))
        db.execute('UPDATE pair SET y = y + 1')
        db.commit()
        """

    @Test(arguments: [true, false]) func pythonWritesArriveToTheBit(daemonRuns: Bool) async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        if !daemonRuns { federation.closeWithoutCheckpoint("south") }
        try federation.foreign("south", "python3", ["-c", Self.python], input: "")
        if !daemonRuns { try federation.open("south") }
        try await expectSame(federation)
        let rows = try await federation.rows("west", "SELECT id, a FROM plain ORDER BY id")
        #expect(rows.count == 14)
        #expect(rows[0] == [.string("p00"), .real(0x3FF0_0000_0000_0001)])
        #expect(rows.contains([.string("p08"), .double(-0.0)]))
        #expect(rows.contains([.string("p11"), .text([0x61, 0, 0x62])]))
        #expect(rows.contains([.string("p03"), .integer(.max)]) && rows.contains([.string("p04"), .integer(.min)]))
        #expect(rows.contains([.string("p14"), .blob(Array(0...255))]))
    }

    @Test(arguments: [true, false]) func theShellsWritesArrive(daemonRuns: Bool) async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        if !daemonRuns { federation.closeWithoutCheckpoint("south") }
        try federation.foreign(
            "south", "sqlite3", ["-batch", "-bail"],
            input: """
                BEGIN; INSERT INTO plain(id, a, c) VALUES('x', x'0001', 0.1), ('y', 'text', 1e-300); COMMIT;
                INSERT INTO tally(id, n) VALUES('t', 1) ON CONFLICT DO UPDATE SET n = n + 1;
                INSERT INTO tally(id, n) VALUES('t', 1) ON CONFLICT DO UPDATE SET n = n + 1;
                UPDATE plain SET id = 'z' WHERE id = 'y';
                BEGIN; DELETE FROM plain; ROLLBACK;
                """)
        if !daemonRuns { try federation.open("south") }
        try await expectSame(federation)
        #expect(
            try await federation.rows("west", "SELECT id FROM plain ORDER BY id") == [[.string("x")], [.string("z")]])
        #expect(try await federation.rows("west", "SELECT n FROM tally") == [[.integer(2)]])
    }

    /// The kernel's word of the write may come later than another park's entry: the write is sealed
    /// before that one is applied over it.
    @Test func aForeignWriteIsSealedBeforeAnEntryIsAppliedOverIt() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('r', 'first')")
        try await expectSame(federation)
        try await federation.write("west", "UPDATE plain SET a = 'of west'")
        federation.clock.advance(1)
        try federation.foreign("south", "sqlite3", ["-batch", "-bail"], input: "UPDATE plain SET a = 'of south';\n")
        try await federation.exchange(from: "west", to: "south")
        #expect(try await federation["south"].unsealedRows() == 0)
        try await expectSame(federation)
        for park in federation.parks {
            // Neither had seen the other's; the later one counts, and the other is kept.
            #expect(try await federation.rows(park, "SELECT a FROM plain") == [[.string("of south")]])
            #expect(try await federation[park].conflicts(limit: 9).map(\.lost.value) == [.string("of west")])
        }
    }

    /// It only starts a program with the file's name, while the test only uses the store.
    private final class Program: @unchecked Sendable {
        let federation: Federation
        let isOver = Atomic(false)
        init(federation: Federation) { self.federation = federation }
    }

    /// Between two of its transactions the write lock is free for a moment only. Who misses it for
    /// long does not seal before the triggers refuse more rows than an entry can hold. How often it
    /// is looked for is in `LockWaitTests`. Whoever else wants the processors slows the program
    /// down first, and not the store.
    @Test func aProgramThatNeverPausesIsSealed() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let transaction = """
            BEGIN; INSERT INTO plain(id, a) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \
            1000)
            SELECT hex(randomblob(16)), i FROM n; COMMIT;

            """
        let count = 100
        let program = Program(federation: federation)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { program.isOver.store(true, ordering: .releasing) }
                let input =
                    ".timeout \(RawProgram.patienceMilliseconds)\n" + String(repeating: transaction, count: count)
                try program.federation.foreign(
                    "south", "nice", ["-n", "19", "sqlite3", "-batch", "-bail"], input: input)
            }
            while !program.isOver.load(ordering: .acquiring) { try await store.sealForeign() }
            try await group.waitForAll()
        }
        while try await store.sealForeign() == .sealed {}
        #expect(try await federation.rows("south", "SELECT count(*) FROM plain") == [[.integer(Int64(count) * 1_000)]])
        #expect(try await store.unsealedRows() == 0)
    }

    @Test func aForeignWriterSeesTheRefusal() throws {
        let federation = try Federation(["south"], schema: shapes)
        do {
            try federation.foreign(
                "south", "sqlite3", ["-batch", "-bail"], input: "INSERT INTO owned VALUES('west:1', 0);\n")
            Issue.record("the write was accepted")
        } catch { #expect("\(error)".contains("only the park named in front of owned.id")) }
    }
}
