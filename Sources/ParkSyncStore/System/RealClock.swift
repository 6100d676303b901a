import Foundation
import ParkSyncReplication

/// The machine's clocks. Only programs make one; everything else is handed a clock.
package struct RealClock: NodeClock {
    package init() {}

    package func monotonicMilliseconds() -> UInt64 {
        UInt64(clamping: Int64(ProcessInfo.processInfo.systemUptime * 1_000))
    }

    package func wallMilliseconds() -> UInt64 { UInt64(max(0, Date().timeIntervalSince1970 * 1_000)) }

    package func sleep(until deadline: UInt64) async throws {
        let now = monotonicMilliseconds()
        guard deadline > now else { return try Task.checkCancellation() }
        try await Task.sleep(for: .milliseconds(Int64(clamping: deadline - now)))
    }

    package func sleep(milliseconds: UInt64) async throws {
        try await sleep(until: monotonicMilliseconds() &+ milliseconds)
    }
}
