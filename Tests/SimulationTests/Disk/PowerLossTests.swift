import ParkSyncSimulation
import Testing

/// What a power loss leaves of a database, at whatever moment it comes.
@Suite struct PowerLossTests {
    private struct Tally {
        var cases = 0
        var damaged: [Int] = []
        var lost: [Int] = []
        /// Found though it was never acknowledged: allowed, since the power may fail behind the
        /// last sync and before the answer.
        var unacknowledged = 0
        var torn: UInt64 = 0
        var garbage: UInt64 = 0
        var dropped: UInt64 = 0
    }

    /// Cuts the power in the middle of the first, second, ... change of the disk.
    private func cut(
        _ name: String, _ work: DiskWork, changes: Range<Int>, sectorBytes: Int = 4_096,
        prepare: (VirtualDisk) -> Void = { _ in }
    ) throws -> Tally {
        var tally = Tally()
        var model = VirtualDisk.Model()
        model.sectorBytes = sectorBytes
        for change in changes {
            let disk = try VirtualDisk(name: name, seed: UInt64(change), model: model)
            prepare(disk)
            disk.arm(.powerLoss, .at(UInt64(change)))
            let connection = try DiskDatabase(disk)
            defer { connection.close() }
            let outcome = work.run(connection, 100)
            try #require(disk.isDead && disk.fired(.powerLoss) == 1)
            disk.losePower(PowerLoss(seed: UInt64(change) &* 0x9E37_79B9_7F4A_7C15))
            disk.heal()
            tally.cases += 1
            if let found = DiskWork.found(disk) {
                if found < outcome.acknowledged || found > outcome.begun { tally.lost.append(change) }
                if found > outcome.acknowledged { tally.unacknowledged += 1 }
            } else {
                tally.damaged.append(change)
            }
            tally.torn += disk.counters.torn
            tally.garbage += disk.counters.garbageSectors
            tally.dropped += disk.counters.dropped
        }
        return tally
    }

    @Test(arguments: [512, 4_096]) func everyAcknowledgedTransactionSurvives(sectorBytes: Int) throws {
        let tally = try cut("power-full-\(sectorBytes)", DiskWork(), changes: 1..<301, sectorBytes: sectorBytes)
        #expect(tally.damaged == [] && tally.lost == [] && tally.cases == 300)
        #expect(tally.torn > 100 && tally.garbage > 10 && tally.dropped > 100, "the disk was unkind: \(tally)")
        #expect(tally.unacknowledged > 0)
    }

    @Test func aRollbackJournalHoldsAsItPromises() throws {
        // With FULL, SQLite's documentation allows the newest transaction of a deleted journal to
        // roll back; EXTRA forbids it.
        let extra = try cut("power-extra", DiskWork(journal: "DELETE", synchronous: "EXTRA"), changes: 1..<151)
        #expect(extra.damaged == [] && extra.lost == [])
        let full = try cut("power-journal", DiskWork(journal: "DELETE"), changes: 1..<151)
        #expect(full.damaged == [] && !full.lost.isEmpty)
    }

    /// The instrument can find a loss.
    @Test func whatIsNotSyncedIsLost() throws {
        let off = try cut("power-off", DiskWork(synchronous: "OFF"), changes: 30..<130)
        #expect(!off.lost.isEmpty && !off.damaged.isEmpty, "\(off)")
        let normal = try cut("power-normal", DiskWork(synchronous: "NORMAL"), changes: 30..<130)
        #expect(!normal.lost.isEmpty && normal.damaged == [], "\(normal)")
        let lying = try cut("power-lying", DiskWork(), changes: 30..<130) { $0.arm(.lostSync, .always) }
        #expect(!lying.lost.isEmpty && !lying.damaged.isEmpty, "\(lying)")
    }

    @Test func everythingFailsUntilThePowerIsBack() throws {
        let disk = try VirtualDisk(name: "power-dead", seed: 1)
        let connection = try DiskDatabase(disk, setup: DiskWork().setup)
        disk.arm(.powerLoss, .at(1))
        #expect(DiskWork().run(connection, 3) == DiskWork.Outcome(acknowledged: 0, begun: 1))
        let (counters, boot) = (disk.counters, disk.boot)
        #expect(disk.isDead)
        #expect(connection.text("SELECT count(*) FROM t") == nil)
        #expect(throws: DiskDatabaseError.self) { try DiskDatabase(disk, setup: "PRAGMA user_version = 1") }
        #expect(disk.counters.changes == counters.changes && disk.counters.reads == counters.reads && disk.isDead)
        disk.losePower(PowerLoss(seed: 1))
        #expect(!disk.isDead && disk.boot == boot + 1)
        #expect(DiskWork().run(try DiskDatabase(disk), 3).acknowledged == 3)
    }

    @Test func aKeptWriteIsWholeAndADroppedOneIsNot() throws {
        func after(_ name: String, kept: UInt32) throws -> (
            before: UInt64, durable: UInt64, after: UInt64, counters: VirtualDisk.Counters
        ) {
            let disk = try VirtualDisk(name: name, seed: 1)
            let connection = try DiskDatabase(disk)
            defer { connection.close() }
            #expect(DiskWork().run(connection, 20).acknowledged == 20)
            try connection.execute("PRAGMA synchronous = OFF; UPDATE t SET v = NULL")
            let (before, durable) = (disk.hash, disk.durableHash)
            disk.losePower(PowerLoss(seed: 3, keptPermille: kept, droppedPermille: 1_000 - kept))
            return (before, durable, disk.hash, disk.counters)
        }
        let kept = try after("power-kept", kept: 1_000)
        #expect(kept.counters.kept > 0 && kept.counters.dropped == 0 && kept.counters.torn == 0)
        #expect(kept.after == kept.before && kept.before != kept.durable)
        let dropped = try after("power-dropped", kept: 0)
        #expect(dropped.counters.dropped > 0 && dropped.counters.kept == 0 && dropped.counters.torn == 0)
        #expect(dropped.after != dropped.before)
    }

    @Test func namesAreDurableAfterASync() throws {
        var seen: Set<[String]> = []
        for seed in 0..<16 {
            let disk = try VirtualDisk(name: "power-names", seed: 1)
            do { _ = DiskWork(journal: "OFF", synchronous: "OFF").run(try DiskDatabase(disk), 1) }
            disk.losePower(PowerLoss(seed: UInt64(seed)))
            seen.insert(disk.files.map(\.name))
            #expect(Int(disk.counters.filesVanished) + disk.files.count == 1)
        }
        #expect(seen.count == 2, "a new file that was never synced vanishes or stays: \(seen)")

        seen = []
        var returned: UInt64 = 0
        for seed in 0..<16 {
            let disk = try VirtualDisk(name: "power-names", seed: 1)
            do { _ = DiskWork().run(try DiskDatabase(disk), 1) }
            // Closed: the write-ahead log was deleted, and the directory not synced.
            try #require(disk.files.map(\.name) == ["a.sqlite"])
            disk.losePower(PowerLoss(seed: UInt64(seed)))
            seen.insert(disk.files.map(\.name))
            returned += disk.counters.filesReturned
            #expect(DiskWork.found(disk) == 1)
        }
        #expect(seen == [["a.sqlite"], ["a.sqlite", "a.sqlite-wal"]] && returned > 0)
    }

    @Test func aKernelWritesBackWhenTooMuchWaits() throws {
        var model = VirtualDisk.Model()
        model.pendingBytesMax = 20_000
        let disk = try VirtualDisk(name: "power-writeback", seed: 1, model: model)
        let connection = try DiskDatabase(disk)
        #expect(DiskWork(synchronous: "OFF").run(connection, 100).acknowledged == 100)
        #expect(disk.counters.writebacks > 10 && disk.counters.syncs == 0)
    }
}
