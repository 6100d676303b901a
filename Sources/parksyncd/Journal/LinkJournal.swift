import ParkSyncCore
import ParkSyncReplication
import Synchronization

/// Tells of links that are lost and come back, and of what peers sent that was refused.
final class LinkJournal: Sendable {
    private let journal: Journal
    private let clock: any NodeClock
    /// Since when a peer has been lost, in monotonic milliseconds, by park.
    private let lost = Mutex<[String: UInt64]>([:])

    init(journal: Journal, clock: any NodeClock) { (self.journal, self.clock) = (journal, clock) }

    func note(_ notice: ReplicationNotice) {
        let now = clock.monotonicMilliseconds()
        switch notice {
        case .linked(let peer):
            let since = lost.withLock { $0.removeValue(forKey: peer.park) }
            journal.write(.linked(peer.park, afterMilliseconds: since.map { now - min(now, $0) }))
        case .lost(let peer, let failure):
            lost.withLock { if $0[peer.park] == nil { $0[peer.park] = now } }
            journal.write(.lost(peer.park, failure))
        case .lied(let peer, let lie): journal.write(.lied(peer.park, lie))
        case .refused(let peer, let refusal): journal.write(.refused(peer.park, refusal))
        case .notStored(let peer, let error): journal.write(.notStored(peer.park, error))
        }
    }
}
