import ParkSyncCore
import ParkSyncFiles
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// A machine whose clock stands where no entry can say, for a moment.
@Suite struct LateClockTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE plain(id TEXT NOT NULL PRIMARY KEY, v);
        """

    @Test(arguments: [190_000_000_000_000, 316_000_000_000_000, UInt64(Int64.max)])
    func whatIsWrittenMeanwhileStaysCapturedUntilTheClockIsRight(late: UInt64) async throws {
        let federation = try Federation(["south", "west"], schema: Self.schema)
        try await federation.write("south", "INSERT INTO plain VALUES('before', 1)")
        let right = federation.clock.wallMilliseconds()
        federation.clock.set(late)
        try federation.foreign("south", "sqlite3", ["-batch"], input: "INSERT INTO plain VALUES('meanwhile', 2);\n")
        let store = try federation["south"]
        await #expect { try await store.sealForeign() } throws: { ($0 as? StoreError)?.code == .clock }
        await #expect {
            try await store.transact(
                StoreTransaction(
                    statements: [StoreStatement(sql: "INSERT INTO plain VALUES('refused', 3)", parameters: [])],
                    author: ""))
        } throws: {
            guard let error = $0 as? StoreError else { return false }
            return error.code == .clock && error.remedy.contains("Set this machine's clock right")
        }
        #expect(try await store.unsealedRows() == 1 && store.refusedRows.count == 0)
        federation.clock.set(right + 1)
        try await store.sealForeign()
        try await store.housekeep()
        #expect(try await store.unsealedRows() == 0 && store.refusedRows.count == 0)
        try await federation.exchange(from: "south", to: "west")
        #expect(
            try await federation.rows("west", "SELECT id FROM plain ORDER BY id") == [
                [.string("before")], [.string("meanwhile")],
            ])
        #expect(try await store.verify().findings == [])
    }
}
