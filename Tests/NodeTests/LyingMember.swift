import Crypto
import Foundation
import Logging
import ParkSyncCore
import ParkSyncReplication
import ParkSyncServer
import ParkSyncWire
import ServiceLifecycle
import Synchronization

/// A park's origin by its name.
func origin(_ name: some StringProtocol) -> OriginID {
    guard let origin = OriginID(name) else { preconditionFailure("\(name) is not an origin") }
    return origin
}

/// A park with its real certificate and signing key whose software is the test's: it answers each peer with the frames that the test wants.
final class LyingMember: PeerFeedServing, Sendable {
    /// What is said to a park that asks.
    typealias Script = @Sendable (_ asker: String, _ request: LogRequest) -> [LogFrame]

    /// A log that the park signs, whatever it says.
    struct Log {
        let origin: OriginID
        let key: Curve25519.Signing.PrivateKey
        private(set) var seq: UInt64 = 0
        private(set) var hash = EntryChain.genesis
        /// Payloads behind the newest signed slice.
        private(set) var waiting: [[UInt8]] = []

        init(_ origin: OriginID, key: Curve25519.Signing.PrivateKey) { (self.origin, self.key) = (origin, key) }

        /// Adds an entry that changes no row of a park, and perhaps says something of the logs.
        mutating func append(_ note: String, _ records: [ControlRecord] = [], dependencies: [VersionVector.Element] = []) {
            seq += 1
            let stamp = Stamp(milliseconds: UInt64(Date().timeIntervalSince1970 * 1_000), counter: UInt16(truncatingIfNeeded: seq))
            let header = EntryHeader(
                origin: origin, seq: seq, stamp: stamp, schemaNumber: 1, dependencies: dependencies, seenHash: EntryChain.genesis, note: note)
            var writer = ChangeWriter(header: header, tableCount: records.isEmpty ? 0 : 1)
            if !records.isEmpty { writer.controls(records) }
            let payload = writer.writer.bytes
            hash = Array(SHA256.hash(data: EntryChain.hashDomain + hash + payload))
            waiting.append(payload)
        }

        /// The entries that were added since the last slice.
        mutating func slice() throws -> LogSlice {
            var body = ByteWriter()
            for payload in waiting { body.prefixed(payload) }
            defer { waiting = [] }
            return LogSlice(
                origin: origin, first: seq + 1 - UInt64(waiting.count), count: waiting.count, body: body.bytes, signature: try head().signature)
        }

        func head() throws -> LogBranch.Head {
            let message = EntryChain.headMessage(origin: origin, seq: seq, hash: hash)
            return LogBranch.Head(seq: seq, hash: hash, signature: Array(try key.signature(for: message)))
        }
    }

    let origin: OriginID
    let key: Curve25519.Signing.PrivateKey
    private let port: Int
    private let files: PeerCertificates.Files
    private let script: Script

    init(_ park: String, in zone: TestZone, _ script: @escaping Script) throws {
        guard let origin = OriginID(park),
            let bytes = Data(base64Encoded: try Self.keyText(park, zone).trimmingCharacters(in: .whitespacesAndNewlines))
        else { throw RawHTTPConnection.Failure(description: "\(park) has no key") }
        self.origin = origin
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        port = zone.port(park)
        files = PeerCertificates.Files(
            certificate: zone.file(park, "node.crt").path, key: zone.file(park, "node.key").path, authority: zone.file(park, "zone-ca.crt").path)
        self.script = script
    }

    private static func keyText(_ park: String, _ zone: TestZone) throws -> String {
        try String(contentsOf: zone.file(park, "identity.key"), encoding: .utf8)
    }

    /// The park's signing key, for logs that are made before it runs.
    static func log(of park: String, in zone: TestZone) throws -> Log {
        let member = try LyingMember(park, in: zone) { _, _ in [] }
        return Log(member.origin, key: member.key)
    }

    /// What the park says of itself: the schema is the asker's.
    static func hello(_ park: String, to request: LogRequest, logged: [(OriginID, UInt64)]) -> LogFrame {
        var state = request.state
        state.origin = OriginID(park) ?? state.origin
        (state.applied, state.logged, state.digest) = (VersionVector(logged), VersionVector(logged), nil)
        return .hello(state, protocolVersion: WireLimits.protocolVersion, wallMilliseconds: UInt64(Date().timeIntervalSince1970 * 1_000))
    }

    func serve(request: [UInt8], from park: String, send: @escaping @Sendable ([UInt8]) async throws -> Void) async throws {
        for frame in script(park, try LogRequest(decoding: request)) { try await send(frame.encode()) }
        // The stream stays open, and silent.
        try await Gate().waitOrCancel()
    }

    /// Listens at the park's address until `body` returns.
    func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        let (ready, continuation) = AsyncStream.makeStream(of: Void.self)
        var logger = Logger(label: "liar")
        logger.logLevel = .critical
        let servers = NodeServers(
            .init(
                socketPath: nil, localTCP: nil, peer: .init(host: "127.0.0.1", port: port),
                peerSecurity: .mutualTLS(try PeerCertificates(files, park: origin.park)),
                access: LocalAccess(nodeUser: geteuid(), park: origin.park)),
            api: FakeNodeAPI(), feed: self, isMember: { _ in true }, clock: TickClock(), counters: ServerCounters(), logger: logger
        ) { _ in continuation.yield() }
        var configuration = ServiceGroupConfiguration(services: try servers.services(), logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(2)
        configuration.maximumCancellationDuration = .seconds(2)
        let group = ServiceGroup(configuration: configuration)
        let task = Task { try await group.run() }
        for await _ in ready { break }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        _ = await task.result
        return try result.get()
    }
}
