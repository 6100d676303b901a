import ArgumentParser
import Foundation
import Testing

@testable import syncctl

/// A file that the configuration names and that cannot be used: which file, which key, why, and
/// what to do.
@Suite(.serialized, .endsInTime) struct StartFileTests {
    private static func write(_ text: String, _ url: URL) throws {
        try? FileManager.default.removeItem(at: url)
        let made = FileManager.default.createFile(
            atPath: url.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        #expect(made)
    }

    @Test func theDaemonNamesFileKeyReasonAndRemedy() async throws {
        let zone = try await TestZone(["south", "west"])
        func expectRefusal(_ name: String, _ says: String..., damage: (URL) throws -> Void) async throws {
            let url = zone.file("south", name)
            let kept = zone.file("south", name + ".kept")
            try FileManager.default.copyItem(at: url, to: kept)
            try FileManager.default.removeItem(at: url)
            try damage(url)
            let ended = try await TestProcess.run(
                "parksyncd", ["run", "--config", zone.file("south", "parksyncd.yaml").path])
            #expect(ended.status == 64, "\(name): \(ended)")
            for text in says + [url.path] {
                #expect(ended.output.contains(text), "\(name): \(text) is not in \(ended)")
            }
            for text in ["NSCocoa", "Domain", "NIOSSL", "Error("] {
                #expect(!ended.output.contains(text), "\(name): \(ended)")
            }
            try? FileManager.default.removeItem(at: url)
            try FileManager.default.moveItem(at: kept, to: url)
        }
        let keys = [
            ("zone-ca.crt", "tls.authority: "), ("node.crt", "tls.certificate: "), ("node.key", "tls.key: "),
            ("identity.key", "identity: "),
        ]
        for (name, key) in keys {
            try await expectRefusal(name, key, "there is no such file or folder", "syncctl init") { _ in }
            try await expectRefusal(name, key, "it is a folder") {
                try FileManager.default.createDirectory(
                    at: $0, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            }
        }
        for (name, key) in keys.dropLast() {
            let label = name.hasSuffix(".key") ? "PRIVATE KEY" : "CERTIFICATE"
            try await expectRefusal(name, key, "it is not PEM: it has no line `-----BEGIN \(label)-----`") {
                try Self.write("garbage\n", $0)
            }
            try await expectRefusal(name, key, "what stands between BEGIN and END in it is no ") {
                try Self.write("-----BEGIN \(label)-----\nZ2FyYmFnZQ==\n-----END \(label)-----\n", $0)
            }
        }
        try await expectRefusal("node.key", "tls.key: ", "the key in it is encrypted", "openssl pkey") {
            try Self.write(
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nZ2FyYmFnZQ==\n-----END ENCRYPTED PRIVATE KEY-----\n", $0)
        }
        let gone = zone.file("south", "gone.yaml").path
        let ended = try await TestProcess.run("parksyncd", ["run", "--config", gone])
        #expect(
            ended.status == 64 && ended.output.contains("\(gone): there is no such file or folder")
                && ended.output.contains("--config"), "\(ended)")
        let schema = zone.file("south", "schema").path
        let noSchema = try await TestProcess.run(
            "parksyncd", ["run", "--config", zone.file("south", "parksyncd.yaml").path, "--schema", schema])
        #expect(
            noSchema.status == 64 && noSchema.output.contains("\(schema): ")
                && noSchema.output.contains("there is no such file"), "\(noSchema)")
        #expect(!noSchema.output.contains("(none)"))
    }

    @Test func aRenewalNamesTheFileOfTheAuthority() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "parksync-zone-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let maker = ZoneMaker(folder: folder, days: 825, now: Date())
        try maker.make(try ZonePlan.loopback(["south", "west"], port: 7_600), zone: "Test")
        func expectRefusal(_ name: String, _ reason: String, damage: (URL) throws -> Void) throws {
            let url = folder.appendingPathComponent(name)
            let text = try String(contentsOf: url, encoding: .utf8)
            try FileManager.default.removeItem(at: url)
            try damage(url)
            let error = #expect(throws: ValidationError.self) { try maker.renew(park: "south") }
            let message = error?.message ?? ""
            #expect(
                message.contains(url.path) && message.contains(reason)
                    && message.contains("Put zone-ca.key and zone-ca.crt"), "\(message)")
            #expect(!message.contains("NSCocoa") && !message.contains("ASN1"))
            try Self.write(text, url)
        }
        try expectRefusal("zone-ca.crt", "there is no such file or folder") { _ in }
        try expectRefusal("zone-ca.key", "there is no such file or folder") { _ in }
        try expectRefusal("zone-ca.crt", "holds no certificate in PEM") { try Self.write("garbage", $0) }
        try expectRefusal("zone-ca.key", "holds no P-256 private key in PEM") { try Self.write("garbage", $0) }
        _ = try maker.renew(park: "south")
    }

    @Test func aCommandNamesTheFileThatItWasGiven() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "parksync-files-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let gone = folder.appendingPathComponent("gone").path
        let commands = [
            ["exec", "--socket", "x", "--file", gone], ["status", "--url", "http://127.0.0.1:1", "--token-file", gone],
            ["status", "--config", gone], ["replay", "--database", "x", "--into", "y", "--members", gone],
            ["log", "export", folder.path + "/new", "--socket", "x", "--to", "west", "--for", gone],
        ]
        for arguments in commands {
            let ended = try await TestProcess.run("syncctl", arguments)
            #expect(
                ended.status == 64 && ended.output.contains(gone)
                    && ended.output.contains("there is no such file or folder"),
                "\(arguments): \(ended)")
            #expect(!ended.output.contains("NSCocoa") && !ended.output.contains("Error Domain"), "\(ended)")
        }
    }
}
