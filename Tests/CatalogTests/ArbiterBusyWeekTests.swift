import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// What the parks do with one item in a busy week, step by step, against the table of hours.
@Suite struct ArbiterBusyWeekTests {
    typealias Desk = ArbiterDesk
    private static let hours = 48

    @Test(arguments: 1...12) func likeTheTableOfHours(seed: Int) {
        var random = DemoRandom(seed: UInt64(seed), stream: "busy week")
        let capacity = Int64(1 + random.below(5))
        var desk = Desk()
        desk.subject?.capacity = capacity
        var table = HourTable(capacity: capacity, hours: Self.hours)
        for round in 0..<25 {
            var asked: [HourTable.Booking] = []
            for _ in 0...random.below(3) {
                let from = random.below(Self.hours - 1)
                let to = from + 1 + random.below(min(8, Self.hours - from - 1) + 1 - (from == Self.hours - 2 ? 1 : 0))
                asked.append(
                    HourTable.Booking(
                        from: from, to: min(to, Self.hours), weight: Int64(1 + random.below(3)),
                        mayWait: random.chance(percent: 60)))
            }
            // Acts of two parks arrive in one order; which came first is the home's to say.
            let old = Array(table.bookings.indices)
            let withdrawn = old.filter { _ in random.chance(percent: 6) }
            let amended = old.filter { !withdrawn.contains($0) && random.chance(percent: 8) }.map { place in
                let from = random.below(Self.hours - 1)
                return (place: place, from: from, to: from + 1)
            }
            for place in withdrawn { desk.act("withdraw", desk.requests[place].id) }
            for wish in amended {
                desk.act(
                    "amend", desk.requests[wish.place].id,
                    interval: .another(Desk.hours(Int64(wish.from), Int64(wish.to))))
            }
            for booking in asked {
                desk.ask(
                    "\(desk.requests.count)", Desk.hours(Int64(booking.from), Int64(booking.to)),
                    weight: booking.weight, mayWait: booking.mayWait)
            }
            desk.comeToRest()
            table.answer(withdrawn: withdrawn, amended: amended, asked: asked)
            table.expectSame(desk, "seed \(seed), round \(round)")
        }
    }

    /// In whatever order the rows of steps are read.
    @Test(arguments: 1...10) func theOrderOfRowsMakesNoDifference(seed: Int) {
        var random = DemoRandom(seed: UInt64(seed), stream: "rows")
        var desk = Desk()
        desk.subject?.capacity = 2
        for round in 0..<10 {
            let from = Int64(random.below(40))
            let id = desk.ask("\(round)", Desk.hours(from, from + 3), mayWait: true)
            desk.comeToRest()
            if random.chance(percent: 40) { desk.act("withdraw", id) }
            desk.act("amend", id, interval: .another(Desk.hours(from + 1, from + 4)))
            let expected = desk.decide()
            for place in desk.steps.indices { desk.steps.swapAt(place, random.below(desk.steps.count)) }
            #expect(desk.decide() == expected)
            desk.comeToRest()
        }
    }

    /// Everything that people and clocks do, in and out of contact: nothing but what the desk
    /// checks at each step, and that all is over in the end.
    @Test(arguments: 1...12) func allKindsOfActs(seed: Int) {
        var random = DemoRandom(seed: UInt64(seed), stream: "acts")
        var desk = Desk()
        desk.subject?.capacity = Int64(1 + random.below(3))
        desk.subject?.needsApproval = random.chance(percent: 30)
        desk.subject?.rules.noticeMinutes = random.chance(percent: 30) ? 60 : nil
        desk.subject?.rules.cancelMinutes = 90
        let acts: [ExactText] = [
            "withdraw", "amend", "start", "finish", "meter", "confirm", "dispute", "decide", "end", "note", "agree",
        ]
        for round in 0..<40 {
            if random.chance(percent: 40) {
                let from = Int64(random.below(60))
                desk.ask(
                    "\(round)", Desk.hours(from, from + 1 + Int64(random.below(4))),
                    park: random.pick(["west", "bio", "home"]) ?? "west", weight: Int64(1 + random.below(2)),
                    mayWait: random.chance(percent: 50))
            }
            for _ in 0..<random.below(4) {
                guard let request = random.pick(desk.requests), let act = random.pick(acts) else { continue }
                let from = Int64(random.below(60))
                let goal = random.pick(["confirmed", "refused", "settled", "no_show"] as [ExactText])
                desk.act(
                    act, request.id,
                    by: random.pick([request.party, "home:person:manager", "home:person:officer", "air:person:1"]),
                    to: act == "decide" ? goal : nil,
                    interval: random.chance(percent: 50) ? .another(Desk.hours(from, from + 2)) : .same,
                    reasons: random.chance(percent: 50) ? ["unseen", "past"] : [])
                if random.chance(percent: 10) { desk.acts[desk.acts.count - 1].onN = 1 }
            }
            desk.isInContact = random.chance(percent: 60)
            desk.comeToRest()
            if random.chance(percent: 60) { desk.now = desk.now.adding(minutes: Int64(random.below(120))) }
        }
        desk.isInContact = true
        for place in desk.steps.indices where desk.steps[place].seenAt == nil { desk.steps[place].seenAt = desk.now }
        while let next = desk.decide().nextAt {
            desk.now = next
            #expect(!desk.comeToRest().isEmpty, "a deadline passes and nothing happens")
        }
        for request in desk.requests {
            let state = desk.state(request.id) ?? ""
            let isOver = SchemaRows.machines.state(state, of: "booking")?.ends == true
            #expect(isOver || state == "disputed", "\(desk.chain(request.id))")
        }
    }
}
