import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncFiles
@testable import ParkSyncStore

/// Rows of the tables that say which entries count, and what is left of dropped traces, that
/// another program put there, altered or deleted.
@Suite("Planted control rows", .serialized) struct ControlRowsTests {
    struct Hand: Sendable, CustomTestStringConvertible {
        var sql: String
        /// What a finding says that names the row.
        var finding: String
        var end: String
        var isPlanted: Bool { end == Self.planted }
        var testDescription: String { sql }

        static let planted = "and the log does not"
        static let missing = "and the file does not"
    }

    /// On what is kept of a row of `plain` that South has deleted and compacted.
    static let hands: [Hand] = [
        Hand(sql: "DELETE FROM _parksync_dropped", finding: "south:3 deleted plain 'x'", end: Hand.missing),
        Hand(
            sql: "UPDATE _parksync_dropped SET key = CAST(x'2079' AS BLOB)", finding: "south:3 deleted plain 'y'",
            end: Hand.planted),
        Hand(
            sql:
                "INSERT INTO _parksync_dropped SELECT tbl, key, origin, 1, stamp, causal_length FROM _parksync_dropped",
            finding: "south:1 deleted plain 'x'", end: Hand.planted),
        Hand(
            sql: "UPDATE _parksync_dropped SET causal_length = 4", finding: "south:3 deleted plain 'x'",
            end: Hand.planted),
        Hand(
            sql: "UPDATE _parksync_dropped SET stamp = stamp + 1", finding: "south:3 deleted plain 'x'",
            end: Hand.planted),
        Hand(sql: "UPDATE _parksync_dropped SET origin = 77", finding: "_parksync_dropped", end: Hand.planted),
        Hand(
            sql:
                """
                INSERT INTO _parksync_known SELECT ordinal, 1, 'south:1', '-', '-' FROM _parksync_origin WHERE \
                name = 'west'
                """,
            finding: "west:1 knows that south:1 was dropped", end: Hand.planted),
        Hand(
            sql:
                """
                INSERT INTO _parksync_known SELECT ordinal, 99, 'south:1', '-', '-' FROM _parksync_origin WHERE \
                name = 'west'
                """,
            finding: "west:99 knows that south:1 was dropped", end: Hand.planted),
        Hand(
            sql: "UPDATE _parksync_known SET settled = dropped WHERE agreed = '-'", finding: "knows that",
            end: Hand.planted),
        Hand(
            sql:
                """
                DELETE FROM _parksync_known WHERE origin = (SELECT ordinal FROM _parksync_origin WHERE name = \
                'airport')
                """,
            finding: "airport:", end: Hand.missing),
        Hand(
            sql: "INSERT INTO _parksync_known SELECT 77, seq, dropped, agreed, settled FROM _parksync_known LIMIT 1",
            finding: "_parksync_known",
            end: Hand.planted),
    ]

    /// Three parks that have compacted a row, and gone on knowing that.
    private func compacted() async throws -> Federation {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('x', 1)")
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('y', 1)")
        for park in ["airport", "west"] { try await federation.write(park, "INSERT INTO bare(id) VALUES('\(park)')") }
        try await federation.converge()
        try await federation.write("south", "DELETE FROM plain WHERE id = 'x'")
        try await federation.converge()
        for park in federation.parks { _ = try await federation[park].acknowledge() }
        try await federation.converge()
        #expect(try await federation["south"].compact().droppedRows == 1)
        try await federation.converge()
        for park in ["airport", "west"] {
            try await federation.write(park, "INSERT INTO bare(id) VALUES('later \(park)')")
        }
        try await federation.converge()
        return federation
    }

    private func findings(_ federation: Federation, _ park: String) throws -> [String] {
        let reader = SQLReader(connection: try Connection(path: federation.path(park), role: .reader))
        return try reader.snapshot {
            try Verifier(reader: reader, schema: federation.schema.schema, members: federation.members).run().findings
        }
    }

    @Test(arguments: hands) func logVerifyNamesTheRow(_ hand: Hand) async throws {
        let federation = try await compacted()
        #expect(try findings(federation, "west") == [])
        let program = try RawProgram(federation.path("west"))
        try program.execute(hand.sql)
        let found = try findings(federation, "west")
        #expect(found.contains { $0.contains(hand.finding) && $0.contains(hand.end) }, "\(found)")
    }

    @Test(arguments: hands.filter(\.isPlanted)) func theStartTellsPlantedRows(_ hand: Hand) async throws {
        let federation = try await compacted()
        federation.closeWithoutCheckpoint("west")
        try RawProgram(federation.path("west")).execute(hand.sql)
        let error = #expect(throws: StoreError.self) { try federation.open("west") }
        #expect(error?.isOfFile == true && error?.reason.contains(hand.finding) == true, "\(String(describing: error))")
    }

    /// Everything that the store checks by itself is told by its damage, and ends when the row is
    /// gone.
    private func expectEnd(_ store: ParkStore, _ federation: Federation, _ text: String, undo: () throws -> Void)
        async throws
    {
        let damage = try #require(store.damage)
        #expect(damage.isOfFile && damage.reason.contains(text) && damage.reason.contains(Hand.planted), "\(damage)")
        #expect(damage.remedy == StoreError.damageRemedy)
        let refusal = await #expect(throws: StoreError.self) {
            try await federation.write("west", "INSERT INTO bare(id) VALUES('refused')")
        }
        #expect(refusal?.code == .damaged)
        try undo()
        #expect(await store.lookedForDamage() == nil)
        #expect(store.damage == nil)
        try await federation.write("west", "INSERT INTO bare(id) VALUES('again')")
        try await federation.converge()
    }

    /// What the node remembers of the tables is compared after each write of somebody else.
    @Test(arguments: [
        ("_parksync_withdrawal", "(by, origin, first, last) VALUES(2, 2, 2, 500)", "by = 2"),
        ("_parksync_fence", "VALUES('airport', 1, 1, 'airport:1', '')", "1"),
        ("_parksync_vote", "VALUES('airport', 1, 1, 'out', 'south west')", "1"),
        ("_parksync_decision", "VALUES('airport', 1, 1, 'out', '-', '-')", "1"),
        ("_parksync_known", "VALUES(1, 1, 'south:1', '-', '-')", "seq = 1"),
        ("_parksync_fence", "VALUES('airport', 77, 1, 'airport:1', '')", "1"),
    ]) func aRowThatIsPlantedWhileTheNodeRunsIsTold(_ planted: (table: String, row: String, undo: String)) async throws
    {
        let federation = try await compacted()
        let west = try federation["west"]
        let program = try RawProgram(federation.path("west"))
        #expect(await west.lookedForDamage() == nil)
        try program.execute("INSERT INTO \(planted.table) \(planted.row)")
        #expect(await west.lookedForDamage() != nil)
        try await expectEnd(west, federation, "") {
            try program.execute("DELETE FROM \(planted.table) WHERE \(planted.undo)")
        }
    }

    /// Kept traces are too many to be looked at each time.
    @Test func aPassFindsPlantedTraces() async throws {
        let federation = try await compacted()
        let west = try federation["west"]
        let program = try RawProgram(federation.path("west"))
        try program.execute(
            "INSERT INTO _parksync_dropped SELECT tbl, key, origin, 2, stamp, causal_length FROM _parksync_dropped")
        #expect(await west.lookedForDamage() == nil)
        let verifier = try await RowVerifier(west, clock: federation.clock) { _ in }
        for _ in 0..<1_000 where west.damage == nil && west.rowsStatus.verifiedAt == nil {
            federation.clock.set(max(federation.clock.monotonicMilliseconds(), verifier.nextWake))
            await verifier.turn()
        }
        #expect(west.rowsStatus.verifiedAt == nil && west.rowsStatus.failure == nil)
        try await expectEnd(west, federation, "south:2 deleted plain 'x'") {
            try program.execute("DELETE FROM _parksync_dropped WHERE seq = 2")
        }
    }

    @Test func aVerificationOnDemandFindsThemToo() async throws {
        let federation = try await compacted()
        let west = try federation["west"]
        let program = try RawProgram(federation.path("west"))
        try program.execute("UPDATE _parksync_dropped SET causal_length = 6")
        let error = await #expect(throws: StoreError.self) { try await west.verifyRows() }
        #expect(error?.isOfFile == true)
        try await expectEnd(west, federation, "south:3 deleted plain 'x'") {
            try program.execute("UPDATE _parksync_dropped SET causal_length = 2")
        }
        _ = try await west.verifyRows()
        #expect(west.rowsStatus.verifiedAt != nil)
    }
}
