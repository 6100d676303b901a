/// The time as replication and the store see it. Only programs make a real one, `RealClock`.
package protocol NodeClock: Sendable {
    /// Milliseconds that never run backwards; the origin is arbitrary.
    func monotonicMilliseconds() -> UInt64
    /// Unix milliseconds.
    func wallMilliseconds() -> UInt64
    /// Returns after the monotonic clock reached `deadline`, or throws `CancellationError`.
    func sleep(until deadline: UInt64) async throws
}
