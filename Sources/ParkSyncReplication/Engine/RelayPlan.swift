import ParkSyncCore

/// Decides which peer is asked for the entries of a park that cannot be reached.
///
/// One peer per origin, so that entries do not travel twice. A peer keeps the task as long as it is
/// in reach, knows as much of the origin as the best of the others, and gives what it says to have:
/// what it says is not signed.
struct RelayPlan: Sendable {
    /// How long a link must be down before others are asked: a restarted node is back sooner.
    static let delayMilliseconds: UInt64 = 1_000
    /// How long a relay may know less of the origin than another peer.
    static let patienceMilliseconds: UInt64 = 500
    /// How long a relay may give nothing of what it says to have, while another peer says to have
    /// more than is here, too.
    static let givesWithinMilliseconds: UInt64 = 5_000
    /// What is on its way, or has to wait for this node, counts for so long if nothing comes of it.
    static let busyMillisecondsMax: UInt64 = 60_000
    /// How long it is not asked for that origin again, as long as there is another one.
    static let passedOverMilliseconds: UInt64 = 300_000

    struct Candidate {
        var peer: OriginID
        var park: String
        var logged: VersionVector
        /// What it gives has to wait for this node, or is on its way.
        var isBusy = false
    }

    /// An origin whose own park is out of reach.
    struct Missing {
        var origin: OriginID
        var park: String
    }

    private struct Choice {
        var relay: OriginID
        var behindSince: UInt64?
        /// Since when it has given nothing of what it says to have, and what was here then.
        var owesSince: UInt64?
        var have: UInt64 = 0

        /// Since when it could not give, or was at it.
        var busySince: UInt64?

        mutating func note(claim: UInt64, have: UInt64, isBusy: Bool, now: UInt64) {
            if claim <= have || owesSince == nil || self.have != have {
                (owesSince, busySince) = (claim > have ? now : nil, nil)
            }
            self.have = have
            guard isBusy, owesSince != nil else { return busySince = nil }
            let since = busySince ?? now
            busySince = since
            if now < since &+ RelayPlan.busyMillisecondsMax { owesSince = now }
        }
    }

    private var choices: [OriginID: Choice] = [:]
    /// Until when relays are passed over that gave nothing, by origin and relay.
    private var passedOver: [OriginID: [OriginID: UInt64]] = [:]
    /// The choices by relay, each list sorted.
    private var lists: [OriginID: [OriginID]] = [:]

    /// The origins that `peer` is to relay, sorted.
    func origins(relayedBy peer: OriginID) -> [OriginID] { lists[peer] ?? [] }

    /// The origins of which `peer` said to have entries and gave none, sorted.
    func withheld(by peer: OriginID) -> [OriginID] {
        passedOver.isEmpty ? [] : passedOver.filter { $0.value[peer] != nil }.keys.sorted()
    }

    /// - Parameters:
    ///   - missing: each origin once.
    ///   - candidates: peers in reach, sorted.
    ///   - logged: what is here.
    /// - Returns: when to look again, though nothing else happens.
    mutating func update(missing: [Missing], candidates: [Candidate], own: OriginID, logged: VersionVector, now: UInt64)
        -> UInt64?
    {
        var deadline = forgetOld(missing, now: now)
        if missing.isEmpty, choices.isEmpty { return nil }
        var next: [OriginID: Choice] = [:]
        next.reserveCapacity(missing.count)
        for lack in missing {
            let candidates = willing(candidates, for: lack)
            guard let most = Self.most(candidates, for: lack) else { continue }
            guard var choice = choices[lack.origin],
                let current = candidates.first(where: { $0.peer == choice.relay && $0.park != lack.park })
            else {
                next[lack.origin] = Choice(relay: Self.best(candidates, for: lack, most: most, own: own))
                continue
            }
            if current.logged[lack.origin] >= most {
                choice.behindSince = nil
            } else {
                let since = choice.behindSince ?? now
                choice.behindSince = since
                let due = since &+ Self.patienceMilliseconds
                if now >= due {
                    choice = Choice(relay: Self.best(candidates, for: lack, most: most, own: own))
                } else {
                    deadline = min(deadline ?? due, due)
                }
            }
            choice.note(claim: current.logged[lack.origin], have: logged[lack.origin], isBusy: current.isBusy, now: now)
            if choice.relay == current.peer, let since = choice.owesSince {
                let others = others(candidates, than: current.peer, for: lack, beyond: logged[lack.origin])
                let due = since &+ Self.givesWithinMilliseconds
                if !others.isEmpty, now < due { deadline = min(deadline ?? due, due) }
                if let most = Self.most(others, for: lack), now >= due {
                    passedOver[lack.origin, default: [:]][current.peer] = now &+ Self.passedOverMilliseconds
                    choice = Choice(relay: Self.best(others, for: lack, most: most, own: own))
                }
            }
            next[lack.origin] = choice
        }
        choices = next
        lists = [:]
        for lack in missing {
            if let choice = choices[lack.origin] { lists[choice.relay, default: []].append(lack.origin) }
        }
        for relay in Array(lists.keys) { lists[relay]?.sort() }
        return deadline
    }

    /// - Returns: when the next relay is no longer passed over.
    private mutating func forgetOld(_ missing: [Missing], now: UInt64) -> UInt64? {
        if passedOver.isEmpty { return nil }
        let wanted = Set(missing.map(\.origin))
        passedOver = passedOver.filter { wanted.contains($0.key) }.mapValues { $0.filter { $0.value > now } }.filter {
            !$0.value.isEmpty
        }
        return passedOver.values.flatMap(\.values).min()
    }

    /// Who could take over: of those that gave nothing none is tried again and again.
    private func others(_ candidates: [Candidate], than relay: OriginID, for lack: Missing, beyond seq: UInt64)
        -> [Candidate]
    {
        let passed = passedOver[lack.origin] ?? [:]
        return candidates.filter {
            $0.peer != relay && $0.park != lack.park && $0.logged[lack.origin] > seq && passed[$0.peer] == nil
        }
    }

    /// Without those that gave nothing of the origin, unless nobody else is left.
    private func willing(_ candidates: [Candidate], for lack: Missing) -> [Candidate] {
        guard let passed = passedOver[lack.origin] else { return candidates }
        let willing = candidates.filter { passed[$0.peer] == nil }
        return Self.most(willing, for: lack) == nil ? candidates : willing
    }

    /// The highest entry of the origin that any candidate has; nil without a candidate.
    private static func most(_ candidates: [Candidate], for lack: Missing) -> UInt64? {
        var most: UInt64?
        for candidate in candidates where candidate.park != lack.park {
            most = max(most ?? 0, candidate.logged[lack.origin])
        }
        return most
    }

    /// A peer that knows most of the origin. Of several, nodes choose different ones, so that not
    /// all ask the same.
    private static func best(_ candidates: [Candidate], for lack: Missing, most: UInt64, own: OriginID) -> OriginID {
        let equals = candidates.filter { $0.park != lack.park && $0.logged[lack.origin] == most }
        let spread = (own.utf8 + lack.origin.utf8).reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        return equals[spread % equals.count].peer
    }
}

/// Origins that no relay is asked for, because their entries do not continue this node's log or are
/// not signed by them.
///
/// Each relay would give the same entries, and the link to it would end over them, too: one park's
/// fork must not part the others.
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

    mutating func forgetOld(now: UInt64) {
        if !disputes.isEmpty { disputes = disputes.filter { $0.value.until > now } }
    }

    /// One relay alone may be damaged, and another is asked; the origin's own park, or a second
    /// relay, decides it.
    func contains(_ origin: OriginID) -> Bool {
        guard let peers = disputes[origin]?.peers else { return false }
        return peers.count > 1 || peers.contains { $0.park == origin.park }
    }

    /// Whether nobody is asked for the origin for the time being: it is disputed, or the only
    /// relays in reach have other entries of it.
    func excludes(_ lack: RelayPlan.Missing, among candidates: [RelayPlan.Candidate]) -> Bool {
        guard let peers = disputes[lack.origin]?.peers else { return false }
        return contains(lack.origin) || candidates.allSatisfy { $0.park == lack.park || peers.contains($0.peer) }
    }

    /// When the next one is over.
    var deadline: UInt64? { disputes.values.map(\.until).min() }
}
