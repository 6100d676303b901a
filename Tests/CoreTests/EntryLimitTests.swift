import Testing

@testable import ParkSyncCore

/// Headers and blocks at the limits, and one beyond.
@Suite struct EntryLimitTests {
    private static func header(
        seq: UInt64 = 1, stamp: UInt64 = 1, schemaNumber: UInt64 = 1, dependencies: [VersionVector.Element] = [],
        author: String = "",
        note: String = ""
    ) -> EntryHeader {
        EntryHeader(
            origin: .known("south"), seq: seq, stamp: Stamp(rawValue: stamp), schemaNumber: schemaNumber,
            dependencies: dependencies, author: author,
            note: note)
    }

    private static func read(_ header: EntryHeader) throws -> EntryHeader {
        var writer = ByteWriter()
        header.write(to: &writer)
        return try writer.bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            let header = try EntryHeader(from: &reader)
            try reader.expectEnd("the header")
            return header
        }
    }

    /// Names in ascending order: `a0000`, `a0001` and so on.
    private static func dependencies(_ count: Int) -> [VersionVector.Element] {
        (0..<count).compactMap { number in OriginID("a\(String(String(number + 10_000).dropFirst()))") }
            .map { VersionVector.Element(origin: $0, seq: CoreLimits.entryNumberMax) }
    }

    @Test func headersAtTheLimitsComeBack() throws {
        let highest = CoreLimits.entryNumberMax
        let extreme = [
            Self.header(seq: highest, stamp: highest, schemaNumber: .max), Self.header(stamp: 0, schemaNumber: 0),
            Self.header(dependencies: Self.dependencies(CoreLimits.vectorOriginsMax)),
            Self.header(
                author: String(repeating: "a", count: CoreLimits.authorBytesMax),
                note: String(repeating: "n", count: CoreLimits.noteBytesMax)),
            Self.header(author: "成都\u{0}", note: "🧪"),
        ]
        for header in extreme { #expect(try Self.read(header) == header) }
        #expect(Self.header(seq: 7).write == WriteID(stamp: Stamp(rawValue: 1), origin: .known("south"), seq: 7))
    }

    @Test func headersBeyondTheLimitsAreRefused() {
        let highest = CoreLimits.entryNumberMax
        func element(_ name: String, _ seq: UInt64) -> VersionVector.Element {
            VersionVector.Element(origin: .known(name), seq: seq)
        }
        let wrong = [
            Self.header(seq: 0), Self.header(seq: highest + 1), Self.header(stamp: UInt64(Int64.max) + 1),
            Self.header(dependencies: Self.dependencies(CoreLimits.vectorOriginsMax + 1)),
            Self.header(dependencies: [element("south", 1)]),
            Self.header(dependencies: [element("west", 0)]), Self.header(dependencies: [element("west", highest + 1)]),
            Self.header(dependencies: [element("west", 1), element("airport", 1)]),
            Self.header(dependencies: [element("west", 1), element("west", 2)]),
            Self.header(author: String(repeating: "a", count: CoreLimits.authorBytesMax + 1)),
            Self.header(note: String(repeating: "n", count: CoreLimits.noteBytesMax + 1)),
        ]
        for header in wrong { #expect(throws: DecodingFailure.self, "\(header)") { try Self.read(header) } }
    }

    private static func decode(_ tables: [(block: TableBlock, changes: [SampleEntry.Change])]) throws {
        let decoded = try SampleEntry.decode(SampleEntry.encode(header(), tables)).tables
        #expect(decoded.map(\.block) == tables.map(\.block) && decoded.map(\.changes) == tables.map(\.changes))
    }

    private static func insert(_ key: [UInt8], length: UInt64 = 1, _ values: [Value] = []) -> SampleEntry.Change {
        SampleEntry.Change(key: key, length: length, kind: .insert, values: values)
    }

    private static func table(_ name: String, columns: Int = 0, _ changes: [SampleEntry.Change]) -> (
        block: TableBlock, changes: [SampleEntry.Change]
    ) {
        (TableBlock(name: name, columnCount: columns, changeCount: changes.count), changes)
    }

    @Test func blocksAtTheLimitsComeBack() throws {
        let wide = CoreLimits.columnsPerTableMax
        let all = SampleEntry.Change(
            key: [2], length: 1, kind: .update(.first(wide)),
            values: (0..<wide).map { $0 % 2 == 0 ? .integer(.min + Int64($0)) : .null })
        try Self.decode([Self.table("t", columns: wide, [Self.insert([1], Array(repeating: .null, count: wide)), all])])
        try Self.decode([Self.table(String(repeating: "t", count: CoreLimits.identifierBytesMax), [Self.insert([1])])])
        let key = Array(repeating: 7 as UInt8, count: CoreLimits.keyBytesMax)
        try Self.decode([Self.table("t", [Self.insert(Array(key.dropLast())), Self.insert(key)])])
        let delete = SampleEntry.Change(key: [1], length: CoreLimits.causalLengthMax, kind: .delete, values: [])
        try Self.decode([Self.table("t", [delete, Self.insert([2], length: CoreLimits.causalLengthMax - 1)])])
        let names = (0..<CoreLimits.sharedTablesMax).map { "t\(String(String($0 + 10_000).dropFirst()))" }
        try Self.decode(names.map { Self.table($0, [Self.insert([1])]) })
    }

    @Test func blocksBeyondTheLimitsAreRefused() {
        let wide = CoreLimits.columnsPerTableMax + 1
        let key = Array(repeating: 7 as UInt8, count: CoreLimits.keyBytesMax)
        func update(_ mask: UInt64, length: UInt64 = 1) -> SampleEntry.Change {
            SampleEntry.Change(
                key: [1], length: length, kind: .update(ColumnMask(rawValue: mask)),
                values: Array(repeating: .null, count: mask.nonzeroBitCount))
        }
        func delete(_ length: UInt64) -> SampleEntry.Change {
            SampleEntry.Change(key: [1], length: length, kind: .delete, values: [])
        }
        let names = (0...CoreLimits.sharedTablesMax).map { "t\(String(String($0 + 10_000).dropFirst()))" }
        let wrong = [
            [Self.table("t", columns: wide, [Self.insert([1], Array(repeating: .null, count: wide))])],
            [Self.table(String(repeating: "t", count: CoreLimits.identifierBytesMax + 1), [Self.insert([1])])],
            [Self.table("t", [Self.insert(key + [1])])], [Self.table("t", [Self.insert(key), Self.insert(key + [1])])],
            [Self.table("t", [Self.insert([2]), Self.insert([1])])],
            [Self.table("t", [Self.insert([1]), Self.insert([1])])],
            [Self.table("t", [Self.insert([1, 2]), Self.insert([1])])], [Self.table("t", [])],
            [Self.table("u", [Self.insert([1])]), Self.table("t", [Self.insert([1])])],
            [Self.table("t", [Self.insert([1])]), Self.table("t", [Self.insert([2])])],
            [Self.table("t", columns: 2, [update(0b100)])], [Self.table("t", columns: 2, [update(0)])],
            [Self.table("t", columns: 2, [update(1, length: 2)])], [Self.table("t", [Self.insert([1], length: 4)])],
            [Self.table("t", [Self.insert([1], length: CoreLimits.causalLengthMax + 1)])],
            [Self.table("t", [delete(0)])],
            [Self.table("t", [delete(3)])], [Self.table("t", [delete(CoreLimits.causalLengthMax + 2)])],
            names.map { Self.table($0, [Self.insert([1])]) },
        ]
        for (index, tables) in wrong.enumerated() {
            #expect(throws: DecodingFailure.self, "case \(index)") { try Self.decode(tables) }
        }
    }

    /// How the reader ends with a block that promises this many changes and has one.
    private static func failure(changes: Int) -> String {
        do {
            _ = try SampleEntry.decode(
                SampleEntry.encode(
                    header(), [(TableBlock(name: "t", columnCount: 0, changeCount: changes), [insert([1])])]))
            return "none"
        } catch { return "\(error)" }
    }

    /// The limit of changes is one of each table, as the triggers count them, not of the entry.
    @Test func changesAreLimitedTableByTable() throws {
        let limit = CoreLimits.changesPerTableMax
        #expect(Self.failure(changes: limit).contains("the input ends"))
        #expect(Self.failure(changes: limit + 1).contains("the limit is \(limit)"))

        let half = limit / 2 + 1
        var writer = ChangeWriter(header: Self.header(), tableCount: 2, reserving: half * 16)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        for name in ["t", "u"] {
            writer.beginTable(TableBlock(name: name, columnCount: 0, changeCount: half))
            for number in 0..<UInt32(half) {
                withUnsafeBytes(of: number.bigEndian) {
                    writer.change(key: $0, causalLength: .first, kind: .insert, values: none)
                }
            }
        }
        let count = try writer.writer.bytes.withUnsafeBytes { buffer in
            var reader = try ChangeReader(buffer)
            var count = 0
            while try reader.next() != nil { count += 1 }
            return count
        }
        #expect(count == 2 * half && count > limit)
    }

    /// What an entry can hold in all: less than the tables' limits together, since a change takes
    /// at least three bytes.
    @Test func thePayloadBoundsTheWhole() {
        let longest = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(throws: DecodingFailure.self) { try ChangeReader(longest) }
        #expect(CoreLimits.payloadBytesMax / 3 < CoreLimits.sharedTablesMax * CoreLimits.changesPerTableMax)
        #expect(
            CoreLimits.payloadBytesDefault < CoreLimits.payloadBytesMax
                && CoreLimits.payloadBytesLeast < CoreLimits.payloadBytesDefault)
    }
}
