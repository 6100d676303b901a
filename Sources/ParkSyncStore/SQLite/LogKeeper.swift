import ParkSyncReplication
import ParkSyncReports
import Synchronization

/// The figures of a write-ahead log, for those who ask while the store's queue is at something.
final class PublishedLogFigures: Sendable {
    private let figures: Mutex<DatabaseStatus.Log>

    init(_ figures: DatabaseStatus.Log) { self.figures = Mutex(figures) }

    /// Who reads the database is left out.
    var current: DatabaseStatus.Log { figures.withLock { $0 } }
    func change(_ body: (inout DatabaseStatus.Log) -> Void) { figures.withLock { body(&$0) } }
}

/// Looks after the write-ahead log of an open store: nobody but the store writes it back, and it
/// stays short.
final class LogKeeper {
    /// Longest wait for the write lock while the log is not too long.
    static let lockMicrosecondsMax = 100_000
    /// Longest wait at the start for a program that is at a checkpoint.
    static let startMicrosecondsMax = 1_000_000

    private let checkpoints: CheckpointGuard
    private let clock: any NodeClock
    private var plan = WriteBackPlan()
    private var isOpen = true
    let published: PublishedLogFigures

    /// The database's file, as SQLite calls it.
    var path: String { checkpoints.path }

    init(_ options: StoreOptions) throws {
        checkpoints = try CheckpointGuard(path: options.path, archive: options.archivePath)
        clock = options.clock
        published = PublishedLogFigures(DatabaseStatus.Log(bytesMax: options.logBytesMax))
    }

    /// Takes the guard and sets the wal-index right, before anything is written.
    func start(_ holder: Connection) throws {
        checkpoints.take(within: Self.startMicrosecondsMax)
        try mend(holder, within: LockWait.waitMicrosecondsMax)
        publish()
    }

    func noteBatch() { plan.noteBatch(at: clock.monotonicMilliseconds()) }

    /// To be called before each transaction, and before each piece of work.
    func mend(_ reader: Connection, within microseconds: Int = lockMicrosecondsMax) throws {
        guard isOpen, try checkpoints.setRight(reader: reader, within: microseconds) else { return }
        let now = clock.wallMilliseconds()
        published.change { figures in
            figures.repairs += 1
            figures.repairedAt = now
        }
    }

    /// A look after each piece of work, and what follows from it.
    ///
    /// - Parameter holder: takes the write lock where that is needed.
    func tend(_ holder: Connection) {
        guard isOpen else { return }
        do {
            if !checkpoints.isHeld { checkpoints.take(within: 0) }
            try mend(holder)
            if checkpoints.isHeld, let log = checkpoints.look(), log.isWhole { try keepShort(log, holder) }
            publish(failure: .some(nil))
        } catch { publish(failure: .some(ErrorWords.of(error))) }
    }

    private func keepShort(_ log: WalIndex.State, _ holder: Connection) throws {
        let now = clock.monotonicMilliseconds()
        switch plan.next(log, bytes: checkpoints.logBytes, at: now) {
        case .nothing: break
        case .cut: try cut(holder, at: now)
        case .writeBack:
            // The longer the log, the more patience.
            let patience =
                log.frames / 4 < plan.framesTarget(at: now) ? Self.lockMicrosecondsMax : LockWait.waitMicrosecondsMax
            guard let after = try writeBack(holder, within: patience) else { return }
            if plan.wroteBack(after, at: now, wall: clock.wallMilliseconds()) { try cut(holder, at: now) }
        }
    }

    /// - Returns: the log afterwards; nil if the write lock could not be had in time.
    func writeBack(_ holder: Connection, within microseconds: Int) throws -> WalIndex.State? {
        var after: WalIndex.State?
        try holder.transactionIfFree(within: microseconds) { after = try checkpoints.writeBack() }
        return after
    }

    private func cut(_ idle: Connection, at now: UInt64) throws {
        let isDone = try checkpoints.cut(idle: idle, within: CheckpointGuard.cutMicrosecondsMax)
        plan.wasCut(isDone, at: now, wall: clock.wallMilliseconds())
    }

    /// Writes all of the log back and makes it empty, as far as readers allow.
    ///
    /// - Returns: whether the log is empty.
    @discardableResult
    func empty(_ holder: Connection) throws -> Bool {
        guard isOpen else { return false }
        _ = try writeBack(holder, within: LockWait.waitMicrosecondsMax)
        let isDone = try checkpoints.cut(idle: holder, within: CheckpointGuard.cutMicrosecondsMax)
        publish()
        return isDone
    }

    /// Gives the guard up. Nothing may be written afterwards.
    func end() {
        isOpen = false
        checkpoints.release()
    }

    /// - Parameter failure: nil if it is as it was.
    private func publish(failure: String?? = nil) {
        let (log, bytes, now) = (checkpoints.look(), checkpoints.logBytes, clock.wallMilliseconds())
        published.change { figures in
            if let log, log.isWhole { (figures.frames, figures.writtenBackFrames) = (log.frames, log.writtenBack) }
            figures.bytes = bytes
            figures.isGuarded = checkpoints.isHeld
            figures.unguardedSince = checkpoints.isHeld ? nil : figures.unguardedSince ?? now
            figures.heldBackSince = plan.heldBackSince
            if let failure { figures.failure = failure }
        }
    }
}
