import Foundation
import CSQLite
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Rows that were changed past capture are found, named and repaired either way.
@Suite struct RowVerificationTests {
    private func filled() async throws -> Federation {
        let federation = try Federation(["south", "west"], schema: shapes)
        for index in 0..<30 {
            try await federation.write("south", "INSERT INTO plain(id, a, b) VALUES('s\(index)', \(index), \(index))")
            try await federation.write("west", "INSERT INTO tally(id, n, v) VALUES('w\(index)', \(index), 'v')")
        }
        try await federation.write(
            "south", "INSERT INTO pair(x, y, z, v) VALUES('p', 1, x'00ff', 'one'), ('p', -1, x'', 'two')")
        try await federation.write(
            "south", "INSERT INTO numbered(id, v) VALUES(1, 'a'), (7, 'b')", "INSERT INTO bare(id) VALUES('b1')")
        try await federation.write(
            "south", "INSERT INTO ledger(id, v) VALUES('l1', 1)", "INSERT INTO owned(id, v) VALUES('south:1', 1)")
        try await federation.converge()
        return federation
    }

    /// Changes the file as a program does whose writes fire no trigger.
    private func tamper(_ federation: Federation, _ park: String, _ sql: String) throws {
        let connection = try Connection(path: federation.path(park), role: .applier)
        try connection.execute(sql)
    }

    private func found(_ federation: Federation, _ park: String) async throws -> [RowDifference] {
        let result = try await federation[park].verifyRows()
        #expect(Int64(result.rows.differences.count) == result.rows.differing)
        return result.rows.differences
    }

    private func only(_ federation: Federation, _ park: String) async throws -> RowDifference {
        let all = try await found(federation, park)
        #expect(all.count == 1, "\(all)")
        return try #require(all.first)
    }

    private let changes: [(sql: String, kind: RowDifference.Kind, table: String, columns: [String])] = [
        ("UPDATE plain SET a = 4711 WHERE id = 's1'", .changed, "plain", ["a"]),
        ("UPDATE plain SET b = NULL, c = 0.5, f = x'00' WHERE id = 's29'", .changed, "plain", ["b", "c", "f"]),
        ("UPDATE plain SET a = '0' WHERE id = 's0'", .changed, "plain", ["a"]),
        ("DELETE FROM plain WHERE id = 's5'", .missing, "plain", ["a", "b", "c", "d", "e", "f"]),
        ("INSERT INTO plain(id, a) VALUES('zz', 1)", .extra, "plain", ["a", "b", "c", "d", "e", "f"]),
        ("INSERT INTO plain(id, a) VALUES('', 1)", .extra, "plain", ["a", "b", "c", "d", "e", "f"]),
        ("UPDATE tally SET n = n + 1 WHERE id = 'w3'", .changed, "tally", ["n"]),
        ("UPDATE pair SET v = 'other' WHERE y = -1", .changed, "pair", ["v"]),
        ("UPDATE numbered SET v = 'x' WHERE id = 7", .changed, "numbered", ["v"]),
        ("DELETE FROM bare", .missing, "bare", []),
        ("INSERT INTO bare(id) VALUES('b0')", .extra, "bare", []),
    ]

    @Test func whatIsChangedPastCaptureIsNamed() async throws {
        let federation = try await filled()
        #expect(try await found(federation, "south") == [])
        for change in changes {
            try tamper(federation, "south", change.sql)
            let difference = try await only(federation, "south")
            #expect(difference.kind == change.kind && difference.table == change.table, "\(change.sql): \(difference)")
            #expect(difference.columns.map(\.name) == change.columns, "\(change.sql): \(difference)")
            #expect(
                try await federation["south"].repair(table: change.table, keys: [difference.key], .fromLog).repaired
                    == 1)
            #expect(try await found(federation, "south") == [], "\(change.sql)")
            try await expectSame(federation, change.sql)
        }
    }

    @Test func aDifferenceSaysWhatIsHereAndWhatTheLogSays() async throws {
        let federation = try await filled()
        try await federation.write("west", "UPDATE plain SET b = 100 WHERE id = 's2'")
        try await federation.converge()
        try tamper(
            federation, "south", "UPDATE plain SET b = -5 WHERE id = 's2'; UPDATE tally SET n = 50 WHERE id = 'w2'")
        let differences = try await found(federation, "south")
        let plain = try #require(differences.first { $0.table == "plain" })
        #expect(plain.key == [JSONValue(.string("s2"))])
        #expect(plain.columns == [.init(name: "b", here: .integer(-5), logged: .integer(100), isKnown: true)])
        let tally = try #require(differences.first { $0.table == "tally" })
        #expect(tally.columns == [.init(name: "n", here: .integer(50), logged: .integer(2), isKnown: true)])
    }

    @Test func whatIsHereCanBePublished() async throws {
        let federation = try await filled()
        for change in changes where change.table != "ledger" {
            try tamper(federation, "south", change.sql)
            let difference = try await only(federation, "south")
            let outcome = try await federation["south"].repair(
                table: change.table, keys: [difference.key], .publish, author: "li", note: "kept what was typed in")
            let seq = try #require(outcome.seq)
            let entry = try #require(
                try await federation["south"].entries(
                    origin: try federation.origin("south"), after: seq - 1, limit: 1, changesMax: 9
                ).first)
            #expect(
                entry.header.author == "li" && entry.header.note == "kept what was typed in" && entry.changes.count == 1
            )
            let before = try await federation.dump("south")
            try await expectSame(federation, change.sql)
            #expect(try await federation.dump("south") == before, "\(change.sql) is not what was here")
            #expect(try await found(federation, "south") == [])
        }
    }

    @Test func whatAnotherParkMayWriteIsNotPublished() async throws {
        let federation = try await filled()
        try await federation.write("west", "INSERT INTO owned(id, v) VALUES('west:1', 'theirs')")
        try await federation.converge()
        try tamper(federation, "south", "UPDATE owned SET v = 'mine' WHERE id = 'west:1'; UPDATE ledger SET v = 2")
        #expect(try await found(federation, "south").count == 2)
        for (table, key) in [("owned", "west:1"), ("ledger", "l1")] {
            let error = await #expect(throws: StoreError.self) {
                try await federation["south"].repair(table: table, keys: [[JSONValue(.string(key))]], .publish)
            }
            #expect(error?.code == .forbidden, "\(String(describing: error))")
        }
        #expect(try await federation["south"].repair(table: "owned", keys: nil, .fromLog).repaired == 1)
        #expect(try await federation["south"].repair(table: "ledger", keys: nil, .fromLog).repaired == 1)
        try await expectSame(federation)
    }

    /// `sqlite3_blob_write` fires no trigger.
    @Test func anIncrementalBlobWriteIsFound() async throws {
        let federation = try await filled()
        try await federation.write("south", "INSERT INTO plain(id, e) VALUES('blob', x'0102030405')")
        try await federation["south"].housekeep()
        let connection = try Connection(path: federation.path("south"), role: .applier)
        let rowid = try #require(try connection.int64("SELECT rowid FROM plain WHERE id = 'blob'"))
        var blob: OpaquePointer?
        #expect(sqlite3_blob_open(connection.handle, "main", "plain", "e", rowid, 1, &blob) == SQLITE_OK)
        #expect(sqlite3_blob_write(blob, [UInt8](arrayLiteral: 9), 1, 2) == SQLITE_OK)
        #expect(sqlite3_blob_close(blob) == SQLITE_OK)
        let difference = try await only(federation, "south")
        #expect(
            difference.columns == [
                .init(name: "e", here: .blob([1, 2, 9, 4, 5]), logged: .blob([1, 2, 3, 4, 5]), isKnown: true)
            ])
    }

    /// A write of the node itself makes the row's digest anew, of whatever the row holds.
    @Test func aLaterWriteHidesNothing() async throws {
        let federation = try await filled()
        for (park, name) in [("south", "own"), ("west", "other")] {
            try tamper(federation, "south", "UPDATE plain SET a = 'slipped in' WHERE id = 's3'")
            try await federation.write(park, "UPDATE plain SET b = b + 1 WHERE id = 's3'")
            try await federation.converge()
            let difference = try await only(federation, "south")
            #expect(
                difference.columns.map(\.name) == ["a"] && difference.columns.first?.logged?.value == .integer(3),
                "\(name): \(difference)")
            #expect(
                try await federation["south"].repair(table: "plain", keys: [difference.key], .fromLog).repaired == 1)
            try await expectSame(federation, name)
        }
    }

    @Test func aClockThatRottedIsFoundAndRepaired() async throws {
        let federation = try await filled()
        try tamper(
            federation, "south",
            """
            UPDATE _parksync_clock_plain SET clock = CAST(x'01' || substr(clock, 2) AS BLOB) WHERE key = \
            CAST(x'20' || 's4' AS BLOB)
            """
        )
        let difference = try await only(federation, "south")
        #expect(difference.kind == .clock && difference.columns == [])
        await #expect(throws: StoreError.self) {
            try await federation["south"].repair(table: "plain", keys: [difference.key], .publish)
        }
        #expect(try await federation["south"].repair(table: "plain", keys: [difference.key], .fromLog).repaired == 1)
        try await expectSame(federation)
    }

    @Test func differencesAreKnownAgainAfterARestart() async throws {
        let federation = try await filled()
        try tamper(federation, "south", "UPDATE plain SET a = 1 WHERE id = 's9'; DELETE FROM numbered")
        let before = try await found(federation, "south")
        #expect(before.count == 3)
        federation.closeWithoutCheckpoint("south")
        let store = try federation.open("south")
        #expect(
            store.rowsStatus.differing == 3 && store.rowsStatus.differences == [] && store.rowsStatus.verifiedAt != nil)
        try await store.recheckDifferences()
        #expect(store.rowsStatus.differences == before)
        // Whatever makes the row right again ends the difference.
        try tamper(federation, "south", "UPDATE plain SET a = 9 WHERE id = 's9'")
        try await store.recheckDifferences()
        #expect(store.rowsStatus.differing == 2)
    }

    @Test func anExtraRowIsNotDeletedWhenClocksAreLost() async throws {
        let federation = try await filled()
        try tamper(federation, "south", "DELETE FROM _parksync_clock_bare")
        let difference = try await only(federation, "south")
        #expect(difference.kind == .extra)
        let error = await #expect(throws: StoreError.self) {
            try await federation["south"].repair(table: "bare", keys: [difference.key], .fromLog)
        }
        #expect(error?.code == .damaged)
        #expect(try await federation.rows("south", "SELECT count(*) FROM bare") == [[.integer(1)]])
    }

    /// A counter's sum is that of the present life, also where an earlier one was forgotten.
    @Test func theSumOfACounterLeavesForgottenLivesOut() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO tally(id, n) VALUES('t', 5)")
        try await federation.converge()
        try await federation.write("west", "UPDATE tally SET n = n + 7")
        try await federation.converge()
        try await federation.write("south", "DELETE FROM tally")
        try await federation.converge()
        for _ in 0..<2 {
            for park in federation.parks { _ = try await federation[park].acknowledge() }
            try await federation.converge()
        }
        #expect(try await federation["south"].compact().droppedRows == 1)
        try await federation.converge()
        try await federation.write("west", "INSERT INTO tally(id, n) VALUES('t', 100)")
        try await federation.converge()
        try await federation.write("south", "UPDATE tally SET n = n + 1")
        try await federation.converge()
        // Without the sum in the clock the log alone says it.
        try tamper(
            federation, "south",
            "UPDATE tally SET n = 0; UPDATE _parksync_clock_tally SET clock = substr(clock, 1, length(clock) - 3)")
        let difference = try await only(federation, "south")
        #expect(difference.columns == [.init(name: "n", here: .integer(0), logged: .integer(101), isKnown: true)])
        #expect(try await federation["south"].repair(table: "tally", keys: [difference.key], .fromLog).repaired == 1)
        try await expectSame(federation)
    }

    @Test func manyRowsAreRepairedAtOnce() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let rows = VerificationLimits.differencesMax * 2 + 7
        try await federation.write(
            "south",
            """
            INSERT INTO numbered(id, v) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i \
            < \(rows)) SELECT i, i FROM n
            """
        )
        try await federation.converge()
        try tamper(federation, "south", "DELETE FROM numbered")
        let standing = try await federation["south"].verifyRows().rows
        #expect(standing.differing == Int64(VerificationLimits.differencesMax))
        #expect(standing.differences.count == VerificationLimits.namedDifferencesMax)
        #expect(try await federation["south"].repair(table: "numbered", keys: nil, .fromLog).repaired == rows)
        try await expectSame(federation)
    }

    /// Programs write, peers' entries come, the tail grows: none of it is a difference.
    @Test func rowsThatAreBeingWrittenAreNoDifference() async throws {
        // The tasks only look up which stores it has; no store is opened or closed meanwhile.
        struct Shared: @unchecked Sendable { let federation: Federation }
        let shared = Shared(federation: try await filled())
        let south = try shared.federation["south"]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<60 {
                    try await shared.federation.write(
                        "south", "UPDATE plain SET a = \(round), b = b + 1",
                        "INSERT OR REPLACE INTO bare(id) VALUES('r\(round % 7)')")
                }
            }
            group.addTask {
                for round in 0..<20 {
                    try shared.federation.foreign(
                        "south", "sqlite3", ["-batch"],
                        input:
                            """
                            UPDATE tally SET n = n + \(round); DELETE FROM numbered WHERE id > 100; INSERT INTO \
                            numbered(v) VALUES('f\(round)');\n
                            """
                    )
                }
            }
            group.addTask {
                for round in 0..<20 {
                    try await shared.federation.write(
                        "west", "UPDATE plain SET c = \(round)", "UPDATE tally SET v = 'w\(round)', n = n - 1")
                    try await shared.federation.exchange(from: "west", to: "south")
                }
            }
            group.addTask {
                for _ in 0..<60 {
                    let standing = try await south.verifyRows().rows
                    #expect(standing.differing == 0)
                }
            }
            try await group.waitForAll()
        }
        try await expectSame(shared.federation)
    }

    /// Small pieces see what one large piece sees, wherever they are cut.
    @Test func piecesOfAnySizeSeeTheSame() async throws {
        let federation = try await filled()
        try await federation.write("south", "DELETE FROM plain WHERE b % 3 = 0")
        try await federation.converge()
        try tamper(
            federation, "south",
            """
            UPDATE plain SET a = 'x' WHERE b % 5 = 1; DELETE FROM plain WHERE b % 7 = 4; INSERT INTO plain(id) \
            VALUES('s3'), ('s33'), ('zz'), ('')
            """
        )
        let south = try federation["south"]
        _ = try await south.verifyRows()
        let all = try await south.differences(limit: 1_000)
        #expect(all.count >= 10)
        for rowsMax in [1, 2, 3, 5, 8, 13, 100] {
            try tamper(federation, "south", "DELETE FROM _parksync_difference")
            var request = RowSliceRequest(table: "plain", rowsMax: rowsMax)
            var rows = 0
            while true {
                let outcome = try await south.verifySlice(request)
                rows += outcome.rows
                guard let next = outcome.next else { break }
                #expect(request.after.lexicographicallyPrecedes(next))
                request.after = next
            }
            #expect(try await south.differences(limit: 1_000).map(\.key) == all.map(\.key), "pieces of \(rowsMax)")
            #expect(try await federation.rows("south", "SELECT count(*) FROM plain") == [[.integer(Int64(rows))]])
        }
    }
}
