import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// What a node says of itself.
package struct StatusClaims: Sendable {
    package var state: NodeState
    package var stuck: [StuckEntry]
    package init(state: NodeState, stuck: [StuckEntry]) {
        self.state = state
        self.stuck = stuck
    }
}

extension Checks {
    /// Promise 10, for what a node says of itself at the moment of the observation.
    package static func ownStatus(_ claims: StatusClaims, _ observation: NodeObservation, oracle: ModelOracle)
        -> [BrokenPromise]
    {
        var result: [BrokenPromise] = []
        func breach(_ detail: String) {
            result.append(BrokenPromise(.truthfulStatus, node: observation.origin, detail))
        }
        if claims.state.applied != observation.applied {
            breach("it says that \(claims.state.applied) is applied; it is \(observation.applied)")
        }
        if !observation.logged.covers(claims.state.logged) {
            breach("it says that it has \(claims.state.logged); the log ends at \(observation.logged)")
        }
        if claims.state.schemaNumber != observation.schema.number {
            breach("it says that it has schema \(claims.state.schemaNumber); it is \(observation.schema.number)")
        }
        if let digest = claims.state.digest,
            let schema = oracle.schemas.first(where: { $0.number == digest.schemaNumber })
        {
            let hash = oracle.contents(at: digest.vector, schema: schema).stateHash
            if hash != digest.hash {
                breach(
                    """
                    it says that its tables have the hash \(Hex.encode(digest.hash)) at \(digest.vector); by \
                    the log it is \(Hex.encode(hash))
                    """
                )
            }
        }
        return result + waiting(claims.stuck, observation)
    }

    /// What waits or was set aside is named, with cause and remedy, and nothing else is.
    private static func waiting(_ stuck: [StuckEntry], _ observation: NodeObservation) -> [BrokenPromise] {
        var result: [BrokenPromise] = []
        func breach(_ detail: String) {
            result.append(BrokenPromise(.truthfulStatus, node: observation.origin, detail))
        }
        let held = Set(stuck.filter { $0.state != .quarantined }.map { EntryName($0.origin, $0.seq) })
        let quarantined = Set(stuck.filter { $0.state == .quarantined }.map { EntryName($0.origin, $0.seq) })
        for element in observation.logged.elements where element.seq > observation.applied[element.origin] {
            let next = EntryName(element.origin, observation.applied[element.origin] + 1)
            if !held.contains(next) { breach("\(next) is in the log and not applied, and nothing says so") }
        }
        for name in held.sorted()
        where name.seq <= observation.applied[name.origin] || name.seq > observation.logged[name.origin] {
            breach(
                """
                it says that \(name) waits; applied is \(observation.applied[name.origin]), logged \
                \(observation.logged[name.origin])
                """
            )
        }
        for name in observation.quarantined.subtracting(quarantined).sorted() {
            breach("\(name) is set aside, and nothing says so")
        }
        for name in quarantined.subtracting(observation.quarantined).sorted() {
            breach("it says that \(name) is set aside, and it is not")
        }
        for entry in stuck where entry.cause.isEmpty || entry.remedy.isEmpty {
            breach("\(entry.origin):\(entry.seq) is named without cause or remedy")
        }
        return result
    }
}
