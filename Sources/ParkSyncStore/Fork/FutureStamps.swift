import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports

/// Own entries that the others hold, and when they may be written anew.
package struct FutureStanding: Hashable, Sendable {
    /// Of the earliest incarnation first.
    package var stamps: [FutureStampsStatus]
    /// Unix milliseconds; nil if at once.
    package var possibleAt: UInt64?
}

extension Reissue {
    /// Own entries that the others hold, in all logs of the park: an old copy of a file may have
    /// taken the park on to another one.
    ///
    /// - Parameter limit: Unix milliseconds; what is stamped later is held.
    static func ahead(_ connection: Connection, _ state: StoreState, limit: UInt64) throws -> [FutureStampsStatus] {
        try ownLogs(state).compactMap { try ahead(connection, state, $0, limit: limit) }
    }

    /// The indices of the park's logs, the earliest incarnation first.
    static func ownLogs(_ state: StoreState) -> [Int] {
        let park = state.origins[state.own].origin.park
        return state.origins.indices.filter { state.origins[$0].origin.park == park }
            .sorted { incarnation(state.origins[$0].origin) < incarnation(state.origins[$1].origin) }
    }

    /// Stamps grow along a log, so they are the end of what counts of it.
    private static func ahead(_ connection: Connection, _ state: StoreState, _ index: Int, limit: UInt64) throws
        -> FutureStampsStatus?
    {
        let own = state.origins[index]
        // Of an earlier log only what is shown here is this park's to write anew: what was left out
        // after a fence stays out.
        let last = index == state.own ? own.logged : own.folded
        var found: FutureStampsStatus?
        try LogTable.descend(connection, ordinal: own.ordinal, upTo: last) { seq, rawStamp in
            if state.isWithdrawn(own.origin, seq) { return .more }
            let stamp = Stamp(rawValue: UInt64(bitPattern: rawStamp))
            guard stamp.milliseconds > limit else { return .enough }
            if found == nil {
                let wall = limit - CoreLimits.clockAheadMillisecondsMax
                found = FutureStampsStatus(
                    origin: own.origin, first: seq, last: seq, aheadMilliseconds: stamp.milliseconds - wall)
            }
            found?.first = seq
            return .more
        }
        return found
    }
}

extension ParkStore {
    /// Own entries that the others hold because their stamps are ahead of this node's clock; nil if
    /// there are none.
    ///
    /// Read beside the writing: the status asks for it, also while another program keeps the write
    /// lock from the node.
    package func futureStamps() async throws -> FutureStanding? {
        let (state, wall, park) = (publishedState, options.clock.wallMilliseconds(), options.origin.park)
        return try await readers.read(.node) { reader in
            try reader.snapshot {
                let stamps = try Reissue.ahead(
                    reader.connection, state, limit: wall &+ CoreLimits.clockAheadMillisecondsMax)
                guard !stamps.isEmpty else { return nil }
                return FutureStanding(
                    stamps: stamps,
                    possibleAt: try Reissue.pause(reader.connection, park: park, wallMilliseconds: wall)?.until)
            }
        }
    }
}
