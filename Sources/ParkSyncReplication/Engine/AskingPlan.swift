import ParkSyncCore

/// Who is asked for what, as it was decided last, with what is kept for deciding it.
///
/// It is stale as soon as something changes that is kept here. What decides it and lies elsewhere,
/// with the sessions and the own log, is told by `expire`; nothing else makes it stale, and only
/// `conclude` makes it fresh.
struct AskingPlan: Sendable {
    /// Whether something has changed that decides who is asked for what.
    private(set) var isStale = true
    private(set) var known = KnownOrigins()
    /// Logs that do not go on here, since an entry is longer than this node takes.
    private(set) var tooLong = TooLongEntries()
    private(set) var relays = RelayPlan()
    private var disputes = Disputes()
    /// For each session the peer's own origins; empty when they have to be looked up anew.
    private(set) var direct: [[OriginID]] = []
    /// For each session the origins that its peer is to be asked for.
    private(set) var wanted: [[OriginID]] = []
    /// Whether some park is out of reach, so that it matters what the others have of its entries.
    private(set) var isRelaying = false
    /// When it is to be decided anew though nothing happens; monotonic.
    private(set) var deadline: UInt64?
    /// How often it was decided anew: the costly part of an event.
    private(set) var made = 0

    func isDue(_ now: UInt64) -> Bool { isStale || deadline.map { $0 <= now } ?? false }

    // MARK: what makes it stale

    /// Something has changed outside that decides who is asked for what.
    mutating func expire() { isStale = true }

    /// Notes the origins that somebody has named.
    mutating func learn(_ vector: VersionVector, where isMember: (String) -> Bool) {
        if known.add(vector, where: isMember) { lookUpAnew() }
    }

    mutating func lookUpAnew() {
        direct = []
        expire()
    }

    mutating func add(_ refused: TooLongEntries.Refused) {
        tooLong.add(refused)
        expire()
    }

    /// - Parameter logged: what is here now.
    mutating func forgetTooLong(_ logged: VersionVector) { if tooLong.forget(logged) { expire() } }

    /// A stream to `peer` ended over entries of `origin`.
    mutating func dispute(_ origin: OriginID, peer: OriginID, now: UInt64) {
        disputes.add(origin, peer: peer, now: now)
        expire()
    }

    // MARK: how it is made

    mutating func lookUp(_ sessions: [PeerSession]) {
        if direct.isEmpty { direct = sessions.map { known.origins(of: $0.park, base: $0.peer) } }
    }

    /// - Parameters:
    ///   - missing: origins whose park is out of reach.
    ///   - isRelaying: whether some park is.
    ///   - waits: when more may be missing.
    mutating func decideRelays(
        for missing: [RelayPlan.Missing], among candidates: [RelayPlan.Candidate], isRelaying: Bool, own: NodeState,
        waits: [UInt64], now: UInt64
    ) {
        self.isRelaying = isRelaying
        disputes.forgetOld(now: now)
        let askable = missing.filter { !disputes.excludes($0, among: candidates) }
        // Without a stream to anybody there is nobody to ask, and the opening of one comes back
        // here.
        let due = relays.update(missing: askable, candidates: candidates, own: own.origin, logged: own.logged, now: now)
        deadline = (waits + [disputes.deadline, due].compactMap { $0 }).filter { $0 > now }.min()
    }

    /// It is decided.
    mutating func conclude(_ wanted: [[OriginID]]) {
        self.wanted = wanted
        isStale = false
        made += 1
    }
}
