import Foundation
import CSQLite
import ParkSyncCore
import ParkSyncReplication
import Synchronization
import Testing

@testable import ParkSyncStore

/// What the applier commits is visible before its sync, and published after it.
@Suite struct LateSyncTests {
    private let insert = "INSERT INTO plain(id, a) VALUES('r', 1)"

    private func slice(_ federation: Federation) async throws -> LogSlice {
        try await federation.write("south", insert)
        return try #require(
            try federation["south"].read(origin: try federation.origin("south"), after: 0, bytesMax: 1 << 20))
    }

    @Test func aReceivedRowIsVisibleBeforeTheSyncAndPublishedAfterIt() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let slice = try await slice(federation)
        let west = try federation["west"]
        let origin = try federation.origin("south")
        let reader = try Connection(path: federation.path("west"), role: .reader)
        let seen = Seen()
        let sync = try LogSync(west) {
            let rows = (try? reader.int64("SELECT count(*) FROM plain")) ?? -1
            seen.add(rows, west.state().logged[origin], west.state().applied[origin])
            return SQLITE_OK
        }
        try await west.receive(slice)
        sync.restore()
        #expect(seen.first == [1, 0, 0], "the row is there, and nobody was told of it")
        #expect(west.state().applied[origin] == 1 && west.state().logged[origin] == 1)
    }

    @Test func whatCouldNotBeSyncedIsNeitherPublishedNorBuiltUpon() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let slice = try await slice(federation)
        let west = try federation["west"]
        let origin = try federation.origin("south")
        // A write of this node that is not folded yet, and one of another program that the failing
        // transaction seals.
        try await federation.write(
            "west", "INSERT INTO plain(id, a) VALUES('own', 1)", "DELETE FROM plain WHERE id = 'own'")
        try federation.foreign(
            "west", "sqlite3", ["-batch", "-bail"], input: "INSERT INTO plain(id, a) VALUES('foreign', 1);\n")
        let before = west.state()
        let sync = try LogSync(west) { WriteAheadLog.syncFailed }
        for _ in 0..<2 {
            let error = await #expect(throws: StoreError.self) { try await west.receive(slice) }
            #expect(error?.code == .damaged)
            #expect(west.state() == before)
        }
        let error = await #expect(throws: StoreError.self) {
            try await federation.write("west", "INSERT INTO plain(id, a) VALUES('own', 2)")
        }
        #expect(error?.code == .damaged && west.state() == before, "a local transaction may not build on it either")
        await #expect(throws: StoreError.self) { try await west.housekeep() }

        sync.restore()
        try await federation.write("west", "INSERT INTO plain(id, a) VALUES('own', 2)")
        #expect(west.state().applied[origin] == 1, "the file held it all the time")
        #expect(
            try await federation.rows("west", "SELECT id FROM plain ORDER BY id")
                == ["foreign", "own", "r"].map { [.string($0)] })
        try await west.receive(slice)
        try await expectSame(federation)
        #expect(
            try await federation.rows("south", "SELECT id FROM plain ORDER BY id")
                == ["foreign", "own", "r"].map { [.string($0)] })
    }

    @Test func theSyncAfterASealOfForeignWritesMayFailToo() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let west = try federation["west"]
        // The row's causal length is known from the tail only, which a state read anew must not
        // forget.
        try await federation.write("west", insert)
        try await federation.write("west", "DELETE FROM plain WHERE id = 'r'")
        try federation.foreign(
            "west", "sqlite3", ["-batch", "-bail"], input: "INSERT INTO plain(id, a) VALUES('r', 5);\n")
        let before = west.state()
        let sync = try LogSync(west) { WriteAheadLog.syncFailed }
        await #expect(throws: StoreError.self) { try await west.sealForeign() }
        #expect(west.state() == before)
        sync.restore()
        try await west.sealForeign()
        #expect(west.state().logged[try federation.origin("west")] == 3)
        try await expectSame(federation)
        #expect(try await federation.rows("south", "SELECT a FROM plain") == [[.integer(5)]])
    }

    /// At a node with peers an entry waits for its signature only while the log is being compared.
    @Test func whatIsSealedWhenAFailedSyncIsSettledIsServed() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let origin = try federation.origin("west")
        federation.closeWithoutCheckpoint("west")
        let west = try federation.open("west", checks: true)
        try await federation.check("west", peers: ["south"])
        let sync = try LogSync(west) { WriteAheadLog.syncFailed }
        await #expect(throws: StoreError.self) { try await west.receive(try await slice(federation)) }
        try federation.foreign(
            "west", "sqlite3", ["-batch", "-bail"], input: "INSERT INTO plain(id, a) VALUES('foreign', 1);\n")
        await #expect(throws: StoreError.self) { try await west.sealForeign() }
        sync.restore()
        // The row is sealed while the doubt is settled, and there is nothing more to seal.
        #expect(try await west.sealForeign() == .nothing)
        #expect(west.state().applied[origin] == 1 && west.state().logged[origin] == 1)
        try await expectSame(federation)
    }

    @Test func aTransactionThatWritesNothingIsNotSynced() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let west = try federation["west"]
        try await west.housekeep()
        let seen = Seen()
        let sync = try LogSync(west) {
            seen.add(1)
            return SQLITE_OK
        }
        for _ in 0..<3 { #expect(try await west.sealForeign() == .nothing) }
        sync.restore()
        #expect(seen.first == nil)
    }

    private final class Seen: Sendable {
        private let calls = Mutex<[[Int64]]>([])
        func add(_ rows: Int64, _ vectors: UInt64...) {
            calls.withLock { $0.append([rows] + vectors.map(Int64.init)) }
        }
        var first: [Int64]? { calls.withLock { $0.first } }
    }
}

/// Puts a function before the sync of the log's file under a store's applier, on the store's queue.
private final class LogSync: @unchecked Sendable {
    // Set in the initialiser and only read afterwards; what the pointers name is the queue's.
    private let file: UnsafeMutablePointer<sqlite3_file>
    private let original: UnsafePointer<sqlite3_io_methods>
    private let replaced: UnsafeMutablePointer<sqlite3_io_methods>
    private let store: ParkStore

    /// By the address of their file.
    fileprivate static let hooks = Mutex<[UInt: LogSync]>([:])
    fileprivate let before: @Sendable () -> Int32
    fileprivate var sync: (@convention(c) (UnsafeMutablePointer<sqlite3_file>?, Int32) -> Int32)? {
        original.pointee.xSync
    }

    init(_ store: ParkStore, before: @escaping @Sendable () -> Int32) throws {
        var file: UnsafeMutablePointer<sqlite3_file>?
        // The connection is the queue's.
        store.core.sync {
            _ = sqlite3_file_control($0.applier.connection.handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file)
        }
        self.file = try #require(file)
        original = try #require(self.file.pointee.pMethods)
        replaced = .allocate(capacity: 1)
        replaced.initialize(to: original.pointee)
        replaced.pointee.xSync = { file, flags in
            guard let file, let hook = LogSync.hooks.withLock({ $0[UInt(bitPattern: file)] }) else {
                return WriteAheadLog.syncFailed
            }
            let result = hook.before()
            return result == SQLITE_OK ? hook.sync?(file, flags) ?? WriteAheadLog.syncFailed : result
        }
        self.store = store
        self.before = before
        Self.hooks.withLock { $0[UInt(bitPattern: self.file)] = self }
        store.queue.sync { self.file.pointee.pMethods = UnsafePointer(replaced) }
    }

    func restore() {
        store.queue.sync { file.pointee.pMethods = original }
        _ = Self.hooks.withLock { $0.removeValue(forKey: UInt(bitPattern: file)) }
    }

    deinit { replaced.deallocate() }
}
