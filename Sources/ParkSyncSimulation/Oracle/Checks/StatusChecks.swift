import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// What a node says of itself and of its peers.
package struct StatusClaims: Sendable {
    package var state: NodeState
    package var stuck: [StuckEntry]
    package var peers: [PeerReport]
    package init(state: NodeState, stuck: [StuckEntry], peers: [PeerReport] = []) {
        self.state = state
        self.stuck = stuck
        self.peers = peers
    }
}

/// The hashes that nodes' tables really had, read from the rows at each observation.
package struct StateHistory: Sendable {
    package struct Moment: Hashable, Sendable {
        package var node: OriginID
        package var vector: VersionVector
        package var schemaNumber: UInt64
    }
    package private(set) var hashes: [Moment: [UInt8]] = [:]
    package init() {}

    /// Nothing is noted of a node with rows that no entry has yet: its tables are those of no vector.
    package mutating func note(_ observation: NodeObservation) {
        guard observation.unsealed.isEmpty else { return }
        let tables = observation.schema.tables.map { table -> (name: String, rows: Int, digest: UInt128) in
            let rows = observation.tables.rows(table.name)
            let count = table.keyColumns.count
            let digest = rows.reduce(UInt128(0)) { $0 &+ SpecEncoding.rowDigest(key: Array($1.prefix(count)), values: Array($1.dropFirst(count))) }
            return (table.name, rows.count, digest)
        }
        let moment = Moment(node: observation.origin, vector: observation.applied, schemaNumber: observation.schema.number)
        hashes[moment] = SpecEncoding.stateHash(tables)
    }
}

extension Checks {
    /// Promise 10, for what a node says of itself at the moment of the observation.
    package static func ownStatus(_ claims: StatusClaims, _ observation: NodeObservation, oracle: ModelOracle) -> [BrokenPromise] {
        var result: [BrokenPromise] = []
        func breach(_ detail: String) { result.append(BrokenPromise(.truthfulStatus, node: observation.origin, detail)) }
        if claims.state.applied != observation.applied { breach("it says that \(claims.state.applied) is applied; it is \(observation.applied)") }
        if !observation.logged.covers(claims.state.logged) {
            breach("it says that it has \(claims.state.logged); the log ends at \(observation.logged)")
        }
        if claims.state.schemaNumber != observation.schema.number {
            breach("it says that it has schema \(claims.state.schemaNumber); it is \(observation.schema.number)")
        }
        if let digest = claims.state.digest, let schema = oracle.schemas.first(where: { $0.number == digest.schemaNumber }) {
            let hash = oracle.contents(at: digest.vector, schema: schema).stateHash
            if hash != digest.hash {
                breach("it says that its tables have the hash \(Hex.encode(digest.hash)) at \(digest.vector); by the log it is \(Hex.encode(hash))")
            }
        }
        return result + waiting(claims.stuck, observation)
    }

    /// What waits or was set aside is named, with cause and remedy, and nothing else is.
    private static func waiting(_ stuck: [StuckEntry], _ observation: NodeObservation) -> [BrokenPromise] {
        var result: [BrokenPromise] = []
        func breach(_ detail: String) { result.append(BrokenPromise(.truthfulStatus, node: observation.origin, detail)) }
        let held = Set(stuck.filter { $0.state == .held }.map { EntryName($0.origin, $0.seq) })
        let quarantined = Set(stuck.filter { $0.state == .quarantined }.map { EntryName($0.origin, $0.seq) })
        for element in observation.logged.elements where element.seq > observation.applied[element.origin] {
            let next = EntryName(element.origin, observation.applied[element.origin] + 1)
            if !held.contains(next) { breach("\(next) is in the log and not applied, and nothing says so") }
        }
        for name in held.sorted() where name.seq <= observation.applied[name.origin] || name.seq > observation.logged[name.origin] {
            breach("it says that \(name) waits; applied is \(observation.applied[name.origin]), logged \(observation.logged[name.origin])")
        }
        for name in observation.quarantined.subtracting(quarantined).sorted() { breach("\(name) is set aside, and nothing says so") }
        for name in quarantined.subtracting(observation.quarantined).sorted() { breach("it says that \(name) is set aside, and it is not") }
        for entry in stuck where entry.cause.isEmpty || entry.remedy.isEmpty {
            breach("\(entry.origin):\(entry.seq) is named without cause or remedy")
        }
        return result
    }

    /// Promise 10, for what a node says of its peers: nothing is called the same, or caught up, that is not.
    ///
    /// - Parameters:
    ///   - claims: their state and their reports are of one moment.
    ///   - history: what tables really were; comparisons of moments that nobody observed are not judged.
    package static func peerStatus(_ claims: StatusClaims, history: StateHistory) -> [BrokenPromise] {
        let own = claims.state.origin
        var result: [BrokenPromise] = []
        for report in claims.peers {
            if report.link == .following, let logged = report.remote?.logged, !claims.state.applied.covers(logged) {
                result.append(
                    BrokenPromise(
                        .truthfulStatus, node: own,
                        "it says that it follows \(report.peer), which has \(logged); applied here is \(claims.state.applied)"))
            }
            guard let agreement = report.agreement else { continue }
            let mine = hashes(of: own, at: agreement.vector, history)
            let theirs = hashes(of: report.peer, at: agreement.vector, history)
            let shared = Set(mine.keys).intersection(theirs.keys)
            guard let number = shared.max(), let left = mine[number], let right = theirs[number], (left == right) != agreement.isSame else {
                continue
            }
            result.append(
                BrokenPromise(
                    .truthfulStatus, node: own,
                    "it says that its tables and those of \(report.peer) are \(agreement.isSame ? "the same" : "different") at \(agreement.vector); "
                        + "they were \(Hex.encode(left)) and \(Hex.encode(right))"))
        }
        return result
    }

    private static func hashes(of node: OriginID, at vector: VersionVector, _ history: StateHistory) -> [UInt64: [UInt8]] {
        var result: [UInt64: [UInt8]] = [:]
        for (moment, hash) in history.hashes where moment.node == node && moment.vector == vector { result[moment.schemaNumber] = hash }
        return result
    }
}
