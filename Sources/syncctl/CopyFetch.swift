import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire

/// Brings a file that the node has made into a new file here, and lets the node forget it.
enum CopyFetch {
    /// - Parameter target: gets its name when the file has come whole.
    static func fetch(_ id: String, bytes: UInt64, sha256: String, _ client: ControlClient, into target: NewFile)
        async throws
    {
        let path = "\(LocalPath.copies)/\(id)"
        do {
            let handle = try target.open()
            try await client.download(path, to: FileSink(handle))
            try handle.close()
            guard FileSystem.bytes(target.scratch) == bytes, Hex.encode(try FileSystem.hash(target.scratch)) == sha256
            else {
                throw ControlFailure(
                    reason: "the file that came is not the one that the node made",
                    remedy: "Repeat; check this machine's disk.")
            }
            try target.commit()
        } catch {
            _ = try? await client.send("DELETE", path)
            throw error
        }
        // The file is here. Without this word the node only takes its last backup for older than it
        // is.
        _ = try? await client.send("DELETE", path, [("kept", "1")])
    }
}
