import ParkSyncCore
import ParkSyncWire

/// How peers share the memory that received entries may take.
extension ReplicationEngine {
    /// Bytes that the log has of other peers than this one.
    func storing(without index: Int) -> Int {
        sessions.indices.reduce(0) { $0 + ($1 == index ? 0 : sessions[$1].inbound.storingBytes) }
    }

    /// A stream that begins a long frame goes on, or waits until that of another one is stored.
    mutating func makeRoom(_ index: Int, now: UInt64) -> [EngineAction] {
        if !sessions[index].hasLongFrame { return longFrames.isIdle ? [] : shareRoom(now: now) }
        guard sessions[index].isOpen else { return shareRoom(now: now) }
        if longFrames.begin(sessions[index].key, now: now) { return [] }
        if !sessions[index].isInLongFrame || sessions[index].phase.stream?.waitsForOthers == true { return [] }
        return sessions[index].setWaiting(true, now: now)
    }

    /// Lets the next stream go on whose long frame waits, if there is room, and ends one that takes
    /// too long meanwhile.
    mutating func shareRoom(now: UInt64) -> [EngineAction] {
        if longFrames.isIdle { return [] }
        var actions: [EngineAction] = []
        if let deadline = longFrames.deadline, now >= deadline, let holder = longFrames.holder,
            let index = current(holder),
            sessions[index].isInLongFrame
        {
            actions += sessions[index].giveWay(now: now)
        }
        var frames = longFrames
        while let key = frames.next(now: now, isUsed: { usesRoom($0) }) {
            guard let index = current(key) else { continue }
            actions += sessions[index].setWaiting(false, now: now)
        }
        longFrames = frames
        if !actions.isEmpty { plan.expire() }
        return actions
    }

    /// What a stream has given to the log takes memory when the stream is over, too.
    private func usesRoom(_ key: StreamKey) -> Bool {
        guard let index = index(of: key.peer) else { return false }
        return sessions[index].inbound.hasLong || (sessions[index].isCurrent(key) && sessions[index].hasLongFrame)
    }
}
