import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ParkSyncCore
import ParkSyncReports
import ParkSyncWire
import ServiceLifecycle
import Synchronization

/// A park with its real certificate and signing key whose software is not a node's: it answers each
/// peer with what a script says.
package final class LyingMember: Sendable {
    /// What is said to a park that asks.
    package typealias Script = @Sendable (_ asker: String, _ request: LogRequest) throws -> LyingAnswer

    /// What it has to give beside its log.
    package struct Snapshots: Sendable {
        package var manifest: @Sendable (_ asker: String, _ entriesMin: UInt64) async throws -> [UInt8]
        package var bytes: @Sendable (_ id: String, _ asker: String) async throws -> [UInt8]

        package init(
            manifest: @escaping @Sendable (_ asker: String, _ entriesMin: UInt64) async throws -> [UInt8],
            bytes: @escaping @Sendable (_ id: String, _ asker: String) async throws -> [UInt8]
        ) { (self.manifest, self.bytes) = (manifest, bytes) }
    }

    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    private let folder: URL
    private let port: Int
    private let script: Script
    private let snapshots: Snapshots?
    private struct Streams {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isStopping = false
    }
    private let streams = Mutex(Streams())

    /// How long a stop may take before what is still said is cut off: nobody waits for what such a
    /// member has to say.
    private static let stopSeconds: Int64 = 2

    /// - Parameters:
    ///   - folder: of the park, as `syncctl init` has made it.
    ///   - port: of 127.0.0.1, where the others call the park.
    package init(folder: URL, port: Int, snapshots: Snapshots? = nil, _ script: @escaping Script) {
        (self.folder, self.port, self.snapshots, self.script) = (folder, port, snapshots, script)
    }

    /// An empty log that the park signs.
    package static func log(of park: String, folder: URL) throws -> LyingLog {
        let text = try String(contentsOf: folder.appendingPathComponent("identity.key"), encoding: .utf8)
        guard let origin = OriginID(park),
            let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines))
        else {
            throw Failure(description: "\(park) has no key in \(folder.path)")
        }
        return LyingLog(origin, key: try Curve25519.Signing.PrivateKey(rawRepresentation: bytes))
    }

    /// What the park says of itself: the schema is the asker's.
    package static func hello(_ park: String, to request: LogRequest, logged: [(OriginID, UInt64)]) -> LogFrame {
        var state = request.state
        state.origin = OriginID(park) ?? state.origin
        (state.applied, state.logged, state.digest) = (VersionVector(logged), VersionVector(logged), nil)
        return .hello(
            state, protocolVersion: WireLimits.protocolVersion,
            wallMilliseconds: UInt64(Date().timeIntervalSince1970 * 1_000))
    }

    /// A report behind a greeting that says the same once more, as if there were nothing to be
    /// shown first.
    package static func report(behind hello: LogFrame) -> [LogFrame] {
        guard case .hello(let state, _, let wall) = hello else { return [] }
        return [.state(state, wallMilliseconds: wall)]
    }

    /// Ends all streams, so that the others call again and hear what is said now.
    package func hangUp() {
        for channel in streams.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    /// Listens at the park's address until `body` returns.
    package func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        let (ready, continuation) = AsyncStream.makeStream(of: Void.self)
        var logger = Logger(label: "liar")
        logger.logLevel = .critical
        let router = Router(context: LiarContext.self)
        router.post(RouterPath(WirePath.log)) { [self] request, context in try await answer(request, context) }
        if let snapshots { Self.add(snapshots, to: router) }
        let application = Application(
            router: router, server: try .tls(tlsConfiguration: try tls()),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { _ in continuation.yield() }, logger: logger)
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(Self.stopSeconds)
        let group = ServiceGroup(configuration: configuration)
        let task = Task {
            defer { continuation.finish() }
            try await group.run()
        }
        for await _ in ready { break }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        streams.withLock { $0.isStopping = true }
        hangUp()
        await group.triggerGracefulShutdown()
        _ = await task.result
        return try result.get()
    }

    private func tls() throws -> TLSConfiguration {
        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(path("node.crt")).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: path("node.key"), format: .pem)))
        tls.minimumTLSVersion = .tlsv13
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(path("zone-ca.crt")))
        tls.certificateVerification = .noHostnameVerification
        return tls
    }

    private func answer(_ incoming: Request, _ context: LiarContext) async throws -> Response {
        var request = incoming
        let bytes = try await request.collectBody(upTo: WireLimits.logRequestBytesMax)
        let asked = try LogRequest(decoding: Array(bytes.readableBytesView))
        let answer = try script(asked.state.origin.park, asked)
        let channel = context.channel
        let id = ObjectIdentifier(channel)
        let isStopping = streams.withLock { streams in
            streams.channels[id] = channel
            return streams.isStopping
        }
        if isStopping { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { [self] _ in streams.withLock { $0.channels[id] = nil } }
        var headers: HTTPFields = [.contentType: answer.contentType, .connection: "close"]
        if let encoding = answer.contentEncoding { headers[.contentEncoding] = encoding }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody { writer in
                try await Self.speak(answer, into: &writer, channel)
                try await writer.finish(nil)
            })
    }

    private static func add(_ snapshots: Snapshots, to router: Router<LiarContext>) {
        router.post(RouterPath(WirePath.snapshot)) { request, _ in
            try await gift(of: "application/vnd.parksync.snapshot") {
                let least = request.uri.queryParameters["entries_min"].flatMap { UInt64($0) } ?? 0
                return try await snapshots.manifest(asker(request), least)
            }
        }
        router.get("\(WirePath.snapshot)/:id") { request, context in
            try await gift(of: "application/octet-stream") {
                let offset = request.uri.queryParameters["offset"].flatMap { Int($0) } ?? 0
                return Array(
                    try await snapshots.bytes(context.parameters.get("id") ?? "", asker(request)).dropFirst(offset))
            }
        }
    }

    private static func asker(_ request: Request) -> String {
        HTTPField.Name("ParkSync-Park").flatMap { request.headers[$0] } ?? ""
    }

    /// A refusal goes as peers send it.
    private static func gift(of type: String, _ make: () async throws -> [UInt8]) async throws -> Response {
        do {
            let bytes = try await make()
            return Response(
                status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        } catch let problem as ProblemDetails {
            return Response(
                status: HTTPResponse.Status(code: problem.status), headers: [.contentType: PeerRefusal.contentType],
                body: ResponseBody(
                    byteBuffer: ByteBuffer(
                        bytes: PeerRefusal(
                            status: problem.status, kind: problem.code, reason: "\(problem.title): \(problem.detail)",
                            remedy: problem.remedy
                        ).encode())))
        }
    }

    private static func speak(_ answer: LyingAnswer, into writer: inout any ResponseBodyWriter, _ channel: any Channel)
        async throws
    {
        func say(_ bytes: [UInt8]) async throws {
            try await writer.write(ByteBuffer(bytes: bytes))
            // Without this turn of the event loop what is not sent yet piles up in memory.
            try await channel.eventLoop.submit {}.get()
        }
        for piece in answer.pieces { try await say(piece) }
        while !answer.refrain.isEmpty {
            try Task.checkCancellation()
            try await say(answer.refrain)
        }
        // The stream stays open, and silent, until one of both hangs up.
        try await channel.closeFuture.get()
    }
}

/// The connection is kept: it can be ended, and paces what is said.
struct LiarContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
