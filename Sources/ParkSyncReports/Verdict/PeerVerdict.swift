import ParkSyncCore

/// What is to say of one peer.
package struct PeerVerdict {
    package let peer: NodeStatus.Peer
    package let status: NodeStatus

    package init(peer: NodeStatus.Peer, status: NodeStatus) { (self.peer, self.status) = (peer, status) }

    /// What comes in waits for the write lock.
    private var wait: String {
        DatabaseVerdict.isLocked(status) ? "That goes on when the write lock is free." : "Wait."
    }

    var isForked: Bool { peer.lastErrorCode == .fork }

    package func reasons() -> [Verdict.Reason] {
        var reasons: [Verdict.Reason] = []
        func add(_ level: Verdict.Level, _ cause: Verdict.Cause, _ text: String) {
            reasons.append(Verdict.Reason(level, cause, "\(peer.park): \(text)", park: peer.park))
        }
        if let lie = peer.lie, lie.kind == .falseSnapshot {
            add(
                .broken, .unfoundedSnapshot,
                "its snapshot does not follow from its signed log (\(lie.count) times since this node was "
                    + "started): \(Sentence.ended(lie.reason)) "
                    + "Either it lies, or its database is damaged and has not found that yet. Nothing of the "
                    + "snapshot is used, and its entries count "
                    + "as before. Let its operator run `syncctl verify --rows` and `syncctl log verify` there, and "
                    + "repair what they find; "
                    + "if they find nothing, it is not to be trusted.")
        } else if let lie = peer.lie {
            add(
                .broken, .lying,
                "it does not tell the truth (\(lie.kind), \(lie.count) times since this node was started): "
                    + "\(Sentence.ended(lie.reason)) What it said counts for "
                    + "nothing. Tell its operator; if that goes on, propose to take it out: `syncctl fence "
                    + "\(peer.park)`."
            )
        }
        if peer.agreement == .different, let fork = status.openForks(at: peer.agreementVector).first {
            add(
                .degraded, .fork,
                """
                it has another branch of \(fork.origin), which has forked at \(fork.seq), and so other tables. \
                That is for \(fork.origin) to answer.
                """
            )
        } else if peer.agreement == .different {
            add(
                .broken, .tablesDiffer,
                """
                the tables differ at the same vector \(peer.agreementVector ?? ""). Run `syncctl log verify` at \
                both parks.
                """
            )
        }
        if isForked, let error = peer.lastError { add(.broken, .fork, error) }
        switch peer.link {
        case .following: for (cause, text) in followed() { add(.degraded, cause, text) }
        case .catchingUp:
            add(
                .degraded, .catchingUp,
                "catching up, \(peer.weNeed.map { "\($0) entries" } ?? "an unknown number of entries") to go. \(wait)")
        case .connecting: add(.degraded, .connecting, "connecting. Wait.")
        case .paused: add(.degraded, .paused, "the link is paused. Resume it with `syncctl link resume \(peer.park)`.")
        case .waiting:
            if !isForked { add(.degraded, .noLink, "no link. \(peer.lastError ?? "It was not tried yet. Wait.")") }
        }
        // What a lost link measured last may be long corrected.
        if peer.link == .following || peer.link == .catchingUp, let offset = peer.clockOffsetMilliseconds,
            offset.magnitude > Verdict.clockOffsetMillisecondsMax
        {
            add(
                .broken, .clockOff,
                """
                its clock is \(TimeSpan.offset(milliseconds: offset, to: "this node's")). Set the clocks (NTP): \
                entries from the future are held.
                """
            )
        }
        return reasons
    }

    /// What keeps a followed peer from being good.
    private func followed() -> [(Verdict.Cause, String)] {
        var texts: [(Verdict.Cause, String)] = []
        if let heard = peer.lastContactAt {
            if status.now > heard, status.now - heard > Verdict.contactMillisecondsMax {
                texts.append(
                    (
                        .notHeard,
                        """
                        not heard for \((status.now - heard) / 1_000) seconds. Check the network; the link \
                        opens again by itself.
                        """
                    ))
            }
        } else {
            texts.append((.notHeard, "not heard yet. Wait."))
        }
        switch peer.theyNeed {
        case 0: break
        case let need?:
            texts.append(
                (.theyNeed, "has not applied \(need) of our entries yet. Wait; see its own status if that lasts."))
        case nil: texts.append((.theyNeed, "it is not known how many of our entries it has applied. Wait."))
        }
        switch peer.weNeed {
        case 0: break
        case let need?:
            texts.append(
                (
                    .weNeed,
                    "has \(need) entries that are not applied here. \(wait) See the log of this node if that lasts."
                ))
        case nil: texts.append((.weNeed, "it is not known how many entries it has that are not applied here. Wait."))
        }
        if let error = peer.lastError, !isForked { texts.append((.linkFailed, error)) }
        if let text = agreement() { texts.append((.notCompared, text)) }
        return texts
    }

    private func agreement() -> String? {
        switch peer.agreement {
        case .different: nil
        case .unknown: "the digests were never compared. Wait; it needs a moment in which both hold the same entries."
        case .same:
            peer.agreementVector == status.applied
                ? nil
                : """
                the digests at this vector are not compared yet. Wait; at \
                \(peer.agreementVector ?? "an earlier one") they were the same.
                """
        }
    }
}
