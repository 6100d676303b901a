import CSQLite
import Testing

@testable import ParkSyncSimulation

/// The virtual disk when nothing fails but processes.
@Suite struct VirtualDiskTests {
    static let wal = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"

    @Test func threeConnectionsShareAWriteAheadLog() throws {
        let disk = try VirtualDisk(name: "plain-wal", seed: 1)
        let first = try DiskDatabase(disk, setup: Self.wal + "CREATE TABLE t(a)")
        let second = try DiskDatabase(disk, setup: "PRAGMA busy_timeout = 1000")
        let reader = try DiskDatabase(disk)
        #expect(first.text("PRAGMA journal_mode") == "wal")

        try first.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES(1)")
        #expect(second.run("BEGIN IMMEDIATE") == SQLITE_BUSY)
        #expect(
            disk.counters.sleeps > 0 && disk.counters.sleptMicroseconds == 1_000_000, "it waited in its own time only")
        try reader.execute("BEGIN")
        #expect(reader.text("SELECT count(*) FROM t") == "0")
        try first.execute("COMMIT")
        #expect(reader.text("SELECT count(*) FROM t") == "0", "a reader keeps its snapshot")
        #expect(second.text("PRAGMA wal_checkpoint(TRUNCATE)") == "1", "the reader is in the way")
        try reader.execute("COMMIT")
        #expect(reader.text("SELECT count(*) FROM t") == "1")
        #expect(second.text("PRAGMA wal_checkpoint(TRUNCATE)") == "0")
        #expect(disk.files.first { $0.name == "a.sqlite-wal" }?.bytes == 0)

        for number in 0..<200 {
            try (number % 2 == 0 ? first : second).execute(
                "INSERT INTO t VALUES(randomblob(500)); UPDATE t SET a = zeroblob(300) WHERE rowid = 7")
        }
        #expect(reader.isIntact && reader.text("SELECT count(*) FROM t") == "201")
        try second.execute("DELETE FROM t; VACUUM")
        #expect(first.isIntact && reader.text("SELECT count(*) FROM t") == "0")
    }

    @Test func theLastConnectionTidiesUp() throws {
        let disk = try VirtualDisk(name: "plain-tidy", seed: 1)
        do {
            let first = try DiskDatabase(disk, setup: Self.wal + "CREATE TABLE t(a)")
            do { try DiskDatabase(disk).execute("INSERT INTO t VALUES(1)") }
            #expect(disk.files.map(\.name) == ["a.sqlite", "a.sqlite-wal"])
            #expect(first.isIntact)
        }
        #expect(disk.files.map(\.name) == ["a.sqlite"])
        #expect(disk.durableHash == disk.hash)
        #expect(try DiskDatabase(disk).text("SELECT a FROM t") == "1")
    }

    @Test func locksOfARollbackJournalHold() throws {
        let disk = try VirtualDisk(name: "plain-journal", seed: 1)
        let first = try DiskDatabase(disk, setup: "CREATE TABLE t(a); INSERT INTO t VALUES(1)")
        let second = try DiskDatabase(disk)
        try second.execute("BEGIN; SELECT * FROM t")
        try first.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES(2)")
        #expect(second.text("SELECT count(*) FROM t") == "1")
        #expect(second.run("INSERT INTO t VALUES(3)") == SQLITE_BUSY)
        #expect(first.run("COMMIT") == SQLITE_BUSY, "a reader is in the way")
        let third = try DiskDatabase(disk)
        #expect(third.run("SELECT * FROM t") == SQLITE_BUSY, "and no new one comes before the writer")
        try second.execute("COMMIT")
        try first.execute("COMMIT")
        #expect(third.text("SELECT count(*) FROM t") == "2")
        try first.execute("BEGIN; DELETE FROM t; INSERT INTO t VALUES(randomblob(100000)); ROLLBACK")
        #expect(third.isIntact && third.text("SELECT count(*) FROM t") == "2" && disk.files.map(\.name) == ["a.sqlite"])
    }

    @Test func temporaryFilesAreNoFilesOfTheMachine() throws {
        let disk = try VirtualDisk(name: "plain-temporary", seed: 1)
        let connection = try DiskDatabase(disk, setup: Self.wal + "PRAGMA temp_store = FILE; PRAGMA cache_size = 5")
        let before = disk.counters.changes
        try connection.execute(
            """
            CREATE TEMP TABLE s AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
              SELECT i, hex(zeroblob(100)) AS a FROM n;
            CREATE INDEX temp.j ON s(a, i DESC)
            """)
        #expect(
            connection.text("SELECT count(*) FROM (SELECT DISTINCT a, i FROM s ORDER BY i * 7919 % 3001)") == "3000")
        #expect(disk.counters.changes == before && disk.files.map(\.name) == ["a.sqlite"])
    }

    @Test func aKillLeavesWhatWasWritten() throws {
        let disk = try VirtualDisk(name: "kill", seed: 1)
        let stale = try DiskDatabase(
            disk, setup: Self.wal + "PRAGMA synchronous = OFF; CREATE TABLE t(a); INSERT INTO t VALUES(1)")
        let open = try DiskDatabase(disk)
        try open.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES(2)")
        let path = disk.path("a.sqlite")
        disk.kill()
        #expect(disk.boot == 2)

        // What is left of the dead process can neither read, write, commit nor open anything.
        let hash = disk.hash
        #expect(open.run("COMMIT") & 0xFF == SQLITE_IOERR)
        #expect(stale.run("INSERT INTO t VALUES(3)") & 0xFF == SQLITE_IOERR)
        #expect(stale.text("SELECT a FROM t") == nil)
        var late: OpaquePointer?
        #expect(sqlite3_open_v2(path, &late, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil) & 0xFF == SQLITE_CANTOPEN)
        sqlite3_close(late)
        #expect(disk.hash == hash && disk.counters.refused > 0)

        let fresh = try DiskDatabase(disk)
        #expect(fresh.text("SELECT group_concat(a) FROM t") == "1" && fresh.isIntact)
        try fresh.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES(4)")
        // Its end does not disturb the living, who hold locks of the same file.
        stale.close()
        open.close()
        try fresh.execute("COMMIT")
        #expect(fresh.text("SELECT group_concat(a) FROM t") == "1,4" && fresh.isIntact)
    }

    @Test func aConnectionOutlivesItsDisk() throws {
        var disk: VirtualDisk? = try VirtualDisk(name: "released", seed: 1)
        let stale = try DiskDatabase(
            #require(disk), setup: Self.wal + "CREATE TABLE t(a); BEGIN; INSERT INTO t VALUES(1)")
        #expect(throws: VirtualDiskError.self) { try VirtualDisk(name: "released", seed: 2) }
        disk = nil
        #expect(stale.run("COMMIT") & 0xFF == SQLITE_IOERR)
        let next = try VirtualDisk(name: "released", seed: 1)
        #expect(next.files == [])
        stale.close()
        #expect(next.files == [])
    }

    @Test func anUnfitDiskIsRefused() {
        var model = VirtualDisk.Model()
        model.sectorBytes = 1_000
        #expect(throws: VirtualDiskError.self) { try VirtualDisk(name: "unfit", seed: 1, model: model) }
        #expect(throws: VirtualDiskError.self) { try VirtualDisk(name: "un&fit", seed: 1) }
        #expect(throws: VirtualDiskError.self) { try VirtualDisk(name: "", seed: 1) }
    }

    @Test func aBackupBringsYesterdayBack() throws {
        let disk = try VirtualDisk(name: "backup", seed: 1)
        let connection = try DiskDatabase(disk, setup: Self.wal + "CREATE TABLE t(a); INSERT INTO t VALUES(1)")
        let (yesterday, hash) = (disk.snapshot(), disk.hash)
        let other = try disk.clone(name: "backup-clone", seed: 2)
        #expect(other.hash == hash && other.durableHash == hash && other.files == disk.files)
        try connection.execute("INSERT INTO t VALUES(2); PRAGMA wal_checkpoint; INSERT INTO t VALUES(3)")
        #expect(disk.hash != hash && other.hash == hash)
        disk.restore(yesterday)
        #expect(disk.hash == hash && disk.durableHash == hash)
        #expect(connection.run("INSERT INTO t VALUES(4)") & 0xFF == SQLITE_IOERR)
        #expect(try DiskDatabase(disk).text("SELECT group_concat(a) FROM t") == "1")
        do { try DiskDatabase(other).execute("INSERT INTO t VALUES(5)") }
        #expect(try DiskDatabase(other).text("SELECT group_concat(a) FROM t") == "1,5")
        disk.restore(yesterday)
        #expect(disk.hash == hash, "a backup can be used again")
    }

    @Test func filesCanBeReadPutAndDeleted() throws {
        let disk = try VirtualDisk(name: "files", seed: 1)
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7 / 3) }
        disk.put("z/zone.json", bytes)
        disk.put("empty", [])
        #expect(disk.content("z/zone.json") == bytes && disk.content("empty") == [] && disk.content("none") == nil)
        #expect(
            disk.files == [
                VirtualDisk.File(name: "empty", bytes: 0), VirtualDisk.File(name: "z/zone.json", bytes: 10_000),
            ])
        disk.losePower(PowerLoss(seed: 1, keptPermille: 0, droppedPermille: 1_000))
        #expect(disk.content("z/zone.json") == bytes)
        disk.put("z/zone.json", [1])
        #expect(disk.content("z/zone.json") == [1] && disk.delete("z/zone.json") && !disk.delete("z/zone.json"))

        // A database, byte for byte, under a name that a URI must escape.
        do { try DiskDatabase(disk, "a?#%.sqlite").execute("CREATE TABLE t(a); INSERT INTO t VALUES(7)") }
        disk.put("copy", try #require(disk.content("a?#%.sqlite")))
        #expect(try DiskDatabase(disk, "copy").text("SELECT a FROM t") == "7")
    }

    @Test func timeIsTheDisksOwn() throws {
        let (early, late) = (try VirtualDisk(name: "early", seed: 1), try VirtualDisk(name: "late", seed: 1))
        late.setTime(unixMilliseconds: 1_790_000_000_123)
        #expect(
            try DiskDatabase(early).text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')") == "1970-01-01 00:00:00.000")
        #expect(try DiskDatabase(late).text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')") == "2026-09-21 14:13:20.123")
    }

    @Test func theSameHistoryGivesTheSameBytes() throws {
        func history(_ name: String, seed: UInt64) throws -> (hashes: [UInt64], counters: VirtualDisk.Counters) {
            let disk = try VirtualDisk(name: name, seed: seed)
            var hashes: [UInt64] = []
            for round in 0..<6 {
                disk.arm(.writeError, VirtualDisk.Trigger(times: nil, permillion: 3_000))
                disk.arm(.powerLoss, .at(40 + UInt64(round) * 13))
                let connection = try? DiskDatabase(disk)
                defer { connection?.close() }
                if let connection { _ = DiskWork(synchronous: "NORMAL").run(connection, 60, from: 1 + 60 * round) }
                hashes.append(disk.hash)
                disk.losePower(PowerLoss(seed: seed &+ UInt64(round)))
                hashes.append(disk.hash)
                #expect(disk.durableHash == disk.hash)
            }
            return (hashes, disk.counters)
        }
        let (first, again, other) = (
            try history("same-1", seed: 5), try history("same-2", seed: 5), try history("same-3", seed: 6)
        )
        #expect(first.hashes == again.hashes && first.counters == again.counters)
        #expect(first.hashes != other.hashes)
        #expect(Set(first.hashes).count > 6)
    }
}
