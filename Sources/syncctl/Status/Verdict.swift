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
    static let clockOffsetMillisecondsMax: Int64 = 30_000

    static func judge(_ status: NodeStatus) -> Verdict {
        var reasons = node(status)
        for peer in status.peers { reasons += self.peer(peer, status) }
        let sorted = reasons.enumerated().sorted { a, b in
            a.element.level == b.element.level ? a.offset < b.offset : a.element.level > b.element.level
        }
        let level = reasons.map(\.level).max() ?? .good
        return Verdict(level: level, exit: level.exit, reasons: sorted.map(\.element))
    }

    private static func node(_ status: NodeStatus) -> [Reason] {
        var reasons: [Reason] = []
        switch status.phase {
        case .ready: break
        case .recovering:
            reasons.append(
                Reason(
                    level: .degraded,
                    text: "\(status.park) fetches its own entries back and accepts no writes; it needs every peer, or recovery.accept_loss."))
        case .stopping: reasons.append(Reason(level: .degraded, text: "\(status.park) is stopping."))
        }
        for stuck in status.stuck {
            let level: Level = stuck.state == "quarantined" ? .broken : .degraded
            reasons.append(Reason(level: level, text: "\(stuck.origin):\(stuck.seq) is \(stuck.state): \(stuck.cause). \(stuck.remedy)"))
        }
        if status.unsealedRows > 0 {
            reasons.append(Reason(level: .degraded, text: "\(status.unsealedRows) rows written by other programs are not in the log yet."))
        }
        if status.digestVector != status.applied {
            reasons.append(Reason(level: .degraded, text: "the digest is of an older vector; the newest entries are being folded in."))
        }
        if status.peers.isEmpty { reasons.append(Reason(level: .degraded, text: "there is no peer to compare with.")) }
        return reasons
    }

    private static func peer(_ peer: NodeStatus.Peer, _ status: NodeStatus) -> [Reason] {
        var reasons: [Reason] = []
        func add(_ level: Level, _ text: String) { reasons.append(Reason(level: level, text: "\(peer.park): \(text)")) }
        if peer.agreement == .different {
            add(.broken, "the tables differ at the same vector \(peer.agreementVector ?? ""). Run `syncctl log verify` at both parks.")
        }
        switch peer.link {
        case .following: break
        case .catchingUp: add(.degraded, "catching up, \(peer.weNeed.map { "\($0) entries" } ?? "an unknown number of entries") to go.")
        case .connecting: add(.degraded, "connecting.")
        case .paused: add(.degraded, "the link is paused. Resume it with `syncctl link resume \(peer.park)`.")
        case .waiting: add(.degraded, "no link. \(peer.lastError ?? "Not tried yet.")")
        }
        guard peer.link == .following else { return reasons }
        if let heard = peer.lastContactAt, status.now > heard, status.now - heard > contactMillisecondsMax {
            add(.degraded, "not heard for \((status.now - heard) / 1_000) seconds.")
        }
        if peer.lastContactAt == nil { add(.degraded, "not heard yet.") }
        if let need = peer.theyNeed, need > 0 { add(.degraded, "has not applied \(need) of our entries yet.") }
        if let need = peer.weNeed, need > 0 { add(.degraded, "has \(need) entries that are not applied here.") }
        if let error = peer.lastError { add(.degraded, error) }
        if let offset = peer.clockOffsetMilliseconds, abs(offset) > clockOffsetMillisecondsMax {
            add(.broken, "its clock differs by \(offset) ms. Set the clocks (NTP): entries from the future are held.")
        }
        if peer.agreement != .different, peer.agreement != .same || peer.agreementVector != status.applied {
            add(.degraded, "the digests at this vector are not compared yet.")
        }
        return reasons
    }
}
