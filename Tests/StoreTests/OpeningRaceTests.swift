import Foundation
import CSQLite
import Synchronization
import Testing

@testable import ParkSyncStore

/// What somebody else's opening or closing of the same file does to ours.
@Suite(.serialized) struct OpeningRaceTests {
    /// How often the file system still finds that somebody else has deleted a file first.
    private static let others = Mutex(0)

    /// The system's own file system, in which somebody else is a moment faster at deleting. Once
    /// for the process: SQLite keeps the pointer.
    private static let vfs: String = {
        let name = "parksync-faster"
        guard let system = sqlite3_vfs_find(nil) else { return "" }
        let shim = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        shim.initialize(to: system.pointee)
        shim.pointee.zName = UnsafePointer(strdup(name))
        shim.pointee.pNext = nil
        shim.pointee.xDelete = { _, path, sync in
            let isFirst = OpeningRaceTests.others.withLock { others in
                defer { others = max(0, others - 1) }
                return others > 0
            }
            let system = sqlite3_vfs_find(nil)
            if isFirst, let path { unlink(path) }
            let result = system?.pointee.xDelete?(system, path, sync) ?? SQLITE_ERROR
            // Another earlier log, as of a third one that opens an empty file.
            if isFirst, OpeningRaceTests.others.withLock({ $0 > 0 }), let path { OpeningRaceTests.leaveLog(path) }
            return result
        }
        return sqlite3_vfs_register(shim, 0) == SQLITE_OK ? name : ""
    }()

    private static func leaveLog(_ path: UnsafePointer<CChar>) {
        guard let file = fopen(path, "w") else { return }
        fputc(1, file)
        fclose(file)
    }

    /// An empty database, with the log of an earlier one beside it.
    private func emptyFile(_ folder: ScratchFolder) throws -> String {
        let path = folder.path + "/south.sqlite"
        try Data().write(to: URL(fileURLWithPath: path))
        try Data(repeating: 1, count: 4_096).write(to: URL(fileURLWithPath: path + "-wal"))
        return "file:\(path)?vfs=\(Self.vfs)"
    }

    @Test func aLogThatSomebodyElseDeletesFirstIsNoFailure() throws {
        try #require(Self.vfs != "")
        let folder = try ScratchFolder()
        let path = try emptyFile(folder)
        Self.others.withLock { $0 = 1 }
        let connection = try Connection(path: path, role: .applier)
        #expect(Self.others.withLock { $0 } == 0, "nobody has deleted the log")
        try connection.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
        #expect(try connection.int64("SELECT a FROM t") == 1)
    }

    /// The same over and over again: it ends, with SQLite's code for it.
    @Test func thatDoesNotGoOnForEver() throws {
        try #require(Self.vfs != "")
        let folder = try ScratchFolder()
        let path = try emptyFile(folder)
        Self.others.withLock { $0 = 1_000 }
        defer { Self.others.withLock { $0 = 0 } }
        let error = #expect(throws: StoreError.self) { try Connection(path: path, role: .applier) }
        #expect(
            error?.sqliteCode == StoreError.goneAlready && error?.reason.hasSuffix("(SQLite 5898)") == true,
            "\(String(describing: error))")
        #expect(Self.others.withLock { $0 } == 980)
    }

    /// SQLite says so of the wal-index only that way.
    @Test func aFullDiskIsToldAsThatOfTheWalIndexToo() {
        for error in [
            StoreError.opening("x", 4_874, "disk I/O error", isOwn: true),
            StoreError.sqlite(4_874, connection: nil, doing: "Reading"),
        ] {
            #expect(
                error.code == .diskFull && error.remedy.contains("Free disk space") && error.sqliteCode == 4_874,
                "\(error)")
        }
    }
}
