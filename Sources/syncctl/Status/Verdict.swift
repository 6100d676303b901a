import ParkSyncWire

/// What a node's status means for its operator. Only what was checked counts as good.
struct Verdict: Hashable, Codable {
    enum Level: String, Hashable, Codable, Comparable {
        /// Ready, every link followed, nothing waits, and the same tables as every peer at this very vector.
        case good
        /// Something is in progress, waits, or is not known.
        case degraded
        /// An operator has to act.
        case broken

        var exit: Int32 {
            switch self {
            case .good: 0
            case .degraded: 1
            case .broken: 2
            }
        }

        static func < (a: Level, b: Level) -> Bool { a.exit < b.exit }
    }

    struct Reason: Hashable, Codable {
        var level: Level
        /// What is so, and what to do about it.
        var text: String
    }

    var level: Level
    /// The exit status of `syncctl status`.
    var exit: Int32
    /// The worst first.
    var reasons: [Reason]

    /// A peer that was not heard for longer than this is not followed, whatever the link says.
    static let contactMillisecondsMax: UInt64 = 15_000
    /// Stamps from further in the future are held by the peers.
    static let clockOffsetMillisecondsMax: UInt64 = 30_000

    init(_ reasons: [Reason]) {
        let sorted = reasons.enumerated().sorted { a, b in
            a.element.level == b.element.level ? a.offset < b.offset : a.element.level > b.element.level
        }
        level = reasons.map(\.level).max() ?? .good
        exit = level.exit
        self.reasons = sorted.map(\.element)
    }

    static func judge(_ status: NodeStatus) -> Verdict {
        Verdict(NodeVerdict.reasons(status) + status.peers.flatMap { PeerVerdict(peer: $0, status: status).reasons() })
    }

    /// For a node that does not answer.
    static func unreachable(_ failure: String) -> Verdict { Verdict([Reason(level: .broken, text: failure)]) }
}

/// What is to say of the node itself.
enum NodeVerdict {
    static func reasons(_ status: NodeStatus) -> [Verdict.Reason] {
        var reasons: [Verdict.Reason] = []
        func add(_ level: Verdict.Level, _ text: String) { reasons.append(Verdict.Reason(level: level, text: text)) }
        switch status.phase {
        case .ready: break
        case .recovering: reasons.append(recovery(status))
        case .fenced: add(.broken, status.fence ?? "\(status.park) was taken out of the zone. Start it anew from a snapshot.")
        case .stopping: add(.degraded, "\(status.park) is stopping. Start it again if that was not meant.")
        }
        for stuck in status.stuck {
            add(
                stuck.state == "quarantined" ? .broken : .degraded,
                "\(stuck.origin):\(stuck.seq) is \(stuck.state): \(FailureText.sentence(stuck.cause)) \(FailureText.sentence(stuck.remedy))")
        }
        if status.logged != status.applied, status.stuck.isEmpty {
            add(.degraded, "entries up to \(status.logged) are logged and not all are applied. Wait; it is a matter of moments.")
        }
        if status.unsealedRows > 0 {
            add(.degraded, "\(status.unsealedRows) rows written by other programs are not in the log yet. Wait; it is a matter of moments.")
        }
        if status.digestVector != status.applied {
            add(.degraded, "the digest is of an older vector. Wait; the newest entries are being folded in.")
        }
        if let retention = status.retention { reasons += RetentionText.reasons(retention, now: status.now) }
        if status.peers.isEmpty { add(.degraded, "there is no peer to compare with. Add the other parks to `parks` and `members`.") }
        return reasons
    }

    /// A recovery goes on as long as some peer may still answer; one look cannot tell more.
    private static func recovery(_ status: NodeStatus) -> Verdict.Reason {
        let unreachable = status.peers.filter { $0.link == .paused || ($0.link == .waiting && $0.lastError != nil) }
        let text = "\(status.park) fetches its own entries back and accepts no writes"
        guard unreachable.count == status.peers.count, !status.peers.isEmpty else {
            return Verdict.Reason(level: .degraded, text: text + "; it needs every peer, or recovery.accept_loss.")
        }
        return Verdict.Reason(
            level: .broken, text: text + ", and no peer can be reached. Bring the links back; recovery.accept_loss gives up what only they hold.")
    }
}

/// What is to say of one peer.
struct PeerVerdict {
    let peer: NodeStatus.Peer
    let status: NodeStatus

    /// How a failed link tells of a fork; the status has no member of its own for it.
    static let forkPhrases = ["has forked its log", "has entries of this node that this node has not"]

    var isForked: Bool { Self.forkPhrases.contains { peer.lastError?.contains($0) == true } }

    func reasons() -> [Verdict.Reason] {
        var reasons: [Verdict.Reason] = []
        func add(_ level: Verdict.Level, _ text: String) { reasons.append(Verdict.Reason(level: level, text: "\(peer.park): \(text)")) }
        if peer.agreement == .different {
            add(.broken, "the tables differ at the same vector \(peer.agreementVector ?? ""). Run `syncctl log verify` at both parks.")
        }
        if isForked, let error = peer.lastError { add(.broken, error) }
        switch peer.link {
        case .following: for text in followed() { add(.degraded, text) }
        case .catchingUp: add(.degraded, "catching up, \(peer.weNeed.map { "\($0) entries" } ?? "an unknown number of entries") to go. Wait.")
        case .connecting: add(.degraded, "connecting. Wait.")
        case .paused: add(.degraded, "the link is paused. Resume it with `syncctl link resume \(peer.park)`.")
        case .waiting: if !isForked { add(.degraded, "no link. \(peer.lastError ?? "It was not tried yet. Wait.")") }
        }
        // What a lost link measured last may be long corrected.
        if peer.link == .following || peer.link == .catchingUp, let offset = peer.clockOffsetMilliseconds,
            offset.magnitude > Verdict.clockOffsetMillisecondsMax
        {
            add(.broken, "its clock differs by \(offset) ms. Set the clocks (NTP): entries from the future are held.")
        }
        return reasons
    }

    /// What keeps a followed peer from being good.
    private func followed() -> [String] {
        var texts: [String] = []
        if let heard = peer.lastContactAt {
            if status.now > heard, status.now - heard > Verdict.contactMillisecondsMax {
                texts.append("not heard for \((status.now - heard) / 1_000) seconds. Check the network; the link opens again by itself.")
            }
        } else {
            texts.append("not heard yet. Wait.")
        }
        switch peer.theyNeed {
        case 0: break
        case let need?: texts.append("has not applied \(need) of our entries yet. Wait; see its own status if that lasts.")
        case nil: texts.append("it is not known how many of our entries it has applied. Wait.")
        }
        switch peer.weNeed {
        case 0: break
        case let need?: texts.append("has \(need) entries that are not applied here. Wait; see the log of this node if that lasts.")
        case nil: texts.append("it is not known how many entries it has that are not applied here. Wait.")
        }
        if let error = peer.lastError, !isForked { texts.append(error) }
        if let text = agreement() { texts.append(text) }
        return texts
    }

    private func agreement() -> String? {
        switch peer.agreement {
        case .different: nil
        case .unknown: "the digests were never compared. Wait; it needs a moment in which both hold the same entries."
        case .same:
            peer.agreementVector == status.applied
                ? nil : "the digests at this vector are not compared yet. Wait; at \(peer.agreementVector ?? "an earlier one") they were the same."
        }
    }
}
