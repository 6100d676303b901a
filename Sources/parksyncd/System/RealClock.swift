import Foundation
import ParkSyncReplication

/// The machine's clocks. Only the daemon and the tools make one; everything else is handed a clock.
struct RealClock: NodeClock {
    func monotonicMilliseconds() -> UInt64 { UInt64(clamping: Int64(ProcessInfo.processInfo.systemUptime * 1_000)) }

    func wallMilliseconds() -> UInt64 { UInt64(max(0, Date().timeIntervalSince1970 * 1_000)) }

    func sleep(until deadline: UInt64) async throws {
        let now = monotonicMilliseconds()
        guard deadline > now else { return try Task.checkCancellation() }
        try await Task.sleep(for: .milliseconds(Int64(clamping: deadline - now)))
    }
}
