import Foundation
import CSQLite
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// How the node keeps the write-ahead log short and its wal-index right, beside other programs.
@Suite struct LogKeeperTests {
    private func rows(_ prefix: String, _ count: Int, bytes: Int = 4_000) -> String {
        "INSERT INTO plain(id, e) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count)) "
            + "SELECT '\(prefix)' || i, randomblob(\(bytes)) FROM n"
    }

    /// As many pages of a table that is not shared.
    private static func pages(_ count: Int) -> String {
        """
        INSERT INTO own WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count)) \
        SELECT zeroblob(4000) FROM n
        """
    }

    /// A program dies over the header of the wal-index. SQLite makes it anew with the checkpoint
    /// lock, which the node has.
    @Test(arguments: [true, false]) func aHeaderThatSomebodyDiedOverIsMended(byTheNode: Bool) async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let program = try RawProgram(federation.path("south"))
        try await federation.write("south", "INSERT INTO plain(id) VALUES('before')")
        // Half of a commit: one of the two copies says something else. Not from this process, whose
        // locks would be gone when it closes the file.
        let tear = "import os, sys; f = os.open(sys.argv[1] + '-shm', os.O_RDWR); os.pwrite(f, b'\\x63', 16)"
        try federation.foreign("south", "python3", ["-c", tear], input: "")
        if byTheNode {
            try await federation.write("south", "INSERT INTO plain(id) VALUES('after')")
        } else {
            try await store.sealForeign()
            try program.execute("INSERT INTO plain(id) VALUES('after')")
        }
        #expect(program.text("SELECT count(*) FROM plain") == "2")
        #expect(try await federation.rows("south", "SELECT count(*) FROM plain") == [[.integer(2)]])
        let log = store.databaseStatus.log
        #expect(log.repairs == 1 && log.isGuarded)
        #expect(program.text("PRAGMA wal_checkpoint(PASSIVE)")?.hasPrefix("1|") == true, "the guard is back")
    }

    /// What looks like it while the node runs would come of a program that keeps to no lock.
    @Test func aWrongCountIsSetRightAfterAForeignWrite() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let program = try RawProgram(federation.path("south"))
        try await store.writeLogBack()
        let spoil =
            """
            import os, sys; f = os.open(sys.argv[1] + '-shm', os.O_RDWR); os.pwrite(f, (9999).to_bytes(4, \
            sys.byteorder), 96)
            """
        try federation.foreign("south", "python3", ["-c", spoil], input: "")
        try program.execute("INSERT INTO plain(id) VALUES('passed over')")
        let other = try RawProgram(federation.path("south"))
        #expect(other.text("SELECT count(*) FROM plain") == "0")
        try await store.sealForeign()
        store.queue.sync {}
        #expect(other.text("SELECT count(*) FROM plain") == "1")
        #expect(store.databaseStatus.log.repairs == 1)
        try await store.sealForeign()
        #expect(store.state().applied == store.state().logged && store.state().logged.elements.first?.seq == 1)
    }

    /// A program cannot write the log back, and need not: it commits and vacuums as ever.
    @Test func otherProgramsCommitAndVacuum() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let program = try RawProgram(federation.path("south"), autocheckpoint: 1)
        try program.execute(rows("a", 500))
        try await federation["south"].sealForeign()
        try program.execute("DELETE FROM plain")
        #expect(program.text("PRAGMA wal_checkpoint(TRUNCATE)")?.hasPrefix("1|") == true)
        try program.execute("VACUUM")
        #expect(try await federation["south"].writeLogBack())
        let size = try FileManager.default.attributesOfItem(atPath: federation.path("south") + "-wal")[.size] as? Int
        #expect(size == 0)
        #expect(program.text("PRAGMA integrity_check") == "ok")
    }

    /// A program's commits alone fill the log, in a table that the node does not look at.
    @Test func aLogThatOnlyOthersFillStaysShort() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let program = try RawProgram(federation.path("south"), autocheckpoint: 1_000)
        try program.execute("CREATE TABLE own(a)")
        for _ in 0..<3 {
            try program.execute(Self.pages(11_000))
            #expect(try await store.sealForeign() == .nothing)
            store.queue.sync {}
            let log = store.databaseStatus.log
            #expect(
                log.writtenBackFrames == log.frames && log.frames > WriteBackPlan.framesTarget
                    && log.frames < 2 * WriteBackPlan.framesTarget)
        }
        // Nobody writes any more: what is longer than need be is cut.
        federation.clock.advance(WriteBackPlan.retryMilliseconds)
        try await store.sealForeign()
        store.queue.sync {}
        #expect(store.databaseStatus.log.frames == 0 && store.databaseStatus.log.bytes == 0)
    }

    /// Somebody reads for long: the node says who holds the log back, and writes nothing more at
    /// the limit; then all goes on.
    @Test func aReaderHoldsTheLogBack() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        federation.closeWithoutCheckpoint("south")
        let store = try federation.open("south") { $0.logBytesMax = 60_000_000 }
        let reader = try RawProgram(federation.path("south"))
        try reader.execute("BEGIN; SELECT count(*) FROM plain")
        let program = try RawProgram(federation.path("south"))
        try program.execute("CREATE TABLE own(a)")
        try program.execute(Self.pages(11_000))
        try await store.sealForeign()
        store.queue.sync {}
        #expect(store.databaseStatus.log.heldBackSince == federation.clock.wallMilliseconds())
        try program.execute(Self.pages(5_000))
        try await store.sealForeign()
        store.queue.sync {}
        #expect(store.databaseStatus.log.bytes >= 60_000_000)
        let since = store.databaseStatus.log.heldBackSince
        let refusal = await #expect(throws: StoreError.self) {
            try await federation.write("south", "INSERT INTO plain(id) VALUES('late')")
        }
        #expect(refusal?.code == .busy && refusal?.reason.contains("cannot begin anew") == true)
        try await federation.write("west", "INSERT INTO plain(id) VALUES('of west')")
        await #expect(throws: StoreError.self) { try await federation.exchange(from: "west", to: "south") }
        #expect(since != nil && store.databaseStatus.log.heldBackSince == since)
        try reader.execute("COMMIT")
        federation.clock.advance(WriteBackPlan.retryMilliseconds)
        try await store.sealForeign()
        store.queue.sync {}
        #expect(store.databaseStatus.log.heldBackSince == nil)
        try await federation.write("south", "INSERT INTO plain(id) VALUES('late')")
        try await federation.exchange(from: "west", to: "south")
        #expect(try await federation.rows("south", "SELECT count(*) FROM plain") == [[.integer(2)]])
    }

    /// Another program is at a checkpoint when the node starts, and goes on with it: the node
    /// works, says that it is not guarded, and guards itself as soon as it can.
    @Test func aGuardThatCannotBeHadIsTakenLater() async throws {
        let federation = try Federation(["south"], schema: shapes)
        federation.closeWithoutCheckpoint("south")
        let program = try RawProgram(federation.path("south"))
        let index = try #require(program.handle.map { WalIndex($0) })
        #expect(index.lock(.checkpoint) == SQLITE_OK)
        let store = try federation.open("south")
        #expect(store.databaseStatus.log.unguardedSince == federation.clock.wallMilliseconds())
        try await federation.write("south", "INSERT INTO plain(id) VALUES('a')")
        #expect(!store.databaseStatus.log.isGuarded)
        index.unlock(.checkpoint)
        try await store.sealForeign()
        store.queue.sync {}
        #expect(store.databaseStatus.log.isGuarded && store.databaseStatus.log.unguardedSince == nil)
        #expect(program.text("PRAGMA wal_checkpoint(PASSIVE)")?.hasPrefix("1|") == true)
    }

    @Test func theReleasesWithTheRepairAreKnown() {
        let fixed: [Int32] = [3_044_006, 3_044_009, 3_050_007, 3_051_003, 3_052_000, 4_000_000]
        let open: [Int32] = [3_007_000, 3_040_001, 3_044_005, 3_045_000, 3_050_006, 3_051_000, 3_051_002]
        #expect(
            fixed.allSatisfy(SQLiteRelease.isResetRaceFixed) && !open.contains(where: SQLiteRelease.isResetRaceFixed))
    }

    @Test func theKernelsListOfLocksIsRead() {
        let lines: [(Substring, Int32?)] = [
            ("1: POSIX  ADVISORY  WRITE 4711 fe:00:131 120 120", 4_711),
            ("2: POSIX  ADVISORY  READ 4712 fe:00:131 120 127", 4_712),
            ("3: OFDLCK ADVISORY  WRITE 17 00:2e:131 0 EOF", 17),
            ("4: POSIX  ADVISORY  WRITE 4711 fe:00:131 121 121", nil),
            ("5: POSIX  ADVISORY  WRITE 4711 fe:00:132 120 120", nil),
            ("6: FLOCK  ADVISORY  WRITE 4711 fe:00:131 0 EOF", nil),
            ("6: -> POSIX  ADVISORY  WRITE 4713 fe:00:131 120 120", nil),
            ("7: POSIX  ADVISORY  WRITE 0 fe:00:131 120 120", nil),
            ("8: POSIX", nil), ("", nil), ("9: POSIX  ADVISORY  WRITE 99999999999 fe:00:131 120 x", nil),
        ]
        for (line, process) in lines {
            #expect(LockHolders.holder(line, of: 131, LockHolders.write) == process, "\(line)")
        }
    }
}

/// When the write-ahead log is written back, as a value.
@Suite struct WriteBackPlanTests {
    /// A reference, so that expectations may change it.
    private final class Plan {
        private var plan = WriteBackPlan()
        var heldBackSince: UInt64? { plan.heldBackSince }
        func noteBatch(at now: UInt64) { plan.noteBatch(at: now) }
        func next(_ log: WalIndex.State, bytes: Int64 = 0, at now: UInt64) -> WriteBackPlan.Step {
            plan.next(log, bytes: bytes, at: now)
        }
        func wroteBack(_ log: WalIndex.State, at now: UInt64, wall: UInt64) -> Bool {
            plan.wroteBack(log, at: now, wall: wall)
        }
        func wasCut(_ isDone: Bool, at now: UInt64, wall: UInt64) { plan.wasCut(isDone, at: now, wall: wall) }
    }

    private func log(_ frames: UInt32, _ writtenBack: UInt32) -> WalIndex.State {
        WalIndex.State(frames: frames, writtenBack: writtenBack, pageBytes: 4_096, isWhole: true)
    }

    @Test func aLongLogIsWrittenBackAndAShortOneNot() {
        let plan = Plan()
        #expect(plan.next(log(9_999, 0), at: 0) == .nothing)
        #expect(plan.next(log(10_000, 0), at: 0) == .writeBack)
        #expect(plan.next(log(10_000, 9_999), at: 0) == .writeBack)
    }

    @Test func whileBatchesAreAppliedItMayBeLonger() {
        let plan = Plan()
        plan.noteBatch(at: 5)
        #expect(plan.next(log(63_999, 0), at: 6) == .nothing)
        #expect(plan.next(log(64_000, 0), at: 6) == .writeBack)
        #expect(plan.next(log(10_000, 0), at: 5 + WriteBackPlan.batchMilliseconds) == .writeBack)
    }

    @Test func whatAReaderHoldsBackIsTriedAgainNowAndThen() {
        let plan = Plan()
        #expect(!plan.wroteBack(log(10_000, 4_000), at: 100, wall: 7))
        #expect(plan.heldBackSince == 7)
        #expect(plan.next(log(10_500, 4_000), at: 101) == .nothing)
        #expect(plan.next(log(11_000, 4_000), at: 101) == .writeBack)
        #expect(plan.next(log(10_500, 4_000), at: 100 + WriteBackPlan.retryMilliseconds) == .writeBack)
        #expect(!plan.wroteBack(log(12_000, 5_000), at: 2_000, wall: 9) && plan.heldBackSince == 7)
        // A new log, which is no longer than it should be.
        #expect(plan.next(log(10, 0), at: 2_001) == .nothing && plan.heldBackSince == nil)
    }

    @Test func aLogThatReadersNeverLeaveIsCut() {
        let plan = Plan()
        #expect(!plan.wroteBack(log(10_000, 10_000), at: 0, wall: 0), "the next commit begins it anew")
        #expect(plan.wroteBack(log(20_000, 20_000), at: 10, wall: 0))
        plan.wasCut(false, at: 10, wall: 3)
        #expect(plan.heldBackSince == 3)
        #expect(plan.next(log(20_000, 20_000), at: 11) == .nothing)
        #expect(plan.next(log(20_000, 20_000), at: 10 + WriteBackPlan.retryMilliseconds) == .cut)
        plan.wasCut(true, at: 2_000, wall: 4)
        #expect(plan.heldBackSince == nil)
        #expect(
            plan.next(log(1, 1), bytes: Int64(LogLimits.logBytesKept) + 1, at: 4_000) == .cut,
            "a program does not cut it")
        #expect(plan.next(log(1, 1), bytes: Int64(LogLimits.logBytesKept), at: 4_000) == .nothing)
    }
}
