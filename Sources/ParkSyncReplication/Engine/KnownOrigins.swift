import ParkSyncCore

/// The origins that anybody has spoken of, by park: a park's later incarnations are asked for as
/// soon as somebody names them.
///
/// Of members only: of others a peer could name as many as it likes. What was named once stays:
/// asking for an origin that nobody has costs nothing. So a vector is only compared with what is
/// known, and hundreds of peers' vectors are not gone through again at each event.
struct KnownOrigins: Sendable {
    /// Sorted.
    private var all: [OriginID] = []
    /// Sorted, by park.
    private var parks: [String: [OriginID]] = [:]

    var count: Int { all.count }

    /// - Parameter isMember: whether a park has, or had, a place in the zone.
    /// - Returns: whether the vector names an origin of a member that was not known.
    mutating func add(_ vector: VersionVector, where isMember: (String) -> Bool) -> Bool {
        var isNew = false
        var place = 0
        for element in vector.elements {
            while place < all.count, all[place] < element.origin { place += 1 }
            if place < all.count, all[place] == element.origin { continue }
            guard isMember(element.origin.park) else { continue }
            all.insert(element.origin, at: place)
            parks[element.origin.park, default: []].append(element.origin)
            parks[element.origin.park]?.sort()
            isNew = true
        }
        return isNew
    }

    /// The first origin that a vector names and that is no member's.
    func stranger(in vector: VersionVector, where isMember: (String) -> Bool) -> OriginID? {
        var place = 0
        for element in vector.elements {
            while place < all.count, all[place] < element.origin { place += 1 }
            if place < all.count, all[place] == element.origin { continue }
            if !isMember(element.origin.park) { return element.origin }
        }
        return nil
    }

    /// The origins of a park that somebody has named, sorted.
    func named(of park: String) -> [OriginID] { parks[park] ?? [] }

    /// The park's origins, sorted: its first one, and those that are known.
    func origins(of park: String, base: OriginID) -> [OriginID] {
        guard let known = parks[park] else { return [base] }
        return known.contains(base) ? known : ([base] + known).sorted()
    }
}
