import DaemonFixtures
import Testing

/// The pages of the guide for those who pay, trade and examine.
@Suite struct FigureGuideTests {
    @Test(.endsInTime, arguments: [("programme-officer", "bio"), ("broker", "science"), ("auditor", "science")])
    func thePage(name: String, park: String) async throws {
        let parks = try await PeopleZone()
        try await GuidePage(name, at: park).run(in: parks.zone)
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
