import ParkSyncCore
import ParkSyncReplication
import Testing

@testable import ParkSyncNode
@testable import ParkSyncStore

/// All schedules of a node together.
@Suite struct NodeScheduleTests {
    private static func moment(_ now: UInt64, _ standing: LogStanding = .ready, isFenced: Bool = false)
        -> NodeSchedule.Moment
    {
        let tail = FoldSchedule.Look(
            applied: VersionVector(), unfoldedChanges: 0, isDigestBehind: false, needsHousekeeping: false)
        return NodeSchedule.Moment(now: now, standing: standing, isFenced: isFenced, zone: ZoneNews(), tail: tail)
    }

    @Test func allBeginAndTheEarliestAlarmIsAskedFor() {
        var schedule = NodeSchedule(
            retention: RetentionSchedule(interval: 1_000, works: [.acknowledge]), hasArbiter: true, hasJournal: false)
        #expect(
            schedule.handle(.began, at: Self.moment(0)) == [.seal, .walk, .retain(.acknowledge), .decide(anew: true)])
        #expect(schedule.handle(.sealed(.done), at: Self.moment(1)) == [.wake(at: SealSchedule.lookMilliseconds)])
        #expect(schedule.handle(.walked, at: Self.moment(2)) == [.wake(at: 2 + FoldSchedule.retryMilliseconds)])
        #expect(schedule.handle(.retained(.acknowledge), at: Self.moment(3)) == [.endRetention, .wake(at: 1_003)])
        #expect(schedule.handle(.decided(.never), at: Self.moment(4)) == [])
        // Whoever waits asks again, since all were told that a time has come, and one alarm is all
        // there is.
        #expect(
            schedule.handle(.due, at: Self.moment(1_003)) == [
                .retain(.acknowledge), .wake(at: SealSchedule.lookMilliseconds),
            ])
        #expect(schedule.handle(.fileWritten, at: Self.moment(1_010)) == [.seal])
    }

    @Test func aLogThatIsComparedKeepsTheArbiterAndTracesWaiting() {
        let retention = RetentionSchedule(interval: 1_000, works: [.compact, .survey])
        var schedule = NodeSchedule(retention: retention, hasArbiter: true, hasJournal: false)
        #expect(schedule.handle(.began, at: Self.moment(0, .checking)) == [.seal, .walk, .retain(.survey)])
        #expect(schedule.handle(.storeChanged, at: Self.moment(1)) == [.decide(anew: true)])
    }

    @Test func aFencedParkDropsNoTracesAndIsToldWhyItCannotAnswer() {
        let retention = RetentionSchedule(interval: 1_000, works: [.compact, .survey])
        var schedule = NodeSchedule(retention: retention, hasArbiter: true, hasJournal: false)
        #expect(
            schedule.handle(.began, at: Self.moment(0, isFenced: true)) == [
                .seal, .walk, .retain(.survey), .decide(anew: true),
            ])
    }

    @Test func whereNobodyAnswersNobodyIsAsked() {
        var schedule = NodeSchedule(
            retention: RetentionSchedule(interval: 1_000, works: []), hasArbiter: false, hasJournal: false)
        #expect(schedule.handle(.began, at: Self.moment(0)) == [.seal, .walk, .wake(at: 1_000)])
    }

    @Test func aNodeWithAJournalLooksAtItself() {
        let retention = RetentionSchedule(interval: 100_000, works: [.survey])
        var schedule = NodeSchedule(retention: retention, hasArbiter: false, hasJournal: true)
        #expect(schedule.handle(.began, at: Self.moment(0)) == [.seal, .walk, .retain(.survey), .watch])
        #expect(schedule.handle(.storeChanged, at: Self.moment(1)) == [])
        #expect(
            schedule.handle(.watched, at: Self.moment(2)) == [.wake(at: 2 + WatchSchedule.spacingMilliseconds)],
            "the store has changed meanwhile")
        #expect(schedule.handle(.due, at: Self.moment(1_002)) == [.watch])
    }
}
