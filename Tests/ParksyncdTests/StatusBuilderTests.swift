import ParkSyncCore
import ParkSyncReplication
import Testing

@testable import ParkSyncStore
@testable import parksyncd

/// What the status leaves out, and what it does not hide.
@Suite struct StatusBuilderTests {
    @Test func aParkThatIsOutIsNoPeer() throws {
        let reports = try ["airport", "west"].map { name in
            PeerReport(peer: try #require(OriginID(name)), link: .following, relays: [], gone: [])
        }
        #expect(StatusBuilder.counting(reports, fenced: []).map(\.peer.park) == ["airport", "west"])
        #expect(StatusBuilder.counting(reports, fenced: ["west"]).map(\.peer.park) == ["airport"])
    }

    /// Only what is told elsewhere is left out of the status: a lost file of the archive, and a
    /// damaged database.
    @Test func onlyALostFileTellsNoTime() async throws {
        #expect(try await StatusBuilder.since { .at(7) } == 7)
        #expect(try await StatusBuilder.since { .lost } == nil)
        #expect(try await StatusBuilder.since { .notLogged } == nil)
        let damage = StoreError(.damaged, "a", remedy: StoreError.damageRemedy)
        #expect(try await StatusBuilder.since { throw damage } == nil)
        for error in [
            StoreError(.busy, "a", remedy: "b"), StoreError(.damaged, "the disk", remedy: "b"),
            StoreError(.sql, "a", remedy: "b"),
        ] {
            await #expect(throws: error) { try await StatusBuilder.since { throw error } }
        }
    }
}
