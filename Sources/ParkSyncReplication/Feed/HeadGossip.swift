import ParkSyncCore
import ParkSyncWire

/// Which heads of third parks' logs a feed tells the asker: the newest ones now and then, so that a
/// park that shows its peers different logs is found out by any two of them. Of a log that is known
/// to have forked, as many heads as of an asker's own: the asker may be behind the newest.
struct HeadGossip: Hashable, Sendable {
    private let asker: OriginID
    private var dueAt: UInt64 = 0
    /// Index in the vector of the log whose turn it is.
    private var turn = 0

    init(asker: OriginID) { self.asker = asker }

    mutating func begin(now: UInt64) { dueAt = now &+ WireLimits.gossipMilliseconds }

    /// - Parameter state: what this node has.
    mutating func next(_ state: NodeState, now: UInt64, _ log: some ChangeLog) throws -> [LogBranch] {
        let elements = state.logged.elements
        guard now >= dueAt, !elements.isEmpty else { return [] }
        dueAt = now &+ WireLimits.gossipMilliseconds
        var branches: [LogBranch] = []
        let first = turn % elements.count
        for step in 0..<min(elements.count, WireLimits.gossipOriginsMax) {
            turn = (first + step + 1) % elements.count
            let (origin, seq) = (
                elements[(first + step) % elements.count].origin, elements[(first + step) % elements.count].seq
            )
            guard !origin.isOfSamePark(as: asker), !origin.isOfSamePark(as: state.origin) else { continue }
            // Also what was told before: the asker may have had nothing to compare it with.
            let heads =
                try log.isForked(origin)
                ? try log.heads(of: origin, from: seq) : try log.head(of: origin, upTo: seq).map { [$0] } ?? []
            if !heads.isEmpty { branches.append(LogBranch(origin: origin, heads: heads)) }
        }
        return branches
    }
}
