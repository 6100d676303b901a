import Testing

@testable import ParkSyncSimulation
@testable import ParkSyncStore

/// How a store waits for a lock that another program has, on a disk that counts the looks and has
/// time of its own.
@Suite struct LockWaitTests {
    @Test func aLockIsLookedAtEveryTenthOfAMillisecond() throws {
        let disk = try VirtualDisk(name: "lock-wait", seed: 1)
        let program = try DiskDatabase(disk, setup: VirtualDiskTests.wal + "CREATE TABLE t(a)")
        let connection = try Connection(path: disk.path("a.sqlite"), role: .applier, archive: "/nowhere")
        try program.execute("BEGIN IMMEDIATE")
        let before = disk.counters
        let refusal = #expect(throws: StoreError.self) { try connection.transaction {} }
        #expect(refusal?.code == .busy)
        // The disk's clock goes on by 100 ms with each look, and ten seconds are waited.
        let looks = disk.counters.sleeps - before.sleeps
        #expect(looks == 100 && disk.counters.sleptMicroseconds - before.sleptMicroseconds == looks * 100)
        #expect(
            try connection.transactionIfFree {} == nil && disk.counters.sleeps - before.sleeps == looks,
            "that one does not wait")
        try program.execute("COMMIT")
        try connection.transaction {}
        #expect(disk.counters.sleeps - before.sleeps == looks)
    }

    @Test func openingWaitsAsWell() throws {
        let disk = try VirtualDisk(name: "lock-wait-open", seed: 1)
        let program = try DiskDatabase(disk, setup: "CREATE TABLE t(a)")
        try program.execute("BEGIN EXCLUSIVE")
        #expect(throws: StoreError.self) {
            try Connection(path: disk.path("a.sqlite"), role: .reader, archive: "/nowhere")
        }
        #expect(disk.counters.sleptMicroseconds >= UInt64(LockWait.waitMicrosecondsMax) / 2)
        try program.execute("COMMIT")
        _ = try Connection(path: disk.path("a.sqlite"), role: .reader, archive: "/nowhere")
    }

    /// A new file has no write-ahead log yet. SQLite refuses to begin one at once while another
    /// program has the lock.
    @Test func beginningALogWaitsAsWell() throws {
        let disk = try VirtualDisk(name: "lock-wait-log", seed: 1)
        let program = try DiskDatabase(disk, setup: "CREATE TABLE t(a)")
        try program.execute("BEGIN IMMEDIATE")
        let refusal = #expect(throws: StoreError.self) {
            try Connection(path: disk.path("a.sqlite"), role: .applier, archive: "/nowhere")
        }
        #expect(refusal?.code == .busy)
        #expect(disk.counters.sleptMicroseconds >= UInt64(LockWait.waitMicrosecondsMax) / 1_000)
        try program.execute("COMMIT")
        _ = try Connection(path: disk.path("a.sqlite"), role: .applier, archive: "/nowhere")
    }
}
