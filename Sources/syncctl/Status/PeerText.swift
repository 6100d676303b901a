import ParkSyncCore
import ParkSyncReports

/// What a node knows of one peer, for people.
enum PeerText {
    static func row(_ peer: NodeStatus.Peer, now: UInt64) -> [String] {
        [
            peer.park, peer.link.rawValue, need(peer.weNeed, since: peer.weNeedSince, now: now),
            need(peer.theyNeed, since: peer.theyNeedSince, now: now),
            peer.lastContactAt.map { Elapsed.age($0, now) } ?? "never",
            peer.clockOffsetMilliseconds.map(clock) ?? "?", agreement(peer),
        ]
    }

    /// Clocks that differ by less are as right as the network tells.
    private static let exactMillisecondsMax = 10_000

    private static func clock(_ offset: Int64) -> String {
        offset.magnitude < exactMillisecondsMax ? "\(offset) ms" : TimeSpan.offset(milliseconds: offset)
    }

    /// How many entries, and how old the oldest is.
    private static func need(_ count: UInt64?, since: UInt64?, now: UInt64) -> String {
        guard let count else { return "?" }
        return since.map { "\(count), \(Elapsed.age($0, now))" } ?? "\(count)"
    }

    private static func agreement(_ peer: NodeStatus.Peer) -> String {
        switch peer.agreement {
        case .same: "same"
        case .different: "DIFFERENT"
        case .unknown: "?"
        }
    }

    /// What has no place in the table and is not said among the reasons.
    static func remarks(_ peer: NodeStatus.Peer, _ status: NodeStatus) -> [String] {
        var lines: [String] = []
        if let error = peer.lastError, peer.link == .connecting || peer.link == .catchingUp || peer.link == .paused {
            lines.append("\(peer.park) failed last: \(error)")
        }
        if let next = peer.nextTryAt {
            lines.append(
                "\(peer.park) is called again \(next > status.now ? "in \(Elapsed.age(status.now, next))" : "now")")
        }
        if peer.agreement != .unknown, let vector = peer.agreementVector, vector != status.applied {
            let when = peer.agreementAt.map { ", \(Elapsed.age($0, status.now)) ago" } ?? ""
            lines.append("\(peer.park) was compared at \(vector)\(when): \(peer.agreement.rawValue)")
        }
        if !peer.relays.isEmpty { lines.append("\(peer.park) relays \(peer.relays.joined(separator: ", "))") }
        return lines
    }

    /// What the peers run, those with the same together, in the order of the first of each.
    static func software(_ peers: [NodeStatus.Peer]) -> [String] {
        var groups: [(software: String, parks: [String])] = []
        for peer in peers {
            let software =
                peer.version.map { "version \($0), SQLite \(peer.sqliteVersion ?? "unknown")" } ?? "unknown software"
            if let known = groups.firstIndex(where: { $0.software == software }) {
                groups[known].parks.append(peer.park)
            } else {
                groups.append((software, [peer.park]))
            }
        }
        return groups.map { "\($0.parks.joined(separator: ", ")): \($0.software)" }
    }
}
