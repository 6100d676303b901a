import ParkSyncReplication
import Testing

@testable import ParkSyncNode

@Suite struct ExclusionScheduleTests {
    private static func look(_ refusing: [String], told: [String] = [], isReady: Bool = true, isLinked: Bool = false)
        -> ExclusionSchedule.Look
    {
        ExclusionSchedule.Look(refusing: refusing, excludedBy: told, isReady: isReady, isLinked: isLinked)
    }

    @Test func aForgottenParkStopsAndGoesOn() {
        var schedule = ExclusionSchedule()
        #expect(schedule.handle(.began, Self.look(["west"]), now: 0) == [.setExcluded(by: ["west"])])
        #expect(schedule.handle(.set, Self.look(["west"], told: ["west"]), now: 1) == [.wake(at: 500)])
        #expect(schedule.handle(.due, Self.look(["west"], told: ["west"]), now: 500) == [.wake(at: 1_000)])
        #expect(schedule.handle(.due, Self.look([], told: ["west"]), now: 1_000) == [.setExcluded(by: [])])
    }

    @Test func theOperatorsWordHoldsUntilSomebodyKnowsThePark() {
        var schedule = ExclusionSchedule()
        _ = schedule.handle(.began, Self.look(["west"]), now: 0)
        _ = schedule.handle(.set, Self.look(["west"], told: ["west"]), now: 1)
        _ = schedule.handle(.overruled(isEarly: false), Self.look(["west"], told: ["west"]), now: 2)
        #expect(schedule.handle(.due, Self.look(["west"], told: ["west"]), now: 500) == [.setExcluded(by: [])])
        _ = schedule.handle(.set, Self.look(["west"]), now: 501)
        #expect(
            schedule.handle(.due, Self.look(["west"]), now: 1_000) == [.wake(at: 1_500)],
            "it is still refused, and writes")
        _ = schedule.handle(.due, Self.look([]), now: 1_500)
        #expect(
            schedule.handle(.due, Self.look(["west"]), now: 2_000) == [.setExcluded(by: ["west"])],
            "its word is used up")
    }

    @Test func aWordThatCameEarlyWaitsForWhatComesOut() {
        var schedule = ExclusionSchedule()
        _ = schedule.handle(.began, Self.look([], isReady: false), now: 0)
        _ = schedule.handle(.overruled(isEarly: true), Self.look([], isReady: false), now: 1)
        #expect(schedule.handle(.due, Self.look(["west"]), now: 500) == [.wake(at: 1_000)])
    }
}

@Suite struct RecoveryScheduleTests {
    private static let strict = HeadGuard.Policy()

    @Test func theConfigurationIsAskedAfterAWhile() {
        var schedule = RecoverySchedule(.init(waitMilliseconds: 1_000, acceptsLoss: false, acceptsWithoutPeers: true))
        #expect(
            schedule.handle(.began, standing: .checking, now: 10, wall: 99)
                == [.tell(.checking, wasKnown: false, accepted: nil), .setPolicy(Self.strict), .wake(at: 110)])
        #expect(schedule.sinceWall == 99)
        #expect(schedule.handle(.due, standing: .checking, now: 1_009, wall: 0).first == .setPolicy(Self.strict))
        #expect(
            schedule.handle(.due, standing: .checking, now: 1_010, wall: 0).first
                == .setPolicy(.init(acceptsWithoutPeers: true)))
        #expect(
            schedule.handle(.changed, standing: .ready, now: 1_011, wall: 5) == [
                .tell(.ready, wasKnown: true, accepted: nil)
            ])
    }

    @Test func anOperatorsWordIsForThisTime() {
        var schedule = RecoverySchedule(.init(waitMilliseconds: 1_000, acceptsLoss: false, acceptsWithoutPeers: false))
        let all = HeadGuard.Policy(acceptsLoss: true, acceptsWithoutPeers: true, abandonsEntries: true)
        _ = schedule.handle(.began, standing: .checking, now: 0, wall: 0)
        #expect(
            schedule.handle(.accepted(reason: "gone"), standing: .checking, now: 1, wall: 0).first == .setPolicy(all))
        #expect(
            schedule.handle(.changed, standing: .ready, now: 2, wall: 0) == [
                .tell(.ready, wasKnown: true, accepted: "gone")
            ])
        #expect(schedule.handle(.accepted(reason: "again"), standing: .ready, now: 3, wall: 0) == [])
        #expect(schedule.handle(.changed, standing: .checking, now: 4, wall: 0).contains(.setPolicy(Self.strict)))
    }
}
