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
        let variants =
            [
                [a], [a, Self.table("c")], [typed, b], [notNull, b], [counter, b], [fallback, b], [strict, b],
                [moved, b],
                [Self.table("a", rule: .homePark(keyColumn: 0)), b], [Self.table("a", appendOnly: true), b],
            ].map { SharedSchema(number: 1, tables: $0).canonicalBytes } + [
                SharedSchema(number: 2, tables: [a, b]).canonicalBytes
            ]
        #expect(Set(variants + [schema.canonicalBytes]).count == variants.count + 1)
    }
}
