import ArgumentParser
import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

@Suite("Zones that syncctl init makes", .endsInTime)
struct SyncctlZoneTests {
    /// A folder that is removed afterwards.
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "parksync-zone-\(UUID().uuidString.prefix(8))")
        deinit { try? FileManager.default.removeItem(at: url) }
        subscript(_ path: String) -> URL { url.appendingPathComponent(path) }

        func mode(_ path: String) throws -> Int? {
            (try FileManager.default.attributesOfItem(atPath: self[path].path)[.posixPermissions] as? NSNumber)?
                .intValue
        }
        func text(_ path: String) throws -> String { try String(contentsOf: self[path], encoding: .utf8) }
    }

    /// Runs openssl to its end. Returns whether it succeeded, and its output.
    private static func openssl(_ arguments: String...) async throws -> (isSuccess: Bool, output: String) {
        let done = try await TestProcess.run("/usr/bin/env", ["openssl"] + arguments)
        return (done.status == 0, done.output)
    }

    private static func make(_ folder: Folder, days: Int = 825, now: Date = Date()) throws {
        try ZoneMaker(folder: folder.url, days: days, now: now).make(
            try ZonePlan.loopback(["south", "bio-city"], port: 7_600), zone: "Test")
    }

    @Test("All files are there, and secrets are for their owner only")
    func files() throws {
        let folder = Folder()
        try Self.make(folder)
        let found = FileManager.default.enumerator(atPath: folder.url.path)?.compactMap { $0 as? String }.sorted()
        let park = [
            "", "/http.token", "/identity.key", "/node.crt", "/node.key", "/parksyncd.yaml", "/state",
            "/state/first-start", "/zone-ca.crt",
        ]
        #expect(
            found == ["bio-city", "south"].flatMap { name in park.map { name + $0 } } + ["zone-ca.crt", "zone-ca.key"])
        for path in ["", "south", "south/state"] { #expect(try folder.mode(path) == 0o700, "\(path)") }
        for path in ["zone-ca.key", "south/identity.key", "south/node.key", "south/http.token"] {
            #expect(try folder.mode(path) == 0o600, "\(path)")
        }
        let identity = try folder.text("south/identity.key")
        #expect(identity.hasSuffix("\n") && Data(base64Encoded: String(identity.dropLast()))?.count == 32)
        #expect(try folder.text("south/identity.key") != folder.text("bio-city/identity.key"))
        #expect(try folder.text("south/zone-ca.crt") == folder.text("zone-ca.crt"))
    }

    @Test("The certificates are signed by the zone's authority, for both ends of a connection and for one name")
    func certificates() async throws {
        let folder = Folder()
        try Self.make(folder)
        for park in ["south", "bio-city"] {
            for purpose in ["sslserver", "sslclient"] {
                let verified = try await Self.openssl(
                    "verify", "-x509_strict", "-purpose", purpose, "-CAfile", folder["zone-ca.crt"].path,
                    "-verify_hostname", "\(park).parksync",
                    folder["\(park)/node.crt"].path)
                #expect(verified.isSuccess, "\(verified.output)")
            }
            let key = try await Self.openssl("pkey", "-in", folder["\(park)/node.key"].path, "-pubout")
            let certified = try await Self.openssl("x509", "-in", folder["\(park)/node.crt"].path, "-noout", "-pubkey")
            #expect(key.isSuccess && key.output == certified.output)
        }
        // A park that gets hold of another's certificate signs none with it, and neither does
        // anybody below the authority.
        let authority = try await Self.openssl("x509", "-in", folder["zone-ca.crt"].path, "-noout", "-text")
        #expect(
            authority.output.contains("X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0"),
            "\(authority.output)")
        let node = try await Self.openssl("x509", "-in", folder["south/node.crt"].path, "-noout", "-text")
        #expect(node.output.contains("CA:FALSE") && !node.output.contains("CA:TRUE"), "\(node.output)")
        let other = try await Self.openssl(
            "verify", "-CAfile", folder["zone-ca.crt"].path, "-verify_hostname", "west.parksync",
            folder["south/node.crt"].path)
        #expect(!other.isSuccess && other.output.contains("hostname mismatch"))
        let foreign = Folder()
        try Self.make(foreign)
        #expect(
            try await !Self.openssl("verify", "-CAfile", foreign["zone-ca.crt"].path, folder["south/node.crt"].path)
                .isSuccess)
    }

    @Test("The configuration is the one that syncctl reads back")
    func configuration() async throws {
        let folder = Folder()
        try Self.make(folder)
        let file = try await ZoneFile(folder["south/parksyncd.yaml"].path)
        #expect(try file.socketPath() == folder["south/control.sock"].standardizedFileURL.path)
        let keys = try file.memberKeys()
        #expect(
            keys.keys.sorted() == ["bio-city", "south"] && keys.values.allSatisfy { $0.count == 32 }
                && keys["south"] != keys["bio-city"])
        let text = try folder.text("bio-city/parksyncd.yaml")
        for line in [
            "park: bio-city", "  # http: 127.0.0.1:7601", "  http_token_file: http.token", "  listen: 127.0.0.1:7611",
            "    url: https://127.0.0.1:7610",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test("A zone is never overwritten, not even one whose authority was taken away")
    func secondTime() throws {
        let folder = Folder()
        try Self.make(folder)
        let identity = try folder.text("south/identity.key")
        let error = #expect(throws: ValidationError.self) { try Self.make(folder) }
        #expect(error?.message.contains("holds a zone already") == true)
        for name in ["zone-ca.key", "zone-ca.crt"] {
            try FileManager.default.removeItem(at: folder[name])
            #expect(throws: ValidationError.self) { try Self.make(folder) }
        }
        #expect(try folder.text("south/identity.key") == identity)
    }

    @Test("A renewal changes one park's certificate only, and the authority outlives the first ones")
    func renewal() async throws {
        let folder = Folder()
        let begin = Date()
        try Self.make(folder, days: 30, now: begin)
        let paths = [
            "south/identity.key", "south/parksyncd.yaml", "zone-ca.key", "zone-ca.crt", "bio-city/node.crt",
            "bio-city/node.key",
        ]
        let before = try paths.map(folder.text)
        let (certificate, key) = (try folder.text("south/node.crt"), try folder.text("south/node.key"))
        let later = begin + 40 * 86_400
        let end = try ZoneMaker(folder: folder.url, days: 30, now: later).renew(park: "south")
        #expect(end == later + 30 * 86_400)
        #expect(try paths.map(folder.text) == before)
        #expect(try folder.text("south/node.crt") != certificate && folder.text("south/node.key") != key)
        let date = "\(Int(later.timeIntervalSince1970) + 86_400)"
        let renewed = try await Self.openssl(
            "verify", "-attime", date, "-CAfile", folder["zone-ca.crt"].path, folder["south/node.crt"].path)
        #expect(renewed.isSuccess, "\(renewed.output)")
        let old = try await Self.openssl(
            "verify", "-attime", date, "-CAfile", folder["zone-ca.crt"].path, folder["bio-city/node.crt"].path)
        #expect(!old.isSuccess && old.output.contains("expired"))
    }

    @Test("A renewal that cannot succeed changes nothing")
    func wrongRenewal() throws {
        let (folder, other) = (Folder(), Folder())
        try Self.make(folder)
        try Self.make(other)
        let certificate = try folder.text("south/node.crt")
        func renew(_ park: String = "south", now: Date = Date()) -> String? {
            #expect(throws: ValidationError.self) {
                _ = try ZoneMaker(folder: folder.url, days: 30, now: now).renew(park: park)
            }?.message
        }
        #expect(renew("west")?.contains("has no park west") == true)
        #expect(renew("..")?.contains("not a park's name") == true)
        #expect(renew(now: Date() + 4_000 * 86_400)?.contains("has expired") == true)
        try FileManager.default.removeItem(at: folder["zone-ca.key"])
        #expect(renew()?.contains("Put zone-ca.key") == true)
        try FileManager.default.copyItem(at: other["zone-ca.key"], to: folder["zone-ca.key"])
        #expect(renew()?.contains("not the key of zone-ca.crt") == true)
        #expect(try folder.text("south/node.crt") == certificate)
    }

    // MARK: plans

    @Test(
        """
        Parks of their own machines listen on all addresses of the family by which they are called, and have no \
        local port
        """
    )
    func hosts() throws {
        let plan = try ZonePlan.hosts(["west=west.example:7700", "south=[2001:db8::1]:7701"], isSystem: true)
        #expect(plan.parks.map(\.name) == ["south", "west"])
        #expect(plan.parks.map(\.peerAddress) == ["[2001:db8::1]:7701", "west.example:7700"])
        #expect(
            plan.parks.map(\.listen) == ["[::]:7701", "0.0.0.0:7700"] && plan.parks.allSatisfy { $0.localHTTP == nil })
        let text = ConfigurationText.yaml(try #require(plan.parks.first), in: plan, publicKeys: [:])
        for line in [
            "state: /var/lib/parksync/south", "  socket: /run/parksync/south/control.sock",
            "identity: /etc/parksync/south/identity.key",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
        #expect(!text.contains("  http:"))
        // YAML takes a bracket for a list.
        for line in ["  listen: \"[::]:7701\"", "    url: \"https://[2001:db8::1]:7701\""] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test(
        "Who is called on loopback alone listens there alone",
        arguments: [
            ("[::1]", "[::1]"), ("[0:0::1]", "[::1]"), ("127.0.0.1", "127.0.0.1"), ("127.3.2.1", "127.3.2.1"),
            ("localhost", "127.0.0.1"),
            ("[::]", "[::]"), ("[::ffff:127.0.0.1]", "[::]"), ("192.0.2.7", "0.0.0.0"), ("south.example", "0.0.0.0"),
            ("127.example", "0.0.0.0"),
        ])
    func listening(host: String, listen: String) throws {
        let plan = try ZonePlan.hosts(["south=\(host):7700"], isSystem: false)
        #expect(plan.parks.map(\.listen) == ["\(listen):7700"])
    }

    @Test(
        "What is no address in brackets is refused", arguments: ["[:]", "[1]", "[::1", "[12345::]", "[fe80::1%eth0]"])
    func brackets(host: String) {
        #expect(throws: ValidationError.self) { try ZonePlan.hosts(["south=\(host):7700"], isSystem: false) }
    }

    @Test(
        "An address that would not fit into a configuration is refused",
        arguments: [
            "south", "south=", "south=host", "south=host:0", "south=host:65536", "south=:7700", "south=a b:7700",
            "south=a\n:7700", "south=#x:7700",
            "south=[]:7700", "South=host:7700", "=host:7700", "south~2=host:7700", "south=user@host:7700",
        ])
    func wrongAddress(_ text: String) {
        #expect(throws: ValidationError.self) { try ZonePlan.hosts([text], isSystem: false) }
    }

    @Test("Loopback ports have room for all parks", arguments: [Int.min, 0, 1_023, 65_525, 65_536, .max])
    func wrongPort(_ port: Int) {
        #expect(throws: ValidationError.self) { try ZonePlan.loopback(["south", "west"], port: port) }
    }

    @Test("Parks that are too many, twice there or none are refused")
    func wrongParks() throws {
        #expect(throws: ValidationError.self) { try ZonePlan.loopback([], port: 7_600) }
        #expect(throws: ValidationError.self) { try ZonePlan.loopback(["south", "south"], port: 7_600) }
        #expect(throws: ValidationError.self) { try ZonePlan.loopback((0...10).map { "park-\($0)" }, port: 7_600) }
        let plan = try ZonePlan.loopback((0..<10).map { "park-\($0)" }, port: 65_516)
        let ports = plan.parks.flatMap { [$0.peerAddress, $0.localHTTP ?? ""] }
        #expect(Set(ports).count == 20 && ports.contains("127.0.0.1:65535"))
    }
}
