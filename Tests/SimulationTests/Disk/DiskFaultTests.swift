import CSQLite
import Testing

@testable import ParkSyncSimulation

/// Each fault of a virtual disk fires when it should, is counted, and leaves a database that can be
/// used.
@Suite struct DiskFaultTests {
    private func opened(_ name: String, _ transactions: Int = 10) throws -> (VirtualDisk, DiskDatabase) {
        let disk = try VirtualDisk(name: "fault-\(name)", seed: 1)
        let connection = try DiskDatabase(disk)
        try #require(DiskWork(checkpointPages: 1_000).run(connection, transactions).acknowledged == transactions)
        return (disk, connection)
    }

    private static let insert = "INSERT INTO t(v, w) VALUES(zeroblob(5000), 'x')"

    @Test(arguments: [VirtualDisk.Fault.writeError, .syncError, .syncForgets])
    func aFailedCommitLeavesNothing(_ fault: VirtualDisk.Fault) throws {
        let (disk, connection) = try opened("commit-\(fault)")
        defer { connection.close() }
        for (calls, times) in [(1, 1 as UInt64?), (1, 2), (1, nil)] as [(UInt64, UInt64?)] {
            let before = disk.fired(fault)
            disk.arm(fault, VirtualDisk.Trigger(skipped: calls - 1, times: times))
            for _ in 0..<(times ?? 3) { #expect(connection.run(Self.insert) & 0xFF == SQLITE_IOERR) }
            #expect(disk.fired(fault) >= before + (times ?? 3))
            disk.disarm(fault)
            #expect(connection.text("SELECT count(*) FROM t") == "10" && connection.isIntact)
        }
        try connection.execute(Self.insert)
        #expect(connection.text("SELECT count(*) FROM t") == "11")
        disk.losePower(PowerLoss(seed: 9, keptPermille: 0, droppedPermille: 1_000))
        #expect(try DiskDatabase(disk).text("SELECT count(*) FROM t") == "11")
    }

    /// A sync that fails and forgets must not be made good by the next one: only what is written
    /// again becomes durable.
    @Test func aForgottenWriteStaysForgotten() throws {
        var survivors: [VirtualDisk.Fault: Int] = [:]
        for fault in [VirtualDisk.Fault.syncError, .syncForgets] {
            for seed in 0..<20 as Range<UInt64> {
                let disk = try VirtualDisk(name: "fault-forgotten", seed: 1)
                let connection = try DiskDatabase(
                    disk, setup: "PRAGMA journal_mode = OFF; CREATE TABLE t(v); INSERT INTO t VALUES(1)")
                // The pages of the table are written and not synced; the next sync is for another
                // page.
                disk.arm(fault, .at(1))
                #expect(connection.run("UPDATE t SET v = 2") & 0xFF == SQLITE_IOERR)
                connection.close()
                do { try DiskDatabase(disk, setup: "PRAGMA journal_mode = OFF").execute("CREATE TABLE u(v)") }
                disk.losePower(PowerLoss(seed: seed, keptPermille: 0, droppedPermille: 1_000))
                let value = try DiskDatabase(disk).text("SELECT v FROM t")
                #expect(value == "1" || value == "2")
                if value == "2" { survivors[fault, default: 0] += 1 }
            }
        }
        #expect(survivors[.syncError] == 20)
        #expect((1..<20).contains(survivors[.syncForgets] ?? 0), "\(survivors)")
    }

    @Test func readsFail() throws {
        let (disk, connection) = try opened("read")
        connection.close()
        let other = try DiskDatabase(disk)
        disk.arm(.readError, VirtualDisk.Trigger(times: 1))
        #expect(other.text("SELECT count(*) FROM t") == nil && disk.fired(.readError) == 1)
        #expect(other.text("SELECT count(*) FROM t") == "10")
        disk.arm(.readError, VirtualDisk.Trigger(file: "another", times: nil))
        #expect(try DiskDatabase(disk).text("SELECT count(*) FROM t") == "10" && disk.fired(.readError) == 1)
    }

    @Test func truncationsFail() throws {
        let (disk, connection) = try opened("truncate")
        disk.arm(.truncateError, .at(1))
        #expect(
            connection.run("PRAGMA wal_checkpoint(TRUNCATE)") & 0xFF == SQLITE_IOERR && disk.fired(.truncateError) == 1)
        #expect(connection.text("PRAGMA wal_checkpoint(TRUNCATE)") == "0" && connection.isIntact)
    }

    @Test func aLostSyncIsNotNoticed() throws {
        let (disk, connection) = try opened("lost")
        defer { connection.close() }
        disk.arm(.lostSync, .at(1))
        try connection.execute(Self.insert)
        #expect(disk.fired(.lostSync) == 1 && disk.hash != disk.durableHash)
        try connection.execute(Self.insert)
        #expect(disk.fired(.lostSync) == 1)
        disk.losePower(PowerLoss(seed: 1, keptPermille: 0, droppedPermille: 1_000))
        #expect(try DiskDatabase(disk).text("SELECT count(*) FROM t") == "12", "the next sync makes up for it")
    }

    @Test(arguments: [true, false]) func aFullDiskCanBeUsedAgain(givesBack: Bool) throws {
        let (disk, connection) = try opened("full-\(givesBack)")
        disk.limit(freeBytes: 40_000, givesBack: givesBack)
        var written = 10
        while connection.run(Self.insert) == SQLITE_OK { written += 1 }
        #expect(written > 10 && disk.fired(.full) == 1)
        #expect(connection.run(Self.insert) & 0xFF == SQLITE_FULL && disk.fired(.full) == 2)
        #expect(connection.isIntact && connection.text("SELECT count(*) FROM t") == "\(written)")
        // Deleting needs room in the log; what the log has room for is used again after a
        // checkpoint.
        let wal = disk.files.first { $0.name == "a.sqlite-wal" }?.bytes ?? 0
        disk.limit(freeBytes: 60_000, givesBack: givesBack)
        #expect(connection.text("PRAGMA wal_checkpoint(TRUNCATE)") == "0")
        try connection.execute("DELETE FROM t WHERE id < 5")
        disk.limit(freeBytes: 0, givesBack: givesBack)
        #expect(connection.text("PRAGMA wal_checkpoint(TRUNCATE)") == "0" && wal > 0)
        #expect((connection.run("DELETE FROM t WHERE id = 5") == SQLITE_OK) == givesBack)
        disk.limit(freeBytes: nil)
        try connection.execute(Self.insert)
        #expect(connection.isIntact)
    }

    @Test func oneBitFlips() throws {
        let (disk, connection) = try opened("flip", 2)
        connection.close()
        let files = ["a.sqlite", "b"]
        disk.put("b", [UInt8](repeating: 0, count: 9_000))
        for seed in 0..<12 as Range<UInt64> {
            let before = files.map { disk.content($0) ?? [] }
            let range: Range<Int64>? = seed % 2 == 0 ? nil : 4_090..<4_100
            let flipped = try #require(disk.flipBit(file: seed % 4 == 1 ? "b" : nil, bytes: range, seed: seed))
            var differences: [VirtualDisk.FlippedBit] = []
            for (file, old) in zip(files, before) {
                let new = disk.content(file) ?? []
                #expect(new.count == old.count)
                for (byte, pair) in zip(old, new).enumerated() where pair.0 != pair.1 {
                    for bit in 0..<8 where (pair.0 ^ pair.1) >> bit & 1 == 1 {
                        differences.append(VirtualDisk.FlippedBit(file: file, byte: Int64(byte), bit: bit))
                    }
                }
            }
            #expect(differences == [flipped] && (range ?? 0..<Int64.max).contains(flipped.byte))
            #expect(disk.hash == disk.durableHash)
        }
        #expect(disk.fired(.bitFlip) == 12)
        #expect(
            disk.flipBit(file: "none", seed: 1) == nil && disk.flipBit(bytes: 1_000_000..<1_000_001, seed: 1) == nil)
        #expect(disk.fired(.bitFlip) == 12)
    }

    @Test func aMisreadLeavesTheFileAsItIs() throws {
        let (disk, connection) = try opened("misread", 30)
        connection.close()
        let hash = disk.hash
        disk.arm(.misread, VirtualDisk.Trigger(file: "a.sqlite", times: nil))
        if let misled = try? DiskDatabase(disk) { _ = misled.isIntact }
        #expect(disk.fired(.misread) > 0 && disk.hash == hash)
        disk.heal()
        #expect(DiskWork.found(disk) == 30)
    }

    @Test func countdownsAreExact() throws {
        let (disk, connection) = try opened("countdown")
        for call in 1...6 as ClosedRange<UInt64> {
            disk.arm(.syncError, .at(call))
            var passed: UInt64 = 0
            while connection.run(Self.insert) == SQLITE_OK { passed += 1 }
            // A commit syncs the log once.
            #expect(passed == call - 1 && disk.fired(.syncError) == call)
        }
    }

    @Test func chanceIsDrawnFromTheSeed() throws {
        func failures(_ seed: UInt64) throws -> [Int] {
            let disk = try VirtualDisk(name: "fault-chance", seed: seed)
            let connection = try DiskDatabase(disk)
            _ = DiskWork().run(connection, 1)
            disk.arm(.writeError, VirtualDisk.Trigger(times: nil, permillion: 50_000))
            let failed = (0..<100).filter { _ in connection.run(Self.insert) != SQLITE_OK }
            #expect(disk.fired(.writeError) >= UInt64(failed.count))
            return failed
        }
        let (first, again, other) = (try failures(1), try failures(1), try failures(2))
        #expect(first == again && first != other && first.count > 2 && first.count < 60)
    }
}
