import Crypto
import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncStore
import ParkSyncWire
import Synchronization
import Testing

@testable import parksyncd

/// A park that gives its snapshot late, slowly or never, on virtual time.
@Suite("A snapshot that takes its time", .endsInTime) struct SnapshotPatienceTests {
    private final class Files {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "parksync-patience-\(UUID().uuidString)")
        init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: folder) }
    }

    private let key = Curve25519.Signing.PrivateKey()
    private let clock = RacingClock(sleepers: 2)

    private func manifest(bytes: UInt64) throws -> [UInt8] {
        let manifest = SnapshotManifest(
            park: "airport", id: [UInt8](repeating: 3, count: SnapshotManifest.idBytes), madeAt: 1, schemaNumber: 1,
            schemaHash: [UInt8](repeating: 4, count: 32), vector: VersionVector(), heads: [],
            stateHash: [UInt8](repeating: 5, count: 32),
            bytes: bytes,
            hash: [UInt8](repeating: 6, count: 32))
        return try manifest.signed(by: key)
    }

    private func download(_ source: SlowSource, _ files: Files) -> SnapshotDownload {
        SnapshotDownload(
            peers: source, databasePath: files.folder.path + "/database",
            members: ["airport": Array(key.publicKey.rawRepresentation)], clock: clock,
            report: { _, _, _ in })
    }

    /// - Returns: virtual milliseconds until it was given up.
    private func givenUp(_ source: SlowSource) async throws -> UInt64 {
        let files = try Files()
        let begun = clock.monotonicMilliseconds()
        let error = await #expect(throws: StoreError.self) {
            _ = try await download(source, files).run(from: "airport", entriesMin: 0)
        }
        #expect(error?.code == .timeout && error?.reason.contains("airport") == true, "\(String(describing: error))")
        return clock.monotonicMilliseconds() - begun
    }

    @Test(
        "Said for ever to be being made, or with a manifest that never ends, it is given up after ten minutes",
        arguments: [false, true])
    func making(drips: Bool) async throws {
        let source = SlowSource { [clock] in
            repeat { try await clock.sleep(until: clock.monotonicMilliseconds() + 19_000) } while drips
            throw PeerRefusal(status: 503, kind: "snapshot-pending", reason: "It takes longer.", remedy: "Ask again.")
        } bytes: { _, _ in
        }
        #expect(try await givenUp(source) == 600_000)
    }

    @Test(
        "A byte at a time, on one transfer or on many, it is given up after two minutes and a second for each 8 KiB",
        arguments: [1, 100, 20_000])
    func transfer(bytesAtOnce: Int) async throws {
        for staysOpen in [true, false] {
            let signed = try manifest(bytes: 1 << 24)
            let source = SlowSource {
                signed
            } bytes: { [clock] _, sink in
                repeat {
                    try await clock.sleep(until: clock.monotonicMilliseconds() + 5_000)
                    try sink.write([UInt8](repeating: 1, count: bytesAtOnce))
                } while staysOpen
                throw LinkFailure(.broken, "it broke", remedy: "None.")
            }
            let taken = try await givenUp(source)
            // 20,000 bytes, which take five seconds, or seven with a new transfer, buy two more.
            let expected: ClosedRange<UInt64> =
                bytesAtOnce < 8_192 ? 120_000...121_000 : staysOpen ? 225_000...240_000 : 175_000...190_000
            #expect(expected.contains(taken), "\(bytesAtOnce) bytes, \(staysOpen): \(taken) ms")
        }
    }

    @Test("What is slow and goes on comes whole, also over minutes in which the park is not there") func slowAndHonest()
        async throws
    {
        let files = try Files()
        let size = 4 << 20
        let signed = try manifest(bytes: UInt64(size))
        let tries = Mutex(0)
        let source = SlowSource {
            signed
        } bytes: { [clock] offset, sink in
            let number = tries.withLock { tries in
                tries += 1
                return tries
            }
            if number % 20 != 0 {
                try await clock.sleep(until: clock.monotonicMilliseconds() + 10_000)
                throw LinkFailure(.unreachable, "nobody is there", remedy: "None.")
            }
            for _ in 0..<64 where Int(offset) < size {
                try await clock.sleep(until: clock.monotonicMilliseconds() + 2_000)
                try sink.write([UInt8](repeating: 1, count: 16_384))
            }
            if Int(offset) + 64 * 16_384 < size { throw LinkFailure(.broken, "it broke", remedy: "None.") }
        }
        let manifest = try await download(source, files).run(from: "airport", entriesMin: 0)
        #expect(
            manifest.bytes == UInt64(size) && FileSystem.bytes(files.folder.path + "/database.download") == UInt64(size)
        )
    }

    @Test("A park that has always made another one is not asked for ever") func alwaysAnother() async throws {
        let files = try Files()
        let signed = try manifest(bytes: 100)
        let source = SlowSource {
            signed
        } bytes: { _, _ in
            throw PeerRefusal(
                status: 404, kind: "unknown-snapshot", reason: "There is another one.", remedy: "Ask again.")
        }
        let refusal = await #expect(throws: PeerRefusal.self) {
            _ = try await download(source, files).run(from: "airport", entriesMin: 0)
        }
        #expect(refusal?.kind == "unknown-snapshot" && source.asked == SnapshotDownload.snapshotsMax)
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.folder.path) == [])
    }
}

/// A park that a test plays.
private final class SlowSource: SnapshotSource {
    private let makes: @Sendable () async throws -> [UInt8]
    private let gives: @Sendable (_ offset: UInt64, _ sink: any ByteSink) async throws -> Void
    private let count = Mutex(0)

    /// How often it was asked for its snapshot.
    var asked: Int { count.withLock { $0 } }

    init(
        _ makes: @escaping @Sendable () async throws -> [UInt8],
        bytes gives: @escaping @Sendable (_ offset: UInt64, _ sink: any ByteSink) async throws -> Void
    ) {
        (self.makes, self.gives) = (makes, gives)
    }

    func manifest(of peer: String, entriesMin: UInt64, bytesMax: Int) async throws -> [UInt8] {
        count.withLock { $0 += 1 }
        return try await makes()
    }

    func download(_ id: String, of peer: String, from offset: UInt64, to sink: any ByteSink) async throws {
        try await gives(offset, sink)
    }
}

/// A clock that goes on to the next sleeper's time when all who may sleep do.
private final class RacingClock: NodeClock {
    private struct State {
        var now: UInt64 = 1_000
        var sleepers: [Int: (deadline: UInt64, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var made = 0
    }

    private let state = Mutex(State())
    private let count: Int

    /// - Parameter sleepers: how many tasks there are that sleep.
    init(sleepers: Int) { count = sleepers }

    func monotonicMilliseconds() -> UInt64 { state.withLock { $0.now } }
    func wallMilliseconds() -> UInt64 { monotonicMilliseconds() }

    func sleep(until deadline: UInt64) async throws {
        let number = state.withLock { state in
            state.made += 1
            return state.made
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let due = state.withLock { state -> (CheckedContinuation<Void, any Error>, Result<Void, any Error>)? in
                    if state.cancelled.remove(number) != nil { return (continuation, .failure(CancellationError())) }
                    state.sleepers[number] = (deadline, continuation)
                    guard state.sleepers.count == count else { return nil }
                    // Of two at one moment the one that came first.
                    guard
                        let next = state.sleepers.min(by: { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) })
                    else { return nil }
                    state.sleepers[next.key] = nil
                    state.now = max(state.now, next.value.deadline)
                    return (next.value.continuation, .success(()))
                }
                if let due { due.0.resume(with: due.1) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: number)
                if sleeper == nil { state.cancelled.insert(number) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
