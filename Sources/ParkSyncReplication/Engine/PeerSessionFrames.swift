import ParkSyncCore
import ParkSyncWire

/// What a peer says on its stream.
extension PeerSession {
    /// - Parameter storingOfOthers: bytes that the log has of other peers.
    mutating func receive(_ bytes: [UInt8], own: NodeState, storingOfOthers: Int, now: UInt64, wall: UInt64)
        -> [EngineAction]
    {
        change { $0.append(bytes, now: now) }
        do {
            var actions: [EngineAction] = []
            while let frame = try next(now: now) {
                if !frame.isBranch(of: own.origin.park) { noteGoingOn() }
                actions += handle(frame, own: own, storingOfOthers: storingOfOthers, now: now, wall: wall)
            }
            return actions
        } catch let refused as EntryTooLong {
            return refuse(refused, now)
        } catch {
            return fail(
                .broken, "\(peer) sent a damaged frame: \(error)",
                remedy: "Compare the software versions of both nodes.", now)
        }
    }

    /// - Returns: the next whole frame; nil until more comes, and when the stream is over.
    private mutating func next(now: UInt64) throws -> LogFrame? { try change { try $0.next(now: now) } ?? nil }

    private mutating func handle(_ frame: LogFrame, own: NodeState, storingOfOthers: Int, now: UInt64, wall: UInt64)
        -> [EngineAction]
    {
        switch frame {
        case .hello(let state, let version, let peerWall):
            guard state.origin.park == park else {
                return fail(
                    .untrusted, "\(peer) answers as \(state.origin)", remedy: "Check the address of \(peer).", now)
            }
            if let obstacle = PeerFit.obstacle(own: own, peer: state, peerVersion: version) {
                return fail(obstacle, now)
            }
            greet()
            contact.hear(state, peerWall, wall)
            noteUnshown(own.origin, now)
            return []
        // A feed that refuses a request says why instead of a greeting.
        case .goodbye(let kind, let reason, let remedy):
            // The frame does not name the origin. If it is the peer's own after all, the next
            // stream, which asks for less, shows it.
            let relayed = kind == GoodbyeKind.fork ? newest.asked.filter { $0.park != park } : []
            if kind == GoodbyeKind.fork { newest.disputed = relayed.isEmpty ? newest.asked : relayed }
            // Over a third park's fork the link need not wait: it is opened again without asking
            // for that one's entries.
            let isLasting = kind == GoodbyeKind.incompatible || (kind == GoodbyeKind.fork && relayed.isEmpty)
            let failure = LinkFailure(
                isLasting ? .incompatible : .broken, about: kind == GoodbyeKind.fork ? .fork : nil,
                "\(peer) ended the stream: \(reason)",
                remedy: remedy)
            return fail(failure, now)
        case _ where stage != .streaming:
            return fail(
                .broken, "\(peer) began its stream without a greeting",
                remedy: "Compare the software versions of both nodes.", now)
        case .state(let state, let peerWall):
            guard state.origin.park == park else {
                return fail(
                    .untrusted, "\(peer) reports as \(state.origin)", remedy: "Check the address of \(peer).", now)
            }
            if let obstacle = PeerFit.schemaObstacle(own: own, peer: state) { return fail(obstacle, now) }
            contact.hear(state, peerWall, wall)
            noteUnshown(own.origin, now)
            return []
        case .entries(let slice):
            guard newest.asked.contains(slice.origin) else { return refuseUnasked(slice.origin, now) }
            contact.lastContactAt = wall
            change { $0.gaveAt = now }
            if slice.origin.park == own.origin.park { conduct.debt.pay(slice) }
            inbound.add(slice)
            return store(storingOfOthers: storingOfOthers)
        case .gone(let origin, let oldestKept):
            return noteGone(origin, oldestKept, now)
        case .branch(let branch):
            // What a peer says of a third park's log, or of its own, is compared and forgotten.
            return [.compare(key, branch.origin.park == own.origin.park ? newest.note(branch) : branch)]
        }
    }

    /// A peer that keeps nothing of what is asked for counts only for what was asked, and only if
    /// it has what it says to keep: a node would wait for a snapshot otherwise that it does not
    /// need.
    private mutating func noteGone(_ origin: OriginID, _ oldestKept: UInt64, _ now: UInt64) -> [EngineAction] {
        let last = contact.remote?.logged[origin] ?? 0
        guard newest.asked.contains(origin), oldestKept <= last &+ 1 else {
            return fail(
                .broken,
                """
                \(peer) says that it keeps entries of \(origin) only from \(oldestKept) on, and has \(last) or \
                was not asked
                """,
                remedy: "Compare the software versions; the link opens again by itself.", now)
        }
        newest.gone[origin] = oldestKept
        return []
    }
}

extension LogFrame {
    fileprivate func isBranch(of park: String) -> Bool {
        if case .branch(let branch) = self { branch.origin.park == park } else { false }
    }
}
