import CFaultVFS
import Foundation
import CSQLite
import ParkSyncCore
import ParkSyncReports
import Synchronization
import Testing

@testable import ParkSyncStore

/// SQLite's WAL-reset race, forced by a pause in the middle of a checkpoint: without the node's
/// guard a committed row is lost, with it none is.
@Suite(.serialized) struct WalResetTests {
    private final class Commit {
        let program: RawProgram
        var result: Int32?
        init(_ program: RawProgram) { self.program = program }
    }

    /// Lets `program` commit something small in the middle of the next checkpoint of somebody else.
    private func arm(_ commit: Commit) {
        parksync_pause_arm(
            { context in
                guard let context else { return }
                let commit = Unmanaged<Commit>.fromOpaque(context).takeUnretainedValue()
                commit.result = commit.program.run("INSERT INTO plain(id, a) VALUES('meanwhile', 1)")
            }, Unmanaged.passUnretained(commit).toOpaque())
    }

    private static let many = "UPDATE plain SET a = randomblob(600)"

    private func fill(_ program: RawProgram) throws {
        try program.execute(
            """
            INSERT INTO plain(id, a) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \
            600) SELECT i, randomblob(600) FROM n
            """
        )
    }

    /// The race. `complete` writes all of the log back; then the checkpoint of a program that
    /// pauses meets a commit of another, which is followed by one more.
    ///
    /// - Returns: whether the checkpoint paused, and whether the last row is there.
    private func race(_ path: String, _ program: RawProgram, complete: () throws -> Void) throws -> (
        paused: Bool, isThere: Bool
    ) {
        let pausing = try RawProgram(path, pausing: true)
        try program.execute(Self.many)
        try complete()
        let commit = Commit(program)
        arm(commit)
        defer { parksync_pause_arm(nil, nil) }
        _ = pausing.text("PRAGMA wal_checkpoint(PASSIVE)")
        let paused = parksync_pause_is_armed() == 0
        if !paused { _ = program.run("INSERT INTO plain(id, a) VALUES('meanwhile', 1)") }
        try program.execute("INSERT INTO plain(id, a) VALUES('acknowledged', 1)")
        let count = try RawProgram(path).text("SELECT count(*) FROM plain WHERE id = 'acknowledged'")
        return (paused, count == "1")
    }

    @discardableResult
    private static func writeBack(_ store: ParkStore) throws -> WalIndex.State? {
        var outcome: Result<WalIndex.State?, any Error> = .success(nil)
        store.core.sync { core in
            outcome = Result { try core.logKeeper.writeBack(core.applier.connection, within: 10_000_000) }
        }
        return try outcome.get()
    }

    private func isWrong(_ program: RawProgram) throws -> Bool {
        try #require(program.handle.map { WalIndex($0) }?.look()).isWrong
    }

    /// What the guard is for. A release of SQLite with the repair has nothing to lose.
    @Test(.enabled(if: !SQLiteRelease.isResetRaceFixed(sqlite3_libversion_number())))
    func withoutTheGuardAnAcknowledgedRowIsLost() async throws {
        let federation = try Federation(["south"], schema: shapes)
        try await federation["south"].close()
        federation.closeWithoutCheckpoint("south")
        let program = try RawProgram(federation.path("south"), patience: 0)
        try fill(program)
        let outcome = try race(federation.path("south"), program) { _ = program.text("PRAGMA wal_checkpoint(PASSIVE)") }
        #expect(outcome.paused && !outcome.isThere)
        #expect(try isWrong(program))
    }

    /// The node comes to a file in this state, before the lost pages are overwritten: while
    /// programs have the file open it does not heal by itself.
    @Test(.enabled(if: !SQLiteRelease.isResetRaceFixed(sqlite3_libversion_number())))
    func aStartFindsWhatTheRaceHasHidden() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation["south"].close()
        federation.closeWithoutCheckpoint("south")
        let program = try RawProgram(federation.path("south"), patience: 0)
        try fill(program)
        let outcome = try race(federation.path("south"), program) { _ = program.text("PRAGMA wal_checkpoint(PASSIVE)") }
        try #require(!outcome.isThere)
        let store = try federation.open("south")
        #expect(store.databaseStatus.log.repairs == 1 && store.databaseStatus.log.isGuarded)
        #expect(try isWrong(program) == false)
        #expect(program.text("SELECT count(*) FROM plain WHERE id IN ('acknowledged', 'meanwhile')") == "2")
        #expect(program.text("PRAGMA integrity_check") == "ok")
        try await federation.converge()
        #expect(try await federation.dump("south") == federation.dump("west"))
        #expect(try await federation.rows("west", "SELECT count(*) FROM plain") == [[.integer(602)]])
    }

    @Test func withTheGuardNoOtherCheckpointBegins() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let program = try RawProgram(federation.path("south"), patience: 0)
        try fill(program)
        let outcome = try race(federation.path("south"), program) { try Self.writeBack(store) }
        #expect(!outcome.paused && outcome.isThere)
        #expect(program.text("PRAGMA wal_checkpoint(TRUNCATE)")?.hasPrefix("1|") == true, "told that the log is busy")
        #expect(try isWrong(program) == false && program.text("PRAGMA integrity_check") == "ok")
    }

    /// The node's own checkpoint is the one that pauses. Nobody can begin the log anew in the
    /// middle of it.
    @Test func theNodesOwnCheckpointLocksTheCommitOut() async throws {
        let federation = try Federation(["south"], schema: shapes)
        federation.closeWithoutCheckpoint("south")
        parksync_pause_register()
        let file = federation.path("south")
        let store = try federation.open("south") { options in
            options.path = "file:\(file)?vfs=\(PARKSYNC_PAUSE_VFS)"
            options.archivePath = file + ".log"
            options.locksFile = false
        }
        let program = try RawProgram(file, patience: 0)
        try fill(program)
        try program.execute(Self.many)
        let commit = Commit(program)
        let first = try Self.writeBack(store)
        #expect(first.map { $0.frames > 100 && $0.writtenBack == $0.frames } == true)
        arm(commit)
        try Self.writeBack(store)
        #expect(parksync_pause_is_armed() == 0, "it paused")
        #expect(commit.result == SQLITE_BUSY, "the write lock was taken")
        parksync_pause_arm(nil, nil)
        for id in ["meanwhile", "acknowledged"] { try program.execute("INSERT INTO plain(id, a) VALUES('\(id)', 1)") }
        #expect(
            try RawProgram(file).text("SELECT count(*) FROM plain WHERE id IN ('meanwhile', 'acknowledged')") == "2")
        #expect(try !isWrong(program) && store.databaseStatus.log.isGuarded)
    }

    private static let writers = """
        import os, sqlite3, sys
        children = []
        for number in range(4):
            child = os.fork()
            if child == 0:
                db = sqlite3.connect(sys.argv[1], timeout=600, isolation_level=None)
                db.execute('PRAGMA wal_autocheckpoint = 1')
                for i in range(250):
                    db.execute('INSERT INTO plain(id, a) VALUES(?, ?)', (f'{number}-{i}', number))
                    if i % 50 == 0: db.execute(f'PRAGMA wal_checkpoint({["PASSIVE", "FULL", "RESTART", \
                    "TRUNCATE"][number]})').fetchall()
                os._exit(0)
            children.append(child)
        sys.exit(max(os.waitpid(child, 0)[1] for child in children) != 0)
        """

    /// It only starts programs with the file's name, while the test only uses the store.
    private final class Programs: @unchecked Sendable {
        let federation: Federation
        let isOver = Atomic(false)
        init(_ federation: Federation) { self.federation = federation }
    }

    /// Four programs that check-point after each commit, beside the node with its own checkpoints.
    @Test func aThousandCommitsOfSeveralProgramsLoseNone() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let programs = Programs(federation)
        var written = 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { programs.isOver.store(true, ordering: .releasing) }
                try programs.federation.foreign("south", "python3", ["-c", Self.writers], input: "")
            }
            while !programs.isOver.load(ordering: .acquiring) {
                try await federation.write("south", "INSERT INTO ledger(id) VALUES('\(written)')")
                written += 1
                try Self.writeBack(store)
            }
            try await group.waitForAll()
        }
        #expect(
            try await federation.rows("south", "SELECT count(*), count(DISTINCT a) FROM plain") == [
                [.integer(1_000), .integer(4)]
            ])
        #expect(try await federation.rows("south", "SELECT count(*) FROM ledger") == [[.integer(Int64(written))]])
        #expect(try RawProgram(federation.path("south")).text("PRAGMA integrity_check") == "ok")
        #expect(store.databaseStatus.log.repairs == 0 && store.databaseStatus.log.isGuarded)
    }
}
