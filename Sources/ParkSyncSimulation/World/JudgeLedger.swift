import ParkSyncCore
import ParkSyncStore

/// What was told to those who write and to operators, held against what is in the logs.
extension Judge {
    /// No transaction is in two entries, and what nodes say of themselves is what their files say.
    ///
    /// - Parameters:
    ///   - observations: of the same nodes, at this moment.
    ///   - spared: parks as which two nodes wrote.
    mutating func concludeWords(
        _ parks: [SimulatedPark], _ observations: [NodeObservation], sparing spared: Set<String> = []
    ) {
        for breach in Checks.sealedOnce(oracle, sparing: spared).prefix(1) { fail(breach.number, "\(breach)") }
        for (park, observation) in zip(parks, observations) {
            guard let store = park.store else { continue }
            let claims = StatusClaims(state: store.state(), stuck: store.stuck)
            let found = Checks.ownStatus(claims, observation, oracle: models.of(park.index))
            for breach in found.prefix(1) { fail(breach.number, "\(breach)") }
        }
    }
}
