import ParkSyncWire

/// Whose long frame is on its way. Each takes as much memory as an entry may have, so that there is
/// one at a time: the streams of other peers that begin one wait until it is stored, in the order
/// in which they came.
struct LongFrames: Sendable {
    private(set) var holder: StreamKey?
    private var since: UInt64 = 0
    private var waiting: [StreamKey] = []

    var isIdle: Bool { holder == nil && waiting.isEmpty }

    /// When the holder has to be through; nil while nobody waits for that.
    var deadline: UInt64? { waiting.isEmpty ? nil : since &+ WireLimits.longFrameMillisecondsMax }

    /// A stream has begun a long frame.
    ///
    /// - Returns: whether it may go on; else it waits.
    mutating func begin(_ key: StreamKey, now: UInt64) -> Bool {
        if holder == nil { (holder, since) = (key, now) }
        if holder == key { return true }
        if !waiting.contains(key) { waiting.append(key) }
        return false
    }

    /// - Parameter isUsed: whether a stream is current, and has a long frame that is not stored
    ///   yet.
    /// - Returns: the stream that may go on now.
    mutating func next(now: UInt64, isUsed: (StreamKey) -> Bool) -> StreamKey? {
        if let holder, isUsed(holder) { return nil }
        holder = nil
        while !waiting.isEmpty {
            let key = waiting.removeFirst()
            guard isUsed(key) else { continue }
            (holder, since) = (key, now)
            return key
        }
        return nil
    }
}
