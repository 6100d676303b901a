import Testing

@testable import ParkSyncCore

@Suite struct SharedSchemaTests {
    private static let id = SharedColumn(name: "id", affinity: .text, isNotNull: true)
    private static let note = SharedColumn(name: "note", affinity: .text, isNotNull: false)

    private static func table(_ name: String, rule: WriteRule = .anyPark, appendOnly: Bool = false) -> SharedTable {
        SharedTable(name: name, keyColumns: [id], columns: [note], writeRule: rule, isAppendOnly: appendOnly)
    }

    @Test func onlyTheHomeParkWrites() {
        let table = Self.table("lab", rule: .homePark(keyColumn: 0))
        func allows(_ key: Value, _ park: String) -> Bool { table.refusal(of: .insert, key: [key], by: park) == nil }
        #expect(allows(.string("south:lab:1"), "south") && allows(.string("south:"), "south"))
        for key in ["west:lab:1", "south", "south2:1", "sout:1", "", ":1", "South:1"] {
            #expect(!allows(.string(key), "south"), "\(key)")
        }
        #expect(!allows(.blob(Array("south:1".utf8)), "south") && !allows(.integer(1), "south"))
        #expect(Self.table("lab").refusal(of: .delete, key: [.string("west:1")], by: "south") == nil)
    }

    @Test func appendOnlyTablesTakeInsertsAlone() {
        let table = Self.table("ledger", appendOnly: true)
        for (kind, isAllowed) in [(.insert, true), (.update(.first(1)), false), (.delete, false)]
            as [(IncomingChange.Kind, Bool)]
        {
            #expect((table.refusal(of: kind, key: [.string("a")], by: "south") == nil) == isAllowed)
        }
    }

    @Test func absentColumnsHaveAValueThatIsAllowed() {
        func absent(_ affinity: Affinity, notNull: Bool, _ fallback: Value = .null) -> Value {
            SharedColumn(name: "c", affinity: affinity, isNotNull: notNull, defaultValue: fallback).absentValue
        }
        #expect(
            absent(.text, notNull: false) == .null && absent(.text, notNull: true) == .text([])
                && absent(.blob, notNull: true) == .blob([]))
        #expect(absent(.integer, notNull: true) == .integer(0) && absent(.numeric, notNull: true) == .integer(0))
        #expect(
            absent(.real, notNull: true) == .double(0) && absent(.text, notNull: true, .string("x")) == .string("x"))
    }

    @Test func countersAreMarkedByPosition() {
        var table = Self.table("t")
        table.columns = [
            Self.note, SharedColumn(name: "views", affinity: .integer, isNotNull: true, isCounter: true), Self.note,
        ]
        #expect(table.mergeColumns == MergeColumns(all: .first(3), counters: ColumnMask(rawValue: 0b010)))
    }

    /// Equal schemas have equal bytes whatever the order of their files; each difference shows.
    @Test func canonicalBytesTellSchemasApart() {
        let (a, b) = (Self.table("a"), Self.table("b"))
        let schema = SharedSchema(number: 1, tables: [b, a])
        #expect(schema.canonicalBytes == SharedSchema(number: 1, tables: [a, b]).canonicalBytes)
        #expect(
            schema.tables.map(\.name) == ["a", "b"] && schema.index(ofTable: "b") == 1
                && schema.index(ofTable: "c") == nil)
        var typed = a
        typed.columns[0].affinity = .blob
        var notNull = a
        notNull.columns[0].isNotNull = true
        var counter = a
        counter.columns[0].isCounter = true
        var fallback = a
        fallback.columns[0].defaultValue = .text([])
        var strict = a
        strict.columns[0].isStrict = true
        var moved = a
        moved.keyColumns.append(moved.columns.removeLast())
        var member = a
        member.allowed = [AllowedValues([.plain(0)], of: Self.constant(), ["code"])]
        var keyed = a
        keyed.allowed = [AllowedValues([.key(0)], of: Self.constant(), ["code"])]
        let constants =
            [
                SharedSchema(number: 1, tables: [a, b], constants: [Self.constant()]),
                SharedSchema(number: 1, tables: [a, b], constants: [Self.constant("d")]),
                SharedSchema(number: 1, tables: [a, b], constants: [Self.constant(), Self.constant("d")]),
                SharedSchema(number: 1, tables: [a, b], constants: [Self.constant(until: .integer(1))]),
                SharedSchema(number: 1, tables: [member, b], constants: [Self.constant()]),
                SharedSchema(number: 1, tables: [keyed, b], constants: [Self.constant()]),
            ].map(\.canonicalBytes)
        let variants =
            [
                [a], [a, Self.table("c")], [typed, b], [notNull, b], [counter, b], [fallback, b], [strict, b],
                [moved, b],
                [Self.table("a", rule: .homePark(keyColumn: 0)), b], [Self.table("a", appendOnly: true), b],
            ].map { SharedSchema(number: 1, tables: $0).canonicalBytes } + [
                SharedSchema(number: 2, tables: [a, b]).canonicalBytes
            ] + constants
        #expect(Set(variants + [schema.canonicalBytes]).count == variants.count + 1)
        // The order of the rows is none of their matter.
        let (first, second): ([Value], [Value]) = (
            [.string("x"), .integer(1), .null], [.string("y"), .integer(1), .null]
        )
        let reversed = [[first, second], [second, first]].map {
            SharedSchema(
                number: 1, tables: [a],
                constants: [ConstantTable(name: "c", columns: Self.columns, keyColumns: [0], rows: $0)])
        }
        #expect(reversed[0].canonicalBytes == reversed[1].canonicalBytes)
    }

    private static let columns = ["code", "since", "until"]

    private static func constant(_ name: String = "c", until: Value = .null) -> ConstantTable {
        ConstantTable(
            name: name, columns: columns, keyColumns: [0],
            rows: [
                [.string("new"), .integer(3), .null], [.string("open"), .integer(1), until],
                [.string("old"), .integer(1), .integer(3)], [.string("old"), .integer(5), .null],
            ])
    }

    /// What is allowed at a schema number is decided by that number alone.
    @Test func aConstantRowIsInForceFromANumberToANumber() {
        var table = Self.table("t")
        table.allowed = [AllowedValues([.plain(0)], of: Self.constant(), ["code"])]
        func allows(_ value: Value, _ number: UInt64, _ kind: IncomingChange.Kind = .insert) -> Bool {
            var writer = ByteWriter()
            ValueCoding.write(value, to: &writer)
            return writer.bytes.withUnsafeBytes { bytes in
                (try? table.disallowed(
                    kind, key: [.string("k")], at: number,
                    encoded: kind == .delete ? UnsafeRawBufferPointer(start: nil, count: 0) : bytes,
                    columnCount: 1)) == .some(nil)
            }
        }
        for number in UInt64(1)...6 {
            #expect(allows(.string("open"), number))
            #expect(allows(.string("new"), number) == (number >= 3))
            #expect(allows(.string("old"), number) == (number < 3 || number >= 5))
            #expect(
                allows(.null, number) && !allows(.string("Open"), number) && !allows(.blob(Array("open".utf8)), number))
            #expect(!allows(.string("gone"), number, .update(.first(1))) && allows(.null, number, .update(.first(1))))
            #expect(allows(.string("gone"), number, .delete))
        }
        #expect(!allows(.string("open"), 0))
    }

    @Test func columnsOfTheKeyAreMembersToo() {
        var table = Self.table("t")
        table.allowed = [AllowedValues([.key(0), .plain(0)], of: Self.pairs, ["code", "act"])]
        func found(_ key: String, _ note: Value, _ kind: IncomingChange.Kind = .insert) -> DisallowedValues? {
            table.disallowed(kind, key: [.string(key)], at: 1) { _ in
                if case .integer(let number) = note { .integer(number) } else { .null }
            }
        }
        #expect(found("a", .integer(1)) == nil && found("b", .integer(2)) == nil && found("a", .null) == nil)
        #expect(found("a", .integer(2))?.values == [.string("a"), .integer(2)])
        // An update says nothing of the key.
        #expect(found("a", .integer(2), .update(.first(1))) == nil)
    }

    private static let pairs = ConstantTable(
        name: "pair", columns: ["code", "act", "since", "until"], keyColumns: [0, 1],
        rows: [[.string("a"), .integer(1), .integer(1), .null], [.string("b"), .integer(2), .integer(1), .null]])
}
