import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// Yearly rounds in which not all are ranked at one time, and extensions that others have to agree
/// to.
@Suite struct ArbiterSelectionTests {
    typealias Desk = ArbiterDesk
    private let manager: ExactText = "home:person:manager"
    private let ranking = Arbiter.Listing(count: 2, sha256: "00ff")

    private func round(places: Int64, _ inputs: [(String, Int64)]) -> (Desk, [ExactText]) {
        var desk = Desk()
        desk.subject?.capacity = places
        desk.subject?.scoreWeights = [1]
        desk.subject?.rules.asksUntil = Desk.hour(0)
        desk.subject?.ranking = ranking
        desk.subject?.people.reviewers = ["home:person:reviewer"]
        let ids = inputs.map { ask(&desk, $0.0, $0.1) }
        desk.now = Desk.hour(0)
        desk.comeToRest()
        return (desk, ids)
    }

    private func ask(_ desk: inout Desk, _ name: String, _ input: Int64) -> ExactText {
        let id = desk.ask(name, .always, machine: "pick")
        desk.requests[desk.requests.count - 1].inputs = [input]
        desk.comeToRest()
        return id
    }

    private func list(_ desk: inout Desk, _ id: ExactText) {
        desk.act("decide", id, by: manager, to: "listed")
        desk.acts[desk.acts.count - 1].listing = ranking
        desk.comeToRest()
    }

    /// The only place was given while the other one was disputed.
    @Test func whoIsRankedFirstTooLateIsNotSelected() {
        var (desk, ids) = round(places: 1, [("a", 5), ("b", 4)])
        for id in ids { list(&desk, id) }
        desk.act("dispute", ids[1], by: "air:person:1")
        desk.comeToRest()
        desk.now = desk.now.adding(days: 7)
        desk.comeToRest()
        #expect(ids.map { desk.state($0) } == ["selected", "disputed"])
        desk.act("decide", ids[1], by: manager, to: "scored")
        desk.comeToRest()
        desk.act("score", ids[1], by: "home:person:reviewer")
        desk.acts[desk.acts.count - 1].inputs = [9]
        desk.comeToRest()
        #expect(desk.head(ids[1])?.inputs == [9])
        list(&desk, ids[1])
        desk.now = desk.now.adding(days: 7)
        desk.comeToRest()
        #expect(ids.map { desk.state($0) } == ["selected", "not_selected"])
        #expect(desk.head(ids[1])?.reasons == ["rank"])
    }

    /// The round was made longer, and the home was away while one was selected, one was scored and
    /// one was to be selected: the third is ranked among all three, however many of the steps are
    /// written at a time.
    @Test func whoIsScoredMeanwhileCounts() {
        var (desk, ids) = round(places: 2, [("a", 5), ("c", 3)])
        list(&desk, ids[0])
        desk.subject?.rules.asksUntil = Desk.hour(200)
        ids.append(ask(&desk, "b", 9))
        desk.now = Desk.hour(48)
        list(&desk, ids[1])
        desk.now = Desk.hour(300)
        let made = desk.comeToRest()
        #expect(made.map(\.request) == [ids[0], ids[2], ids[1]])
        #expect(ids.map { desk.state($0) } == ["selected", "not_selected", "scored"])
    }

    /// If nobody agrees to the extension, what there was holds again: it has to be there still.
    @Test func anExtensionGivesNothingUp() {
        var desk = Desk()
        desk.subject?.capacity = 10_000
        let parties: [ExactText] = ["bio:person:1", "bio:organisation:2", "west:organisation:3"]
        func ask(_ name: String, park: String) -> ExactText {
            let id = desk.ask(
                name, Desk.hours(9, 9_000), machine: "second", park: park, weight: 6_000, others: parties)
            desk.comeToRest()
            for party in parties { desk.act("consent", id, by: party) }
            desk.comeToRest()
            return id
        }
        let a = ask("a", park: "west")
        desk.now = Desk.hour(9)
        desk.comeToRest()
        #expect(desk.state(a) == "active")
        desk.act("amend", a, interval: .another(Desk.hours(8_000, 9_500)))
        desk.act("amend", a, interval: .another(Desk.hours(9, 200)))
        desk.act("amend", a, interval: .another(Desk.hours(9, 9_500)), weight: 3_000)
        desk.comeToRest()
        #expect(desk.steps.suffix(3).map(\.reasons) == [["bad_interval"], ["bad_interval"], ["bad_weight"]])
        desk.act("amend", a, interval: .another(Desk.hours(9, 9_500)), weight: 7_000)
        desk.comeToRest()
        #expect(desk.state(a) == "extending" && desk.head(a)?.terms.weight == 7_000)
        let b = ask("b", park: "air")
        #expect(desk.head(b)?.reasons == ["no_room"])
        desk.act("dispute", a, by: parties[0])
        desk.comeToRest()
        #expect(desk.state(a) == "active" && desk.head(a)?.terms == Arbiter.Terms(Desk.hours(9, 9_000), weight: 6_000))
    }
}
