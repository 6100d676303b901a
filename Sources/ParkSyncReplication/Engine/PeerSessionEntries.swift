import ParkSyncCore
import ParkSyncWire

/// Entries on their way to the log, and what they may take of this node's memory.
extension PeerSession {
    /// Nothing is given to the log of a stream that has ended meanwhile.
    mutating func store(storingOfOthers: Int) -> [EngineAction] {
        guard isOpen else { return [] }
        var actions = inbound.next(storingOfOthers: storingOfOthers).map { EngineAction.store(key, $0) }
        if inbound.isFull, phase.stream?.isFull == false { actions += hold { $0.isFull = true } }
        return actions
    }

    /// - Parameter change: of one of the reasons for which nothing is read.
    /// - Returns: what follows from it for the stream.
    private mutating func hold(_ change: (inout PeerStream) -> Void) -> [EngineAction] {
        let before = isHeldBack
        self.change(change)
        return isOpen && before != isHeldBack ? [isHeldBack ? .pause(key) : .resume(key)] : []
    }

    /// Another peer's long frame is on its way, or is no more.
    mutating func setWaiting(_ waits: Bool, now: UInt64) -> [EngineAction] {
        hold {
            if !waits { $0.heardAt = now }
            $0.waitsForOthers = waits
        }
    }

    /// Others wait for its long frame, and have waited long enough.
    mutating func giveWay(now: UInt64) -> [EngineAction] {
        fail(
            .broken,
            """
            \(peer): a frame of \(phase.stream?.expectedBytes ?? 0) bytes was not whole within \
            \(WireLimits.longFrameMillisecondsMax / 1_000) s, and others wait
            """,
            remedy: "Check the link to \(park); it opens again by itself, and what is missing is asked for again.", now)
    }

    /// - Parameter own: this node's origin.
    mutating func stored(_ outcome: StoreOutcome, own: OriginID, storingOfOthers: Int, now: UInt64) -> [EngineAction] {
        switch outcome {
        case .stored:
            var actions = store(storingOfOthers: storingOfOthers)
            if phase.stream?.isFull == true, inbound.hasRoom {
                actions += hold { ($0.isFull, $0.heardAt) = (false, now) }
            }
            return actions
        case .refused(let refusal):
            if refusal.cause == .entryTooLong {
                let entry = EntryTooLong(
                    origin: refusal.origin, first: refusal.first, bytes: 0, bytesMax: limits.entryBytesMax)
                newest.tooLong = TooLongEntries.Refused(entry: entry, peer: peer, isProven: true)
                return fail(
                    .broken, "\(peer) sent \(refusal.origin)'s entries from \(refusal.first): \(refusal.reason)",
                    remedy: refusal.remedy, now)
            }
            // A gap comes from a log that was asked for at another position; all other causes are
            // damage or forgery.
            if refusal.cause != .gap { newest.disputed = [refusal.origin] }
            if refusal.cause == .tooLong { conduct.debt.giveUp() }
            if refusal.isForgery, refusal.origin.park == own.park { return refuseForgery(refusal, now) }
            let isOfOthers = refusal.cause == .gap || (refusal.cause == .fork && refusal.origin.park != park)
            let failure = LinkFailure(
                isOfOthers ? .broken : .untrusted, about: refusal.cause == .fork && !refusal.isKnown ? .fork : nil,
                "\(peer) sent \(refusal.origin)'s entries from \(refusal.first): \(refusal.reason)",
                remedy: refusal.remedy)
            return fail(failure, now)
        case .failed(let reason):
            return fail(
                .broken, "this node cannot keep entries from \(peer): \(reason)",
                remedy: "They are asked for again; nothing is lost.", now)
        }
    }

    /// A frame is longer than this node takes, as its header says.
    mutating func refuse(_ entry: EntryTooLong, _ now: UInt64) -> [EngineAction] {
        guard newest.asked.contains(entry.origin) else { return refuseUnasked(entry.origin, now) }
        let refused = TooLongEntries.Refused(entry: entry, peer: peer, isProven: false)
        newest.tooLong = refused
        return fail(refused.failure, now)
    }

    mutating func refuseUnasked(_ origin: OriginID, _ now: UInt64) -> [EngineAction] {
        fail(
            .broken, "\(peer) sent entries of \(origin), which were not asked for",
            remedy: "Compare the software versions.", now)
    }

    /// The log is done with a piece, of this stream or of one that is over.
    mutating func release(_ generation: UInt64) { inbound.release(generation) }
}
