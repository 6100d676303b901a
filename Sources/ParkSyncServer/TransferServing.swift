import Foundation
import ParkSyncWire

/// What the routes for whole files need of the node. Errors thrown are `ProblemDetails` where the cause is known.
package protocol TransferServing: Sendable {
    /// Makes and verifies a backup, which can be fetched for a while.
    func makeBackup() async throws -> BackupReport
    /// A file that was made to be fetched.
    func copy(_ id: String) async throws -> CopyFile
    /// The copy is not needed any more. Does nothing if there is none.
    func dropCopy(_ id: String) async
}

/// A file that is being sent. It can be read to its end even if its name goes away meanwhile.
package struct CopyFile: Sendable {
    package var handle: FileHandle
    package var bytes: UInt64
    /// Held as long as somebody reads.
    package var lease: (any Sendable)?

    package init(handle: FileHandle, bytes: UInt64, lease: (any Sendable)? = nil) {
        self.handle = handle
        self.bytes = bytes
        self.lease = lease
    }
}
