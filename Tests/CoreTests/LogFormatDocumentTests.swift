import Testing

@testable import ParkSyncCore

/// What docs/reference/log-format.md shows is what the code reads and writes.
@Suite struct LogFormatDocumentTests {
    private static let page = "reference/log-format.md"

    @Test func theHashOfTheTestsIsRight() {
        // FIPS 180-4, examples of one block and of two, and the empty message.
        #expect(
            Hex.encode(TestSHA256.hash(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let two = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
        #expect(Hex.encode(TestSHA256.hash(two)) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(Hex.encode(TestSHA256.hash([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func theExampleDecodesToItsValues() throws {
        let shown = try Documents.hex(Self.page, after: "### The payload")
        let (header, tables) = try SampleEntry.decode(shown)
        #expect(header == DocumentedEntry.header && tables.map(\.block) == DocumentedEntry.tables.map(\.block))
        #expect(tables.map(\.changes) == DocumentedEntry.tables.map(\.changes))
        #expect(SampleEntry.encode(header, tables) == shown && shown == DocumentedEntry.payload)
    }

    private static func field(_ comment: String, _ write: (inout ByteWriter) -> Void) -> (
        bytes: [UInt8], comment: String
    ) {
        var writer = ByteWriter()
        write(&writer)
        return (writer.bytes, comment)
    }

    private static func value(_ column: Int, _ text: String, _ value: Value) -> (bytes: [UInt8], comment: String) {
        field("column \(column): \(text)") { ValueCoding.write(value, to: &$0) }
    }

    /// Each line of the example, made from the decoded values and not by the code that writes
    /// entries.
    @Test func eachLineSaysWhatItsBytesAre() throws {
        let lines = try #require(try Documents.blocks(Self.page, after: "### The payload").first)
        let (header, tables) = try SampleEntry.decode(lines.flatMap(\.bytes))
        let block = try #require(tables.first?.block)
        let changes = try #require(tables.first?.changes)
        let names = try changes.map { change in
            guard case .text(let bytes) = try KeyCoding.decode(change.key, count: 1)[0] else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }
        let length = try #require(changes.dropFirst().first?.length)
        let dependency = try #require(header.dependencies.first)
        let expected = [
            Self.field("format version \(EntryHeader.formatVersion)") { $0.byte(2) },
            Self.field("origin: \(header.origin.utf8.count) bytes, `\(header.origin)`") {
                $0.prefixed(header.origin.name)
            },
            Self.field("entry number \(header.seq)") { $0.varint(header.seq) },
            Self.field("stamp: \(header.stamp.milliseconds) ms, counter \(header.stamp.counter)") {
                $0.fixed64(header.stamp.rawValue)
            },
            Self.field("schema number \(header.schemaNumber)") { $0.varint(header.schemaNumber) },
            Self.field("one dependency") { $0.varint(header.dependencies.count) },
            Self.field("\(dependency.origin), entry \(dependency.seq)") {
                $0.prefixed(dependency.origin.name)
                $0.varint(dependency.seq)
            },
            Self.field("hash of what was seen") { $0.raw(DocumentedEntry.seenHash) },
            Self.field("author: `\(header.author)`") { $0.prefixed(header.author) },
            Self.field("note: empty") { $0.prefixed(header.note) },
            Self.field("one table") { $0.varint(tables.count) },
            Self.field("`\(block.name)`, \(block.columnCount) columns, \(block.changeCount) changes") {
                $0.prefixed(block.name)
                for count in [block.columnCount, block.changeCount] { $0.varint(count) }
            },
            Self.field("key: 0 shared bytes, 6 more: text `\(names[0])`") { $0.raw([0, 6, 0x20] + names[0].utf8) },
            Self.field("insert, causal length \(changes[0].length)") { $0.byte(0) },
            Self.value(0, "text of 5 bytes", changes[0].values[0]), Self.value(1, "integer 300", .integer(300)),
            Self.value(2, "NULL", .null),
            Self.field("key: 5 bytes as before, then `2`: `\(names[1])`") { $0.raw([5, 1] + "2".utf8) },
            Self.field("update, causal length \(length)") { $0.raw([1 | 4, UInt8(length)]) },
            Self.field("mask 110: columns 1 and 2") { $0.byte(0b110) },
            Self.value(1, "integer -1", .integer(-1)), Self.value(2, "real 1.5", .double(1.5)),
            Self.field("key `\(names[2])`") { $0.raw([5, 1] + "7".utf8) },
            Self.field("delete, causal length \(changes[2].length)") { $0.byte(2) },
        ]
        #expect(lines.count == expected.count)
        for (shown, made) in zip(lines, expected) {
            #expect(shown.bytes == made.bytes && shown.comment == made.comment)
        }
    }

    private static func hash() -> [UInt8] {
        TestSHA256.hash(EntryChain.hashDomain + DocumentedEntry.previousHash + DocumentedEntry.payload)
    }

    @Test func theChainIsAsShown() throws {
        #expect(try Documents.hex(Self.page, after: "### Its hash") == Self.hash())
        let message = EntryChain.headMessage(
            origin: DocumentedEntry.header.origin, seq: DocumentedEntry.header.seq, hash: Self.hash())
        #expect(try Documents.hex(Self.page, after: "### What is signed") == message)
        let text = try Documents.text(Self.page)
        #expect(
            text.contains("`\(String(decoding: EntryChain.hashDomain, as: UTF8.self))`")
                && text.contains("`parksync/head/1`"))
        #expect(
            EntryChain.genesis.count == EntryChain.hashBytes && EntryChain.hashBytes == 32
                && EntryChain.signatureBytes == 64)
    }

    /// The message is the text's, not only the code's.
    @Test func theHashOfWhatWasSeenIsAsDescribed() throws {
        let message =
            Array("parksync/seen/1".utf8) + [4] + Array("west".utf8) + [0, 0, 0, 0, 0, 0, 0, 5]
            + DocumentedEntry.hashOfWest
        #expect(TestSHA256.hash(message) == DocumentedEntry.seenHash)
        let text = try Documents.text(Self.page)
        #expect(text.contains("`parksync/seen/1`") && text.contains("version \(EntryHeader.formatVersion)"))
    }

    private static func rowBytes(_ name: String, _ values: [Value]) throws -> [UInt8] {
        var row = ByteWriter()
        row.prefixed(try #require(KeyCoding.encode([.string(name)])))
        for (index, value) in values.enumerated() where value != .null {
            row.varint(index)
            ValueCoding.write(value, to: &row)
        }
        return row.bytes
    }

    private static func digest(_ row: [UInt8]) throws -> RowDigest {
        try #require(TestSHA256.hash(row).withUnsafeBytes { RowDigest($0) })
    }

    @Test func theDigestsAreAsShown() throws {
        let first = try Self.digest(Self.rowBytes("lab-1", [.string("Laser"), .integer(300), .null]))
        #expect(try Documents.hex(Self.page, after: "### The digest of its first row") == first.encoded)
        let second = try Self.rowBytes("lab-2", [.string("Mill"), .integer(-1), .double(1.5)])
        var table = first
        table.add(try Self.digest(second))
        var state = ByteWriter()
        state.raw("parksync/state/1".utf8)
        state.prefixed("lab")
        state.fixed64(2)
        state.raw(table.encoded)
        let shown = try Documents.blocks(Self.page, after: "### The state after it").map { $0.flatMap(\.bytes) }
        #expect(shown == [second, state.bytes])
        #expect(try Documents.hex(Self.page, after: "### The state hash") == TestSHA256.hash(state.bytes))
    }

    @Test func theSliceIsFramedAsShown() throws {
        let lines = try #require(try Documents.blocks(Self.page, after: "### As it travels").first)
        let frame = lines.flatMap(\.bytes) + DocumentedEntry.payload
        try frame.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            #expect(try reader.byte("the kind") == 2)
            let length = try reader.raw(4, "the length").reduce(0) { $0 << 8 | Int($1) }
            #expect(length == reader.remaining && lines[1].comment == "\(length) bytes follow")
            #expect(try reader.origin("the origin") == DocumentedEntry.header.origin)
            #expect(try reader.varint("the first") == DocumentedEntry.header.seq)
            #expect(try reader.varint("the count") == 1)
            let signature = Array(try reader.raw(EntryChain.signatureBytes, "the signature"))
            let body = Array(UnsafeRawBufferPointer(rebasing: buffer[reader.offset...]))
            #expect(
                Array(try reader.prefixed("the payload", max: CoreLimits.payloadBytesMax)) == DocumentedEntry.payload)
            try reader.expectEnd("the slice")
            let slice = LogSlice(
                origin: DocumentedEntry.header.origin, first: 2, count: 1, body: body, signature: signature)
            #expect(slice.last == 2)
        }
        #expect(lines.last?.comment == "\(DocumentedEntry.payload.count) bytes of payload, as above")
        #expect(LogSlice(origin: .known("a"), first: 5, count: 3, body: [], signature: []).last == 7)
    }

    /// The numbers that stand in the text.
    @Test func theTextsNumbersAreRight() throws {
        let text = try Documents.text(Self.page)
        var writer = ByteWriter()
        writer.varint(300 as UInt64)
        #expect(text.contains("300 is `\(writer.bytes.map { Hex.encode([$0]) }.joined(separator: " "))`"))
        let key = try #require(KeyCoding.encode([.integer(-1)]))
        #expect(text.contains("-1 is `\(key.dropFirst().map { Hex.encode([$0]) }.joined(separator: " "))`"))
        for (tag, name) in [
            (KeyCoding.integerTag, "integer"), (KeyCoding.realTag, "real"), (KeyCoding.textTag, "text"),
            (KeyCoding.blobTag, "blob"),
        ] { #expect(text.contains("| `\(Hex.encode([tag]))` | \(name) |")) }
    }
}
