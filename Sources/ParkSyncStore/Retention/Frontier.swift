import ParkSyncCore

/// Up to where every park that counts has seen every log, as the parks' own entries say.
///
/// An entry names what its author had applied, so a park's newest entry is a signed receipt. What
/// lies below the frontier no park can still answer with a write that has not seen it.
struct Frontier {
    struct Member: Hashable {
        var park: String
        /// The origin that writes for the park now; nil if it has never written.
        var origin: OriginID?
        /// The number of its newest entry here.
        var seq: UInt64
        var seen: VersionVector
    }

    /// Those that count, sorted by park.
    let members: [Member]
    /// Parks that were fenced, where everybody who counts has acknowledged it.
    let fenced: Set<String>
    let vector: VersionVector

    /// Whether more than one park counts. What one says alone about its own deletions is no receipt
    /// of anybody.
    var hasWitness: Bool { members.count > 1 }

    /// Deletions whose traces may go.
    var compactable: VersionVector { hasWitness ? vector : VersionVector() }

    /// - Parameter known: every park's newest origin.
    init(known: [Member], fences: [Fence], asOf vector: VersionVector) {
        var candidates: [String: [Fence]] = [:]
        for fence in fences where fence.isIn(vector) {
            if let origin = known.first(where: { $0.park == fence.park })?.origin, fence.returned.contains(origin) {
                continue
            }
            candidates[fence.park, default: []].append(fence)
        }
        var out = Set(candidates.keys)
        // A fence counts when all who stay have seen it; who leaves by another fence need not.
        while let early = out.sorted().first(where: { park in
            candidates[park]?.contains { fence in
                known.allSatisfy { out.contains($0.park) || $0.seen[fence.by] >= fence.seq }
            } != true
        }) {
            out.remove(early)
        }
        fenced = out
        members = known.filter { !out.contains($0.park) }.sorted { $0.park < $1.park }
        self.vector = Self.meet(members.map(\.seen))
    }

    /// The frontier of what is applied here.
    ///
    /// - Parameters:
    ///   - members: the zone's parks. One that has never written has seen nothing.
    ///   - sealing: whether this node is about to seal an entry, which acknowledges all that is
    ///     applied here.
    init(_ state: StoreState, members parks: [String], sealing: Bool = false) {
        var known = Self.newest(state.applied).map { origin -> Member in
            guard let index = state.index(of: origin) else {
                return Member(park: origin.park, origin: origin, seq: 0, seen: VersionVector())
            }
            let seq = index == state.own ? state.visibleOfOwn : state.origins[index].folded
            // A park that has taken another branch of some log acknowledges other entries than
            // those that are here.
            var seen = state.origins[index].receipt == .fits ? state.origins[index].dependencies : VersionVector()
            if index == state.own, !state.appliesOwn { seen = sealing ? state.applied : state.ownDependencies }
            seen[origin] = seq
            return Member(park: origin.park, origin: origin, seq: seq, seen: seen)
        }
        for park in parks where !known.contains(where: { $0.park == park }) {
            let isOwn = state.origins.indices.contains(state.own) && state.origins[state.own].origin.park == park
            known.append(
                Member(park: park, origin: nil, seq: 0, seen: isOwn && sealing ? state.applied : VersionVector()))
        }
        self.init(known: known, fences: state.fences, asOf: state.applied)
    }

    /// The greatest vector that all cover.
    static func meet(_ vectors: [VersionVector]) -> VersionVector {
        guard var result = vectors.first else { return VersionVector() }
        for vector in vectors.dropFirst() {
            for element in result.elements where vector[element.origin] < element.seq {
                result[element.origin] = vector[element.origin]
            }
        }
        return result
    }

    /// For each park in a vector the origin that writes for it: the latest incarnation.
    static func newest(_ vector: VersionVector) -> [OriginID] {
        var newest: [String: OriginID] = [:]
        for element in vector.elements {
            if let other = newest[element.origin.park], incarnation(other) > incarnation(element.origin) { continue }
            newest[element.origin.park] = element.origin
        }
        return newest.values.sorted()
    }

    private static func incarnation(_ origin: OriginID) -> Int {
        origin.name.split(separator: "~").dropFirst().first.flatMap { Int($0) } ?? 1
    }
}
