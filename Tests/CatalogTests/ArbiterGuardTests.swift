import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

@Suite struct ArbiterGuardTests {
    typealias Desk = ArbiterDesk

    private func reasons(_ interval: Interval?, weight: Int64 = 1, _ change: (inout Desk) -> Void = { _ in })
        -> [ExactText]
    {
        var desk = Desk()
        change(&desk)
        let id = desk.ask("a", interval, weight: weight)
        desk.comeToRest()
        #expect(desk.state(id) == (desk.head(id)?.reasons.isEmpty == true ? "confirmed" : "refused"))
        return desk.head(id)?.reasons ?? []
    }

    @Test func eachLimitFromBothSides() {
        let nine = Desk.hours(9, 11)
        #expect(reasons(nine) == [])
        #expect(reasons(nil) == ["bad_interval"] && reasons(.always) == ["bad_interval"])
        #expect(reasons(Interval(Desk.hour(9), .last)) == ["bad_interval"])
        #expect(reasons(nine) { $0.now = Desk.hour(9) } == [])
        #expect(reasons(nine) { $0.now = Desk.hour(9).adding(seconds: 1) } == ["past"])
        #expect(reasons(nine) { $0.subject?.rules.minMinutes = 120 } == [])
        #expect(reasons(nine) { $0.subject?.rules.minMinutes = 121 } == ["too_short"])
        #expect(reasons(nine) { $0.subject?.rules.maxMinutes = 120 } == [])
        #expect(reasons(nine) { $0.subject?.rules.maxMinutes = 119 } == ["too_long"])
        #expect(reasons(Desk.hours(0, 1)) { $0.subject?.rules.horizonDays = 1 } == [])
        #expect(reasons(Desk.hours(1, 2)) { $0.subject?.rules.horizonDays = 1 } == ["too_far_ahead"])
        #expect(reasons(Desk.hours(0, 1)) { $0.subject?.rules.noticeMinutes = 1_440 } == [])
        #expect(reasons(Desk.hours(0, 1)) { $0.subject?.rules.noticeMinutes = 1_441 } == ["minimum_notice"])
        #expect(reasons(nine) { $0.subject?.rules.asksUntil = $0.now.adding(seconds: 1) } == [])
        #expect(reasons(nine) { $0.subject?.rules.asksUntil = $0.now } == ["too_late"])
        #expect(reasons(nine) { $0.subject?.rules.asksFrom = $0.now } == [])
        #expect(reasons(nine) { $0.subject?.rules.asksFrom = $0.now.adding(seconds: 1) } == ["closed"])
        #expect(reasons(nine, weight: 0) == ["bad_weight"])
        #expect(reasons(nine, weight: 2) == ["no_room"])
        #expect(
            reasons(nine, weight: Arbiter.Terms.weights.upperBound) { $0.subject?.capacity = nil } == [], "unlimited")
        #expect(reasons(nine, weight: .max) { $0.subject?.capacity = nil } == ["bad_weight"])
        #expect(reasons(nine) { $0.subject?.isEnded = true } == ["ended"])
        #expect(reasons(nine) { $0.subject?.openTo = ["academic"] } == ["not_open_to_class"])
    }

    @Test func trainingHasToBeValidUntilTheEnd() {
        let nine = Desk.hours(9, 11)
        func with(_ holder: ExactText, _ code: ExactText, until end: Instant) -> [ExactText] {
            reasons(nine) {
                $0.subject?.trainingCode = "laser"
                $0.subject?.credentials = [.init(holder: holder, code: code, valid: Interval(Desk.hour(-99), end))]
            }
        }
        #expect(with("west:organisation:1", "laser", until: Desk.hour(11)) == [])
        #expect(with("west:organisation:1", "laser", until: Desk.hour(11).adding(seconds: -1)) == ["untrained"])
        #expect(with("west:organisation:1", "laser 2", until: .last) == ["untrained"])
        #expect(with("west:organisation:2", "laser", until: .last) == ["untrained"])
    }

    @Test func theBufferLiesBetweenTwoBookings() {
        for (start, expected) in [(11, ["buffer"]), (12, [])] as [(Int64, [ExactText])] {
            var desk = Desk()
            desk.subject?.rules.bufferMinutes = 60
            desk.ask("a", Desk.hours(9, 11))
            let after = desk.ask("b", Desk.hours(start, 13))
            let before = desk.ask("c", Desk.hours(6, start == 11 ? 9 : 8))
            desk.comeToRest()
            #expect(desk.head(after)?.reasons == expected && desk.head(before)?.reasons == expected)
        }
    }

    @Test func allThatIsWrongIsToldAtOnce() {
        let found = reasons(Desk.hours(9, 11), weight: 9) {
            $0.now = Desk.hour(10)
            $0.subject?.isEnded = true
            $0.subject?.rules.maxMinutes = 60
            $0.subject?.trainingCode = "laser"
            $0.subject?.hours = OpeningHours([Window(.open, from: 0, to: 60), Window(.maintenance), Window(.holiday)])
        }
        #expect(
            found == ["ended", "holiday", "maintenance", "no_room", "past", "too_long", "untrained", "closed"].sorted())
    }

    /// Held for a person, who has to say that he knows of it, and has to have the authority.
    @Test func whoMayOverrideDoesSoByName() {
        var desk = Desk()
        desk.subject?.needsApproval = true
        desk.subject?.trainingCode = "laser"
        let a = desk.ask("a", Desk.hours(9, 11))
        let b = desk.ask("b", Desk.hours(9, 11), weight: 0)
        desk.comeToRest()
        #expect(desk.state(a) == "held" && desk.head(a)?.reasons == ["untrained"] && desk.state(b) == "refused")
        desk.act("decide", a, by: "home:person:manager", to: "confirmed")
        desk.comeToRest()
        #expect(desk.state(a) == "held" && desk.head(a)?.reasons == ["untrained"] && desk.head(a)?.isRefusal == true)
        desk.act("decide", a, by: "home:person:manager", to: "confirmed", reasons: ["untrained", "no_room"])
        desk.comeToRest()
        #expect(desk.state(a) == "confirmed" && desk.head(a)?.reasons == ["untrained"])
    }

    @Test func nobodyApprovesWhatIsHisOwn() {
        var desk = Desk()
        desk.subject?.needsApproval = true
        for person: ExactText in ["home:person:manager", "home:person:officer"] {
            desk.subject?.people.organisations[person] = ["home:organisation:1"]
        }
        let a = desk.ask("a", Desk.hours(9, 11), park: "home")
        desk.act("decide", a, by: "home:person:manager", to: "confirmed", reasons: ["self_approval"])
        desk.comeToRest()
        #expect(
            desk.state(a) == "held" && desk.head(a)?.reasons == ["self_approval"], "a manager's authority is not enough"
        )
        desk.act("decide", a, by: "home:person:officer", to: "confirmed", reasons: ["self_approval"])
        desk.comeToRest()
        #expect(desk.state(a) == "confirmed" && desk.head(a)?.reasons == ["self_approval"])
    }

    @Test func aPersonMayActForHisOrganisation() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.subject?.people.organisations["west:person:1"] = ["west:organisation:1"]
        desk.comeToRest()
        desk.act("withdraw", a, by: "west:person:2")
        desk.act("withdraw", a, by: "west:person:1")
        desk.comeToRest()
        #expect(desk.chain(a) == ["asked", "confirmed", "confirmed", "withdrawn"])
        #expect(desk.steps[2].reasons == ["not_party"])
    }

    /// A park may write of its own people that they belong to a party of another one. The guards
    /// take no act of theirs for it: a step that let it pass could not be written, and nothing of
    /// that request could any more.
    @Test func nobodyActsForThePartyOfAnotherPark() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 11))
        let parties: [ExactText] = ["bio:person:1", "west:organisation:3", "bio:organisation:2"]
        let b = desk.ask("b", .always, machine: "second", others: parties)
        let c = desk.ask("c", .always, machine: "award")
        desk.subject?.people.organisations["bio:person:2"] = ["west:organisation:1", "west:organisation:3"]
        desk.subject?.people.reviewers = ["bio:person:2"]
        // The item's home names a manager at another park.
        desk.subject?.people.staff["bio:person:3"] = .officer
        desk.comeToRest()
        desk.act("withdraw", a, by: "bio:person:2")
        desk.act("consent", b, by: "bio:person:2")
        desk.act("end", a, by: "bio:person:3")
        desk.act("decide", c, by: "home:person:manager", to: "review")
        desk.comeToRest()
        #expect(desk.steps.suffix(4).map(\.reasons) == [["not_party"], ["not_party"], ["not_party"], []])
        #expect(desk.state(a) == "confirmed" && desk.state(b) == "asked")
        // He is near to that party all the same.
        desk.act("score", c, by: "bio:person:2")
        desk.comeToRest()
        #expect(desk.head(c)?.reasons == ["same_organisation"])
    }

    /// What another park writes is held to no guard of this one; the steps that come of it are.
    @Test func whatOtherParksWriteComesToStepsThatCanBeWritten() {
        var desk = Desk()
        desk.subject?.capacity = nil
        let heavy = desk.ask("heavy", Desk.hours(9, 11), weight: .max)
        let light = desk.ask("light", Desk.hours(9, 11))
        let others: [ExactText] = ["bio:person:1", "west:organisation:3", "bio:organisation:2"]
        let ids = ["a", "b"].map { desk.ask($0, .always, machine: "second", others: others) }
        desk.comeToRest()
        desk.act("amend", light, weight: .max)
        desk.act("dispute", ids[0], by: others[0], reasons: ["whatever", "objection ", "by_agreement"])
        desk.act("dispute", ids[1], by: others[0], reasons: ["whatever"])
        desk.comeToRest()
        // The first step has the most that there can be, and what follows says that it was wrong.
        #expect(desk.head(heavy)?.terms.weight == 1_000_000_000_000_000_000)
        #expect([heavy, light].allSatisfy { desk.head($0)?.reasons == ["bad_weight"] })
        #expect(desk.state(heavy) == "refused" && desk.state(light) == "confirmed")
        #expect(ids.map { desk.head($0)?.reasons } == [["by_agreement"], ["objection"]])
        #expect(ids.allSatisfy { desk.state($0) == "refused" })
    }

    /// What runs may be made longer, though its start is past.
    @Test func whatRunsMayBeExtended() {
        var desk = Desk()
        desk.subject?.rules.noticeMinutes = 60
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.ask("b", Desk.hours(13, 14))
        desk.comeToRest()
        desk.now = Desk.hour(10)
        desk.act("start", a, by: "home:person:manager")
        desk.act("amend", a, interval: .another(Desk.hours(9, 13)))
        desk.act("amend", a, interval: .another(Desk.hours(9, 14)))
        desk.act("amend", a, interval: .another(Desk.hours(8, 13)))
        desk.act("amend", a, interval: .another(Interval(Desk.hour(9), Desk.hour(10))))
        desk.comeToRest()
        let answers = desk.steps.filter { $0.act == "amend" }
        #expect(answers.map(\.reasons) == [[], ["no_room"], ["minimum_notice", "past"], ["past"]])
        #expect(desk.head(a)?.terms.interval == Desk.hours(9, 13))
    }

    @Test func aClassWithoutARateIsToldSo() {
        let rate = Rate(id: "home:rate:1", userClass: "academic", unit: .hour, fen: 100)
        #expect(reasons(Desk.hours(9, 11)) { $0.subject?.rates = [rate] } == ["no_rate"])
    }
}
