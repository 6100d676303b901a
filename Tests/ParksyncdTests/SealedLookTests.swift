import Crypto
import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import Testing

@testable import parksyncd

/// A status that is put together while a program's write is being sealed leaves it out in neither
/// place.
@Suite struct SealedLookTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE thing(id TEXT NOT NULL PRIMARY KEY);
        """

    /// The sealing comes as late as it can: after the one look, and before the other.
    @Test func whatIsSealedBetweenTheLooksIsInBoth() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pl-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let key = Curve25519.Signing.PrivateKey()
        let path = folder.appendingPathComponent("south.sqlite").path
        let store = try ParkStore(
            StoreOptions(
                path: path, origin: try #require(OriginID("south")), identity: key,
                members: ["south": Array(key.publicKey.rawRepresentation)],
                schema: try CompiledSchema([SchemaFile(name: "1.sql", sql: Self.schema)]), clock: RealClock(),
                recoversWhenNew: false))
        try await TestZone.foreign(path: path, "INSERT INTO thing VALUES('a')")
        let isSealed = { (state: NodeState) in !state.logged.elements.isEmpty }
        let late = try await SealedLook.look {
            try await store.unsealedRows()
        } state: {
            let state = store.state()
            _ = try await store.sealForeign()
            return state
        }
        #expect(late.unsealed == 1 && !isSealed(late.state))
        #expect(isSealed(store.state()), "it was sealed meanwhile")

        try await TestZone.foreign(path: path, "INSERT INTO thing VALUES('b')")
        let between = try await SealedLook.look {
            let rows = try await store.unsealedRows()
            _ = try await store.sealForeign()
            return rows
        } state: {
            store.state()
        }
        #expect(between.unsealed == 1 && between.state.logged.elements.map(\.seq) == [2])
        try await store.close()
    }
}
