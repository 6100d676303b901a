import Crypto
import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// What an entry may take of a node's memory.
@Suite struct EntryRoomTests {
    private func origin(_ name: String) throws -> OriginID { try #require(OriginID(name)) }

    private static var none: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    /// A schema with one table of one key column, and an entry of West's with so many deletes of
    /// it.
    private func slice(
        _ schema: SharedSchema, changes: Int, keyBytes: Int = 4, key signing: Curve25519.Signing.PrivateKey
    ) throws -> LogSlice {
        let header = EntryHeader(
            origin: try origin("west"), seq: 1, stamp: Stamp(milliseconds: 1_000, counter: 0), schemaNumber: 1,
            dependencies: [],
            seenHash: EntryChain.genesis)
        var writer = ChangeWriter(header: header, tableCount: 1, reserving: changes * 16)
        writer.beginTable(TableBlock(name: "t", columnCount: 0, changeCount: changes))
        for number in 0..<UInt32(changes) {
            // A text key: long ones share all but their end.
            let digits = Array(String(format: "%08x", number).utf8)
            let key = [KeyCoding.textTag] + [UInt8](repeating: 0x61, count: max(0, keyBytes - digits.count)) + digits
            key.withUnsafeBytes { writer.change(key: $0, causalLength: .first, kind: .insert, values: Self.none) }
        }
        let payload = writer.writer.bytes
        let hash = EntryHash.of(payload: payload, previous: EntryChain.genesis)
        var body = ByteWriter()
        body.prefixed(payload)
        return LogSlice(
            origin: try origin("west"), first: 1, count: 1, body: body.bytes,
            signature: Array(
                try signing.signature(for: EntryChain.headMessage(origin: try origin("west"), seq: 1, hash: hash))))
    }

    @Test(arguments: [
        (1_000, 4, 8 << 20, true), (40_000, 4, 8 << 20, false), (4_000, 4_000, 8 << 20, false),
        (200_000, 4, 64 << 20, true),
    ])
    func anEntryTakesNoMoreThanItMay(changes: Int, keyBytes: Int, bytesMax: Int, fits: Bool) throws {
        let schema = try CompiledSchema([
            SchemaFile(
                name: "t.sql",
                sql: "-- parksync: schema 1\n-- parksync: writer any\nCREATE TABLE t(x TEXT NOT NULL PRIMARY KEY);\n")
        ]).schema
        let signing = Curve25519.Signing.PrivateKey()
        let verifier = SliceVerifier(
            schema: schema, members: ["west": Array(signing.publicKey.rawRepresentation)], entryBytesMax: bytesMax)
        let slice = try slice(schema, changes: changes, keyBytes: keyBytes, key: signing)
        #expect(slice.body.count < bytesMax)
        if fits {
            #expect(
                try verifier.verify(slice, previousHash: EntryChain.genesis).entries.first?.changes.count == changes)
        } else {
            let refusal = #expect(throws: SliceRefused.self) {
                try verifier.verify(slice, previousHash: EntryChain.genesis)
            }
            #expect(
                refusal?.cause == .entryTooLong && refusal?.remedy.contains("entry.bytes_max") == true,
                "\(String(describing: refusal))")
        }
    }

    /// A long payload goes into the log and out of it piece by piece, and is the same.
    @Test func aLongEntryIsWhatItWas() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES(1, 'before')")
        let bytes = LongPayload.bytesMin + 4_321
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES(2, hex(randomblob(\(bytes / 2 + 1))))")
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES(3, 'after')")
        try await expectSame(federation)
        let south = try federation["south"]
        let own = try origin("south")
        let whole = try #require(try south.read(origin: own, after: 1, through: .max, bytesMax: 1))
        guard case .long(let long)? = try south.next(origin: own, after: 1, through: .max, bytesMax: 1) else {
            Issue.record("a long entry is given as a whole")
            return
        }
        var body = long.head.body
        while body.count < long.head.body.count + long.bytes {
            let offset = body.count - long.head.body.count
            body += try south.payload(
                of: own, seq: long.head.last, from: offset, count: min(1 << 20, long.bytes - offset))
        }
        #expect(body == whole.body && long.head.signature == whole.signature && whole.last == 2)
        #expect(throws: StoreError.self) { try south.payload(of: own, seq: 2, from: long.bytes, count: 1) }
        #expect(try await federation["west"].verify().findings == [])
    }
}
