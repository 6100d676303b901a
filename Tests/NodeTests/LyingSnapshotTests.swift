import Foundation
import ParkSyncCore
import ParkSyncServer
import ParkSyncWire
import Synchronization
import Testing
import parksync_liar

/// Real daemons beside a member that lies in its snapshots.
@Suite("A lying member's snapshot", .serialized, .timeLimit(.minutes(5))) struct LyingSnapshotTests {
    static let airport = origin("airport")

    static func write(_ zone: TestZone, _ park: String, _ name: String) async throws {
        try await zone.transact(
            park, "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')",
            [JSONValue(.string("\(park):organisation:\(name)"))])
    }

    @Test("A node that has data takes no snapshot because a peer says that it keeps too little") func unwantedSnapshot() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", environment: ["PARKSYNC_SNAPSHOT_ENTRIES_MIN": "1"])
        try await Self.write(zone, "south", "1")
        try await zone.agree(["south", "west"], covering: "south:1")
        let given = GivenSnapshot()
        let liar = try LyingMember("airport", in: zone, transfers: given) { _, request in
            [LyingMember.hello("airport", to: request, logged: [(Self.airport, 9)]), .gone(Self.airport, oldestKept: 7)]
        }
        try await liar.run {
            let status = try await zone.wait("south telling what it needs") {
                try await zone.status("south")
            } until: {
                $0.peers.first { $0.park == "airport" }?.lastError?.contains("syncctl snapshot fetch --from airport") == true
            }
            #expect(status.phase == .ready)
            _ = try await zone.wait("south's journal") {
                zone.log("south")
            } until: {
                $0.contains("event=snapshot.needed peer=airport")
            }
            try await Self.write(zone, "south", "2")
            #expect(given.asked == 0, "south has asked for a snapshot by itself\n\(zone.log("south"))")
            // The operator's word is another thing.
            let taken = try await TestProcess.run("syncctl", ["snapshot", "fetch", "--from", "airport", "--socket", zone.socket("south")])
            #expect(taken.status == 1 && given.asked == 1, "\(taken)")
        }
        try await zone.agree(["south", "west"], covering: "south:2")
        #expect(await zone.stopAll() == [0, 0])
    }
}

/// A snapshot that a test gives to whoever asks; without one it refuses. It counts who does.
final class GivenSnapshot: TransferServing, Sendable {
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

    func makeBackup() async throws -> BackupReport { throw FakeTransfers.problem }
    func makeBundle(_ request: BundleRequest) async throws -> BundleReport { throw FakeTransfers.problem }
    func copy(_ id: String) async throws -> CopyFile { throw FakeTransfers.problem }
    func dropCopy(_ id: String, isKept: Bool) async throws { throw FakeTransfers.problem }
    func takeImport(_ id: String, offset: UInt64, _ bytes: [UInt8]) async throws { throw FakeTransfers.problem }
    func importBundle(_ id: String) async throws -> ImportReport { throw FakeTransfers.problem }
    func fetchSnapshot(_ request: SnapshotRequest) async throws -> SnapshotProgress { throw FakeTransfers.problem }
    func snapshotProgress() async -> SnapshotProgress { SnapshotProgress(phase: .idle) }
}
