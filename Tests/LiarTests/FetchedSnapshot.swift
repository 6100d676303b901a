import Crypto
import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncFiles
import ParkSyncStore

/// A park's snapshot, fetched from its real node as West fetches it.
struct FetchedSnapshot {
    let manifest: SnapshotManifest
    let signed: [UInt8]
    let file: String
    private let key: Curve25519.Signing.PrivateKey

    init(_ zone: TestZone, of maker: String) async throws {
        var members: [String: [UInt8]] = [:]
        for park in zone.parks { members[park] = Array(try Self.key(park, zone).publicKey.rawRepresentation) }
        key = try Self.key(maker, zone)
        file = zone.folder.path + "/\(maker).snapshot"
        let loop = CurlLoop()
        defer { loop.stop() }
        let tls = TLSFiles(
            authority: zone.file("west", "zone-ca.crt").path, certificate: zone.file("west", "node.crt").path,
            key: zone.file("west", "node.key").path
        )
        let peers = PeerSnapshots(
            loop: loop, park: "west",
            directory: PeerDirectory(urls: [maker: "https://127.0.0.1:\(zone.port(maker))"], tls: tls))
        signed = try await peers.manifest(of: maker, entriesMin: 0, bytesMax: SnapshotManifest.bytesMax)
        manifest = try SnapshotManifest(reading: signed, from: maker, members: members)
        guard FileManager.default.createFile(atPath: file, contents: nil),
            let handle = FileHandle(forWritingAtPath: file)
        else {
            throw RawHTTPConnection.Failure(description: "\(file) cannot be made")
        }
        try await peers.download(Hex.encode(manifest.id), of: maker, from: 0, to: FileSink(handle))
        try handle.close()
    }

    private static func key(_ park: String, _ zone: TestZone) throws -> Curve25519.Signing.PrivateKey {
        let text = try String(contentsOf: zone.file(park, "identity.key"), encoding: .utf8)
        let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? Data()
        return try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
    }

    /// The same with something done to it, and signed anew.
    func altered(_ sql: String) async throws -> (signed: [UInt8], file: String) {
        let copy = file + "-altered"
        for path in [copy, copy + "-journal"] { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.copyItem(atPath: file, toPath: copy)
        let done = try await TestProcess.sqlite(copy, sql)
        guard done.status == 0 else { throw RawHTTPConnection.Failure(description: "\(sql): \(done.output)") }
        var forged = manifest
        (forged.bytes, forged.hash) = (FileSystem.bytes(copy), try FileSystem.hash(copy))
        return (try forged.signed(by: key), copy)
    }
}
