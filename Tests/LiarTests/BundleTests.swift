import Crypto
import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing
import parksync_liar

@testable import ParkSyncFiles
@testable import ParkSyncStore

/// Bundles between real daemons that have no link.
@Suite(.serialized, .endsInTime) struct BundleTests {
    private static func insert(_ zone: TestZone, _ park: String, _ name: String) async throws {
        try await zone.transact(
            park, "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')",
            [JSONValue(.string("\(park):organisation:\(name)"))]
        )
    }

    private static func syncctl(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await TestProcess.run("syncctl", arguments)
    }

    private static func importBundle(_ zone: TestZone, _ park: String, _ file: String) async throws -> ImportReport {
        let done = try await syncctl("log", "import", file, "--socket", zone.socket(park), "--json")
        guard done.status == 0 else { throw RawHTTPConnection.Failure(description: "\(done)") }
        return try JSONDecoder().decode(ImportReport.self, from: Data(done.output.utf8))
    }

    /// The nodes never find each other: every address is that of a port that hangs up.
    private static func apart(_ zone: TestZone, _ parks: [String], _ listener: HangUp) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: parks.map {
                ("PARKSYNC_MEMBERS_\($0.uppercased())_URL", "https://127.0.0.1:\(listener.port)")
            })
    }

    @Test func parksWithoutALinkComeToAgree() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        let listener = try HangUp()
        let nobody = Self.apart(zone, zone.parks, listener)
        // South and airport have a link, west has none.
        let linked = Self.apart(zone, ["west"], listener)
        try await zone.start("south", "airport", environment: linked)
        try await zone.start("west", environment: nobody)
        for park in zone.parks { for number in 1...3 { try await Self.insert(zone, park, "\(number)") } }
        try await zone.agree(["south", "airport"], covering: "airport:3")
        let status = zone.folder.path + "/west.json"
        let shown = try await Self.syncctl("status", "--json", "--socket", zone.socket("west"))
        try Data(shown.output.utf8.prefix { $0 != 0 }).write(to: URL(fileURLWithPath: status))
        let all = zone.folder.path + "/all.bundle"
        let made = try await Self.syncctl(
            "log", "export", all, "--to", "west", "--for", status, "--socket", zone.socket("south"), "--json")
        #expect(made.status == 0, "\(made)")
        let report = try JSONDecoder().decode(BundleReport.self, from: Data(made.output.utf8))
        #expect(report.entries == 6 && report.after == "airport:3 south:3" && report.before == "-")
        // Relayed entries of the third park come along, and a second import changes nothing.
        let first = try await Self.importBundle(zone, "west", all)
        #expect(first.newEntries == 6 && first.applied == "airport:3 south:3 west:3")
        let digest = try await zone.status("west").digest
        #expect(try await Self.importBundle(zone, "west", all).newEntries == 0)
        #expect(try await zone.status("west").digest == digest)
        // The way back, by the vector.
        let back = zone.folder.path + "/back.bundle"
        let returned = try await Self.syncctl(
            "log", "export", back, "--to", "south", "--since", "south:3 airport:3", "--socket", zone.socket("west"),
            "--json")
        #expect(returned.status == 0, "\(returned)")
        #expect(try await Self.importBundle(zone, "south", back).newEntries == 3)
        try await zone.agree(["south", "west"])
        // A gap: what lies between was never imported.
        try await Self.insert(zone, "south", "4")
        try await Self.insert(zone, "south", "5")
        let late = zone.folder.path + "/late.bundle"
        _ = try await Self.syncctl(
            "log", "export", late, "--to", "west", "--since", "south:4 airport:3 west:3", "--socket",
            zone.socket("south"))
        let gap = try await Self.syncctl("log", "import", late, "--socket", zone.socket("west"))
        #expect(
            gap.status == 2 && gap.output.contains("this node has entries up to 3")
                && gap.output.contains("--since 'airport:3 south:3 west:3'"),
            "\(gap)")
        // With the daemons down.
        _ = await zone.stopAll()
        let offline = zone.folder.path + "/offline.bundle"
        let exported = try await Self.syncctl(
            "log", "export", offline, "--to", "west", "--since", "south:3 airport:3 west:3", "--config",
            zone.file("south", "parksyncd.yaml").path,
            "--offline")
        #expect(exported.status == 0 && exported.output.contains("2 entries"), "\(exported)")
        let imported = try await Self.syncctl(
            "log", "import", offline, "--config", zone.file("west", "parksyncd.yaml").path, "--offline", "--json")
        #expect(imported.status == 0 && imported.output.contains("\"new_entries\" : 2"), "\(imported)")
    }

    @Test func whatIsNotWholeOrNotMeantIsRefusedAsAWhole() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        let other = try await TestZone(["south", "west"])
        let listener = try HangUp()
        try await zone.start("south", "west", environment: Self.apart(zone, zone.parks, listener))
        try await other.start("south", environment: Self.apart(other, ["west"], listener))
        for number in 1...3 {
            try await Self.insert(zone, "south", "\(number)")
            try await Self.insert(other, "south", "\(number)")
        }
        func export(_ zone: TestZone, to park: String, _ name: String) async throws -> Data {
            let path = zone.folder.path + "/" + name
            let made = try await Self.syncctl("log", "export", path, "--to", park, "--socket", zone.socket("south"))
            #expect(made.status == 0, "\(made)")
            return try Data(contentsOf: URL(fileURLWithPath: path))
        }
        let good = try await export(zone, to: "west", "good.bundle")
        let version = "parksync-bundle".utf8.count
        func with(_ data: Data, at index: Int, _ byte: UInt8) -> Data {
            var data = data
            data[index] = byte
            return data
        }
        let cases: [(String, Data, String, String)] = [
            ("cut", good.dropLast(1), "damaged or cut off", "Copy the bundle again"),
            ("head alone", good.prefix(40), "damaged or cut off", "Copy the bundle again"),
            ("longer", good + Data([0]), "damaged or cut off", "Copy the bundle again"),
            (
                "a flipped bit of the body", with(good, at: good.count - 20, good[good.count - 20] ^ 1),
                "does not have the hash",
                "Copy the bundle again"
            ),
            (
                "a flipped bit of the manifest", with(good, at: version + 20, good[version + 20] ^ 1),
                "is not signed by south",
                "Nothing of it was kept"
            ),
            ("newer", with(good, at: version, 2), "newer than this program's", "Upgrade this node"),
            ("older", with(good, at: version, 0), "has format 0", "ParkSync did not write it"),
            ("nonsense", Data("something else".utf8), "is no bundle", "syncctl log export"),
            (
                "for another park", try await export(zone, to: "airport", "airport.bundle"),
                "is for airport, this node is west",
                "Import it at airport"
            ),
            (
                "another zone's", try await export(other, to: "west", "other.bundle"), "is not signed by south",
                "compare the public key"
            ),
        ]
        for (name, data, reason, remedy) in cases {
            let path = zone.folder.path + "/case.bundle"
            try data.write(to: URL(fileURLWithPath: path))
            let refused = try await Self.syncctl("log", "import", path, "--socket", zone.socket("west"))
            #expect(
                refused.status == 2 && refused.output.contains(reason) && refused.output.contains(remedy),
                "\(name): \(refused)")
        }
        #expect(try await zone.status("west").logged == "-")
        let whole = zone.folder.path + "/good.bundle"
        #expect(try await Self.importBundle(zone, "west", whole).newEntries == 3)
        let unknown = try await Self.syncctl(
            "log", "export", zone.folder.path + "/x", "--to", "nowhere", "--socket", zone.socket("south"))
        #expect(unknown.status == 2 && unknown.output.contains("is not another park"), "\(unknown)")
        #expect(await zone.stopAll() == [0, 0])
    }

    /// Bundles that South has signed, and whose sections are not what they say: the node does not
    /// unpack them, and goes on.
    @Test(arguments: [
        (entries: UInt64(1), rawBytes: UInt64(400 << 20), sections: 1, says: "entry.bytes_max"),
        (1, .max, 1, "entry.bytes_max"),
        (1, 1 << 20, 1, "section 0: "), (1, 32 << 20, 100, "section 0: "),
    ])
    func sectionsThatLieAreNotUnpacked(_ lie: (entries: UInt64, rawBytes: UInt64, sections: Int, says: String))
        async throws
    {
        let zone = try await TestZone(["south", "west"])
        try await zone.start(
            "west",
            environment: ["PARKSYNC_RECOVERY_ACCEPT_WITHOUT_PEERS": "true", "PARKSYNC_RECOVERY_WAIT_SECONDS": "1"])
        try await zone.ready("west")
        let status = try await zone.status("west")
        let key = try LyingMember.log(of: "south", in: zone).key
        // 32 MiB of zeros come to a kilobyte.
        let packed = try Zstd.compress(Array(repeating: 0, count: 32 << 20))
        let section = BundleManifest.Section(
            entries: lie.entries, rawBytes: lie.rawBytes, bytes: UInt64(packed.count),
            hash: Array(SHA256.hash(data: packed)))
        let manifest = BundleManifest(
            from: "south", to: "west", madeAt: 1, schemaNumber: status.schemaNumber,
            schemaHash: try #require(Hex.decode(status.schemaHash)),
            before: VersionVector(), after: VersionVector([(origin("south"), lie.entries &* UInt64(lie.sections))]),
            sections: Array(repeating: section, count: lie.sections))
        let head = BundleHead.bytes(of: manifest)
        var bytes = try Data(head) + key.signature(for: head)
        for _ in 0..<lie.sections { bytes += packed }
        #expect(bytes.count < 1 << 20)
        let path = zone.folder.path + "/lie.bundle"
        try bytes.write(to: URL(fileURLWithPath: path))
        let refused = try await Self.syncctl("log", "import", path, "--socket", zone.socket("west"))
        #expect(refused.status == 2 && refused.output.contains(lie.says), "\(refused)")
        #expect(try zone.peakBytes("west") < 256 << 20)
        #expect(try await zone.status("west").logged == "-")
        try await Self.insert(zone, "west", "after")
        #expect(await zone.stopAll() == [0])
    }
}
