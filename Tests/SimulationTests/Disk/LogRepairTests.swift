import CSQLiteSwitches
import Foundation
import CSQLite
import ParkSyncSimulation
import Testing

@testable import ParkSyncStore

/// What is done about a write-ahead log of which some may not be on the disk.
@Suite struct LogRepairTests {
    private func open(_ disk: VirtualDisk) throws -> Connection {
        try Connection(path: disk.path("log.sqlite"), role: .applier)
    }

    private func insert(_ connection: Connection, _ rows: Range<Int>) throws {
        try connection.transaction {
            for row in rows { try connection.execute("INSERT INTO t(id, text) VALUES(\(row), hex(zeroblob(400)))") }
        }
    }

    private func ready(_ name: String) throws -> (VirtualDisk, Connection) {
        var model = VirtualDisk.Model()
        model.characteristics = SQLITE_IOCAP_POWERSAFE_OVERWRITE
        let disk = try VirtualDisk(name: name, seed: 7, model: model)
        let connection = try open(disk)
        try connection.transaction { try connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT)") }
        try insert(connection, 0..<200)
        return (disk, connection)
    }

    @Test func whatTheDiskHoldsIsNotTouched() throws {
        let (disk, connection) = try ready("repair-nothing")
        disk.kill()
        _ = connection
        let again = try open(disk)
        let before = disk.counters.writes
        try again.endDoubt {}
        #expect(disk.counters.writes == before)
        #expect(try again.int64("SELECT count(*) FROM t") == 200)
    }

    /// A sync has failed, the kernel takes the pages for clean, and the process is killed: nobody
    /// is left who knows.
    @Test(arguments: 0..<20) func whatAFailedSyncLeftOutIsWritten(_ seed: UInt64) throws {
        let (disk, connection) = try ready("repair-\(seed)")
        disk.arm(.syncForgets, .at(1))
        #expect(throws: StoreError.self) { try insert(connection, 200..<260) }
        disk.kill()
        let again = try open(disk)
        let before = disk.counters.writes
        try again.endDoubt {}
        #expect(disk.counters.writes > before)
        try insert(again, 260..<270)
        disk.losePower(PowerLoss(seed: seed))
        #expect(try open(disk).int64("SELECT count(*) FROM t") == 270)
    }

    /// Whatever the power does to a repair, what was durable before stays.
    @Test(arguments: 1...40) func thePowerMayFailInTheMiddle(_ call: UInt64) throws {
        let (disk, connection) = try ready("repair-power-\(call)")
        disk.arm(.syncForgets, .at(1))
        #expect(throws: StoreError.self) { try insert(connection, 200..<260) }
        disk.kill()
        disk.arm(.powerLoss, .at(call))
        try? open(disk).endDoubt {}
        disk.losePower(PowerLoss(seed: call, keptPermille: 100, droppedPermille: 100))
        let found = try open(disk)
        #expect(try found.string("PRAGMA integrity_check") == "ok")
        #expect(try found.int64("SELECT count(*) FROM t") ?? 0 >= 200)
    }

    /// On file systems that tell.
    @Test func theDiskIsReadPastTheCache() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("medium-\(UUID().uuidString)").path
        defer { unlink(path) }
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let descriptor = parksync_medium_open(path)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 4_096)
        defer { buffer.deallocate() }
        #expect(parksync_medium_pread(descriptor, buffer.baseAddress, 16_384, 0) == 10_000)
        #expect(Array(buffer[..<10_000]) == bytes)
        #expect(parksync_medium_pread(descriptor, buffer.baseAddress, 4_096, 8_192) == 10_000 - 8_192)
        #expect(Array(buffer[..<(10_000 - 8_192)]) == Array(bytes[8_192...]))
        #expect(parksync_medium_pread(descriptor, buffer.baseAddress, 4_096, 12_288) == 0)
    }
}
