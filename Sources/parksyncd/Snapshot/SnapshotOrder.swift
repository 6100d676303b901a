import Foundation
import ParkSyncReports
import ParkSyncStore

/// An operator's word to take a park's snapshot, kept until it is done, also when the node ends
/// meanwhile.
///
/// Without it a node takes a snapshot only as long as there is nothing that it would replace.
struct SnapshotOrder: Sendable {
    let databasePath: String

    private var path: String { databasePath + ".download-order" }

    private static let waiver = "without confirmation"

    func kept() -> SnapshotRequest? {
        guard let bytes = FileManager.default.contents(atPath: path), let text = String(data: bytes, encoding: .utf8)
        else { return nil }
        let words = text.split(separator: " ", maxSplits: 1)
        guard let park = words.first else { return nil }
        return SnapshotRequest(
            from: String(park), withoutConfirmation: words.count > 1 && words[1] == Self.waiver ? true : nil)
    }

    func keep(_ request: SnapshotRequest) throws {
        let text = request.from + (request.withoutConfirmation == true ? " " + Self.waiver : "")
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw FileSystem.notWritten(path, error)
        }
    }

    func drop() { unlink(path) }
}
