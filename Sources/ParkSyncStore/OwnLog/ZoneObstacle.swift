import ParkSyncCore

/// Why the zone does not let this park write. Follows from what is applied here, and from whom the
/// links refuse.
package enum ZoneObstacle: Hashable, Sendable {
    /// The park was taken out by an entry.
    case out(park: String, by: OriginID, seq: UInt64)
    /// It was taken back, and has yet to begin a new log.
    case takenBack
    /// It comes back, and these parks have not seen its first entry; empty before there is one.
    case returning(waitingFor: [String])
    /// No other park knows it; these have refused it.
    case unknown(park: String, to: [String])

    package var reason: String {
        switch self {
        case .out(_, let by, let seq): "this park was taken out of the zone by entry \(by):\(seq)"
        case .takenBack:
            "this park was taken back into the zone, and begins a new log for what the others have not had of it"
        case .returning(let parks):
            "this park comes back into the zone and waits until the others have seen its first entry"
                + (parks.isEmpty ? "" : ": \(parks.joined(separator: ", "))")
        case .unknown(let park, let others):
            "no other park takes \(park) for a member of the zone: \(others.joined(separator: ", ")) refused it"
        }
    }

    package var remedy: String {
        switch self {
        case .out(let park, _, _):
            "If that was wrong, have it taken back: syncctl unfence \(park) at the other parks. Else stop the "
                + "node; to come "
                + "back it starts anew from a snapshot of another park, without what no other park had."
        case .takenBack:
            "Wait; it goes on by itself, at the latest after \(Reissue.intervalMilliseconds / 60_000) minutes."
        case .returning: "Wait; a park that does not answer can be fenced in its turn."
        case .unknown(let park, _):
            "If \(park) was taken out, stop this node. Else have it named among the members of those parks; it "
                + "then goes on "
                + "by itself. syncctl accept-writes lets it write until then."
        }
    }

    package func _checkInvariants() {
        switch self {
        case .out(_, _, let seq): assert(seq > 0, "an entry takes a park out")
        case .takenBack, .returning: break
        case .unknown(_, let others): assert(!others.isEmpty, "somebody has refused the park")
        }
    }
}
