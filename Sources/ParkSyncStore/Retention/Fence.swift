import ParkSyncCore
import ParkSyncReplication

/// That a park was taken out of the zone, as an entry said.
package struct Fence: Hashable {
    package var park: String
    /// The entry that said so.
    package var by: OriginID
    package var seq: UInt64
    /// What its author had of the park.
    package var after: VersionVector
    /// Origins of the park that began after the fence, knowing of it: they are members again.
    package var returned: Set<OriginID> = []

    package init(park: String, by: OriginID, seq: UInt64, after: VersionVector, returned: Set<OriginID> = []) {
        (self.park, self.by, self.seq, self.after, self.returned) = (park, by, seq, after, returned)
    }

    func isIn(_ vector: VersionVector) -> Bool { vector[by] >= seq }
}

/// The fences that were applied here.
package enum FenceTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_fence(
          park TEXT NOT NULL, origin INTEGER NOT NULL, seq INTEGER NOT NULL, -- the entry that said so
          after TEXT NOT NULL, -- what its author had of the park, as a vector text
          returned TEXT NOT NULL, -- origins that began after it, knowing of it, with spaces between
          PRIMARY KEY(park, origin, seq)) WITHOUT ROWID
        """

    package static func all(_ connection: Connection, _ state: StoreState) throws -> [Fence] {
        let statement = try connection.statement(
            "SELECT park, origin, seq, after, returned FROM _parksync_fence ORDER BY park, origin, seq")
        defer { statement.reset() }
        var result: [Fence] = []
        while try statement.step() {
            guard let by = state.index(ofOrdinal: try statement.ordinal(1, "a fence's origin")),
                let after = VersionVector(parsing: statement.string(3))
            else { continue }
            let returned = statement.string(4).split(separator: " ").compactMap { OriginID($0) }
            result.append(
                Fence(
                    park: statement.string(0), by: state.origins[by].origin,
                    seq: try statement.entryNumber(2, "a fence's entry"), after: after,
                    returned: Set(returned)))
        }
        return result
    }

    static func save(_ connection: Connection, _ fence: Fence, _ state: StoreState) throws {
        guard let by = state.index(of: fence.by) else { return }
        let statement = try connection.statement(
            "INSERT INTO _parksync_fence(park, origin, seq, after, returned) VALUES(?1, ?2, ?3, ?4, ?5) "
                + "ON CONFLICT DO UPDATE SET returned = excluded.returned")
        statement.bindText(1, copying: fence.park)
        statement.bind(2, state.origins[by].ordinal)
        statement.bind(3, fence.seq)
        statement.bindText(4, copying: fence.after.description)
        statement.bindText(5, copying: fence.returned.sorted().map(\.name).joined(separator: " "))
        try statement.run()
    }
}

extension StoreState {
    /// Whether entries of the origin only count as far as others vouch for them.
    func isFenced(_ origin: OriginID) -> Bool {
        !fences.isEmpty && fences.contains { $0.park == origin.park && !$0.returned.contains(origin) }
    }

    /// Whether a park was taken out of the zone and has not come back.
    func isOut(_ park: String) -> Bool { fences.contains { $0.park == park && $0.returned.isEmpty && !isLifted($0) } }

    /// Parks that are out of the zone as far as is applied here. One that was taken back is a peer
    /// again, also before it has begun its new log.
    var parksOut: Set<String> { Set(fences.filter { $0.returned.isEmpty && !isLifted($0) }.map(\.park)) }

    func membership(configured members: [String: [UInt8]]) -> Membership {
        Membership(
            fenced: parksOut,
            former: memberKeys.count == members.count ? [] : Set(memberKeys.keys).subtracting(members.keys))
    }

    /// How far an entry of a park that is not fenced, and that is applied here, depends on the
    /// origin.
    func vouched(_ origin: OriginID) -> UInt64 {
        var newest: UInt64 = 0
        for other in origins where other.origin.park != origin.park && !isFenced(other.origin) {
            newest = max(newest, other.dependencies[origin])
        }
        return newest
    }

    /// Why the zone does not let this park write, as far as it is known here; nil if it does.
    ///
    /// A node that comes back begins with an entry that changes nothing, and waits until all others
    /// have seen it: what they dropped before that, it then knows to be dropped.
    /// - Parameter members: the zone's parks.
    func zoneObstacle(members: [String]) -> ZoneObstacle? {
        guard origins.indices.contains(own) else { return nil }
        let mine = origins[own]
        let park = mine.origin.park
        let stranger: ZoneObstacle? = excludedBy.isEmpty ? nil : .unknown(park: park, to: excludedBy)
        guard let fence = fences.first(where: { $0.park == park }) else { return stranger }
        if mine.logged > 1, !isFenced(mine.origin) { return stranger }
        if mine.folded > 0, isFenced(mine.origin) {
            let isTakenBack = fences.allSatisfy { $0.park != park || isLifted($0) }
            return isTakenBack ? .takenBack : .out(park: park, by: fence.by, seq: fence.seq)
        }
        // Before there is an entry everybody is waited for, and nobody named.
        if mine.logged == 0 { return .returning(waitingFor: []) }
        let waiting = Frontier(self, members: members).members.filter { $0.park != park && $0.seen[mine.origin] == 0 }
        return waiting.isEmpty ? stranger : .returning(waitingFor: waiting.map(\.park))
    }
}
