import ParkSyncReplication
import Synchronization

/// Since when other programs have kept the write lock from the node.
///
/// Told by the writing queue, asked by anybody.
final class WriteLockWatch: Sendable {
    private let clock: any NodeClock
    private let busySince = Mutex<UInt64?>(nil)

    init(clock: any NodeClock) { self.clock = clock }

    /// Unix milliseconds of the first of all tries in vain since the lock was had last; nil if the
    /// last try was not in vain.
    var since: UInt64? { busySince.withLock { $0 } }

    func noteBusy() {
        let now = clock.wallMilliseconds()
        busySince.withLock { if $0 == nil { $0 = now } }
    }

    func noteFree() { busySince.withLock { $0 = nil } }
}
