import Foundation
import ParkSyncCore
import Testing

/// What the reference pages say is what the code does.
@Suite struct DocumentTests {
    @Test func theHashOfTheTestsIsRight() {
        // FIPS 180-4, example of one block.
        #expect(Hex.encode(TestSHA256.hash(Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func theExampleEntryIsWhatThePageSays() throws {
        let shown = try #require(try Documents.hex("reference/log-format.md", after: "### The payload"))
        #expect(shown == DocumentedEntry.payload, "the payload is \(Hex.encode(DocumentedEntry.payload))")
        let (header, tables) = try SampleEntry.decode(shown)
        #expect(header == DocumentedEntry.header && tables.map(\.changes) == DocumentedEntry.tables.map(\.changes))

        let hash = TestSHA256.hash(EntryChain.hashDomain + DocumentedEntry.previousHash + shown)
        #expect(try Documents.hex("reference/log-format.md", after: "### Its hash") == hash, "the hash is \(Hex.encode(hash))")
        let message = EntryChain.headMessage(origin: header.origin, seq: header.seq, hash: hash)
        #expect(try Documents.hex("reference/log-format.md", after: "### What is signed") == message, "the message is \(Hex.encode(message))")

        let key = try #require(KeyCoding.encode([.string("lab-1")]))
        var row = ByteWriter()
        row.prefixed(key)
        for (index, value) in [Value.string("Laser"), .integer(300)].enumerated() {
            row.varint(index)
            ValueCoding.write(value, to: &row)
        }
        let digest = Array(TestSHA256.hash(row.bytes).prefix(RowDigest.bytes))
        #expect(
            try Documents.hex("reference/log-format.md", after: "### The digest of its first row") == digest, "the digest is \(Hex.encode(digest))")
    }

    /// Each limit of the core stands in the page with its value.
    @Test func theLimitsPageIsComplete() throws {
        let page = try Documents.text("reference/limits.md")
        let source = try String(
            contentsOf: LayerTests.sources.appendingPathComponent("ParkSyncCore/Limits.swift"), encoding: .utf8)
        let wire = try String(contentsOf: LayerTests.sources.appendingPathComponent("ParkSyncWire/WireLimits.swift"), encoding: .utf8)
        var found = 0
        for line in (source + wire).split(separator: "\n") {
            let words = line.split(separator: " ").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: ":")) }
            guard let at = words.firstIndex(of: "let"), words.contains("static"), words.indices.contains(at + 1), !line.contains("\"") else {
                continue
            }
            found += 1
            #expect(page.contains("`\(words[at + 1])`"), "\(words[at + 1]) is not in docs/reference/limits.md")
        }
        #expect(found > 25)
        let values: [(String, Int)] = [
            ("changesPerTableMax", CoreLimits.changesPerTableMax), ("keyBytesMax", CoreLimits.keyBytesMax),
            ("columnsPerTableMax", CoreLimits.columnsPerTableMax),
            ("payloadBytesMax", CoreLimits.payloadBytesMax), ("sharedTablesMax", CoreLimits.sharedTablesMax),
            ("noteBytesMax", CoreLimits.noteBytesMax),
            ("vectorOriginsMax", CoreLimits.vectorOriginsMax), ("parkNameBytesMax", CoreLimits.parkNameBytesMax),
        ]
        for (name, value) in values {
            let row = page.split(separator: "\n").first { $0.contains("`\(name)`") }
            #expect(
                row?.replacingOccurrences(of: ",", with: "").contains(" \(value) ") == true, "\(name) is \(value), the page says \(row ?? "nothing")")
        }
    }
}
