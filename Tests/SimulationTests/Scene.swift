import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import Testing

@testable import ParkSyncSimulation

/// A small federation in which everything happened once: what the checks are silent about, until a
/// test alters a fact.
final class Scene {
    let federation: SmallFederation
    var oracle: ModelOracle
    var observations: [NodeObservation] = []

    static let parks = ["airport", "south", "west"]

    init() async throws {
        federation = try SmallFederation(Self.parks)
        oracle = ModelOracle(schemas: federation.schemas)
        let create = ["INSERT INTO item(id, a, n) VALUES('kept', 1, 1)", "INSERT INTO item(id, a) VALUES('gone', 1)"]
            .map { Activity.Statement($0) }
        try await perform(Activity(label: "items", channel: .api, statements: create), at: "south")
        try await perform(
            Activity(
                label: "items", channel: .api, statements: [Activity.Statement("DELETE FROM item WHERE id = 'gone'")]),
            at: "south")
        try await federation.converge()
        for park in ["west", "airport", "south"] {
            let sql = "UPDATE item SET a = ?, n = n + 1 WHERE id = 'kept'"
            let mark = Activity.Statement(
                "INSERT INTO journal(id, park) VALUES(?, ?)", [.string("mark-\(park)"), .string(park)])
            try await perform(
                Activity(
                    label: "concurrent", channel: park == "west" ? .foreign : .api,
                    statements: [mark, Activity.Statement(sql, [.string(park)])],
                    marker: "mark-\(park)"), at: park)
        }
        try await federation.converge()
        try look()
    }

    func look() throws {
        try federation.inform(&oracle)
        observations = try Self.parks.map { try federation.observe($0) }
    }

    func perform(_ activity: Activity, at park: String) async throws {
        try await federation.perform(activity, at: park)
    }

    func origin(_ park: String) throws -> OriginID { try federation.origin(park) }

    /// The observation of one park, altered.
    func altered(_ park: String, _ body: (inout NodeObservation) throws -> Void) throws -> [NodeObservation] {
        let origin = try origin(park)
        return try observations.map { observation in
            var copy = observation
            if copy.origin == origin { try body(&copy) }
            return copy
        }
    }

    func all(_ observations: [NodeObservation]) -> [BrokenPromise] {
        Checks.all(observations, oracle: oracle, members: federation.members)
    }

    func claims(_ park: String) throws -> StatusClaims {
        StatusClaims(state: try federation[park].state(), stuck: try federation[park].stuck)
    }
}

/// Fails unless there are breaches, all of the given promises, and the first names what it should.
func expect(
    _ broken: [BrokenPromise], _ promises: Set<Promise>, at node: String, naming words: String...,
    location: SourceLocation = #_sourceLocation
) {
    #expect(Set(broken.map(\.promise)) == promises, "\(broken)", sourceLocation: location)
    #expect(
        broken.contains { breach in breach.node == node && words.allSatisfy { breach.detail.contains($0) } },
        "\(broken)", sourceLocation: location)
}
