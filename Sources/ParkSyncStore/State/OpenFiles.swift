import Foundation

/// Which files a store has open, and whether they are still those at their paths.
///
/// A file that is moved, deleted or replaced stays open, and SQLite goes on writing it. Nobody else
/// sees that, and nothing of it is there at the next start.
struct OpenFiles: Sendable {
    private struct Mark: Sendable {
        var path: String
        var device: UInt64
        var number: UInt64
    }

    private let marks: [Mark]

    /// What is at the paths now, that is when SQLite has just opened it. A file that is on no real
    /// disk is not watched.
    ///
    /// - Parameter path: the database's, as SQLite calls it.
    init(path: String) {
        marks = ["", "-wal", "-shm"].compactMap { suffix in
            Self.look(path + suffix).map { Mark(path: path + suffix, device: $0.device, number: $0.number) }
        }
    }

    /// A few microseconds: one call of the kernel for each file.
    ///
    /// - Throws: `StoreError.damaged` that names the first file which is not the open one.
    func check() throws {
        for mark in marks {
            let found = Self.look(mark.path)
            if let found, found.device == mark.device, found.number == mark.number { continue }
            throw Self.damage(mark.path, isGone: found == nil, isMain: mark.path == marks.first?.path)
        }
    }

    private static func damage(_ path: String, isGone: Bool, isMain: Bool) -> StoreError {
        let what = isGone ? "was moved away or deleted" : "was replaced by another file"
        let goesOn = "Put the file that was there back, and the node goes on."
        return StoreError.ofFile(
            "\(path) \(what) while the node has it open: what is written from now on would be lost",
            remedy: isMain
                ? """
                \(goesOn) If it is lost, restart the node: it fetches its state and its own log back from its \
                peers; or restore a backup first.
                """
                : "\(goesOn) If it is lost, let no program write the database, and restart the node: it writes "
                    + "what it holds into the database file when "
                    + "it ends, and compares its log with its peers' when it starts.")
    }

    private static func look(_ path: String) -> (device: UInt64, number: UInt64)? {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        return (UInt64(truncatingIfNeeded: found.st_dev), UInt64(truncatingIfNeeded: found.st_ino))
    }
}
