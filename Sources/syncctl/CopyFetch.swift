import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncStore
import ParkSyncWire

/// Brings a file that the node has made into a new file here, and lets the node forget it.
enum CopyFetch {
    static func fetch(_ id: String, bytes: UInt64, sha256: String, _ client: ControlClient, into target: NewFile) async throws {
        do {
            let handle = try target.open()
            try await client.download("\(WirePath.copies)/\(id)", to: FileSink(handle))
            try handle.close()
        } catch {
            _ = try? await client.send("DELETE", "\(WirePath.copies)/\(id)")
            throw error
        }
        _ = try await client.send("DELETE", "\(WirePath.copies)/\(id)")
        guard FileSystem.bytes(target.scratch) == bytes, Hex.encode(try FileSystem.hash(target.scratch)) == sha256 else {
            throw ControlFailure(reason: "the file that came is not the one that the node made", remedy: "Repeat; check this machine's disk.")
        }
    }
}
