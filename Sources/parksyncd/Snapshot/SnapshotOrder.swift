import Foundation
import ParkSyncStore
import ParkSyncWire

/// An operator's word to take a park's snapshot, kept until it is done, also when the node ends meanwhile.
///
/// Without it a node takes a snapshot only as long as there is nothing that it would replace.
struct SnapshotOrder: Sendable {
    let databasePath: String

    private var path: String { databasePath + ".download-order" }

    func kept() -> SnapshotRequest? {
        guard let bytes = FileManager.default.contents(atPath: path), let park = String(data: bytes, encoding: .utf8), !park.isEmpty else {
            return nil
        }
        return SnapshotRequest(from: park)
    }

    func keep(_ request: SnapshotRequest) throws {
        do { try Data(request.from.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw StoreError(.readOnly, "\(path) cannot be written: \(error.localizedDescription)", remedy: "Check the state folder.")
        }
    }

    func drop() { unlink(path) }
}
