import ParkSyncCore
import Testing

@Suite struct ControlRecordTests {
    static let records: [ControlRecord] = [
        .compaction(frontier: VersionVector([(south, UInt64(9)), (west, UInt64(1))])),
        .fence(park: "west", after: VersionVector([(west, UInt64(40))])),
        .fence(park: "airport", after: VersionVector()),
        .incarnation(of: south, after: 17, hash: (0..<32).map { UInt8($0 * 7) }),
        .memberKey(park: "west", key: (0..<32).map { UInt8($0) }), .withdrawal(of: south, first: 5, last: 7),
        .vote(park: "west", .out, members: ["airport", "south", "west"]),
        .vote(park: "airport", .back, members: ["south"]),
        .lift(park: "west", fences: VersionVector([(south, UInt64(12))])),
    ]
    static let south: OriginID = OriginID.known("south")
    static let west: OriginID = OriginID.known("west")

    @Test func anEntryGivesBackItsRecordsInOrder() throws {
        var writer = ChangeWriter(
            header: EntryHeader(origin: Self.south, seq: 1, stamp: Stamp(rawValue: 1), schemaNumber: 1), tableCount: 1)
        writer.controls(Self.records)
        let read = try writer.writer.bytes.withUnsafeBytes { payload in
            var reader = try ChangeReader(payload)
            var result: [ControlRecord] = []
            while let change = try reader.next(), let block = reader.block {
                result.append(try ControlRecord(change, block: block, key: reader.key, payload: payload))
            }
            return result
        }
        #expect(read == Self.records.sorted { $0.key < $1.key })
    }

    @Test(arguments: records) func textsAreReadBack(_ record: ControlRecord) {
        #expect(ControlRecord(key: record.key, text: record.text) == record)
    }

    @Test(arguments: [
        ("compaction", "west:1 south:9"), ("compaction", "south:09"), ("compaction", ""), ("compaction", "south"),
        ("fence:", "-"),
        ("fence:west", "south:1"), ("fence:West", "-"), ("fence:west~2", "-"), ("incarnation", "south:17"),
        ("incarnation", "south:17 00"),
        ("incarnation", "south:+17 " + String(repeating: "0", count: 64)),
        ("incarnation", "south:17 " + String(repeating: "A", count: 64)),
        ("incarnation", "south:17 +" + String(repeating: "0", count: 63)),
        ("incarnation", "south:17  " + String(repeating: "0", count: 64)),
        ("other", "-"), ("withdrawal:south", "5"), ("withdrawal:south", "0-7"), ("withdrawal:south", "8-7"),
        ("withdrawal:south", "05-7"),
        ("withdrawal:south", "5-7 "), ("withdrawal:south", "5-7-9"), ("withdrawal:South", "5-7"),
        ("withdrawal:", "5-7"), ("withdrawal", "5-7"),
        ("withdrawal:south", "5-1099511627776"),
        ("key:west", "00"),
        ("vote:west", "out"), ("vote:west", "south"), ("vote:west", "away south"), ("vote:west", "out west south"),
        ("vote:west", "out south south"),
        ("vote:west", "out  south"), ("vote:west", "out south "), ("vote:west~2", "out south"),
        ("vote:west", "out south~2"), ("vote:", "out south"),
        ("lift:west", "-"), ("lift:west", "12"), ("lift:west~2", "south:12"), ("lift:", "south:12"),
        ("key:west~2", String(repeating: "0", count: 64)), ("key:", String(repeating: "0", count: 64)),
    ]) func anythingElseIsRefused(_ key: String, _ text: String) {
        #expect(ControlRecord(key: key, text: text) == nil)
    }

    @Test func nothingIsTooLongForTheVectorThatItNames() {
        let names = (0..<CoreLimits.vectorOriginsMax).map { "a23456789\(1_000 + $0)~99" }
        let longest = VersionVector(names.map { (OriginID.known($0), CoreLimits.entryNumberMax) })
        #expect(longest.elements.count == CoreLimits.vectorOriginsMax)
        let record = ControlRecord.compaction(frontier: longest)
        #expect(record.text.utf8.count <= ControlRecord.textBytesMax)
        #expect(ControlRecord(key: record.key, text: record.text) == record)
    }
}
