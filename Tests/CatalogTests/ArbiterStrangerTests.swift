import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// What a park writes that holds to no CHECK and to no guard. Whatever it is, the answer is a step
/// that the home's own guards let in: otherwise its request would be set aside for ever.
@Suite struct ArbiterStrangerTests {
    typealias Desk = ArbiterDesk
    private let manager: ExactText = "home:person:manager"

    @Test(arguments: [0, -1, Int64.min, .max, 1_000_000_000_000_000_001]) func noWeightIsBeyondWhatAStepHas(
        weight: Int64
    ) {
        var desk = Desk()
        desk.subject?.capacity = nil
        let a = desk.ask("a", Desk.hours(9, 11), weight: weight)
        let b = desk.ask("b", Desk.hours(9, 11))
        desk.comeToRest()
        desk.act("amend", b, weight: weight)
        desk.comeToRest()
        #expect(desk.state(a) == "refused" && desk.head(a)?.reasons == ["bad_weight"])
        #expect(desk.state(b) == "confirmed" && desk.head(b)?.reasons == ["bad_weight"])
        #expect(desk.steps.allSatisfy { 1...1_000_000_000_000_000_000 ~= $0.terms.weight })
    }

    @Test func aReasonThatIsNoneIsNotWritten() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 900), machine: "lend")
        desk.comeToRest()
        desk.act("end", a, by: manager, reasons: ["bewitched"])
        desk.comeToRest()
        #expect(desk.head(a)?.reasons == ["by_home"])
        desk.act("agree", a, reasons: ["bewitched", "by_home"])
        desk.comeToRest()
        #expect(desk.state(a) == "home_cancelled" && desk.head(a)?.reasons == ["by_home"])
    }

    /// The guards take an asker's act of the park that asked alone, whoever the party is.
    @Test func anotherParksPartyDoesNotAskHere() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.requests[0].party = "bio:organisation:1"
        desk.act("withdraw", a, by: "bio:organisation:1")
        desk.comeToRest()
        #expect(desk.chain(a) == ["asked", "asked", "refused"])
        #expect(desk.steps.dropFirst().map(\.reasons) == [["not_party"], ["not_party"]])
    }

    @Test func whoManagesIsOfTheParkThatDecides() {
        var desk = Desk()
        desk.subject?.needsApproval = true
        desk.subject?.people.staff["bio:person:1"] = .officer
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.comeToRest()
        desk.act("decide", a, by: "bio:person:1", to: "confirmed")
        desk.comeToRest()
        #expect(desk.state(a) == "held" && desk.head(a)?.reasons == ["not_party"])
    }

    /// A park may enter somebody as a member of another park's organisation: he has no say there,
    /// and no vote on what that organisation has asked for.
    @Test func aParkSpeaksForItsOwnOrganisationsAlone() {
        var desk = Desk()
        desk.subject?.capacity = 10_000
        let parties: [ExactText] = ["bio:person:1", "bio:organisation:2", "west:organisation:3"]
        desk.subject?.people.organisations["air:person:1"] = ["west:organisation:3", "west:organisation:1"]
        desk.subject?.people.reviewers = ["air:person:1"]
        let a = desk.ask("a", Desk.hours(9, 9_000), machine: "second", weight: 6_000, others: parties)
        let b = desk.ask("b", .always, machine: "award")
        desk.comeToRest()
        desk.act("consent", a, by: "air:person:1")
        desk.act("withdraw", a, by: "air:person:1")
        desk.act("decide", b, by: manager, to: "review")
        desk.act("score", b, by: "air:person:1")
        desk.comeToRest()
        #expect(desk.chain(a) == ["asked", "asked", "asked"])
        #expect(desk.steps.filter { $0.request == a }.dropFirst().map(\.reasons) == [["not_party"], ["not_party"]])
        #expect(desk.head(b)?.reasons == ["same_organisation"])
    }

    @Test func nobodyDecidesForAnotherParkThatHeIsOf() {
        var desk = Desk()
        desk.subject?.needsApproval = true
        desk.subject?.people.organisations[manager] = ["west:organisation:1"]
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.comeToRest()
        desk.act("decide", a, by: manager, to: "confirmed")
        desk.comeToRest()
        #expect(desk.state(a) == "held" && desk.head(a)?.reasons == ["self_approval"])
    }

    @Test func anItemIsAskedForByTheKindsThatItTakes() {
        var desk = Desk()
        desk.subject?.asks = ["lend"]
        let a = desk.ask("a", Desk.hours(9, 11))
        let b = desk.ask("b", Desk.hours(9, 11), machine: "lend")
        desk.comeToRest()
        #expect(desk.state(a) == "refused" && desk.head(a)?.reasons == ["wrong_kind"])
        #expect(desk.state(b) == "lent")
    }

    /// Otherwise two would do for a secondment, or none of them were the one who is sent.
    @Test func aSecondmentHasThreePartiesAndThePersonIsOne() {
        var desk = Desk()
        desk.subject?.capacity = 10_000
        desk.subject?.person = "bio:person:1"
        func ask(_ name: String, _ desk: inout Desk, _ parties: [ExactText]) -> ExactText {
            let id = desk.ask(name, Desk.hours(9, 9_000), machine: "second", others: parties)
            desk.comeToRest()
            return id
        }
        let two = ask("two", &desk, ["bio:person:1", "bio:person:1", "west:organisation:3"])
        let other = ask("other", &desk, ["bio:person:2", "bio:organisation:2", "west:organisation:3"])
        let three = ask("three", &desk, ["bio:person:1", "bio:organisation:2", "west:organisation:3"])
        for id in [two, other] { #expect(desk.state(id) == "refused" && desk.head(id)?.reasons == ["bad_detail"]) }
        #expect(desk.state(three) == "asked")
    }

    /// Every step that follows a score has its inputs as well.
    @Test func aScoreIsMadeOfSoMuch() {
        for (count, expected) in [(Particulars.inputsMax, []), (Particulars.inputsMax + 1, ["bad_detail"])]
            as [(Int, [ExactText])]
        {
            var desk = Desk()
            desk.subject?.people.reviewers = ["bio:person:1"]
            let a = desk.ask("a", .always, machine: "award")
            desk.comeToRest()
            desk.act("decide", a, by: manager, to: "review")
            desk.act("score", a, by: "bio:person:1")
            desk.acts[1].inputs = Array(repeating: 1, count: count)
            desk.comeToRest()
            #expect(desk.head(a)?.reasons == expected)
        }
    }
}
