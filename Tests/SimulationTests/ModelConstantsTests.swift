import ParkSyncCore
import ParkSyncStore
import Testing

@testable import ParkSyncSimulation

/// The model and the shipped store judge alike what the constants of a schema allow.
@Suite struct ModelConstantsTests {
    private static let first = """
        -- parksync: schema 1
        -- parksync: constant
        CREATE TABLE move(machine TEXT NOT NULL, act TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER,
            PRIMARY KEY(machine, act));
        INSERT INTO move VALUES('booking', 'ask', 1, NULL), ('booking', 'end', 1, NULL), ('offer', 'sign', 1, NULL);
        -- parksync: writer any
        -- parksync: append-only
        -- parksync: member (machine, act) of move(machine, act)
        CREATE TABLE step(id TEXT NOT NULL PRIMARY KEY, act TEXT, machine TEXT);
        -- parksync: writer any
        -- parksync: member (machine) of move(machine)
        -- parksync: member (act) of move(act)
        CREATE TABLE item(machine TEXT NOT NULL PRIMARY KEY, act TEXT, note TEXT);
        """
    private static let second = """
        -- parksync: schema 2
        UPDATE move SET until = 2 WHERE act = 'end';
        INSERT INTO move VALUES('booking', 'stop', 2, NULL);
        """

    private func payload(_ table: String, key: String, _ kind: IncomingChange.Kind, _ values: [Value], _ number: UInt64)
        throws -> (bytes: [UInt8], header: EntryHeader)
    {
        let origin = try #require(OriginID("west"))
        let header = EntryHeader(
            origin: origin, seq: 1, stamp: Stamp(milliseconds: 1_790_000_000_000, counter: 0), schemaNumber: number,
            dependencies: [])
        var writer = ChangeWriter(header: header, tableCount: 1)
        writer.beginTable(TableBlock(name: table, columnCount: 2, changeCount: 1))
        var encoded = ByteWriter()
        for value in values { ValueCoding.write(value, to: &encoded) }
        let length = CausalLength(rawValue: kind == .delete ? 2 : 1)
        (KeyCoding.encode([.string(key)]) ?? []).withUnsafeBytes { key in
            encoded.bytes.withUnsafeBytes { writer.change(key: key, causalLength: length, kind: kind, values: $0) }
        }
        return (writer.writer.bytes, header)
    }

    @Test func bothJudgeAlike() throws {
        let schema = try CompiledSchema(
            [Self.first, Self.second].enumerated().map { SchemaFile(name: "\($0 + 1).sql", sql: $1) })
        let texts = ["booking", "offer", "ask", "end", "stop", "sign", "Ask", ""]
        let values: [Value] =
            texts.map { .string($0) } + [.null, .blob(Array("ask".utf8)), .text(Array("ask".utf8) + [0])]
        var (good, bad) = (0, 0)
        func judge(_ table: String, key: String, _ kind: IncomingChange.Kind, _ values: [Value], _ number: UInt64)
            throws
        {
            let (bytes, header) = try payload(table, key: key, kind, values, number)
            let model = ModelReader.judge(bytes, header: header, schemas: schema.files.map(\.schema)).fate == .good
            let entry = try bytes.withUnsafeBytes { raw in
                let buffer = PayloadBuffer(copying: raw)
                return try DecodedEntry(payload: buffer.bytes, owner: buffer, hash: [], schema: schema.schema)
            }
            var isReady = false
            if case .ready = entry.fitness { isReady = true }
            #expect(isReady == model, "\(table) \(key) \(kind) \(values) in schema \(number)")
            if model { good += 1 } else { bad += 1 }
        }
        for number in UInt64(1)...2 {
            for act in values {
                for machine in values { try judge("step", key: "k", .insert, [act, machine], number) }
                for key in texts { try judge("item", key: key, .insert, [act, .null], number) }
                try judge("item", key: "gone", .update(.first(1)), [act], number)
            }
            try judge("item", key: "gone", .update(ColumnMask(rawValue: 2)), [.string("x")], number)
            try judge("item", key: "gone", .delete, [], number)
        }
        #expect(good > 20 && bad > 100)
    }
}
