import Foundation
import ParkSyncCore
import ParkSyncWire
import parksync_liar

/// A park's origin by its name.
func origin(_ name: some StringProtocol) -> OriginID {
    guard let origin = OriginID(name) else { preconditionFailure("\(name) is not an origin") }
    return origin
}

extension LyingMember {
    /// - Parameter script: the frames that a park is told.
    convenience init(
        _ park: String, in zone: TestZone,
        _ script: @escaping @Sendable (_ asker: String, _ request: LogRequest) -> [LogFrame]
    ) {
        self.init(folder: zone.folder.appendingPathComponent(park), port: zone.port(park)) { LyingAnswer(script($0, $1)) }
    }

    /// The park's log, to be signed by its key.
    static func log(of park: String, in zone: TestZone) throws -> LyingLog {
        try log(of: park, folder: zone.folder.appendingPathComponent(park))
    }
}
