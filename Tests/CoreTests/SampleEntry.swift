import ParkSyncCore

/// An entry with every form that the encoding has.
enum SampleEntry {
    static let header = EntryHeader(
        origin: OriginID.known("south"), seq: 300, stamp: Stamp(milliseconds: 1_790_000_000_000, counter: 2),
        schemaNumber: 1,
        dependencies: [
            VersionVector.Element(origin: OriginID.known("airport"), seq: 7),
            VersionVector.Element(origin: OriginID.known("west"), seq: 129),
        ],
        author: "li.wei", note: "备注")

    static let values: [Value] = [
        .null, .integer(0), .integer(-1), .integer(Int64.max), .integer(Int64.min), .integer((1 << 60) - 1),
        .integer(1 << 60), .integer(-(1 << 60)),
        .integer(-(1 << 60) - 1), .real((-0.0).bitPattern), .real(0x7FF8_0000_0000_0001),
        .real(Double.infinity.bitPattern), .text([]),
        .text([0x61, 0, 0x62, 0xFF]), .string("成都 🧪"), .blob([]), .blob([0, 0xFF, 0x80]),
    ]

    static func encoded(_ values: [Value]) -> [UInt8] {
        var writer = ByteWriter()
        for value in values { ValueCoding.write(value, to: &writer) }
        return writer.bytes
    }

    struct Change: Equatable {
        var key: [UInt8]
        var length: UInt64
        var kind: IncomingChange.Kind
        var values: [Value]
    }

    static func changes() -> [(block: TableBlock, changes: [Change])] {
        let keys = ["", "a", "ab", "abc", "b"].compactMap { KeyCoding.encode([.string($0)]) }
        let table = [
            Change(key: keys[0], length: 1, kind: .insert, values: Array(values.prefix(3))),
            Change(key: keys[1], length: 3, kind: .insert, values: Array(values.suffix(3))),
            Change(key: keys[2], length: 2, kind: .delete, values: []),
            Change(
                key: keys[3], length: 1, kind: .update(ColumnMask(rawValue: 0b101)), values: [values[3], values[9]]),
            Change(key: keys[4], length: 4, kind: .delete, values: []),
        ]
        let wide = Change(
            key: KeyCoding.encode([.integer(-5), .blob([0, 1])]) ?? [], length: 1, kind: .insert, values: values)
        return [
            (TableBlock(name: "organisation", columnCount: 3, changeCount: table.count), table),
            (TableBlock(name: "wide", columnCount: values.count, changeCount: 1), [wide]),
        ]
    }

    static func payload() -> [UInt8] { encode(header, changes()) }

    /// Everything that a payload says.
    static func decode(_ payload: [UInt8]) throws -> (
        header: EntryHeader, tables: [(block: TableBlock, changes: [Change])]
    ) {
        try payload.withUnsafeBytes { buffer in
            var reader = try ChangeReader(buffer)
            var tables: [(block: TableBlock, changes: [Change])] = []
            while let change = try reader.next() {
                guard let block = reader.block else { continue }
                if tables.last?.block.name != block.name { tables.append((block, [])) }
                var values = ByteReader(buffer, offset: change.values.lowerBound)
                var decoded: [Value] = []
                while values.offset < change.values.upperBound {
                    decoded.append(try ValueCoding.read(from: &values).copied)
                }
                tables[tables.count - 1].changes.append(
                    Change(key: reader.key, length: change.causalLength.rawValue, kind: change.kind, values: decoded))
            }
            return (reader.header, tables)
        }
    }

    /// The payload that says this.
    static func encode(_ header: EntryHeader, _ tables: [(block: TableBlock, changes: [Change])]) -> [UInt8] {
        var writer = ChangeWriter(header: header, tableCount: tables.count)
        for table in tables {
            writer.beginTable(table.block)
            for change in table.changes {
                change.key.withUnsafeBytes { key in
                    encoded(change.values).withUnsafeBytes { values in
                        writer.change(
                            key: key, causalLength: CausalLength(rawValue: change.length), kind: change.kind,
                            values: values)
                    }
                }
            }
        }
        return writer.writer.bytes
    }
}
