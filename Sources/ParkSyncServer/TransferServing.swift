import Foundation

/// What the routes for whole files need of the node: those of the local API, and those of peers.
/// Errors thrown are `ProblemDetails` where the cause is known.
package protocol TransferServing: TransferAPI {
    /// The signed manifest of a snapshot for a peer.
    ///
    /// - Parameter entriesMin: a snapshot of fewer entries is not worth its while to the peer.
    func snapshotManifest(for park: String, entriesMin: UInt64) async throws -> [UInt8]
    func snapshot(_ id: String, for park: String) async throws -> CopyFile
}

/// Refuses in one way whatever it does not do itself.
package protocol RefusingTransfers: TransferServing {
    var refusal: any Error { get }
}

extension RefusingTransfers {
    package func snapshotManifest(for park: String, entriesMin: UInt64) async throws -> [UInt8] { throw refusal }
    package func snapshot(_ id: String, for park: String) async throws -> CopyFile { throw refusal }
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
