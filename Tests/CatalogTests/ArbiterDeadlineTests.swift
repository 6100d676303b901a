import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

@Suite struct ArbiterDeadlineTests {
    typealias Desk = ArbiterDesk

    private func confirmed() -> (Desk, ExactText) {
        var desk = Desk()
        desk.subject?.rules.noShowMinutes = 30
        desk.subject?.rules.confirmDays = 3
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.comeToRest()
        return (desk, a)
    }

    @Test func aDeadlineFiresOnceAndToTheSecond() {
        var (desk, a) = confirmed()
        let moment = Desk.hour(9).adding(minutes: 30)
        #expect(desk.last?.nextAt == moment)
        desk.now = moment.adding(seconds: -1)
        #expect(desk.comeToRest().isEmpty)
        desk.now = moment
        #expect(desk.comeToRest().map(\.to) == ["no_show"])
        #expect(desk.head(a)?.reasons == ["not_arrived"] && desk.head(a)?.actID == nil)
        #expect(desk.last?.nextAt == moment.adding(days: 3))
        desk.now = moment.adding(days: 30)
        #expect(desk.comeToRest().map(\.to) == ["settled"] && desk.comeToRest().isEmpty)
    }

    /// The node was away; what had arrived by then is answered before the clock is looked at.
    @Test func overdueDeadlinesFireAfterQueuedActs() {
        var (desk, a) = confirmed()
        desk.now = Desk.hour(48)
        desk.act("start", a, by: "home:person:manager")
        desk.comeToRest()
        #expect(desk.chain(a) == ["asked", "confirmed", "in_use", "used"])
        #expect(desk.head(a)?.reasons == ["unmetered"] && desk.head(a)?.act == "clock")
    }

    /// While the asking park has not been heard of, nobody knows whether it knows.
    @Test func theClockWaitsForWhoHasNotSeenIt() {
        var desk = Desk()
        desk.subject?.rules.noShowMinutes = 30
        desk.isInContact = false
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.comeToRest()
        desk.now = Desk.hour(24 * 30)
        #expect(desk.comeToRest().isEmpty && desk.last?.unseen == [a] && desk.last?.nextAt == nil)
        desk.act("decide", a, by: "home:person:manager", to: "no_show")
        desk.comeToRest()
        #expect(desk.head(a)?.reasons == ["unseen"] && desk.state(a) == "confirmed")
        desk.act("decide", a, by: "home:person:manager", to: "no_show", reasons: ["unseen"])
        desk.comeToRest()
        #expect(desk.state(a) == "no_show" && desk.head(a)?.reasons == ["unseen"])
        // Seen at last: from then on silence is counted.
        desk.steps[desk.steps.count - 1].seenAt = desk.now
        #expect(desk.decide().nextAt == desk.now.adding(days: 7))
    }

    @Test func aStepThatIsSeenLaterCountsFromThen() {
        var desk = Desk()
        desk.subject?.rules.noShowMinutes = 30
        desk.isInContact = false
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.comeToRest()
        desk.steps[1].seenAt = Desk.hour(10)
        #expect(desk.decide().nextAt == Desk.hour(10).adding(minutes: 30))
        desk.steps[1].seenAt = Desk.hour(8)
        #expect(desk.decide().nextAt == Desk.hour(9).adding(minutes: 30))
        // A refusal starts nothing anew, and who has seen it has seen what was before.
        desk.steps[1].seenAt = nil
        desk.act("confirm", a)
        desk.comeToRest()
        desk.steps[2].seenAt = Desk.hour(9)
        #expect(desk.steps[2].isRefusal && desk.decide().nextAt == Desk.hour(9).adding(minutes: 30))
    }

    @Test func anOwnPartyIsAlwaysInSight() {
        var desk = Desk()
        desk.subject?.rules.noShowMinutes = 30
        desk.isInContact = false
        let a = desk.ask("a", Desk.hours(9, 11), park: "home")
        desk.comeToRest()
        #expect(desk.last?.unseen == [])
        desk.now = Desk.hour(10)
        desk.comeToRest()
        #expect(desk.state(a) == "no_show")
    }

    @Test func aHeldPlaceExpiresBeforeItsStart() {
        for (minutes, at) in [
            (Int64(60), Desk.hour(-24).adding(minutes: 60)), (10_000, Desk.hour(9)), (nil, Desk.hour(9)),
        ] {
            var desk = Desk()
            desk.subject?.needsApproval = true
            desk.subject?.rules.holdMinutes = minutes
            let a = desk.ask("a", Desk.hours(9, 11))
            desk.comeToRest()
            #expect(desk.last?.nextAt == at)
            desk.act("note", a, by: "home:person:manager")
            desk.comeToRest()
            #expect(desk.last?.nextAt == at, "a note does not make it longer")
            desk.now = at
            desk.comeToRest()
            #expect(desk.state(a) == "expired" && desk.head(a)?.reasons == ["silence"])
        }
    }

    /// The first to fall due fires first, and frees what a later one waited for.
    @Test func deadlinesFireInTheirOrder() {
        var desk = Desk()
        desk.subject?.rules.noShowMinutes = 10
        desk.subject?.capacity = 3
        for (name, start) in [("a", Int64(12)), ("b", 10), ("c", 11)] { desk.ask(name, Desk.hours(start, 20)) }
        desk.comeToRest()
        desk.now = Desk.hour(30)
        #expect(desk.comeToRest().map(\.request) == ["west:request:b", "west:request:c", "west:request:a"])
    }

    @Test func whatAnAmendmentSaysStartsAnew() {
        var (desk, a) = confirmed()
        desk.act("amend", a, interval: .another(Desk.hours(15, 16)))
        desk.comeToRest()
        #expect(desk.last?.nextAt == Desk.hour(15).adding(minutes: 30))
    }

    @Test func timeThatNeverComesIsNoDeadline() {
        var desk = Desk()
        let a = desk.ask("a", .always, machine: "adoption")
        desk.subject?.people.staff["west:person:1"] = .officer
        desk.act("decide", a, by: "west:person:1", to: "adopted")
        desk.comeToRest()
        #expect(desk.state(a) == "adopted" && desk.last?.nextAt == nil)
        desk.now = .last
        #expect(desk.decide().steps.isEmpty)
    }
}
