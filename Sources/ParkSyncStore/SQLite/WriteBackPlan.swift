/// When the write-ahead log is written back into the database file, and when it is cut.
///
/// A log that is written back begins anew with the next commit, unless somebody still reads in it.
/// So it is as long as what was committed since the last write-back, and longer only while a reader
/// stays.
struct WriteBackPlan {
    enum Step: Hashable, Sendable { case nothing, writeBack, cut }

    /// Frames at which the log is written back.
    static let framesTarget: UInt32 = 10_000
    /// The same while received entries are applied: batches rewrite the same pages of the clock
    /// index again and again, and each is then written once for several of them.
    static let batchFramesTarget: UInt32 = 64_000
    /// How long after such a batch.
    static let batchMilliseconds: UInt64 = 1_000
    /// What a reader keeps from being written back is tried again after so much time or so many
    /// frames.
    static let retryMilliseconds: UInt64 = 1_000
    static let retryFrames: UInt32 = 1_000

    private var batchAt: UInt64?
    private var triedAt: UInt64?
    private var triedFrames: UInt32 = 0
    /// Since when a reader has kept the log from beginning anew, by the wall clock.
    private(set) var heldBackSince: UInt64?

    mutating func noteBatch(at now: UInt64) { batchAt = now }

    func framesTarget(at now: UInt64) -> UInt32 {
        batchAt.map { now < $0 + Self.batchMilliseconds } == true ? Self.batchFramesTarget : Self.framesTarget
    }

    /// What is to be done now.
    ///
    /// - Parameter now: monotonic milliseconds.
    mutating func next(_ log: WalIndex.State, bytes: Int64, at now: UInt64) -> Step {
        let target = framesTarget(at: now)
        let isSpaced = triedAt.map { now >= $0 + Self.retryMilliseconds } ?? true
        if log.frames < Self.framesTarget { heldBackSince = nil }
        if log.writtenBack < log.frames {
            let isLonger = log.frames < triedFrames || log.frames - triedFrames >= Self.retryFrames
            return log.frames >= target && (isSpaced || isLonger) ? .writeBack : .nothing
        }
        // By itself the next commit cuts it; but another program's does not make the file shorter,
        // and perhaps there is none.
        return isSpaced && (log.frames >= target || bytes > Int64(LogLimits.logBytesKept)) ? .cut : .nothing
    }

    /// What became of a write-back.
    ///
    /// - Returns: whether the log should be cut at once.
    mutating func wroteBack(_ log: WalIndex.State, at now: UInt64, wall: UInt64) -> Bool {
        (triedAt, triedFrames) = (now, log.frames)
        if log.writtenBack < log.frames {
            heldBackSince = heldBackSince ?? wall
            return false
        }
        triedFrames = 0
        // It is longer than it should be, so somebody has been reading in it all along.
        if log.frames / 2 >= framesTarget(at: now) { return true }
        heldBackSince = nil
        return false
    }

    mutating func wasCut(_ isDone: Bool, at now: UInt64, wall: UInt64) {
        (triedAt, triedFrames) = (now, isDone ? 0 : triedFrames)
        heldBackSince = isDone ? nil : heldBackSince ?? wall
    }
}
