import Foundation
import Logging
import ParkSyncReplication
import ParkSyncStore
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Where the node tells what happens: standard error, in the form of systemd's journal if that is
/// what stands behind it.
final class Journal: Sendable {
    private struct State {
        var level: Priority
        var throttle = JournalThrottle()
        /// Work that failed last, or a disk that is full; each is told when it begins and when it
        /// ends.
        var conditions: Set<String> = []
        var refusals: [EventCode: UInt64] = [:]
    }

    private let state: Mutex<State>
    private let clock: any NodeClock
    private let isSystemJournal: Bool
    private let sink: @Sendable (String) -> Void

    /// - Parameters:
    ///   - isSystemJournal: whether systemd's journal reads what is written.
    ///   - sink: takes whole lines.
    init(
        level: Priority = .info, clock: any NodeClock, isSystemJournal: Bool,
        sink: @escaping @Sendable (String) -> Void = Journal.writeToStandardError
    ) {
        state = Mutex(State(level: level))
        (self.clock, self.isSystemJournal, self.sink) = (clock, isSystemJournal, sink)
    }

    /// Events of less weight are not written.
    var level: Priority {
        get { state.withLock { $0.level } }
        set { state.withLock { $0.level = newValue } }
    }

    /// How often somebody was turned away since the start, for each event of the security log, told
    /// or not.
    var refusals: [(event: String, count: UInt64)] {
        state.withLock { state in EventCode.security.map { ($0.rawValue, state.refusals[$0] ?? 0) } }
    }

    func write(_ event: Event) {
        let repeated = state.withLock { state in
            if EventCode.security.contains(event.code) { state.refusals[event.code, default: 0] &+= 1 }
            return event.priority <= state.level ? state.throttle.admit(event, now: clock.monotonicMilliseconds()) : nil
        }
        guard let repeated else { return }
        sink(
            isSystemJournal
                ? JournalLine.journal(event, repeated: repeated)
                : JournalLine.plain(event, at: clock.wallMilliseconds(), repeated: repeated))
    }

    /// Why the process ends. A person who has started it by hand gets the sentence alone.
    func writeFailure(_ text: String, exit: Int32) {
        isSystemJournal ? write(.failed(text, exit: exit)) : sink("parksyncd: \(text)\n")
    }

    /// Tells that something does not work, once until `works` is called for it.
    func fails(_ work: String, _ event: @autoclosure () -> Event) {
        guard state.withLock({ $0.conditions.insert(work).inserted }) else { return }
        write(event())
    }

    /// Tells that something works again, if it was told that it does not.
    func works(_ work: String, _ event: @autoclosure () -> Event) {
        guard state.withLock({ !$0.conditions.isEmpty && $0.conditions.remove(work) != nil }) else { return }
        write(event())
    }

    /// Tells that work on the store failed and is tried again: once, and a full disk once for all
    /// that it stops.
    func failed(_ work: String, _ error: any Error, _ event: @autoclosure () -> Event) {
        if let error = error as? StoreError, error.code == .diskFull { return fullDisk(error.description) }
        fails(work, event())
    }

    func fullDisk(_ error: String) { fails(Self.disk, .diskFull(error)) }

    /// Tells that such work was done, if it had failed.
    func done(_ work: String, wrote: Bool = true) {
        works(work, .mendedWork(work))
        if wrote { works(Self.disk, .diskFreed) }
    }

    private static let disk = "writing to the disk"

    /// What systemd says in JOURNAL_STREAM is the file behind standard error: `device:inode`
    /// (systemd.exec(5)).
    static func isBehindStandardError(_ environment: [String: String]) -> Bool {
        guard let text = environment["JOURNAL_STREAM"] else { return false }
        var found = stat()
        guard fstat(STDERR_FILENO, &found) == 0 else { return false }
        return text == "\(found.st_dev):\(found.st_ino)"
    }

    /// A line that cannot be written is lost: there is nobody left to be told.
    static func writeToStandardError(_ line: String) {
        var bytes = Array(line.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

/// What libraries have to say, from a warning on: below it they print Swift values.
struct LibraryLog: LogHandler {
    let journal: Journal
    let label: String
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.level >= .warning else { return }
        journal.write(.library(event.source, level: event.level, "\(event.message)"))
    }

    static func logger(_ journal: Journal, _ label: String) -> Logger {
        Logger(label: label) { LibraryLog(journal: journal, label: $0) }
    }
}

extension Priority {
    init(_ level: Logger.Level) {
        switch level {
        case .trace, .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warning: self = .warning
        case .error: self = .error
        case .critical: self = .critical
        }
    }
}
