import DaemonFixtures
import Testing

/// The pages of the guide for those who ask and those who decide.
@Suite struct PeopleGuideTests {
    @Test(.endsInTime) func theEnterprise() async throws {
        let parks = try await PeopleZone()
        try await GuidePage("enterprise", at: "bio").run(
            in: parks.zone, environment: ["PARKSYNC_PERSON": "bio:person:1"])
        #expect(await parks.zone.stopAll() == [0, 0])
    }

    @Test(.endsInTime) func theInstrumentManager() async throws {
        let parks = try await PeopleZone()
        try await GuidePage("instrument-manager", at: "science").run(
            in: parks.zone, environment: ["PARKSYNC_PERSON": "science:person:1"])
        #expect(await parks.zone.stopAll() == [0, 0])
    }

    @Test(.endsInTime) func thePolicyOffice() async throws {
        let parks = try await PeopleZone()
        try await GuidePage("policy-office", at: "science").run(in: parks.zone)
        #expect(await parks.zone.stopAll() == [0, 0])
    }

    @Test func stepsAreReadAndIdsFilledIn() {
        let text = """
            # A page
            ```console
            $ syncctl find x \\
                --json
            []
            …
            ```
            ```sql west
            SELECT 1
            ```
            ```
            not executed
            ```
            """
        #expect(
            GuidePage.steps(text, at: "south") == [
                .init(park: "south", command: "syncctl find x \\\n    --json", output: ["[]", "…"]),
                .init(park: "west", command: "SELECT 1", output: nil),
            ])
        let ids = ["bio:booking:0000000000000001", "bio:booking:0000000000000002", "bio:act:0000000000000003"]
        #expect(GuidePage.filled("act bio:booking:… x", ids) == "act bio:booking:0000000000000002 x")
        #expect(GuidePage.filled("act bio:issue:…", ids) == "act bio:issue:…")
    }
}
