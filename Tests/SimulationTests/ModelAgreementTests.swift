import ParkSyncCore
import ParkSyncStore
import Testing

@testable import ParkSyncSimulation

/// The shipped store against the model, on real files.
@Suite struct ModelAgreementTests {
    private func expectModel(_ federation: SmallFederation, _ oracle: ModelOracle, _ comment: Comment) throws {
        let observations = try federation.parks.map { try federation.observe($0) }
        let broken = Checks.all(observations, oracle: oracle, members: federation.members)
        #expect(broken == [], comment)
        for (park, observation) in zip(federation.parks, observations) {
            let claims = StatusClaims(state: try federation[park].state(), stuck: try federation[park].stuck)
            #expect(Checks.ownStatus(claims, observation, oracle: oracle) == [], comment)
        }
    }

    /// Every kind of write by every park, any order of delivery, restarts, upgrades at different
    /// times.
    @Test(arguments: 1...8) func randomHistoriesGiveTheModelsTables(seed: UInt64) async throws {
        var chance = Chance(seed: seed)
        var workload = Workload(seed: seed &* 7_919)
        workload.massRowsMax = 60
        let parks = Array(["airport", "south", "west", "bio-city"].prefix(2 + chance.below(3)))
        let federation = try SmallFederation(parks, schemaNumber: seed.isMultiple(of: 2) ? 1 : 3)
        var oracle = ModelOracle(schemas: federation.schemas)
        for step in 0..<90 {
            guard let park = chance.pick(parks), let other = chance.pick(parks.filter { $0 != park }) else { continue }
            switch chance.below(12) {
            case 0..<7:
                let activity = workload.next(at: try federation.place(park))
                do {
                    try await federation.perform(activity, at: park)
                    #expect(activity.outcome != .fails, "seed \(seed) step \(step) \(park): \(activity)")
                } catch {
                    #expect(
                        activity.outcome != .succeeds, "seed \(seed) step \(step) \(park): \(activity) failed: \(error)"
                    )
                }
            case 7, 8: try await federation.exchange(from: park, to: other, bytesMax: chance.oneIn(2) ? 1 : 1 << 20)
            case 9: try await federation.exchange(from: park, to: other, of: park)
            case 10:
                try federation.restart(
                    park, schemaNumber: min(3, (federation.schemaNumbers[park] ?? 1) + chance.below(2)))
            default:
                for park in parks { try await federation[park].sealForeign() }
                try federation.inform(&oracle)
                try expectModel(federation, oracle, "seed \(seed) step \(step)")
            }
        }
        for park in parks { try federation.restart(park, schemaNumber: 3) }
        try await federation.converge()
        try federation.inform(&oracle)
        try expectModel(federation, oracle, "seed \(seed) at the end")
    }
}
