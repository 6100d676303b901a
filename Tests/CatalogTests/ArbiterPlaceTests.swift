import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// Who has a place, who waits for one, and what a limit is measured from.
@Suite struct ArbiterPlaceTests {
    typealias Desk = ArbiterDesk

    /// One who has the morning, and one who waits for it.
    private func taken() -> (desk: Desk, a: ExactText, waiting: ExactText) {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 11))
        let waiting = desk.ask("waiting", Desk.hours(9, 11), mayWait: true)
        desk.comeToRest()
        return (desk, a, waiting)
    }

    @Test func aHeldPlaceIsTaken() {
        var desk = Desk()
        desk.subject?.needsApproval = true
        let a = desk.ask("a", Desk.hours(9, 11))
        let b = desk.ask("b", Desk.hours(10, 12))
        let waiting = desk.ask("waiting", Desk.hours(10, 12), mayWait: true)
        desk.comeToRest()
        #expect(desk.state(a) == "held" && desk.state(b) == "refused" && desk.state(waiting) == "waitlisted")
        desk.act("withdraw", a)
        desk.comeToRest()
        #expect(desk.state(a) == "withdrawn" && desk.state(waiting) == "held", "a person has to approve of it, too")
    }

    @Test func whoWaitsKeepsThePlaceWhileTheItemIsClosed() {
        var (desk, a, waiting) = taken()
        desk.subject?.isEnded = true
        desk.act("withdraw", a)
        let late = desk.ask("late", Desk.hours(15, 16), mayWait: true)
        desk.comeToRest()
        #expect(desk.state(a) == "withdrawn" && desk.state(waiting) == "waitlisted")
        #expect(desk.state(late) == "refused" && desk.head(late)?.reasons == ["ended"])
        desk.subject?.isEnded = false
        desk.comeToRest()
        #expect(desk.state(waiting) == "confirmed")
    }

    @Test(arguments: [2, nil] as [Int64?]) func moreCapacityLetsInWhoWaits(capacity: Int64?) {
        var (desk, a, waiting) = taken()
        desk.subject?.capacity = capacity
        desk.comeToRest()
        #expect(desk.state(a) == "confirmed" && desk.state(waiting) == "confirmed")
    }

    @Test(arguments: [Int64.min, -1, 0]) func anItemWithoutPlacesTakesNobody(capacity: Int64) {
        var desk = Desk()
        desk.subject?.capacity = capacity
        let ids = [false, true].map { desk.ask("\($0)", Desk.hours(9, 11), mayWait: $0) }
        desk.comeToRest()
        #expect(ids.allSatisfy { desk.state($0) == "refused" && desk.head($0)?.reasons == ["no_room"] })
    }

    @Test func oneWhoLeavesMayLetInSeveral() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 13))
        let ids = [("b", Int64(10), Int64(11)), ("c", 10, 12), ("d", 12, 13)].map {
            desk.ask($0.0, Desk.hours($0.1, $0.2), mayWait: true)
        }
        desk.comeToRest()
        desk.act("withdraw", a)
        let made = desk.comeToRest()
        #expect(made.map(\.request) == [a, ids[0], ids[2]] && made.map(\.act) == ["withdraw", "room", "room"])
        #expect(desk.state(ids[1]) == "waitlisted", "the one before it has an hour of it")
    }

    /// A row that went around the guard of its park must not stop the home's work.
    @Test func whoWaitsGetsWhatWasDecidedOn() {
        var (desk, a, waiting) = taken()
        desk.requests[1].interval = Desk.hours(15, 16)
        desk.act("withdraw", a)
        desk.comeToRest()
        #expect(desk.state(waiting) == "confirmed" && desk.head(waiting)?.terms.interval == Desk.hours(9, 11))
    }

    @Test(arguments: [
        ("2026-12-07T02:00:00Z", "2026-12-07T02:00:00Z"), ("2026-12-07T03:00:00Z", "2026-12-07T02:00:00Z"), ("", "z"),
        ("2026-12-07T02:00:00Z", "2026-12-07T03:00:00+08:00"), ("2026-02-30T02:00:00Z", "2026-03-07T03:00:00Z"),
        ("2026-12-07 02:00:00Z", "2026-12-07T03:00:00Z"), ("2026-12-07T02:00:00Z", "2026-12-07T24:00:00Z"),
        ("2026-12-07T02:00:00Z", "2026-13-07T03:00:00Z"), ("2026-12-07T02:00:00Z", "２０２６-12-07T03:00:00Z"),
        ("2025-02-29T02:00:00Z", "2026-12-07T03:00:00Z"), ("1900-02-29T02:00:00Z", "2026-12-07T03:00:00Z"), ("~", ""),
    ])
    func whatIsNoIntervalIsNone(start: String, end: String) {
        #expect(Interval(start: start, end: end) == nil && Arbiter.IntervalWish(start: start, end: end) == .bad)
    }

    // MARK: limits

    /// What is amended is wished for now, and not when the first wish came.
    @Test func anAmendmentIsMeasuredFromNow() {
        var desk = Desk()
        desk.subject?.rules.horizonDays = 1
        desk.subject?.rules.noticeMinutes = 60
        desk.subject?.rules.minMinutes = 60
        desk.subject?.rules.maxMinutes = 120
        let a = desk.ask("a", Desk.hours(-1, 0))
        desk.comeToRest()
        desk.now = Desk.hour(-12)
        let half = Interval(Desk.hour(-11), Desk.hour(-10).adding(seconds: -1))
        let early = Interval(Desk.hour(-11).adding(seconds: -1), Desk.hour(-10))
        for wish in [Desk.hours(12, 13), Desk.hours(13, 14), Desk.hours(-11, -10), early, half, Desk.hours(-11, -8)] {
            desk.act("amend", a, interval: .another(wish))
        }
        desk.comeToRest()
        let answers = desk.steps.filter { $0.act == "amend" }.map(\.reasons)
        #expect(answers == [[], ["too_far_ahead"], [], ["minimum_notice"], ["too_short"], ["too_long"]])
        #expect(desk.head(a)?.terms.interval == Desk.hours(-11, -10))
    }

    @Test(
        arguments: [
            (120, -120, "withdrawn"), (120, -119, "late_cancelled"), (nil, 0, "withdrawn"), (nil, 1, "late_cancelled"),
            (0, 0, "withdrawn"),
        ] as [(Int64?, Int64, String)])
    func lateIsLaterThanTheLastMoment(limit: Int64?, minutes: Int64, state: String) {
        var desk = Desk()
        desk.subject?.rules.cancelMinutes = limit
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.comeToRest()
        desk.now = Desk.hour(9).adding(minutes: minutes)
        desk.act("withdraw", a)
        desk.comeToRest()
        #expect(desk.state(a) == ExactText(state))
    }

    @Test(arguments: [(nil, 60_000), (10_000, 60_000), (1, 6), (0, nil)] as [(Int64?, Int64?)])
    func theShareOfThePriceIsOwed(share: Int64?, owed: Int64?) {
        for isLate in [false, true] {
            var desk = Desk()
            desk.subject?.rates = [Rate(id: "home:rate:1", unit: .hour, fen: 30_000)]
            if isLate { desk.subject?.rules.lateShare = share } else { desk.subject?.rules.noShowShare = share }
            let a = desk.ask("a", Desk.hours(9, 11))
            desk.comeToRest()
            desk.now = Desk.hour(9).adding(minutes: isLate ? 1 : 30)
            if isLate { desk.act("withdraw", a) }
            desk.comeToRest()
            #expect(desk.state(a) == (isLate ? "late_cancelled" : "no_show"))
            #expect(desk.head(a)?.owed == nil, "nothing is owed until it is settled")
            desk.act("confirm", a)
            desk.comeToRest()
            #expect(desk.state(a) == "settled" && desk.head(a)?.owed == owed, "late: \(isLate)")
        }
    }

    @Test func aPlaceForSeveralCostsAsMuchMore() {
        for (unit, price) in [(.hour, 600), (.seat, 300)] as [(Rate.Unit, Int64)] {
            var desk = Desk()
            desk.subject?.capacity = 5
            desk.subject?.rates = [Rate(id: "home:rate:1", unit: unit, fen: 100)]
            let a = desk.ask("a", Desk.hours(9, 11), weight: 3)
            desk.comeToRest()
            #expect(desk.head(a)?.terms.amount == price, "\(unit)")
        }
    }

    @Test func aRateHasToBeValidAtTheStart() {
        var desk = Desk()
        desk.subject?.rates = [Rate(id: "home:rate:1", unit: .hour, fen: 100, validFrom: Desk.hour(10))]
        let ids = [(8, 9), (9, 11), (10, 12)].map { desk.ask("\($0)", Desk.hours($0.0, $0.1)) }
        desk.comeToRest()
        #expect(ids.map { desk.head($0)?.reasons } == [["no_rate"], ["no_rate"], []])
        #expect(desk.head(ids[2])?.terms.amount == 200)
    }

    /// The certificate is the person's who comes, and holds from before the start.
    @Test func whoeverComesHasToBeTrained() {
        for (holder, hour, expected) in [
            ("west:person:1", 9, []), ("west:person:1", 10, ["untrained"]), ("west:person:2", 9, ["untrained"]),
            ("west:organisation:1", 9, []),
        ] as [(ExactText, Int64, [ExactText])] {
            var desk = Desk()
            desk.subject?.trainingCode = "laser"
            desk.subject?.credentials = [
                .init(holder: holder, code: "laser", valid: Interval(Desk.hour(hour), Desk.hour(11)))
            ]
            let a = desk.ask("a", Desk.hours(9, 11))
            desk.requests[0].by = "west:person:1"
            desk.comeToRest()
            #expect(desk.head(a)?.reasons == expected, "\(holder) from \(hour) o'clock")
        }
    }

    /// From nine to ten each day.
    @Test(arguments: [Window.Kind.closed, .maintenance, .holiday]) func nobodyIsInWhatIsClosed(kind: Window.Kind) {
        var desk = Desk()
        desk.subject?.hours = OpeningHours([Window(kind, from: 540, to: 600)])
        let ids = [(8, 9), (10, 11), (9, 10)].map { desk.ask("\($0)", Desk.hours($0.0, $0.1), mayWait: true) }
        let long = desk.ask("long", Interval(Desk.hour(24 + 8), Desk.hour(24 + 9).adding(seconds: 1)))
        desk.comeToRest()
        #expect(ids.map { desk.state($0) } == ["confirmed", "confirmed", "refused"], "nobody waits for that")
        #expect(desk.head(ids[2])?.reasons == [ExactText(kind.rawValue)])
        #expect(desk.head(long)?.reasons == [ExactText(kind.rawValue)])
    }

    @Test func whoLacksTheBufferAloneWaitsForIt() {
        var desk = Desk()
        desk.subject?.rules.bufferMinutes = 60
        let a = desk.ask("a", Desk.hours(9, 11))
        let waiting = desk.ask("waiting", Desk.hours(11, 12), mayWait: true)
        desk.comeToRest()
        #expect(desk.state(waiting) == "waitlisted" && desk.head(waiting)?.reasons == ["buffer"])
        desk.act("amend", a, interval: .another(Desk.hours(9, 10)))
        desk.comeToRest()
        #expect(desk.state(waiting) == "confirmed")
        desk.act("amend", a, interval: .another(Desk.hours(9, 11)))
        desk.comeToRest()
        #expect(desk.head(a)?.reasons == ["buffer"] && desk.head(a)?.terms.interval == Desk.hours(9, 10))
    }
}
