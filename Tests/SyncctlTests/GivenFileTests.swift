import ArgumentParser
import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// A file that `syncctl` is given or needs, and that cannot be used: which file, why, and what to
/// do.
@Suite(.serialized, .endsInTime) struct GivenFileTests {
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
            try FileManager.default.writePrivate(text, url)
        }
        try expectRefusal("zone-ca.crt", "there is no such file or folder") { _ in }
        try expectRefusal("zone-ca.key", "there is no such file or folder") { _ in }
        try expectRefusal("zone-ca.crt", "holds no certificate in PEM") {
            try FileManager.default.writePrivate("garbage", $0)
        }
        try expectRefusal("zone-ca.key", "holds no P-256 private key in PEM") {
            try FileManager.default.writePrivate("garbage", $0)
        }
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
