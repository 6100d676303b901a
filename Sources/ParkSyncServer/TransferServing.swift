import Foundation
import ParkSyncReports

/// What the routes for whole files need of the node. Errors thrown are `ProblemDetails` where the
/// cause is known.
package protocol TransferServing: Sendable {
    /// Makes and verifies a backup, which can be fetched for a while.
    func makeBackup() async throws -> BackupReport
    /// Makes a bundle, which can be fetched for a while.
    func makeBundle(_ request: BundleRequest) async throws -> BundleReport
    /// A file that was made to be fetched.
    func copy(_ id: String) async throws -> CopyFile
    /// The copy is not needed any more. Does nothing if there is none.
    ///
    /// - Parameter isKept: whether all of it has arrived where it is kept.
    func dropCopy(_ id: String, isKept: Bool) async throws
    /// Takes a part of a bundle, which comes in order.
    func takeImport(_ id: String, offset: UInt64, _ bytes: [UInt8]) async throws
    /// Imports the bundle whose parts have come.
    func importBundle(_ id: String) async throws -> ImportReport
    /// Begins to take a park's snapshot.
    func fetchSnapshot(_ request: SnapshotRequest) async throws -> SnapshotProgress
    func snapshotProgress() async -> SnapshotProgress

    /// The signed manifest of a snapshot for a peer.
    ///
    /// - Parameter entriesMin: a snapshot of fewer entries is not worth its while to the peer.
    func snapshotManifest(for park: String, entriesMin: UInt64) async throws -> [UInt8]
    func snapshot(_ id: String, for park: String) async throws -> CopyFile
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
