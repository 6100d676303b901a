import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// What only some machines have.
@Suite struct ArbiterParticularTests {
    typealias Desk = ArbiterDesk
    private let manager: ExactText = "home:person:manager"

    private func award(_ desk: inout Desk, _ name: String, _ fen: Int64, park: String = "west") -> ExactText {
        let id = desk.ask(name, .always, machine: "award", park: park, weight: fen)
        desk.comeToRest()
        for state: ExactText in ["review", "publicised"] {
            desk.act("decide", id, by: manager, to: state)
            desk.comeToRest()
        }
        return id
    }

    /// Also where no state waits for that person: whoever applies for money is answered.
    @Test func whatAPersonApprovesIsAnsweredByEveryMachine() {
        let machines = SchemaRows.machines
        #expect(SchemaRows.names.contains("award"))
        for machine in SchemaRows.names {
            // In the others the person answers in the first state.
            guard let initial = machines.initial(machine), machines.state(initial, of: machine)?.waitsFor == "arbiter"
            else { continue }
            var desk = Desk()
            desk.subject?.capacity = 1_000
            desk.subject?.needsApproval = true
            let id = desk.ask("a", .always, machine: machine)
            desk.comeToRest()
            #expect(desk.state(id) != initial, "\(machine)")
        }
    }

    @Test func awardsStayWithinTheBudgetAndEndAtWhatWasPaid() {
        var desk = Desk()
        desk.subject?.capacity = 1_000
        let a = award(&desk, "a", 700)
        let b = award(&desk, "b", 400, park: "bio")
        #expect(desk.state(a) == "publicised" && desk.state(b) == "review" && desk.head(b)?.reasons == ["over_budget"])
        desk.act("decide", b, by: manager, to: "publicised", weight: 300)
        desk.comeToRest()
        #expect(desk.state(b) == "publicised" && desk.head(b)?.terms.weight == 300)
        desk.now = desk.now.adding(days: 8)
        desk.comeToRest()
        desk.act("agree", a)
        desk.comeToRest()
        desk.requests[0].paid = 150
        desk.act("decide", a, by: manager, to: "terminated")
        desk.comeToRest()
        #expect(desk.state(a) == "terminated" && desk.head(a)?.terms.weight == 150)
        let c = award(&desk, "c", 551, park: "air")
        #expect(desk.head(c)?.reasons == ["over_budget"])
        desk.act("decide", c, by: manager, to: "publicised", weight: 550)
        desk.comeToRest()
        #expect(desk.state(c) == "publicised")
    }

    @Test func aPartyHasOneOpenApplication() {
        var desk = Desk()
        desk.subject?.capacity = 1_000
        let a = desk.ask("a", .always, machine: "award")
        let b = desk.ask("b", .always, machine: "award")
        let big = desk.ask("big", .always, machine: "award", park: "bio", weight: 1_001)
        desk.comeToRest()
        #expect(desk.state(a) == "formality" && desk.head(b)?.reasons == ["live_request"])
        #expect(desk.head(big)?.reasons == ["over_budget"])
        desk.act("withdraw", a)
        let c = desk.ask("c", .always, machine: "award")
        desk.comeToRest()
        #expect(desk.state(c) == "formality")
    }

    @Test func reviewersAreNotOfTheApplicant() {
        var desk = Desk()
        desk.subject?.people.reviewers = ["west:person:1", "bio:person:1"]
        desk.subject?.people.organisations["west:person:1"] = ["west:organisation:1"]
        let a = desk.ask("a", .always, machine: "award")
        desk.comeToRest()
        desk.act("decide", a, by: manager, to: "review")
        for reviewer: ExactText in ["west:person:1", "bio:person:1", "bio:person:2"] {
            desk.act("score", a, by: reviewer)
            desk.acts[desk.acts.count - 1].inputs = [80]
        }
        desk.comeToRest()
        #expect(desk.steps.suffix(3).map(\.reasons) == [["same_organisation"], [], ["not_reviewer"]])
        #expect(desk.head(a)?.inputs == [80])
    }

    /// Three parties who are parted consent each to what all have seen.
    @Test func aSecondmentNeedsEveryConsent() {
        var desk = Desk()
        desk.subject?.capacity = 10_000
        let parties: [ExactText] = ["bio:person:1", "bio:organisation:2", "west:organisation:3"]
        let a = desk.ask("a", Desk.hours(9, 9_000), machine: "second", weight: 6_000, others: parties)
        desk.comeToRest()
        for party in [parties[0], parties[0], parties[1], parties[2]] { desk.act("consent", a, by: party) }
        for place in desk.acts.indices { desk.acts[place].onN = 1 }
        desk.comeToRest()
        #expect(desk.chain(a) == ["asked", "asked", "asked", "asked", "consented"])
        #expect(desk.steps[2].reasons == ["not_this_state"], "once is enough")
        let b = desk.ask("b", Desk.hours(9, 9_000), machine: "second", park: "air", weight: 4_001, others: parties)
        desk.comeToRest()
        for party in parties { desk.act("consent", b, by: party) }
        desk.comeToRest()
        #expect(desk.state(b) == "asked" && desk.head(b)?.reasons == ["no_room"])
        // An extension that is not agreed leaves what there was.
        desk.now = Desk.hour(9)
        desk.comeToRest()
        desk.act("amend", a, interval: .another(Desk.hours(9, 9_500)))
        desk.comeToRest()
        #expect(desk.state(a) == "extending" && desk.head(a)?.terms.interval.end == Desk.hour(9_500))
        desk.act("dispute", a, by: parties[1])
        desk.comeToRest()
        #expect(desk.state(a) == "active" && desk.head(a)?.terms.interval == Desk.hours(9, 9_000))
    }

    @Test(
        arguments: [
            ("", []), ("3,1", [3, 1]), ("营收 2、人员 -1", [2, -1]), ("[10, 0]", [10, 0]), ("99999999999999999999 4", [4]),
            ("1.5", [1, 5]), ("-", []), ("２", []),
        ] as [(String, [Int64])])
    func weightsAreWholeNumbers(text: String, weights: [Int64]) { #expect(Ranking.weights(text) == weights) }

    @Test func theYearlySelectionIsTheSameForEverybody() {
        var desk = Desk()
        desk.subject?.capacity = 2
        desk.subject?.scoreWeights = [10, -1]
        desk.subject?.rules.asksUntil = Desk.hour(0)
        let inputs: [(String, [Int64])] = [("d", [5, 0]), ("a", [4, 0]), ("c", [5, 10]), ("b", [4, 0])]
        let ids = inputs.map { desk.ask($0.0, .always, machine: "pick") }
        for (place, input) in inputs.enumerated() { desk.requests[place].inputs = input.1 }
        desk.comeToRest()
        desk.now = Desk.hour(0)
        let late = desk.ask("late", .always, machine: "pick")
        desk.comeToRest()
        #expect(ids.allSatisfy { desk.state($0) == "scored" } && desk.head(late)?.reasons == ["too_late"])
        let candidates = zip(ids, inputs).map { Ranking.Candidate(id: $0, inputs: $1.1) }
        let rows = Ranking.rows(candidates, weights: [10, -1])
        #expect(rows == Ranking.rows(candidates.reversed(), weights: [10, -1]))
        #expect(
            Ranking.text(rows)
                == "1\t50\twest:request:d\n2\t40\twest:request:a\n3\t40\twest:request:b\n4\t40\twest:request:c\n")
        desk.subject?.ranking = Arbiter.Listing(count: 4, sha256: "00ff")
        for id in ids {
            desk.act("decide", id, by: manager, to: "listed")
            desk.act("decide", id, by: manager, to: "listed")
            desk.acts[desk.acts.count - 1].listing = desk.subject?.ranking
        }
        desk.comeToRest()
        #expect(desk.steps.filter { $0.reasons == ["bad_hash"] }.count == 4)
        #expect(ids.allSatisfy { desk.head($0)?.listing == desk.subject?.ranking })
        desk.now = desk.now.adding(days: 7)
        desk.comeToRest()
        #expect(ids.map { desk.state($0) } == ["selected", "selected", "not_selected", "not_selected"])
        #expect(desk.head(ids[2])?.reasons == ["rank"])
    }

    @Test func aLentPlaceIsNotTakenBackWithoutItsHolder() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 900), machine: "lend")
        desk.comeToRest()
        desk.act("end", a, by: manager)
        desk.comeToRest()
        let b = desk.ask("b", Desk.hours(10, 11))
        desk.comeToRest()
        #expect(desk.state(a) == "recalled" && desk.state(b) == "refused", "it is the holder's until he agrees")
        desk.act("agree", a)
        desk.comeToRest()
        #expect(desk.state(a) == "home_cancelled")
    }

    @Test func whatIsHandedOverIsDecidedElsewhere() {
        var desk = Desk()
        desk.subject?.rules.noShowMinutes = 30
        let before = desk.ask("before", Desk.hours(9, 11))
        let across = desk.ask("across", Desk.hours(11, 13))
        let after = desk.ask("after", Desk.hours(13, 14), park: "bio")
        let waiting = desk.ask("waiting", Desk.hours(13, 15), mayWait: true)
        let move = desk.ask("move", Interval(Desk.hour(12), .last), machine: "move_home", park: "bio")
        desk.comeToRest()
        desk.act("decide", move, by: "bio:person:1", to: "handed_over")
        desk.comeToRest()
        #expect(desk.state(move) == "asked" && desk.state(after) == "confirmed", "who may not decide cancels nothing")
        desk.act("decide", move, by: manager, to: "handed_over")
        desk.comeToRest()
        #expect(desk.state(before) == "confirmed" && desk.state(move) == "handed_over")
        for id in [across, after, waiting] {
            #expect(desk.state(id) == "home_cancelled" && desk.head(id)?.reasons == ["moved"])
        }
        let early = desk.ask("early", Desk.hours(7, 8))
        let late = desk.ask("late", Desk.hours(12, 13))
        desk.comeToRest()
        #expect(desk.state(early) == "confirmed" && desk.head(late)?.reasons == ["moved", "no_room"])
        desk.now = Desk.hour(12)
        let tooLate = desk.ask("too late", Desk.hours(11, 13))
        desk.comeToRest()
        #expect(desk.head(tooLate)?.reasons.contains("moved") == true)
    }

    /// What is lent cannot be cancelled, so the item is not handed over while it is.
    @Test func whatIsLentKeepsTheItemHere() {
        var desk = Desk()
        desk.ask("a", Desk.hours(9, 900), machine: "lend")
        let move = desk.ask("move", Interval(Desk.hour(12), .last), machine: "move_home", park: "bio")
        desk.comeToRest()
        desk.act("decide", move, by: manager, to: "handed_over")
        desk.comeToRest()
        #expect(desk.state(move) == "asked" && desk.head(move)?.reasons == ["no_room"])
    }

    @Test func anExclusiveLicenceIsSignedOnce() {
        var desk = Desk()
        let a = desk.ask("a", .always, machine: "offer")
        let b = desk.ask("b", .always, machine: "offer", park: "bio")
        desk.comeToRest()
        desk.act("counter", a, by: manager, amount: 900)
        desk.act("decide", b, by: manager, to: "signed")
        desk.comeToRest()
        desk.act("agree", a)
        desk.comeToRest()
        #expect(desk.state(b) == "signed" && desk.state(a) == "countered" && desk.head(a)?.reasons == ["no_room"])
        #expect(desk.head(a)?.terms.amount == 900)
    }

    @Test(arguments: ["conditional", "agreed", "delivered"] as [ExactText]) func dataIsGivenAsItsHomeSays(
        answer: ExactText
    ) {
        var desk = Desk()
        desk.subject?.answer = answer
        let a = desk.ask("a", .always, machine: "access")
        desk.comeToRest()
        #expect(desk.state(a) == answer)
    }

    @Test func aPatentIsPledgedOnce() {
        var desk = Desk()
        let a = desk.ask("a", .always, machine: "pledge")
        let b = desk.ask("b", .always, machine: "pledge", park: "bio")
        desk.comeToRest()
        #expect(desk.state(a) == "pledged" && desk.head(b)?.reasons == ["no_room"])
    }
}
