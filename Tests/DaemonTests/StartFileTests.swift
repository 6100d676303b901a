import DaemonFixtures
import Foundation
import Testing

/// A file that the configuration names and that cannot be used: which file, which key, why, and
/// what to do.
@Suite(.serialized, .endsInTime) struct StartFileTests {
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
                try FileManager.default.writePrivate("garbage\n", $0)
            }
            try await expectRefusal(name, key, "what stands between BEGIN and END in it is no ") {
                try FileManager.default.writePrivate(
                    "-----BEGIN \(label)-----\nZ2FyYmFnZQ==\n-----END \(label)-----\n", $0)
            }
        }
        try await expectRefusal("node.key", "tls.key: ", "the key in it is encrypted", "openssl pkey") {
            try FileManager.default.writePrivate(
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
}
