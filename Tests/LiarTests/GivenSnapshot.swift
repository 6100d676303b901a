import DaemonFixtures
import Foundation
import ParkSyncReports
import ParkSyncServer
import ServerFixtures
import Synchronization

/// A snapshot that a test gives to whoever asks; without one it refuses. It counts who does.
final class GivenSnapshot: RefusingTransfers {
    var refusal: any Error { FakeTransfers.problem }

    private struct State {
        var signed: [UInt8]?
        var path = ""
        var asked = 0
    }
    private let state = Mutex(State())

    var asked: Int { state.withLock { $0.asked } }

    func give(_ signed: [UInt8], _ path: String) { state.withLock { ($0.signed, $0.path) = (signed, path) } }

    func snapshotManifest(for park: String, entriesMin: UInt64) async throws -> [UInt8] {
        let signed = state.withLock { state in
            state.asked += 1
            return state.signed
        }
        guard let signed else { throw FakeTransfers.problem }
        return signed
    }

    func snapshot(_ id: String, for park: String) async throws -> CopyFile {
        let path = state.withLock { $0.path }
        guard let handle = FileHandle(forReadingAtPath: path) else { throw FakeTransfers.problem }
        let bytes = try handle.seekToEnd()
        try handle.seek(toOffset: 0)
        return CopyFile(handle: handle, bytes: bytes)
    }
}
