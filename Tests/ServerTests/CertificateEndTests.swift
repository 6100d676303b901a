import DaemonFixtures
import Foundation
import Logging
import NIOSSL
import ParkSyncReplication
import ServerFixtures
import ServiceLifecycle
import Synchronization
import Testing

@testable import ParkSyncServer

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
                access: LocalAccess(nodeUser: geteuid(), park: "south", accounts: MachineAccounts())),
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

    /// Unix seconds.
    private static func end(of file: URL) throws -> Int64 {
        let certificates = try NIOSSLCertificate.fromPEMFile(file.path)
        return Int64(certificates.map(\.notValidAfter).min() ?? 0)
    }
}
