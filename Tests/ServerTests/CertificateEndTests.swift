import Foundation
import Logging
import NIOSSL
import ParkSyncReplication
import ParkSyncStore
import ParkSyncWire
import ServiceLifecycle
import Synchronization
import Testing

@testable import ParkSyncServer
@testable import syncctl

/// Connections of the peer interface rest upon the certificates with which they were opened.
@Suite(.serialized, .endsInTime) struct CertificateEndTests {
    /// The wall clock stands where the test wants it.
    private final class StoppedClock: NodeClock {
        private let seconds: Mutex<Int64>
        init(at seconds: Int64) { self.seconds = Mutex(seconds) }
        func stand(at seconds: Int64) { self.seconds.withLock { $0 = seconds } }
        func monotonicMilliseconds() -> UInt64 { 0 }
        func wallMilliseconds() -> UInt64 { UInt64(clamping: seconds.withLock { $0 }) * 1_000 }
        func sleep(until deadline: UInt64) async throws { try await Gate().waitOrCancel() }
    }

    private func certificates(_ zone: TestZone) throws -> PeerCertificates {
        try PeerCertificates(
            .init(
                certificate: zone.file("south", "node.crt").path, key: zone.file("south", "node.key").path,
                authority: zone.file("south", "zone-ca.crt").path), park: "south")
    }

    /// South's peer interface alone, at a time that the test chooses.
    private func withPeerInterface(
        _ zone: TestZone, _ clock: StoppedClock, _ notices: NoticeLog, _ body: @Sendable (Int) async throws -> Void
    ) async throws {
        var logger = Logger(label: "servers")
        logger.logLevel = .critical
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let servers = NodeServers(
            .init(
                socketPath: nil, localTCP: nil, peer: .init(host: "127.0.0.1", port: 0),
                peerSecurity: .mutualTLS(try certificates(zone)),
                access: LocalAccess(nodeUser: geteuid(), park: "south", accounts: SystemAccounts())),
            api: FakeNodeAPI(), feed: FakeFeed(),
            transfers: nil,
            isMember: { $0 == "west" },
            clock: clock, counters: ServerCounters(), logger: logger,
            onNotice: { notices.add($0) }
        ) { if case .peer(let address, _) = $0 { continuation.yield(address.port) } }
        var configuration = ServiceGroupConfiguration(services: try servers.services(), logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(2)
        let group = ServiceGroup(configuration: configuration)
        let task = Task {
            defer { continuation.finish() }
            try await group.run()
        }
        let result: Result<Void, any Error>
        do {
            for await port in ports {
                try await body(port)
                break
            }
            result = .success(())
        } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        _ = await task.result
        try result.get()
    }

    @Test func aConnectionEndsWithItsCertificate() async throws {
        let zone = try await TestZone(["south", "west"])
        let end = try Self.end(of: zone.file("west", "node.crt"))
        let notices = NoticeLog()
        // An hour before its end it is taken.
        try await withPeerInterface(zone, StoppedClock(at: end - 3_600), notices) { port in
            let client = try TLSClient(of: "west", in: zone, port: port)
            #expect(try await client.said() == "open")
            #expect(try await client.answer(to: "ask") == "answered")
        }
        #expect(!notices.all.contains { "\($0)".contains("has expired") }, "\(notices.all)")
        // Two seconds before it as well, and then nothing more is said.
        try await withPeerInterface(zone, StoppedClock(at: end - 2), notices) { port in
            let client = try TLSClient(of: "west", in: zone, port: port)
            #expect(try await client.said() == "open")
            #expect(try await client.answer(to: "wait") == "closed")
        }
        #expect(notices.all.contains { "\($0)".contains("the certificate has expired") }, "\(notices.all)")
    }

    @Test func anExpiredCertificateIsNotTaken() async throws {
        let zone = try await TestZone(["south", "west"])
        let end = try Self.end(of: zone.file("west", "node.crt"))
        let notices = NoticeLog()
        // By the clock of the node it has ended, whatever the library's clock says.
        try await withPeerInterface(zone, StoppedClock(at: end + 1), notices) { port in
            let client = try TLSClient(of: "west", in: zone, port: port)
            let said = try await client.said()
            if said == "open" { #expect(try await client.answer(to: "ask") == "closed") }
        }
        #expect(notices.all.contains { "\($0)".contains("the certificate has expired") }, "\(notices.all)")
    }

    /// A session that is resumed brings no certificate: what the node remembers of it counts, at
    /// the time that it is.
    @Test func aSessionIsNotResumedBeyondTheEndOfItsCertificate() async throws {
        let zone = try await TestZone(["south", "west"])
        let end = try Self.end(of: zone.file("west", "node.crt"))
        let (clock, notices) = (StoppedClock(at: end - 3_600), NoticeLog())
        try await withPeerInterface(zone, clock, notices) { port in
            let client = try TLSClient(of: "west", in: zone, port: port)
            #expect(try await client.said() == "open")
            #expect(try await client.answer(to: "ask") == "answered")
            #expect(try await client.answer(to: "again") == "resumed")
            #expect(try await client.answer(to: "ask") == "answered")
            clock.stand(at: end + 1)
            let said = try await client.answer(to: "again")
            if said != "refused" { #expect(try await client.answer(to: "ask") == "closed", "\(said)") }
        }
        #expect(notices.all.contains { "\($0)".contains("the certificate has expired") }, "\(notices.all)")
    }

    /// Of a running node that is given the certificates of another authority: a session of the time
    /// before is no way in.
    @Test func aSessionIsNotResumedWhenOtherCertificatesAreLoaded() async throws {
        let zone = try await TestZone(["south", "west"])
        let other = try await TestZone(["south", "west"])
        try await zone.start("south")
        // The client trusts the one and the other, so that it is the node that refuses.
        let authorities = try [zone, other].map {
            try String(contentsOf: $0.file("west", "zone-ca.crt"), encoding: .utf8)
        }
        try authorities.joined(separator: "\n").write(
            to: zone.file("west", "zone-ca.crt"), atomically: true, encoding: .utf8)
        let client = try TLSClient(of: "west", in: zone, port: zone.port("south"))
        #expect(try await client.said() == "open")
        #expect(try await client.answer(to: "ask") == "answered")
        #expect(try await client.answer(to: "again") == "resumed")
        #expect(try await client.answer(to: "ask") == "answered")
        for name in ["node.crt", "node.key", "zone-ca.crt"] {
            try Data(contentsOf: other.file("south", name)).write(to: zone.file("south", name))
        }
        zone.signal("south", SIGHUP)
        #expect(try await client.answer(to: "wait") == "closed")
        for _ in 0..<2 {
            let said = try await client.answer(to: "again")
            #expect(said == "full" || said == "refused")
            if said != "refused" { #expect(try await client.answer(to: "ask") == "closed") }
        }
        let told = try await zone.wait("the refusal") {
            zone.log("south")
        } until: {
            $0.contains("event=stranger.refused")
        }
        #expect(!told.isEmpty)
        #expect(await zone.stopAll() == [0])
    }

    @Test(arguments: [("TLSv1_2", "refused"), ("TLSv1_3", "open")])
    func aClientSpeaksTLS13(_ version: String, _ word: String) async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        let client = try TLSClient(of: "west", in: zone, port: zone.port("south"), newest: version)
        #expect(try await client.said() == word)
        #expect(await zone.stopAll() == [0])
    }

    /// Of a running node: other certificates end what rests upon those before, the same ones end
    /// nothing.
    @Test func connectionsEndWhenOtherCertificatesAreLoaded() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west")
        try await zone.agree(["south", "west"])
        let client = try TLSClient(of: "airport", in: zone, port: zone.port("south"))
        #expect(try await client.said() == "open")
        zone.signal("south", SIGHUP)
        _ = try await zone.wait("the configuration being read again") {
            zone.log("south")
        } until: {
            $0.contains("event=node.reloaded")
        }
        #expect(try await client.answer(to: "ask") == "answered")

        let authority = try ZoneAuthority(
            certificate: String(contentsOf: zone.folder.appendingPathComponent("zone-ca.crt"), encoding: .utf8),
            key: String(contentsOf: zone.folder.appendingPathComponent("zone-ca.key"), encoding: .utf8), now: Date())
        let renewed = try authority.issue(park: "south", days: 30, now: Date())
        try renewed.certificate.write(to: zone.file("south", "node.crt"), atomically: false, encoding: .utf8)
        try renewed.key.write(to: zone.file("south", "node.key"), atomically: false, encoding: .utf8)
        zone.signal("south", SIGHUP)
        #expect(try await client.answer(to: "wait") == "closed")
        try await zone.transact(
            "west", "INSERT INTO organisation (id, kind, name_zh) VALUES ('west:organisation:1', 'enterprise', '光')")
        try await zone.agree(["south", "west"], covering: "west:1")
        #expect(await zone.stopAll() == [0, 0])
    }

    /// Unix seconds.
    private static func end(of file: URL) throws -> Int64 {
        let certificates = try NIOSSLCertificate.fromPEMFile(file.path)
        return Int64(certificates.map(\.notValidAfter).min() ?? 0)
    }
}

/// A program with a park's certificate that keeps one connection to South.
final class TLSClient: Sendable {
    private static let program = """
        import socket, ssl, sys
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=sys.argv[3])
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        context.maximum_version = ssl.TLSVersion[sys.argv[5]]
        session = None
        def say(word): print(word, flush=True)
        def connect():
            raw = socket.create_connection(('127.0.0.1', int(sys.argv[4])), timeout=300)
            return context.wrap_socket(raw, server_hostname='south.parksync', session=session)
        try:
            stream = connect()
            say('open')
        except OSError:
            say('refused')
            sys.exit()
        for line in sys.stdin:
            try:
                if line == 'again\\n':
                    stream.close()
                    try:
                        stream = connect()
                        say('resumed' if stream.session_reused else 'full')
                    except OSError: say('refused')
                    continue
                if line == 'ask\\n':
                    stream.sendall(b'GET /nothing HTTP/1.1\\r\\nHost: south\\r\\nContent-Length: 0\\r\\n\\r\\n')
                    got = stream.recv(65536)
                    # The tickets come with the first bytes.
                    if got: session = stream.session
                    say('answered' if got else 'closed')
                    continue
                if line.startswith('log '):
                    head = 'POST /sync/v1/log HTTP/1.1\\r\\nHost: south\\r\\nParkSync-Park: %s\\r\\nContent-Length: \
                    0\\r\\n\\r\\n'
                    stream.sendall((head % line.split()[1]).encode())
                    say((stream.recv(65536).split() + [b'', b'closed'])[1].decode())
                    continue
                while stream.recv(65536): pass
                say('closed')
            except OSError: say('closed')
        """

    private let process: TestProcess
    private let pipes = TestPipes()

    /// - Parameters:
    ///   - certificate: beside its key with the ending `.key`; nil for the park's own.
    ///   - newest: the version of TLS that it speaks at most.
    init(of park: String, in zone: TestZone, port: Int, certificate: URL? = nil, newest: String = "TLSv1_3") throws {
        let certificate = certificate ?? zone.file(park, "node.crt")
        let key = certificate.deletingPathExtension().appendingPathExtension("key")
        let arguments = [
            "python3", "-c", Self.program, certificate.path, key.path, zone.file(park, "zone-ca.crt").path, "\(port)",
            newest,
        ]
        process = try TestProcess("/usr/bin/env", arguments, prepare: pipes.attach)
    }

    // This process may ignore SIGTERM, and then its children do.
    deinit { process.signal(SIGKILL) }

    /// The next word.
    func said() async throws -> String { try await pipes.line() }

    func answer(to word: String) async throws -> String {
        try pipes.write(word + "\n")
        return try await said()
    }
}
