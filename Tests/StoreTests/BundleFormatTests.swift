import Crypto
import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncWire
import Testing

@testable import ParkSyncFiles
@testable import ParkSyncStore

/// docs/reference/bundle-format.md, read against a bundle that the code has made.
@Suite struct BundleFormatTests {
    private static let schema =
        "-- parksync: schema 1\n-- parksync: writer any\nCREATE TABLE plain(id TEXT NOT NULL PRIMARY KEY, a);"

    @Test func thePageNamesWhatTheCodeWrites() throws {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/reference/bundle-format.md"), encoding: .utf8)
        func grouped(_ number: Int) -> String {
            let digits = Array("\(number)".reversed())
            return String(
                digits.indices.flatMap { index in index > 0 && index % 3 == 0 ? [",", digits[index]] : [digits[index]] }
                    .reversed())
        }
        #expect(page.contains("`\(BundleManifest.magic)`, \(BundleManifest.magic.utf8.count) bytes"))
        #expect(page.contains("| format version | \(BundleManifest.formatVersion) |"))
        #expect(page.contains("(at most \(grouped(BundleManifest.bytesMax)))"))
        #expect(page.contains("(at most \(grouped(BundleManifest.sectionsMax)))"))
        #expect(page.contains("after about \(grouped(BundleFrames.sectionBytesTarget)) bytes"))
        #expect(page.contains("one byte \(FrameCoding.entriesKind), "))
    }

    /// Reads a bundle with nothing of the reader's code but the primitives, in the order of the
    /// page.
    @Test func aBundleIsWhatThePageSays() async throws {
        let federation = try Federation(["south", "west"], schema: Self.schema)
        try await federation.write("west", "INSERT INTO plain VALUES('w', 1)")
        try await federation.exchange(from: "west", to: "south")
        for number in 1...3 { try await federation.write("south", "INSERT INTO plain VALUES('s\(number)', \(number))") }
        let store = try federation["south"]
        let path = federation.folder.path + "/bundle"
        let made = try await store.exportBundle(
            to: "west", before: VersionVector([(try federation.origin("west"), UInt64(1))]), path: path)
        #expect(made.after == "south:3 west:1" && made.before == "west:1")
        let file = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let (content, sections, end) = try file.withUnsafeBytes { bytes -> ([UInt8], [UInt8], Int) in
            var reader = ByteReader(bytes)
            #expect(String(decoding: try reader.raw(15, "magic"), as: UTF8.self) == "parksync-bundle")
            #expect(try reader.varint("version") == 1)
            var manifest = ByteReader(try reader.prefixed("manifest", max: 4 << 20))
            let head = Array(bytes[..<reader.offset])
            let key = federation.key("south").publicKey
            #expect(key.isValidSignature(Array(try reader.raw(64, "signature")), for: head))
            #expect(try manifest.string("from", max: 99) == "south")
            #expect(try manifest.string("to", max: 99) == "west")
            #expect(try manifest.varint("time") == federation.clock.wallMilliseconds())
            #expect(try manifest.varint("schema number") == 1)
            #expect(Array(try manifest.raw(32, "schema hash")) == store.schemaHash)
            #expect(try manifest.varint("before") == 1)
            #expect(try manifest.origin("before").name == "west")
            #expect(try manifest.varint("before") == 1)
            #expect(try manifest.varint("after") == 2)
            #expect(try manifest.origin("after").name == "south")
            #expect(try manifest.varint("after") == 3)
            #expect(try manifest.origin("after").name == "west")
            #expect(try manifest.varint("after") == 1)
            #expect(try manifest.varint("sections") == 1)
            #expect(try manifest.varint("entries") == 3)
            let raw = Int(try manifest.varint("raw"))
            let packed = Array(try reader.raw(Int(try manifest.varint("bytes")), "section"))
            #expect(Array(SHA256.hash(data: packed)) == Array(try manifest.raw(32, "hash")))
            try manifest.expectEnd("the manifest")
            return (head, try packed.withUnsafeBytes { try Zstd.decompress($0, length: raw) }, reader.offset)
        }
        #expect(end == file.count && !content.isEmpty)
        let slice = try #require(try store.read(origin: try federation.origin("south"), after: 0, bytesMax: 1 << 20))
        #expect(sections == LogFrame.entries(slice).encode())
    }

    @Test func aForkIsRefusedAsAWhole() async throws {
        let federation = try Federation(["south", "west", "airport"], schema: Self.schema)
        try await federation.write("south", "INSERT INTO plain VALUES('a', 1)")
        try await federation.exchange(from: "south", to: "west")
        // The same park, the same key, another history.
        federation.closeWithoutCheckpoint("south")
        for suffix in ["", "-wal", "-shm"] {
            try FileManager.default.removeItem(atPath: federation.path("south") + suffix)
        }
        try federation.open("south")
        for name in ["x", "y"] { try await federation.write("south", "INSERT INTO plain VALUES('\(name)', 1)") }
        try await federation.write("airport", "INSERT INTO plain VALUES('c', 1)")
        try await federation.exchange(from: "airport", to: "south")
        let path = federation.folder.path + "/bundle"
        _ = try await federation["south"].exportBundle(to: "west", before: VersionVector(), path: path)
        let error = await #expect(throws: StoreError.self) { _ = try await federation["west"].importBundle(path) }
        #expect(error?.reason.contains("is another one here") == true, "\(String(describing: error))")
        // Not even the entries of the park that is sound.
        #expect(try federation["west"].state().logged.description == "south:1")
        // But the proof: where the logs part, and the entry that the park's key vouches for.
        let forks = try await federation["west"].forks(limit: 9)
        #expect(forks.map { "\($0.origin):\($0.seq)" } == ["south:1", "south:2"])
        #expect(forks.first?.keptHash != forks.first?.otherHash && forks.last?.otherSignature != nil)
        await #expect(throws: StoreError.self) { _ = try await federation["west"].importBundle(path) }
        #expect(try await federation["west"].forks(limit: 9) == forks)
    }

    /// Signed by a member, and refused by what its manifest says, before anything is unpacked.
    @Test(arguments: [
        (entries: UInt64(1), rawBytes: UInt64(400 << 20), says: "entry.bytes_max"), (1, .max, "entry.bytes_max"),
        (0, 0, "a section has no entries"),
    ]) func whatNoNodeWritesIsNotUnpacked(_ section: (entries: UInt64, rawBytes: UInt64, says: String)) async throws {
        let federation = try Federation(["south", "west"], schema: Self.schema)
        let state = try federation["south"].state()
        // Zeros would be unpacked to hundreds of times their length.
        let packed = try Zstd.compress(Array(repeating: 0, count: 1 << 20))
        let manifest = BundleManifest(
            from: "south", to: "west", madeAt: 1, schemaNumber: state.schemaNumber, schemaHash: state.schemaHash,
            before: VersionVector(),
            after: VersionVector([(try federation.origin("south"), UInt64(1))]),
            sections: [
                .init(
                    entries: section.entries, rawBytes: section.rawBytes, bytes: UInt64(packed.count),
                    hash: Array(SHA256.hash(data: packed)))
            ])
        let head = BundleHead.bytes(of: manifest)
        let path = federation.folder.path + "/bundle"
        try (Data(head) + federation.key("south").signature(for: head) + Data(packed)).write(
            to: URL(fileURLWithPath: path))
        let error = await #expect(throws: StoreError.self) { _ = try await federation["west"].importBundle(path) }
        #expect(
            error.map { "\($0.reason) \($0.remedy)" }?.contains(section.says) == true, "\(String(describing: error))")
    }

    /// A section is read as strictly as what a peer sends.
    @Test func aSectionHasNoNumbersThatNoLogHas() throws {
        let west = try #require(OriginID("west"))
        let signature = [UInt8](repeating: 1, count: EntryChain.signatureBytes)
        func section(_ first: UInt64, _ count: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            let slice = LogSlice(
                origin: west, first: first, count: count, body: [UInt8](repeating: 0, count: count),
                signature: signature)
            BundleFrames.append(slice, to: &bytes)
            return bytes
        }
        #expect(try BundleFrames.slices(section(1, 2) + section(3, 1)).map(\.last) == [2, 3])
        #expect(throws: DecodingFailure.self) { try BundleFrames.slices(section(CoreLimits.entryNumberMax - 1, 3)) }
        #expect(throws: DecodingFailure.self) { try BundleFrames.slices(section(CoreLimits.entryNumberMax, 1)) }
    }

    @Test func everyByteCounts() async throws {
        let federation = try Federation(["south", "west"], schema: Self.schema)
        for number in 1...3 { try await federation.write("south", "INSERT INTO plain VALUES('s\(number)', \(number))") }
        let path = federation.folder.path + "/bundle"
        _ = try await federation["south"].exportBundle(to: "west", before: VersionVector(), path: path)
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        let bad = federation.folder.path + "/bad"
        for index in good.indices {
            var data = good
            data[index] ^= 0x10
            try data.write(to: URL(fileURLWithPath: bad))
            await #expect(throws: StoreError.self, "byte \(index)") {
                _ = try await federation["west"].importBundle(bad)
            }
            try good.prefix(index).write(to: URL(fileURLWithPath: bad))
            await #expect(throws: StoreError.self, "cut at \(index)") {
                _ = try await federation["west"].importBundle(bad)
            }
        }
        #expect(try federation["west"].state().logged == VersionVector())
        #expect(try await federation["west"].importBundle(path).newEntries == 3)
        #expect(try await federation["west"].importBundle(path).newEntries == 0)
    }
}
