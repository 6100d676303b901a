import ParkSyncCore

/// What an engine's actions are carried out on: real streams, a lock and tasks, or virtual ones.
/// The order of the actions, and which of them leads to further ones, is the same for all.
package protocol EnginePorts {
    /// What belongs to one engine and is not shared: its streams, or its number among many.
    associatedtype Room

    /// Calls the peer for what these origins wrote behind what the log holds now. An earlier stream
    /// to it is ended already.
    func open(_ key: StreamKey, _ origins: [OriginID], _ room: inout Room)
    /// Does nothing, as the next two, if this stream is not the peer's newest.
    func close(_ key: StreamKey, _ room: inout Room)
    func pause(_ key: StreamKey, _ room: inout Room)
    func resume(_ key: StreamKey, _ room: inout Room)
    /// Gives entries to the log, behind all those before them.
    func keep(_ slice: LogSlice, from key: StreamKey, _ room: inout Room)
    /// Nil if the log cannot be asked.
    func compare(_ branch: LogBranch, _ room: inout Room) -> BranchFinding?
    func carryOut(_ demand: LogDemand, _ room: inout Room)
    /// Gives the engine a tick at this monotonic time. Earlier ones may be forgotten.
    func wake(at time: UInt64, _ room: inout Room)
    /// An event for the engine that one of its actions has led to.
    ///
    /// - Returns: what the engine wants now.
    func tell(
        _ room: inout Room, _ event: (inout ReplicationEngine, _ now: UInt64) -> [EngineAction]
    ) -> [EngineAction]
    /// Called before each action.
    func note(_ action: EngineAction, _ room: Room)
}

extension EnginePorts {
    package func note(_ action: EngineAction, _ room: Room) {}

    /// Carries out what the engine wants, in this order. Events must not come in between.
    package func perform(_ actions: [EngineAction], _ room: inout Room) {
        for action in actions {
            note(action, room)
            switch action {
            case .open(let key, let origins): open(key, origins, &room)
            case .close(let key): close(key, &room)
            case .pause(let key): pause(key, &room)
            case .resume(let key): resume(key, &room)
            case .store(let key, let slice): keep(slice, from: key, &room)
            case .compare(let key, let branch):
                // The log may have grown by what the peer has from it since the engine was told
                // last: it is asked now.
                guard let finding = compare(branch, &room) else { continue }
                perform(tell(&room) { $0.compared(key, branch, finding, now: $1) }, &room)
            case .demand(let demand): carryOut(demand, &room)
            case .wake(let time): wake(at: time, &room)
            }
        }
    }
}
