import ParkSyncCore

/// The promises that are checked.
package enum Promise: Int, Codable, CaseIterable, Hashable, Sendable {
    case nothingLost = 1
    case sameVectorSameState = 2
    case causalOrder = 3
    case wholeTransactions = 4
    case exactlyOnce = 5
    case authority = 6
    case evidence = 7
    case neverDoubleBooked = 8
    case oldBackup = 9
    case truthfulStatus = 10
    // What follows from several of them and is checked by itself.
    case noResurrection = 11
    case replayGivesTheSame = 12
    case digestsAreKept = 13
    // Of the catalogue.
    case declaredMoves = 14
    case balanced = 15
    case answered = 16
}

/// A promise that was broken: on which node, and what exactly, with both values.
package struct BrokenPromise: Hashable, Sendable, CustomStringConvertible {
    package var promise: Promise
    package var node: String
    package var detail: String
    package init(_ promise: Promise, node: OriginID, _ detail: String) {
        self.promise = promise
        self.node = node.name
        self.detail = detail
    }
    /// The promise's number; 1 to 10 are those that the project makes.
    package var number: Int { promise.rawValue }
    package var description: String { "promise \(number) (\(promise)) broken at \(node): \(detail)" }
}

/// All checks that need only what nodes hold at one moment. Checks are functions of observed facts,
/// so that a test can break the facts.
package enum Checks {
    /// Most breaches that one comparison names; the rest are counted.
    static let namedMax = 5

    /// - Parameters:
    ///   - observations: of nodes at rest or in the middle of anything; with their logs.
    ///   - oracle: knows at least the entries that the nodes have applied.
    ///   - members: raw Ed25519 public keys by park.
    ///   - liars: origins whose logs may differ from node to node; forks of others are breaches
    ///     even if they are noticed.
    package static func all(
        _ observations: [NodeObservation], oracle: ModelOracle, members: [String: [UInt8]], liars: Set<OriginID> = []
    ) -> [BrokenPromise] {
        var result: [BrokenPromise] = []
        var rowsLookedAt: Set<VersionVector> = []
        for observation in observations {
            result += causalOrder(observation, oracle: oracle)
            result += authority(observation, oracle: oracle)
            result += evidence(observation, members: members)
            let view = oracle.contents(at: observation.applied, schema: observation.schema)
            result += wholeTransactions(observation, expected: view, oracle: oracle)
            result += digests(observation, expected: view)
            if rowsLookedAt.insert(observation.applied).inserted {
                result += resurrections(
                    at: observation.applied, schema: observation.schema, oracle: oracle, liars: liars)
            }
            if oracle.stampedInThePast.isEmpty { result += conflicts(observation, expected: view) }
        }
        return result + sameVectorSameState(observations) + forks(observations, noticed: [:], liars: liars)
    }

    static func limited(_ breaches: [BrokenPromise]) -> [BrokenPromise] {
        guard breaches.count > namedMax, var last = breaches.dropFirst(namedMax - 1).first else { return breaches }
        last.detail += " (and \(breaches.count - namedMax) more)"
        return Array(breaches.prefix(namedMax - 1)) + [last]
    }
}
