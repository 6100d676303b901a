import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// All schedules of a node as one value: the daemon drives it on the machine's clock, the simulator
/// on virtual time.
///
/// Row verification has a schedule of its own beside it (`VerificationSchedule`), whose actions
/// wait for one another.
package struct NodeSchedule: Sendable {
    package enum Event: Hashable, Sendable {
        case began
        /// The store has told its observers of something.
        case storeChanged
        /// The kernel has reported a write to the file.
        case fileWritten
        /// The time of a `wake` has come; also if it was another schedule's, or has come early.
        case due
        case sealed(SealSchedule.Outcome)
        case tidied
        case walked
        case retained(RetentionSchedule.Work)
        case decided(ArbitrationSchedule.Again)
        case notDecided(hasRead: Bool)
        /// The node has looked at its own status.
        case watched
    }

    package enum Action: Hashable, Sendable {
        /// Say `due` at this monotonic time, or earlier. The earliest of those that were asked for
        /// counts.
        case wake(at: UInt64)
        case seal
        case tidy
        case walk
        case retain(RetentionSchedule.Work)
        case endRetention
        case decide(anew: Bool)
        case watch
    }

    /// What is so when an event comes.
    package struct Moment: Sendable {
        /// Monotonic, in milliseconds.
        package var now: UInt64
        package var standing: LogStanding
        /// Whether the zone does not let this park write.
        package var isFenced: Bool
        package var zone: ZoneNews
        package var tail: FoldSchedule.Look

        package init(now: UInt64, standing: LogStanding, isFenced: Bool, zone: ZoneNews, tail: FoldSchedule.Look) {
            (self.now, self.standing, self.isFenced) = (now, standing, isFenced)
            (self.zone, self.tail) = (zone, tail)
        }
    }

    private var seal = SealSchedule()
    private var fold = FoldSchedule()
    private var retention: RetentionSchedule
    private var arbitration: ArbitrationSchedule?
    private var watch: WatchSchedule?

    /// - Parameters:
    ///   - hasArbiter: whether this node answers what is asked of its park.
    ///   - hasJournal: whether somebody is told what has changed in its status.
    package init(retention: RetentionSchedule, hasArbiter: Bool, hasJournal: Bool) {
        self.retention = retention
        arbitration = hasArbiter ? ArbitrationSchedule() : nil
        watch = hasJournal ? WatchSchedule() : nil
    }

    package mutating func handle(_ event: Event, at moment: Moment) -> [Action] {
        var actions: [Action] = []
        if let told = Self.sealEvent(event) {
            actions += seal.handle(told, now: moment.now).map { action -> Action in
                switch action {
                case .wake(let time): .wake(at: time)
                case .seal: .seal
                }
            }
        }
        if let told = Self.foldEvent(event) {
            actions += fold.handle(told, moment.tail, now: moment.now).map { action -> Action in
                switch action {
                case .wake(let time): .wake(at: time)
                case .tidy: .tidy
                case .walk: .walk
                }
            }
        }
        if let told = Self.retentionEvent(event) {
            let found = retention.handle(
                told, zone: moment.zone, mayWrite: moment.standing.isReady && !moment.isFenced, now: moment.now)
            actions += found.map { action -> Action in
                switch action {
                case .wake(let time): .wake(at: time)
                case .work(let work): .retain(work)
                case .endTurn: .endRetention
                }
            }
        }
        if let told = Self.arbitrationEvent(event) {
            // Whoever is fenced tries, and is told why: the status names the arbiter that cannot
            // answer.
            actions += (arbitration?.handle(told, mayDecide: moment.standing.isReady, now: moment.now) ?? []).map {
                action -> Action in
                switch action {
                case .wake(let time): .wake(at: time)
                case .decide(let isAnew): .decide(anew: isAnew)
                }
            }
        }
        if let told = Self.watchEvent(event) {
            actions += (watch?.handle(told, now: moment.now) ?? []).map { action -> Action in
                switch action {
                case .wake(let time): .wake(at: time)
                case .look: .watch
                }
            }
        }
        return Self.withOneAlarm(actions)
    }

    // MARK: who hears of what

    private static func sealEvent(_ event: Event) -> SealSchedule.Event? {
        switch event {
        case .began: .began
        case .due: .due
        case .fileWritten: .wrote
        case .sealed(let outcome): .ended(outcome)
        default: nil
        }
    }

    private static func foldEvent(_ event: Event) -> FoldSchedule.Event? {
        switch event {
        case .began: .began
        case .due: .due
        case .storeChanged: .changed
        case .tidied: .tidied
        case .walked: .walked
        default: nil
        }
    }

    private static func retentionEvent(_ event: Event) -> RetentionSchedule.Event? {
        switch event {
        case .began: .began
        case .due: .due
        case .storeChanged: .changed
        case .retained(let work): .did(work)
        default: nil
        }
    }

    private static func arbitrationEvent(_ event: Event) -> ArbitrationSchedule.Event? {
        switch event {
        case .began: .began
        case .due: .due
        case .storeChanged: .changed
        case .decided(let again): .decided(again)
        case .notDecided(let hasRead): .failed(hasRead: hasRead)
        default: nil
        }
    }

    private static func watchEvent(_ event: Event) -> WatchSchedule.Event? {
        switch event {
        case .began: .began
        case .due: .due
        case .storeChanged: .changed
        case .watched: .looked
        default: nil
        }
    }

    /// What is to be done, and the earliest alarm.
    private static func withOneAlarm(_ actions: [Action]) -> [Action] {
        var earliest: UInt64?
        var result: [Action] = []
        for action in actions {
            guard case .wake(let time) = action else {
                result.append(action)
                continue
            }
            earliest = min(earliest ?? time, time)
        }
        return result + (earliest.map { [.wake(at: $0)] } ?? [])
    }
}
