import DaemonFixtures
import Foundation
import ParkSyncServer
import ParkSyncWire
import parksync_liar

extension LyingMember {
    /// - Parameters:
    ///   - transfers: has the snapshots that it gives; nil for none.
    ///   - script: the frames that a park is told.
    convenience init(
        _ park: String, in zone: TestZone, transfers: (any TransferServing)? = nil,
        _ script: @escaping @Sendable (_ asker: String, _ request: LogRequest) -> [LogFrame]
    ) throws {
        let snapshots = transfers.map { transfers in
            Snapshots {
                try await transfers.snapshotManifest(for: $0, entriesMin: $1)
            } bytes: {
                Array(try await transfers.snapshot($0, for: $1).handle.readToEnd() ?? Data())
            }
        }
        self.init(folder: zone.folder.appendingPathComponent(park), port: zone.port(park), snapshots: snapshots) {
            LyingAnswer(script($0, $1))
        }
    }

    /// - Parameter answering: the whole answer that a park gets.
    convenience init(_ park: String, in zone: TestZone, answering: @escaping Script) throws {
        self.init(folder: zone.folder.appendingPathComponent(park), port: zone.port(park), snapshots: nil, answering)
    }

    /// The park's log, to be signed by its key.
    static func log(of park: String, in zone: TestZone) throws -> LyingLog {
        try log(of: park, folder: zone.folder.appendingPathComponent(park))
    }
}
