import ParkSyncStore

/// When a node tells others what it has seen, archives old entries, drops traces of deleted rows,
/// and looks at what is left.
///
/// A turn for each interval, and one as soon as parks were taken out of the zone, or back, or may
/// be: what this node alone had of them counts when an entry of its own says so, and until then the
/// others, and a replay, have less than it.
package struct RetentionSchedule: Sendable {
    package enum Work: Hashable, Sendable, CaseIterable {
        /// Says what others wait to hear: `ParkStore.acknowledge`.
        case acknowledge
        case archive
        /// Drops traces, if the node may write: `ParkStore.compact`.
        case compact
        /// Looks at all traces and segments, for the status.
        case survey
    }

    package enum Event: Hashable, Sendable {
        case began
        /// The store has told its observers of something.
        case changed
        case due
        /// Also if it failed: what one work cannot do keeps none of the others.
        case did(Work)
    }

    package enum Action: Hashable, Sendable {
        case wake(at: UInt64)
        case work(Work)
        /// The turn is over: whoever did the works says what came of them.
        case endTurn
    }

    /// In this order within a turn.
    private let works: [Work]
    private var pacing: Pacing
    private var news: ZoneNews?
    /// What is left of the turn that is under way.
    private var rest: ArraySlice<Work> = []

    /// - Parameters:
    ///   - interval: `retention.interval_seconds`, in milliseconds.
    ///   - works: what a turn consists of. `compact` only if the node drops traces by itself.
    package init(interval: UInt64, works: [Work] = Work.allCases) {
        pacing = Pacing(interval: interval, spacing: 0)
        self.works = Work.allCases.filter { works.contains($0) }
    }

    /// - Parameters:
    ///   - zone: what has been said of who is in the zone: `ParkStore.zoneNews`.
    ///   - mayWrite: the own log is known to be the newest, and the zone lets the park write.
    package mutating func handle(_ event: Event, zone: ZoneNews, mayWrite: Bool, now: UInt64) -> [Action] {
        var actions: [Action] = []
        if news != zone {
            // What is known at the start is no news.
            if news != nil { pacing.want() }
            news = zone
        }
        switch event {
        case .began, .changed, .due: break
        case .did:
            if let next = takeNext(mayWrite) { return [.work(next)] }
            end(now)
            actions.append(.endTurn)
        }
        if pacing.begin(now) {
            rest = works[...]
            if let first = takeNext(mayWrite) { return actions + [.work(first)] }
            end(now)
        }
        return actions + (pacing.wakeAt.map { [.wake(at: $0)] } ?? [])
    }

    private mutating func takeNext(_ mayWrite: Bool) -> Work? {
        while let next = rest.popFirst() {
            // A log that is being compared, or fetched, or a park that is fenced: the traces wait.
            if next == .compact, !mayWrite { continue }
            return next
        }
        return nil
    }

    private mutating func end(_ now: UInt64) {
        rest = []
        pacing.ended(now)
        // The interval counts from the end of a turn.
        pacing.rest(now)
    }
}
