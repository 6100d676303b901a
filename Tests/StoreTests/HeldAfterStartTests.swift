import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Entries that were held when a node stopped are known after its start, and applied though nothing
/// else comes.
@Suite struct HeldAfterStartTests {
    static let first = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE note(id TEXT NOT NULL PRIMARY KEY, text TEXT);
        """
    static let second = "-- parksync: schema 2\nALTER TABLE note ADD COLUMN more TEXT;\n"

    /// South has the second schema and has written; west has the first.
    private func federation() async throws -> (Federation, CompiledSchema) {
        let federation = try Federation(["south", "west"], schema: Self.first)
        let newer = try CompiledSchema([
            SchemaFile(name: "001-test.sql", sql: Self.first), SchemaFile(name: "002-test.sql", sql: Self.second),
        ])
        federation.closeWithoutCheckpoint("south")
        try federation.open("south", schema: newer)
        try await federation.write("south", "INSERT INTO note(id, more) VALUES('a', 'later')")
        return (federation, newer)
    }

    @Test func afterAnUpgrade() async throws {
        let (federation, newer) = try await federation()
        let south = try federation.origin("south")
        try await federation.exchange(from: "south", to: "west")
        #expect(try federation["west"].stuck.map(\.seq) == [1] && federation["west"].state().applied[south] == 0)
        federation.closeWithoutCheckpoint("west")
        try federation.open("west", schema: newer)
        let waiting = try federation["west"].stuck
        #expect(waiting.map(\.seq) == [1] && waiting.first?.origin == south && waiting.first?.state == .held)
        try await federation["west"].housekeep()
        #expect(try federation["west"].stuck.isEmpty && federation["west"].state().applied[south] == 1)
        #expect(try await federation.rows("west", "SELECT more FROM note") == [[.string("later")]])
    }

    /// A node that has lost its file and is started again with the older schema.
    @Test func ofOneItself() async throws {
        let (federation, newer) = try await federation()
        let south = try federation.origin("south")
        try await federation.exchange(from: "south", to: "west")
        federation.closeWithoutCheckpoint("south")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("south") + suffix)
        }
        try federation.open("south", recovers: true)
        try await federation.exchange(from: "west", to: "south")
        #expect(try federation["south"].state().logged[south] == 1 && federation["south"].state().applied[south] == 0)
        federation.closeWithoutCheckpoint("south")
        try federation.open("south", recovers: true, schema: newer)
        #expect(try federation["south"].stuck.map(\.seq) == [1])
        try await federation["south"].housekeep()
        #expect(try federation["south"].stuck.isEmpty && federation["south"].state().applied[south] == 1)
        try await federation["south"].finishRecovery()
        #expect(try await federation.write("south", "INSERT INTO note(id) VALUES('b')").seq == 2)
    }
}
