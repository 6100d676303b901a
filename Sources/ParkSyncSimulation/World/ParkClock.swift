import ParkSyncReplication

/// One node's clocks, which may go wrong: the wall clock may stand anywhere and jump, both may be
/// too fast or too slow.
final class ParkClock: NodeClock, @unchecked Sendable {
    // Confined to one thread.
    /// The wall clock of a world without faults, at its beginning: 2026-09-21.
    static let epochMilliseconds: UInt64 = 1_790_000_000_000
    static let driftPartsMax: Int64 = 50_000

    private let trueNow: @Sendable () -> UInt64
    /// What the wall clocks of all parks have gone on by, beside the monotonic ones: the monotonic
    /// clock stands while a machine sleeps.
    private let passed: @Sendable () -> UInt64
    /// How far the wall clock is ahead, in milliseconds.
    var offset: Int64 = 0
    /// How much too fast the monotonic clock is, in millionths. Changed while the node is down
    /// only.
    var drift: Int64 = 0

    init(trueNow: @escaping @Sendable () -> UInt64, passed: @escaping @Sendable () -> UInt64 = { 0 }) {
        (self.trueNow, self.passed) = (trueNow, passed)
    }

    func monotonicMilliseconds() -> UInt64 {
        let now = Int64(trueNow())
        return UInt64(now + now * drift / 1_000_000)
    }

    /// The first virtual moment at which the monotonic clock shows `time`.
    func moment(monotonic time: UInt64) -> UInt64 {
        if drift == 0 { return time }
        let shown = Int64(clamping: time)
        var moment = max(0, shown - shown / 1_000_000 * drift - drift * 2)
        moment = min(moment, shown * 1_000_000 / (1_000_000 + drift))
        while moment + moment * drift / 1_000_000 < shown { moment += 1 }
        return UInt64(moment)
    }

    /// The furthest that anybody has read of the wall clock.
    private(set) var highestWall: UInt64 = 0

    func wallMilliseconds() -> UInt64 {
        let wall = UInt64(max(0, Int64(Self.epochMilliseconds + monotonicMilliseconds() + passed()) + offset))
        highestWall = max(highestWall, wall)
        return wall
    }

    /// Nobody waits in a world without tasks.
    func sleep(until deadline: UInt64) async throws { throw CancellationError() }
}
