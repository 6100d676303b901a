import ParkSyncCore
import ParkSyncStore

/// Says when which rows are verified. It owns no clock and reads nothing: it takes events with the
/// time in them, and returns what is to be done.
///
/// All rows are verified once an hour, or as often as the share of time allows that a verification
/// may be at work. Tables whose triggers were lost are verified first, with a larger share.
package struct VerificationSchedule: Sendable {
    package enum Event: Sendable {
        /// The node began, or somebody else changed the schema: rows are verified from the
        /// beginning, once what is under way is done.
        case disturbed
        /// Rows of these tables may have been written past capture.
        case suspected([String])
        /// The time of a `wake` has come.
        case due
        /// A piece was looked at; `next` is nil at the end of the table.
        case looked(rows: Int, milliseconds: UInt64, next: [UInt8]?)
        /// A piece could not be looked at now.
        case failed
    }

    package enum Action: Hashable, Sendable {
        /// Call again with `due` at this time.
        case wake(at: UInt64)
        case look(RowSliceRequest)
        /// Keep this in the file; nil when no verification is under way.
        case remember(VerificationPosition?)
        /// All rows of a table were looked at that was suspected before this time, in Unix
        /// milliseconds.
        case clear(table: String, since: UInt64)
        /// All rows of all tables were looked at.
        case finish(rows: Int64, seen: VersionVector)
    }

    /// The time that is given with an event: monotonic and wall clock, in milliseconds, and what is
    /// applied.
    package struct Moment: Sendable {
        package var now: UInt64
        package var wall: UInt64
        package var applied: VersionVector
        package init(now: UInt64, wall: UInt64, applied: VersionVector) {
            (self.now, self.wall, self.applied) = (now, wall, applied)
        }
    }

    /// A verification rests for so many times as long as it was at work: 2 % of the time of a
    /// processor and of a disk.
    package static let restShare: UInt64 = 49
    /// While tables are suspected: 10 %.
    package static let hurryShare: UInt64 = 9
    /// A new verification of all rows begins so long after the one before has begun.
    package static let passMilliseconds: UInt64 = 3_600_000
    package static let rememberMilliseconds: UInt64 = 60_000
    package static let retryMilliseconds: UInt64 = 5_000
    package static let startMilliseconds: UInt64 = 1_000

    private struct Hurry {
        var table: String
        var since: UInt64
        var after: [UInt8] = []
    }
    private enum Work { case pass, hurry }

    private let tables: [String]
    private var pass: VerificationPosition?
    /// What the last verification of all rows had seen when it began.
    private var compared: VersionVector
    private var hurries: [Hurry] = []
    private var work: Work?
    private var wakeAt: UInt64
    private var nextPassAt: UInt64
    private var rememberedAt: UInt64
    private var mustRepeat = false

    /// - Parameters:
    ///   - position: where a verification stood when the node ended; nil if none was under way.
    ///   - compared: what the last one that ended had seen when it began.
    package init(tables: [String], position: VerificationPosition?, compared: VersionVector, now: UInt64) {
        self.tables = tables
        pass = position.flatMap { tables.contains($0.table) ? $0 : nil }
        self.compared = compared
        (wakeAt, nextPassAt, rememberedAt) = (now + Self.startMilliseconds, now, now)
    }

    package mutating func handle(_ event: Event, at moment: Moment) -> [Action] {
        switch event {
        case .disturbed:
            if pass == nil { nextPassAt = moment.now } else { mustRepeat = true }
            return resume(at: moment.now + Self.startMilliseconds)
        case .suspected(let names):
            for name in names where tables.contains(name) {
                hurries.removeAll { $0.table == name }
                hurries.append(Hurry(table: name, since: moment.wall))
                // What is being looked at may be of before.
                if work == .hurry { work = nil }
            }
            return resume(at: moment.now)
        case .due: return due(moment)
        case .looked(let rows, let milliseconds, let next): return looked(rows, milliseconds, next, moment)
        case .failed:
            work = nil
            wakeAt = moment.now + Self.retryMilliseconds
            return [.wake(at: wakeAt)]
        }
    }

    /// When it wants to be called next.
    package var nextWake: UInt64 { wakeAt }

    private mutating func resume(at time: UInt64) -> [Action] {
        if work == nil || time < wakeAt { wakeAt = min(wakeAt, time) }
        return [.wake(at: wakeAt)]
    }

    private mutating func due(_ moment: Moment) -> [Action] {
        guard work == nil, moment.now >= wakeAt else { return [.wake(at: wakeAt)] }
        if let hurry = hurries.first {
            work = .hurry
            return [.look(RowSliceRequest(table: hurry.table, after: hurry.after))]
        }
        if pass == nil, moment.now >= nextPassAt, let first = tables.first {
            nextPassAt = moment.now + Self.passMilliseconds
            pass = VerificationPosition(beganAt: moment.wall, seen: moment.applied, table: first)
        }
        guard let pass else {
            wakeAt = tables.isEmpty ? moment.now + Self.passMilliseconds : nextPassAt
            return [.wake(at: wakeAt)]
        }
        work = .pass
        return [.look(RowSliceRequest(table: pass.table, after: pass.after, compared: compared))]
    }

    private mutating func looked(_ rows: Int, _ milliseconds: UInt64, _ next: [UInt8]?, _ moment: Moment) -> [Action] {
        guard let done = work else { return resume(at: moment.now) }
        work = nil
        let share = done == .hurry ? Self.hurryShare : Self.restShare
        wakeAt = moment.now + min(milliseconds, Self.passMilliseconds) * share
        let actions = done == .hurry ? hurried(next) : passed(rows, next, moment)
        return actions + [.wake(at: wakeAt)]
    }

    private mutating func hurried(_ next: [UInt8]?) -> [Action] {
        guard let hurry = hurries.first else { return [] }
        if let next {
            hurries[0].after = next
            return []
        }
        hurries.removeFirst()
        return [.clear(table: hurry.table, since: hurry.since)]
    }

    private mutating func passed(_ rows: Int, _ next: [UInt8]?, _ moment: Moment) -> [Action] {
        guard var position = pass else { return [] }
        position.rows += Int64(rows)
        position.after = next ?? []
        if next == nil {
            guard let index = tables.firstIndex(of: position.table), index + 1 < tables.count else {
                return finished(position, moment)
            }
            position.table = tables[index + 1]
        }
        pass = position
        guard moment.now >= rememberedAt + Self.rememberMilliseconds else { return [] }
        rememberedAt = moment.now
        return [.remember(position)]
    }

    private mutating func finished(_ position: VerificationPosition, _ moment: Moment) -> [Action] {
        pass = nil
        compared = position.seen
        if mustRepeat { nextPassAt = moment.now }
        mustRepeat = false
        rememberedAt = moment.now
        wakeAt = max(wakeAt, min(nextPassAt, moment.now + Self.passMilliseconds))
        return [.finish(rows: position.rows, seen: position.seen)]
    }
}
