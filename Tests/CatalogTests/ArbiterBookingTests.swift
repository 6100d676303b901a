import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

@Suite struct ArbiterBookingTests {
    typealias Desk = ArbiterDesk

    @Test func theFirstToArriveComesFirst() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 11))
        let b = desk.ask("b", Desk.hours(10, 12), park: "bio")
        let c = desk.ask("c", Desk.hours(11, 12))
        desk.comeToRest()
        #expect(desk.chain(a) == ["asked", "confirmed"])
        #expect(desk.chain(b) == ["asked", "refused"] && desk.head(b)?.reasons == ["no_room"])
        #expect(desk.state(c) == "confirmed", "an end is not part of the interval")
    }

    /// Who has a first step was there before whoever has none, in whatever order they are read.
    @Test func whoHasBegunIsBeforeWhoHasNot() {
        var desk = Desk()
        desk.subject?.capacity = 0
        let a = desk.ask("a", Desk.hours(9, 11), mayWait: true)
        desk.comeToRest()
        let b = desk.ask("b", Desk.hours(9, 11), mayWait: true)
        desk.requests.reverse()
        desk.subject?.capacity = 1
        desk.comeToRest()
        #expect(desk.state(a) == "refused" && desk.state(b) == "confirmed", "what never fits does not wait")
    }

    @Test func anAmendmentIsTriedBeforeTheOldPlaceIsGivenUp() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 10))
        let b = desk.ask("b", Desk.hours(11, 12))
        desk.comeToRest()
        desk.act("amend", a, interval: .another(Interval(Desk.hour(9).adding(minutes: 30), Desk.hour(11))))
        desk.comeToRest()
        #expect(desk.head(a)?.terms.interval.end == Desk.hour(11) && desk.state(a) == "confirmed")
        desk.act("amend", a, interval: .another(Desk.hours(11, 12)))
        desk.act("amend", b, interval: .bad)
        desk.comeToRest()
        #expect(desk.head(a)?.reasons == ["no_room"] && desk.head(a)?.terms.interval.end == Desk.hour(11))
        #expect(desk.head(b)?.reasons == ["bad_interval"] && desk.state(b) == "confirmed")
    }

    @Test func whatIsFreeGoesToWhoWaitsAndNotToWhoComes() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 11))
        let long = desk.ask("long", Desk.hours(8, 11), mayWait: true)
        let w = desk.ask("w", Desk.hours(9, 11), park: "bio", mayWait: true)
        let other = desk.ask("other", Desk.hours(8, 9))
        desk.comeToRest()
        #expect([long, w].allSatisfy { desk.state($0) == "waitlisted" } && desk.state(other) == "confirmed")
        desk.act("withdraw", a)
        let late = desk.ask("late", Desk.hours(9, 11), mayWait: true)
        desk.comeToRest()
        #expect(desk.state(a) == "withdrawn" && desk.state(long) == "waitlisted")
        #expect(desk.head(w)?.act == "room" && desk.state(w) == "confirmed" && desk.state(late) == "waitlisted")
        desk.act("amend", late, interval: .another(Desk.hours(12, 13)))
        desk.act("amend", long, interval: .another(Desk.hours(8, 10)))
        desk.comeToRest()
        #expect(desk.state(late) == "confirmed" && desk.state(long) == "waitlisted")
        #expect(desk.head(long)?.reasons == [] && desk.head(long)?.terms.interval == Desk.hours(8, 10))
        desk.now = Desk.hour(8)
        desk.comeToRest()
        #expect(desk.state(long) == "expired" && desk.head(long)?.reasons == ["not_started"])
    }

    /// The asker's park has not heard that it waits: half an hour before the start it could not
    /// come.
    @Test(arguments: [true, false]) func nobodyUnseenIsPromotedAtTheLastMoment(isSeen: Bool) {
        var desk = Desk()
        desk.subject?.rules.noticeMinutes = 60
        let a = desk.ask("a", Desk.hours(9, 11), park: "home")
        let w = desk.ask("w", Desk.hours(9, 11), mayWait: true)
        desk.isInContact = false
        desk.comeToRest()
        if isSeen { for place in desk.steps.indices { desk.steps[place].seenAt = desk.now } }
        desk.now = Desk.hour(9).adding(minutes: -30)
        desk.act("withdraw", a)
        desk.comeToRest()
        #expect(desk.state(w) == (isSeen ? "confirmed" : "waitlisted"))
        desk.now = Desk.hour(9)
        desk.comeToRest()
        #expect(desk.state(w) == (isSeen ? "confirmed" : "expired"))
    }

    @Test func whoIsUnseenIsPromotedInGoodTime() {
        var desk = Desk()
        desk.subject?.rules.noticeMinutes = 60
        let a = desk.ask("a", Desk.hours(9, 11))
        let w = desk.ask("w", Desk.hours(9, 11), mayWait: true)
        desk.isInContact = false
        desk.comeToRest()
        desk.act("withdraw", a)
        desk.comeToRest()
        #expect(desk.state(w) == "confirmed")
    }

    @Test func withdrawingLateCostsAFee() {
        var desk = Desk()
        desk.subject?.rules.cancelMinutes = 120
        desk.subject?.rates = [Rate(id: "home:rate:1", unit: .hour, fen: 30_000)]
        desk.subject?.rules.lateShare = 3_333
        let a = desk.ask("a", Desk.hours(9, 11))
        let b = desk.ask("b", Desk.hours(12, 13))
        desk.comeToRest()
        #expect(desk.head(a)?.terms.amount == 60_000 && desk.head(a)?.rate == "home:rate:1")
        desk.now = Desk.hour(9).adding(minutes: -119)
        for id in [a, b] { desk.act("withdraw", id) }
        desk.comeToRest()
        #expect(desk.state(a) == "late_cancelled" && desk.head(a)?.terms.amount == 19_998)
        #expect(desk.state(b) == "withdrawn" && desk.head(b)?.terms.amount == nil)
        desk.act("withdraw", b)
        desk.comeToRest()
        #expect(desk.head(b)?.reasons == ["too_late"])
    }

    @Test func whoWithdrawsBeforeTheAnswerIsNotAnsweredFirst() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.act("withdraw", a)
        let b = desk.ask("b", Desk.hours(9, 11))
        desk.comeToRest()
        #expect(desk.chain(a) == ["asked", "withdrawn"] && desk.state(b) == "confirmed")
    }

    /// The amendment was made before the answer was known.
    @Test func otherActsWaitForTheAnswer() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.act("amend", a, interval: .another(Desk.hours(10, 12)))
        desk.act("confirm", a)
        desk.comeToRest()
        #expect(desk.chain(a) == ["asked", "confirmed", "confirmed", "confirmed"])
        #expect(desk.steps[2].terms.interval == Desk.hours(10, 12) && desk.steps[3].reasons == ["not_this_state"])
    }

    @Test func idsAreBytes() {
        var desk = Desk()
        desk.ask("\u{E9}", Desk.hours(9, 11))
        desk.ask("e\u{301}", Desk.hours(9, 11))
        desk.comeToRest()
        #expect(desk.steps.map(\.to) == ["asked", "asked", "confirmed", "refused"])
    }

    /// A forged park asks for what nobody may have, and nothing else waits for it.
    @Test func whatIsWrongIsRefusedAndNothingElse() {
        var desk = Desk()
        desk.requests = [
            Arbiter.Request(
                id: "west:request:1", kind: "x", machine: "booking", party: "west:organisation:1", interval: nil,
                weight: -3),
            Arbiter.Request(
                id: "west:request:2", kind: "x", machine: "booking", party: "bio:organisation:1", weight: .max),
        ]
        desk.acts = [
            Arbiter.Act(id: "bio:act:1", request: "west:request:1", by: "west:organisation:1", act: "withdraw"),
            Arbiter.Act(id: "bio:act:2", request: "west:request:9", by: "west:organisation:1", act: "withdraw"),
        ]
        let good = desk.ask("good", Desk.hours(9, 11))
        desk.comeToRest()
        #expect(desk.chain("west:request:1") == ["asked", "asked", "refused"])
        #expect(
            desk.steps.filter { $0.request == "west:request:1" }.map(\.reasons) == [
                [], ["not_party"], ["bad_interval", "bad_weight"],
            ])
        #expect(desk.head("west:request:2")?.reasons == ["bad_interval", "bad_weight", "no_room", "not_party"])
        #expect(desk.state(good) == "confirmed")
    }

    @Test func anUnknownSubjectIsSaidToBeUnknown() {
        var desk = Desk()
        desk.subject = nil
        let a = desk.ask("a", Desk.hours(9, 11), mayWait: true)
        desk.comeToRest()
        #expect(desk.state(a) == "refused" && desk.head(a)?.reasons == ["unknown_subject"])
    }

    @Test func aMachineThatIsNotDeclaredIsReported() {
        var desk = Desk()
        desk.requests = [
            Arbiter.Request(id: "west:request:1", kind: "x", machine: "none", party: "west:organisation:1")
        ]
        desk.acts = [Arbiter.Act(id: "west:act:1", request: "west:request:1", by: "west:organisation:1", act: "note")]
        let decision = desk.decide()
        #expect(decision.steps.isEmpty && decision.unanswerable == ["west:act:1", "west:request:1"])
    }
}
