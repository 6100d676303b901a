import ParkSyncCore
import Testing

@testable import ParkSyncNode
@testable import ParkSyncStore

/// The schedules on virtual time, and without a store.
@Suite struct SealScheduleTests {
    @Test func aSingleWriteIsSealedAtOnceAndManyInPieces() {
        var schedule = SealSchedule()
        #expect(schedule.handle(.began, now: 100) == [.seal])
        #expect(schedule.handle(.wrote, now: 101) == [], "one run at a time")
        #expect(schedule.handle(.ended(.done), now: 102) == [.wake(at: 102 + SealSchedule.spacingMilliseconds)])
        #expect(schedule.handle(.wrote, now: 105) == [.wake(at: 112)])
        #expect(schedule.handle(.due, now: 112) == [.seal])
        #expect(schedule.handle(.ended(.done), now: 113) == [.wake(at: 100 + SealSchedule.lookMilliseconds)])
        #expect(schedule.handle(.wrote, now: 900) == [.seal])
    }

    @Test func aWriterIsWaitedFor() {
        var schedule = SealSchedule()
        _ = schedule.handle(.began, now: 0)
        #expect(schedule.handle(.ended(.writerActive), now: 3) == [.wake(at: 3 + SealSchedule.activeMilliseconds)])
        #expect(schedule.handle(.due, now: 8) == [.seal])
    }

    @Test func whatNobodyReportsIsFound() {
        var schedule = SealSchedule()
        _ = schedule.handle(.began, now: 0)
        _ = schedule.handle(.ended(.done), now: 1)
        #expect(
            schedule.handle(.due, now: SealSchedule.lookMilliseconds - 1) == [.wake(at: SealSchedule.lookMilliseconds)])
        #expect(schedule.handle(.due, now: SealSchedule.lookMilliseconds) == [.seal])
    }
}

@Suite struct FoldScheduleTests {
    private static func look(_ seq: UInt64, tail: Int, waits: Bool = false) -> FoldSchedule.Look {
        let applied = VersionVector([(OriginID("south")!, seq)])
        return FoldSchedule.Look(
            applied: applied, unfoldedChanges: tail, isDigestBehind: tail > 0, needsHousekeeping: waits || tail > 0)
    }

    /// A schedule behind its first look.
    private static func begun() -> FoldSchedule {
        var schedule = FoldSchedule()
        #expect(schedule.handle(.began, look(1, tail: 0), now: 0).contains(.walk))
        _ = schedule.handle(.walked, look(1, tail: 0), now: 0)
        return schedule
    }

    @Test func foldingWaitsForAPause() {
        var schedule = Self.begun()
        #expect(schedule.handle(.changed, Self.look(2, tail: 1), now: 10).contains(.wake(at: 50)))
        _ = schedule.handle(.changed, Self.look(3, tail: 2), now: 30)
        #expect(!schedule.handle(.due, Self.look(3, tail: 2), now: 50).contains(.tidy), "something has come since")
        #expect(schedule.handle(.due, Self.look(3, tail: 2), now: 90).contains(.tidy))
        #expect(!schedule.handle(.due, Self.look(3, tail: 2), now: 91).contains(.tidy), "one at a time")
    }

    @Test func aLongTailIsFoldedWhateverComes() {
        var schedule = Self.begun()
        #expect(
            schedule.handle(.changed, Self.look(2, tail: FoldSchedule.tailChangesMax), now: 10).contains(.tidy),
            "without waiting")
        var other = Self.begun()
        _ = other.handle(.changed, Self.look(2, tail: 1), now: 10)
        #expect(other.handle(.due, Self.look(9, tail: FoldSchedule.tailChangesMax), now: 50).contains(.tidy))
    }

    @Test func whatFailsIsTriedWithTheNextRetry() {
        var schedule = Self.begun()
        _ = schedule.handle(.changed, Self.look(2, tail: 1), now: 10)
        _ = schedule.handle(.due, Self.look(2, tail: 1), now: 50)
        #expect(schedule.handle(.tidied, Self.look(2, tail: 1), now: 60) == [.wake(at: FoldSchedule.retryMilliseconds)])
        let found = schedule.handle(.due, Self.look(2, tail: 1), now: FoldSchedule.retryMilliseconds)
        #expect(found.contains(.tidy) && found.contains(.walk))
    }

    @Test func whatComesWhileFoldingIsFoldedAfterwards() {
        var schedule = Self.begun()
        _ = schedule.handle(.changed, Self.look(2, tail: 1), now: 10)
        _ = schedule.handle(.due, Self.look(2, tail: 1), now: 50)
        _ = schedule.handle(.changed, Self.look(3, tail: 1), now: 55)
        #expect(schedule.handle(.tidied, Self.look(3, tail: 1), now: 60).contains(.wake(at: 100)))
    }
}

@Suite struct ArbitrationScheduleTests {
    @Test func aLogThatWasComparedIsReadFromTheBeginning() {
        var schedule = ArbitrationSchedule()
        #expect(schedule.handle(.began, mayDecide: true, now: 0) == [.decide(anew: true)])
        #expect(schedule.handle(.decided(.never), mayDecide: true, now: 1) == [])
        #expect(schedule.handle(.changed, mayDecide: true, now: 2) == [.decide(anew: false)])
        #expect(schedule.handle(.changed, mayDecide: true, now: 3) == [])
        #expect(schedule.handle(.decided(.never), mayDecide: true, now: 4) == [.decide(anew: false)])
        _ = schedule.handle(.decided(.never), mayDecide: false, now: 5)
        #expect(schedule.handle(.changed, mayDecide: false, now: 6) == [])
        #expect(schedule.handle(.changed, mayDecide: true, now: 7) == [.decide(anew: true)])
    }

    @Test func aFailureIsTriedAgain() {
        var schedule = ArbitrationSchedule()
        _ = schedule.handle(.began, mayDecide: true, now: 0)
        let again = 1 + ArbitrationSchedule.retryMilliseconds
        #expect(schedule.handle(.failed(hasRead: false), mayDecide: true, now: 1) == [.wake(at: again)])
        #expect(
            schedule.handle(.due, mayDecide: true, now: again) == [.decide(anew: true)], "it was not read to its end")
        #expect(
            schedule.handle(.failed(hasRead: true), mayDecide: true, now: again) == [
                .wake(at: again + ArbitrationSchedule.retryMilliseconds)
            ])
        #expect(
            schedule.handle(.changed, mayDecide: true, now: again + 1) == [.decide(anew: false)],
            "a change need not wait")
    }

    @Test func whatIsLeftComesAtOnceAndWhatIsSetAsideInItsTime() {
        var schedule = ArbitrationSchedule()
        _ = schedule.handle(.began, mayDecide: true, now: 0)
        #expect(schedule.handle(.decided(.now), mayDecide: true, now: 1) == [.decide(anew: false)])
        #expect(schedule.handle(.decided(.at(70)), mayDecide: true, now: 2) == [.wake(at: 70)])
        #expect(schedule.handle(.due, mayDecide: true, now: 69) == [.wake(at: 70)])
        #expect(schedule.handle(.due, mayDecide: true, now: 70) == [.decide(anew: false)])
    }
}

@Suite struct WatchScheduleTests {
    @Test func aChangeIsLookedAtAtOnceAndManyNowAndThen() {
        var schedule = WatchSchedule()
        #expect(schedule.handle(.began, now: 0) == [.look])
        #expect(schedule.handle(.changed, now: 10) == [], "one look at a time")
        let next = 20 + WatchSchedule.spacingMilliseconds
        #expect(schedule.handle(.looked, now: 20) == [.wake(at: next)])
        #expect(schedule.handle(.changed, now: 500) == [.wake(at: next)])
        #expect(schedule.handle(.due, now: next) == [.look], "once for all that came")
        #expect(schedule.handle(.looked, now: next) == [.wake(at: WatchSchedule.lookMilliseconds)])
        #expect(schedule.handle(.changed, now: 4_000) == [.look])
    }

    @Test func whatNobodyTellsIsFound() {
        var schedule = WatchSchedule()
        _ = schedule.handle(.began, now: 0)
        let end = WatchSchedule.lookMilliseconds
        #expect(schedule.handle(.looked, now: 30) == [.wake(at: end)])
        #expect(schedule.handle(.due, now: end - 1) == [.wake(at: end)])
        #expect(schedule.handle(.due, now: end) == [.look])
        #expect(schedule.handle(.looked, now: end + 30) == [.wake(at: 2 * end)])
    }
}

@Suite struct RetentionScheduleTests {
    private static let quiet = ZoneNews()

    @Test func aTurnHasItsWorksInTheirOrderAndTheNextComesAfterTheInterval() {
        var schedule = RetentionSchedule(interval: 1_000)
        func handle(_ event: RetentionSchedule.Event, mayWrite: Bool = true, now: UInt64) -> [RetentionSchedule.Action]
        {
            schedule.handle(event, zone: Self.quiet, mayWrite: mayWrite, now: now)
        }
        #expect(handle(.began, now: 0) == [.work(.acknowledge)])
        #expect(handle(.did(.acknowledge), now: 1) == [.work(.archive)])
        #expect(handle(.changed, now: 2) == [], "one at a time")
        #expect(handle(.did(.archive), now: 3) == [.work(.compact)])
        #expect(handle(.did(.compact), now: 4) == [.work(.survey)])
        #expect(handle(.did(.survey), now: 10) == [.endTurn, .wake(at: 1_010)], "the interval counts from the end")
        #expect(handle(.due, now: 1_009) == [.wake(at: 1_010)])
        #expect(handle(.due, now: 1_010) == [.work(.acknowledge)])
    }

    @Test func tracesWaitForALogThatIsWritten() {
        var schedule = RetentionSchedule(interval: 1_000, works: [.compact, .survey])
        #expect(schedule.handle(.began, zone: Self.quiet, mayWrite: false, now: 0) == [.work(.survey)])
    }
}
