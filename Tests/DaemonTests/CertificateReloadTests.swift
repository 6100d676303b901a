import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// Connections with a running node, whose certificates are replaced by others.
@Suite(.serialized, .endsInTime) struct CertificateReloadTests {
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
}
