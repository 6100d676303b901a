import Dispatch
import Foundation
import Synchronization
import Testing

@testable import ParkSyncFiles
@testable import ParkSyncStore

#if canImport(Glibc)
    import Glibc
#endif

/// Whose files are that take the place of others, where symbolic links lead, and what a lock says
/// that cannot be had.
@Suite struct FileOwnershipTests {
    /// A folder that is removed afterwards.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("pf-\(UUID().uuidString.prefix(8))")
            .path
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
        subscript(_ name: String) -> String { path + "/" + name }

        /// Makes a file, an SQLite database if `isDatabase`.
        func make(_ name: String, mode: mode_t, isDatabase: Bool = false) throws {
            if isDatabase {
                let connection = try Connection(path: self[name], role: .builder)
                try connection.execute("CREATE TABLE t(a)")
            } else {
                try Data().write(to: URL(fileURLWithPath: self[name]))
            }
            #expect(chmod(self[name], mode) == 0)
        }
    }

    private static let isRoot = geteuid() == 0

    // MARK: ownership

    @Test(arguments: [0o660, 0o600, 0o644, 0o640] as [mode_t])
    func aFileThatTakesAnothersPlaceKeepsItsMode(mode: mode_t) throws {
        let folder = try Folder()
        try folder.make("db", mode: mode, isDatabase: true)
        try folder.make("new", mode: 0o604, isDatabase: true)
        if Self.isRoot { #expect(chown(folder["db"], 4_001, 4_002) == 0) }
        let aside = try FileSwap.exchange(folder["db"], for: folder["new"], label: "x")
        let now = try #require(FileOwnership(of: folder["db"]))
        #expect(now == FileOwnership(of: try #require(aside)) && now.mode == UInt32(mode))
        if Self.isRoot { #expect(now.user == 4_001 && now.group == 4_002) }
    }

    @Test(arguments: [(0o2770, 0o660), (0o700, 0o600), (0o755, 0o640)] as [(mode_t, UInt32)])
    func withoutAnOldFileTheFolderDecides(folderMode: mode_t, mode: UInt32) throws {
        let folder = try Folder()
        try folder.make("new", mode: 0o604, isDatabase: true)
        #expect(chmod(folder.path, folderMode) == 0)
        if Self.isRoot { #expect(chown(folder.path, 4_001, 4_002) == 0 && chmod(folder.path, folderMode) == 0) }
        _ = try FileSwap.exchange(folder["db"], for: folder["new"], label: "x")
        let now = try #require(FileOwnership(of: folder["db"]))
        #expect(now.mode == mode)
        if Self.isRoot { #expect(now.user == 4_001 && now.group == 4_002) }
    }

    @Test func aNewDatabaseGetsWhatItsFolderGrants() throws {
        let folder = try Folder()
        #expect(chmod(folder.path, 0o2740) == 0)
        try FileOwnership.makeFile(folder["db"])
        #expect(FileOwnership(of: folder["db"])?.mode == 0o640)
        // One that is there loses what others than its owner and group could do with it.
        #expect(chmod(folder["db"], 0o604) == 0)
        try FileOwnership.makeFile(folder["db"])
        #expect(FileOwnership(of: folder["db"])?.mode == 0o600)
    }

    @Test func aLinkInTheWayIsNotFollowed() throws {
        let folder = try Folder()
        try folder.make("victim", mode: 0o644)
        #expect(symlink(folder["victim"], folder["new"]) == 0)
        #expect(throws: StoreError.self) {
            try FileOwnership(user: geteuid(), group: getegid(), mode: 0o666).apply(to: folder["new"])
        }
        #expect(FileOwnership(of: folder["victim"])?.mode == 0o644)
    }

    // MARK: links

    @Test func linksAreFollowedToTheEndAlsoToNothing() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder["disk"], withIntermediateDirectories: true)
        #expect(
            symlink("b", folder["a"]) == 0 && symlink("disk/../disk/c", folder["b"]) == 0
                && symlink(folder["disk/d"], folder["disk/c"]) == 0)
        #expect(FileSystem.resolvingLinks(folder["a"]).hasSuffix("/disk/d"))
        #expect(FileSystem.resolvingLinks(folder["plain"]) == folder["plain"])
        #expect(symlink("y", folder["x"]) == 0 && symlink("x", folder["y"]) == 0)
        #expect(FileSystem.resolvingLinks(folder["x"]) == folder["x"], "a circle leads nowhere")
    }

    // MARK: the lock

    private static func refusal(_ path: String) -> StoreError? {
        do {
            _ = try StateLock(path: path)
            return nil
        } catch { return error as? StoreError }
    }

    @Test func onlyALockThatSomebodyHoldsIsBusy() throws {
        let folder = try Folder()
        let held = try StateLock(path: folder["db.lock"])
        #expect(Self.refusal(folder["db.lock"])?.code == .busy)
        held.release()
        #expect(Self.refusal(folder["db.lock"]) == nil)
        let missing = try #require(Self.refusal(folder["nowhere/db.lock"]))
        #expect(missing.code == .readOnly && missing.reason.contains("nowhere/db.lock"))
        try FileManager.default.createDirectory(atPath: folder["dir.lock"], withIntermediateDirectories: true)
        #expect(Self.refusal(folder["dir.lock"])?.code == .readOnly)
    }

    /// Another thread that opens files all the time keeps what it opens.
    @Test func aLockThatIsRefusedClosesNothingOfOthers() throws {
        let folder = try Folder()
        let path = folder["db.lock"]
        let held = try StateLock(path: path)
        let lost = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            for _ in 0..<20_000 {
                if thread == 0 {
                    _ = Self.refusal(path)
                } else {
                    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
                    var found = stat()
                    if fstat(descriptor, &found) != 0 { lost.withLock { $0 += 1 } }
                    if close(descriptor) != 0 { lost.withLock { $0 += 1 } }
                }
            }
        }
        #expect(lost.withLock { $0 } == 0)
        held.release()
    }

    @Test(.enabled(if: isRoot, "only root can give files away"))
    func aLockThatRootMakesIsTheNodesOwn() throws {
        let folder = try Folder()
        #expect(chown(folder.path, 4_001, 4_002) == 0)
        _ = try StateLock(path: folder["db.lock"])
        #expect(FileOwnership(of: folder["db.lock"]) == FileOwnership(user: 4_001, group: 4_002, mode: 0o600))
    }
}
