import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// A decision is on the terms that the person saw.
@Suite struct ArbiterSeenTermsTests {
    typealias Desk = ArbiterDesk
    private let manager: ExactText = "home:person:manager"

    /// Who asks changes what he wants while somebody decides.
    @Test func whatWasNotSeenIsNotDecidedOn() {
        var desk = Desk()
        desk.subject?.needsApproval = true
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.comeToRest()
        let seen = desk.head(a)?.n
        desk.act("amend", a, interval: .another(Desk.hours(9, 20)))
        desk.comeToRest()
        desk.act("decide", a, by: manager, to: "confirmed")
        desk.acts[1].onN = seen
        desk.comeToRest()
        #expect(desk.state(a) == "held" && desk.head(a)?.reasons == ["stale"])
        // The refusal has changed nothing of what he sees now.
        desk.act("decide", a, by: manager, to: "confirmed")
        desk.acts[2].onN = seen.map { $0 + 1 }
        desk.comeToRest()
        #expect(desk.state(a) == "confirmed" && desk.head(a)?.terms.interval == Desk.hours(9, 20))
    }

    /// Who says himself what is to hold need not have seen what was asked for last.
    @Test func aDecisionWithTermsOfItsOwnIsOfThese() {
        var desk = Desk()
        desk.subject?.needsApproval = true
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.comeToRest()
        let seen = desk.head(a)?.n
        desk.act("amend", a, interval: .another(Desk.hours(9, 20)))
        desk.comeToRest()
        desk.act("decide", a, by: manager, to: "confirmed", interval: .another(Desk.hours(9, 10)))
        desk.acts[1].onN = seen
        desk.comeToRest()
        #expect(desk.state(a) == "confirmed" && desk.head(a)?.terms.interval == Desk.hours(9, 10))
    }
}
