import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// What is asked of the log table, and changed in it, ends where another origin's entries begin.
@Suite struct LogRowsTests {
    private static let signature = [UInt8](repeating: 1, count: EntryChain.signatureBytes)

    /// Entries 3 to 7 of ordinal 2, of which 4 and 6 are signed, between entry 1 and the highest of
    /// ordinals 1 and 3.
    private static func table(_ folder: ScratchFolder) throws -> Connection {
        let connection = try Connection(path: folder.path + "/a.sqlite", role: .applier)
        try connection.execute(LogTable.create)
        try connection.execute(SegmentTable.create)
        var places: [(ordinal: Int64, seq: UInt64)] = [(1, 1), (1, LogTable.seqMax), (3, 1), (3, LogTable.seqMax)]
        for seq in 3...7 as ClosedRange<UInt64> { places.append((2, seq)) }
        for (ordinal, seq) in places {
            try LogTable.insert(
                connection, ordinal: ordinal, seq: seq, stamp: Stamp(rawValue: seq * 10),
                hash: [UInt8(truncatingIfNeeded: seq)],
                signature: ordinal != 2 || [4, 6].contains(seq) ? signature : nil,
                payload: [UInt8(truncatingIfNeeded: ordinal)])
        }
        return connection
    }

    @Test func anOriginsEntriesAreItsOwn() throws {
        let folder = try ScratchFolder()
        let connection = try Self.table(folder)
        #expect(
            try (1...3).map { try LogTable.newest(connection, ordinal: $0) } == [LogTable.seqMax, 7, LogTable.seqMax])
        #expect(try (1...3).map { try LogTable.oldest(connection, ordinal: $0) } == [1, 3, 1])
        for none in [0, 4, LogTable.ordinalMax] as [Int64] {
            #expect(
                try LogTable.newest(connection, ordinal: none) == 0 && LogTable.oldest(connection, ordinal: none) == nil
            )
            #expect(
                try LogTable.newestEntry(connection, ordinal: none) == nil
                    && LogTable.newestSigned(connection, ordinal: none) == 0)
        }
        #expect(try LogTable.newestEntry(connection, ordinal: 2) == LogBranch.Head(seq: 7, hash: [7], signature: []))
        #expect(try LogTable.newestEntry(connection, ordinal: 3)?.signature == Self.signature)
        #expect(try (2...7).map { try LogTable.newestSigned(connection, ordinal: 2, upTo: $0) } == [0, 0, 4, 4, 6, 6])
        #expect(
            try LogTable.newestSigned(connection, ordinal: 2) == 6
                && LogTable.newestSigned(connection, ordinal: 1) == LogTable.seqMax)
        #expect(
            try LogTable.count(connection, ordinal: 2, 1...LogTable.seqMax) == 5
                && LogTable.count(connection, ordinal: 2, 4...6) == 3)
        var (ordinals, next): ([Int64], Int64?) = ([], try LogTable.nextOrdinal(connection, after: nil))
        while let found = next {
            ordinals.append(found)
            next = try LogTable.nextOrdinal(connection, after: found)
        }
        #expect(ordinals == [1, 2, 3])
    }

    @Test func stampsComeFromTheEnd() throws {
        let folder = try ScratchFolder()
        let connection = try Self.table(folder)
        var seen: [[Int64]] = []
        try LogTable.descend(connection, ordinal: 2, upTo: 6) { seq, stamp in
            seen.append([Int64(seq), stamp])
            return seq > 4 ? .more : .enough
        }
        #expect(seen == [[6, 60], [5, 50], [4, 40]])
    }

    @Test func onlyWhatIsNamedIsRemoved() throws {
        let folder = try ScratchFolder()
        let connection = try Self.table(folder)
        #expect(try LogTable.remove(connection, ordinal: 2, after: 3, through: 5) == 2)
        #expect(
            try LogTable.count(connection, ordinal: 2, 3...7) == 3 && LogTable.holds(connection, ordinal: 2, seq: 3))
        #expect(try LogTable.remove(connection, ordinal: 2, after: 3) == 2)
        #expect(try LogTable.newest(connection, ordinal: 2) == 3)
        #expect(try LogTable.remove(connection, ordinal: 2, after: 0) == 1)
        #expect(try connection.int64("SELECT count(*) FROM _parksync_log") == 4)
    }

    /// A log gets its place once, and an origin that is known keeps its own.
    @Test func anOriginIsAdoptedOnce() throws {
        let federation = try Federation(["south"], schema: HeldAfterStartTests.first)
        federation.closeWithoutCheckpoint("south")
        let connection = try Connection(path: federation.path("south"), role: .applier)
        let (south, west) = (try federation.origin("south"), try #require(OriginID("west~3")))
        var state = try StateLoader.load(
            connection, origin: south,
            schema: CompiledSchema([SchemaFile(name: "1.sql", sql: HeldAfterStartTests.first)]).schema)
        let count = state.origins.count
        let own = try state.adopt(south, connection)
        #expect(own == state.own && state.origins.count == count)
        let index = try state.adopt(west, connection)
        #expect(index == count && state.origins[index].origin == west && state.origins[index].logged == 0)
        let again = try state.adopt(west, connection)
        #expect(again == index && state.origins.count == count + 1)
        #expect(try OriginTable.ordinal(connection, of: west) == state.origins[index].ordinal)
        #expect(state.origins[index].ordinal != state.origins[state.own].ordinal)
    }
}
