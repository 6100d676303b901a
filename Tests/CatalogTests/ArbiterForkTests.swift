import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// What a fork of the home's log leaves behind: two steps that follow one.
@Suite struct ArbiterForkTests {
    typealias Desk = ArbiterDesk

    /// One branch confirmed the morning, the other the afternoon.
    private func forked() -> (Desk, ExactText) {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.comeToRest()
        var other = desk.steps[1]
        other.id = "west:request:a#2b"
        other.terms.interval = Desk.hours(14, 16)
        desk.steps.append(other)
        return (desk, a)
    }

    @Test func bothBranchesTakeRoomAndNothingGoesOn() {
        var (desk, a) = forked()
        desk.subject?.rules.noShowMinutes = 10
        let b = desk.ask("b", Desk.hours(10, 12))
        let c = desk.ask("c", Desk.hours(15, 17))
        let d = desk.ask("d", Desk.hours(11, 14))
        desk.act("withdraw", a)
        desk.act("amend", a, interval: .another(Desk.hours(18, 19)))
        desk.comeToRest()
        #expect(desk.state(b) == "refused" && desk.state(c) == "refused" && desk.state(d) == "confirmed")
        desk.now = Desk.hour(100)
        desk.comeToRest()
        #expect(desk.chain(a) == ["asked", "confirmed", "confirmed"])
    }

    @Test func aPersonEndsOneAndTheOtherGoesOn() {
        var (desk, a) = forked()
        desk.act("amend", a, interval: .another(Desk.hours(15, 17)))
        desk.comeToRest()
        desk.act("fork", a, by: "west:organisation:1")
        desk.acts[1].onStep = "west:request:a#2"
        desk.comeToRest()
        #expect(desk.steps.last?.isRefusal == true && desk.steps.last?.reasons == ["not_party"])
        desk.act("fork", a, by: "home:person:manager")
        desk.acts[2].onStep = desk.steps.last?.id
        let made = desk.comeToRest()
        #expect(made.map(\.to) == ["void", "confirmed"] && made[0].reasons == ["fork"])
        #expect(made[1].terms.interval == Desk.hours(15, 17) && made[1].actID == "west:act:0", "the act had waited")
        #expect(made.map(\.n) == [4, 3])
        desk.act("fork", a, by: "home:person:manager")
        desk.comeToRest()
        #expect(desk.steps.last?.reasons == ["not_fork"])
        let b = desk.ask("b", Desk.hours(9, 11))
        desk.comeToRest()
        #expect(desk.state(b) == "confirmed", "the branch that was ended takes nothing")
    }

    @Test func aBranchIsNamedByItsNumberIfThatTells() {
        var (desk, a) = forked()
        desk.act("fork", a, by: "home:person:manager")
        desk.acts[0].onN = 2
        desk.comeToRest()
        #expect(desk.steps.last?.reasons == ["stale"], "both are second steps")
        // The refusal follows one of them.
        let longer = desk.steps.last?.n
        desk.act("fork", a, by: "home:person:manager")
        desk.acts[1].onN = longer
        desk.comeToRest()
        #expect(desk.steps.last?.n == 4 && desk.steps.last?.to == "void")
    }

    /// From every state, so that no fork is for ever.
    @Test(arguments: SchemaRows.names) func everyStateCanBeEnded(machine: ExactText) {
        for state in SchemaRows.states where state.machine == machine && state.name != "void" {
            guard let path = MachineWalker.path(machine, to: state.name) else { continue }
            var walker = MachineWalker(machine)
            for move in path { _ = walker.walk(move) }
            walker.desk.subject?.needsApproval = true
            walker.desk.comeToRest()
            guard let head = walker.desk.head(walker.request), head.to == state.name else { continue }
            var other = head
            (other.id, other.actID) = ("home:fork:1", nil)
            walker.desk.steps.append(other)
            walker.desk.act("fork", walker.request, by: walker.actor("manager"))
            walker.desk.acts[walker.desk.acts.count - 1].onStep = other.id
            walker.desk.comeToRest()
            #expect(walker.desk.steps.contains { $0.follows == other.id && $0.to == "void" }, "\(state.name)")
        }
    }
}
