import Testing

@testable import ParkSyncStore
@testable import parksyncd

/// What the status leaves out, and what it does not hide.
@Suite struct StatusBuilderTests {
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
