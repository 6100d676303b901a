import ArgumentParser
import Foundation
import ParkSyncStore

/// A file that appears under its name when it is whole and on the disk, and not before.
struct NewFile {
    let path: String
    /// Where it is made.
    let scratch: String

    /// - Throws: `ValidationError` if there is such a file already.
    init(_ path: String) throws {
        self.path = path
        scratch = path + ".part"
        guard !FileSystem.exists(path) else {
            throw ValidationError("\(path) exists. Name a file that does not; none is overwritten.")
        }
    }

    /// Opens the scratch file, readable for its owner only.
    func open() throws -> FileHandle {
        discard()
        let descriptor = Foundation.open(scratch, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                .readOnly, "\(scratch) cannot be made: \(String(cString: strerror(errno)))",
                remedy: "Check the folder, its permissions and the free space.")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Brings the file to the disk, and gives it its name.
    func commit() throws {
        try FileSystem.sync(scratch)
        try FileSystem.rename(scratch, to: path)
    }

    func discard() { FileSystem.removeDatabase(scratch) }
}
