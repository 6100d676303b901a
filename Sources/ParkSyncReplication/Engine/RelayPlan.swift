import ParkSyncCore

/// Decides which peer is asked for the entries of a park that cannot be reached.
///
/// One peer per origin, so that entries do not travel twice. A peer keeps the task as long as it is in reach and knows as much
/// of the origin as the best of the others.
struct RelayPlan: Sendable {
    /// How long a link must be down before others are asked: a restarted node is back sooner.
    static let delayMilliseconds: UInt64 = 1_000
    /// How long a relay may know less of the origin than another peer.
    static let patienceMilliseconds: UInt64 = 500

    struct Candidate {
        var peer: OriginID
        var logged: VersionVector
    }

    private struct Choice {
        var relay: OriginID
        var behindSince: UInt64?
    }

    private var choices: [OriginID: Choice] = [:]

    /// The origins that `peer` is to relay, sorted.
    func origins(relayedBy peer: OriginID) -> [OriginID] {
        choices.filter { $0.value.relay == peer }.keys.sorted()
    }

    /// - Parameters:
    ///   - missing: origins whose own park is out of reach.
    ///   - candidates: peers in reach, sorted.
    /// - Returns: when to look again, though nothing else happens.
    mutating func update(missing: [OriginID], candidates: [Candidate], own: OriginID, now: UInt64) -> UInt64? {
        var next: [OriginID: Choice] = [:]
        var deadline: UInt64?
        for origin in missing {
            let fitting = candidates.filter { $0.peer.park != origin.park }
            guard let best = Self.best(fitting, for: origin, own: own) else { continue }
            guard var choice = choices[origin], let current = fitting.first(where: { $0.peer == choice.relay }) else {
                next[origin] = Choice(relay: best.peer)
                continue
            }
            if current.logged[origin] >= best.logged[origin] {
                choice.behindSince = nil
            } else {
                let since = choice.behindSince ?? now
                choice.behindSince = since
                let due = since &+ Self.patienceMilliseconds
                if now >= due { choice = Choice(relay: best.peer) } else { deadline = min(deadline ?? due, due) }
            }
            next[origin] = choice
        }
        choices = next
        return deadline
    }

    /// The peer that knows most of `origin`. Of several, nodes choose different ones, so that not all ask the same.
    private static func best(_ candidates: [Candidate], for origin: OriginID, own: OriginID) -> Candidate? {
        guard let most = candidates.map({ $0.logged[origin] }).max() else { return nil }
        let equals = candidates.filter { $0.logged[origin] == most }
        let spread = (own.utf8 + origin.utf8).reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        return equals[spread % equals.count]
    }
}

/// Origins that no relay is asked for, because their entries do not continue this node's log or are not signed by them.
///
/// Each relay would give the same entries, and the link to it would end over them, too: one park's fork must not part the others.
struct Disputes: Sendable {
    static let lastMilliseconds: UInt64 = 300_000

    private struct Dispute {
        var peers: Set<OriginID> = []
        var until: UInt64 = 0
    }

    private var disputes: [OriginID: Dispute] = [:]

    /// A stream to `peer` ended over entries of `origin`.
    mutating func add(_ origin: OriginID, peer: OriginID, now: UInt64) {
        disputes[origin, default: Dispute()].peers.insert(peer)
        disputes[origin, default: Dispute()].until = now &+ Self.lastMilliseconds
    }

    mutating func forgetOld(now: UInt64) { disputes = disputes.filter { $0.value.until > now } }

    /// One relay alone may be damaged, and another is asked; the origin's own park, or a second relay, settles it.
    func contains(_ origin: OriginID) -> Bool {
        guard let peers = disputes[origin]?.peers else { return false }
        return peers.count > 1 || peers.contains { $0.park == origin.park }
    }

    /// When the next one is over.
    var deadline: UInt64? { disputes.values.map(\.until).min() }
}
