import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// The machines as the schema declares them: every move is taken, and nothing else.
@Suite struct MachineMoveTests {
    @Test func theSchemaHasRows() {
        #expect(SchemaRows.names.count >= 14 && SchemaRows.moves.count > 1_000 && SchemaRows.reasons.count > 40)
    }

    @Test(arguments: SchemaRows.names) func everyDeclaredMoveIsTaken(machine: ExactText) throws {
        for move in MachineWalker.effects(machine) {
            let path = try #require(MachineWalker.path(machine, to: move.from), "\(move.from) is not reached")
            var walker = MachineWalker(machine)
            for step in path where !walker.walk(step) {
                Issue.record("on the way to \(move): not taken: \(step); \(walker.desk.chain(walker.request))")
                break
            }
            if !walker.walk(move) {
                let head = walker.desk.head(walker.request)
                Issue.record("not taken: \(move); \(walker.desk.chain(walker.request)), \(head?.reasons ?? [])")
            }
        }
    }

    @Test(arguments: SchemaRows.names) func everyEndIsReachedAndIsAnEnd(machine: ExactText) {
        for state in SchemaRows.states where state.machine == machine && state.ends {
            // A fork leads there; see the tests of forks.
            if state.name == "void" { continue }
            var walker = MachineWalker(machine)
            guard let path = MachineWalker.path(machine, to: state.name) else {
                Issue.record("\(state.name) is not reached")
                continue
            }
            for move in path { _ = walker.walk(move) }
            #expect(walker.desk.state(walker.request) == state.name)
            walker.desk.now = walker.desk.now.adding(days: 400)
            #expect(
                walker.desk.comeToRest().isEmpty && walker.desk.decide().nextAt == nil, "nothing follows \(state.name)")
        }
    }

    /// In every state each act that it does not take is answered by a refusal, whoever acts.
    @Test(arguments: SchemaRows.names) func everyUndeclaredActIsRefused(machine: ExactText) {
        let machines = SchemaRows.machines
        let acts = Set(SchemaRows.moves.filter { $0.machine == machine }.map(\.act)).subtracting([
            "ask", "room", "clock",
        ])
        for state in SchemaRows.states where state.machine == machine && state.name != "void" {
            guard let path = MachineWalker.path(machine, to: state.name) else { continue }
            var walker = MachineWalker(machine)
            for move in path { _ = walker.walk(move) }
            walker.desk.subject?.needsApproval = true
            walker.desk.comeToRest()
            // Nobody acts on what the arbiter answers at once.
            guard walker.desk.state(walker.request) == state.name else { continue }
            let undeclared = acts.sorted().filter { machines.effects(machine, from: state.name, act: $0).isEmpty }
            for act in undeclared {
                for by: ExactText in ["west:organisation:1", "home:person:manager", "bio:person:stranger"] {
                    walker.desk.act(act, walker.request, by: by)
                }
            }
            let refusals = walker.desk.comeToRest()
            #expect(refusals.map(\.act) == undeclared.flatMap { [$0, $0, $0] })
            #expect(refusals.allSatisfy { $0.isRefusal && $0.to == state.name }, "\(state.name)")
        }
    }

    /// What is declared is refused to whoever may not do it, and to whoever does not say what he
    /// saw.
    @Test(arguments: SchemaRows.names) func nobodyElseMayTakeAMove(machine: ExactText) {
        for move in MachineWalker.effects(machine) where !["ask", "room", "clock"].contains(move.act) {
            guard let path = MachineWalker.path(machine, to: move.from) else { continue }
            var walker = MachineWalker(machine)
            for step in path { _ = walker.walk(step) }
            walker.desk.subject?.needsApproval = true
            walker.desk.comeToRest()
            let isPublic = SchemaRows.machines.state(move.from, of: machine)?.deadline == "publicity"
            if !(isPublic && move.act == "dispute") {
                walker.desk.act(move.act, walker.request, by: "bio:person:stranger", to: move.to)
                walker.desk.comeToRest()
                let head = walker.desk.steps.last
                #expect(
                    head?.isRefusal == true
                        && head?.reasons.contains { $0 == "not_party" || $0 == "not_reviewer" } == true,
                    "\(move) \(head?.reasons ?? [])")
            }
            if Particulars.ofWhatWasSeen.contains(move.act) {
                walker.desk.act(move.act, walker.request, by: "west:organisation:1", to: move.to)
                walker.desk.acts[walker.desk.acts.count - 1].onN = 0
                walker.desk.comeToRest()
                #expect(walker.desk.head(walker.request)?.reasons.contains("stale") == true, "\(move)")
            }
        }
    }

    /// A forged step may name a state that the machine does not have: nothing follows, nothing
    /// breaks.
    @Test func aStateThatIsNotDeclaredIsLeftAlone() {
        var desk = ArbiterDesk()
        let a = desk.ask("a", ArbiterDesk.hours(9, 11))
        desk.steps = [
            Arbiter.Step(
                id: "1", request: a, n: 1, machine: "booking", to: "bewitched", act: "ask", terms: .init(), at: desk.now
            )
        ]
        desk.act("withdraw", a)
        let decision = desk.decide()
        #expect(decision.steps.isEmpty && decision.unanswerable == ["west:act:0"])
    }

    /// Each code that a guard gives is a row of the schema.
    @Test func everyReasonIsDeclared() {
        for rule in Guards.all {
            #expect(SchemaRows.machines.reason(rule.code) != nil, "\(rule.code)")
        }
    }
}
