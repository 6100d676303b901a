import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// Drives one request along declared moves: for each move it brings about what makes the arbiter
/// take it, by an act of whoever may, by the clock, or by what the subject is like.
struct MachineWalker {
    typealias Move = Machines.Move

    let machine: ExactText
    var desk = ArbiterDesk()
    let request: ExactText
    private let party: ExactText
    private static let parties: [ExactText] = ["bio:person:1", "bio:organisation:2", "west:organisation:3"]

    init(_ machine: ExactText) {
        self.machine = machine
        // Where the asker decides, the manager is one of his own park.
        let park = SchemaRows.machines.isDecidedByAsker(machine) ? "home" : "west"
        (request, party) = (ExactText("\(park):request:walker"), ExactText("\(park):organisation:1"))
        desk.subject?.rules.noShowMinutes = 30
        desk.subject?.rules.holdMinutes = 60
        desk.subject?.rules.cancelMinutes = 60
        desk.subject?.rules.asksUntil = ArbiterDesk.hour(8)
        desk.subject?.scoreWeights = [3, 1]
        desk.subject?.ranking = Arbiter.Listing(count: 1, sha256: "00ff")
        desk.subject?.people.reviewers = ["home:person:reviewer"]
        desk.requests = [
            Arbiter.Request(
                id: request, kind: machine, machine: machine, party: party, others: Self.parties,
                interval: Self.interval(machine), mayWait: true, usage: Usage(minutes: 100),
                paid: 1, inputs: [2, 5])
        ]
    }

    /// A morning, or what takes longer than every deadline.
    private static func interval(_ machine: ExactText) -> Interval {
        ["booking", "lend", "signup"].contains(machine) ? ArbiterDesk.hours(9, 11) : ArbiterDesk.hours(9, 24 * 300)
    }

    /// The moves that carry something out, without those that follow from a fork.
    static func effects(_ machine: ExactText) -> [Move] {
        SchemaRows.moves.filter {
            $0.machine == machine && $0.from != "" && ($0.from != $0.to || $0.byWhom != "anyone") && $0.act != "fork"
        }
    }

    /// The shortest way from the first state.
    static func path(_ machine: ExactText, to state: ExactText) -> [Move]? {
        let initial = SchemaRows.machines.initial(machine) ?? ""
        var ways: [ExactText: [Move]] = [initial: []]
        var queue = [initial]
        while !queue.isEmpty {
            let from = queue.removeFirst()
            for move in effects(machine) where move.from == from && ways[move.to] == nil {
                ways[move.to] = (ways[from] ?? []) + [move]
                queue.append(move.to)
            }
        }
        return ways[state]
    }

    /// Whether the last step is that move.
    mutating func walk(_ move: Move) -> Bool {
        prepare(move)
        if !["ask", "room", "withdraw"].contains(move.act) { desk.comeToRest() }
        let had = desk.steps.count
        switch move.act {
        case "ask", "room": break
        case "clock": passTime(move)
        default: act(move)
        }
        if move.act == "clock", move.to == "home_cancelled" { handOver() }
        desk.comeToRest()
        return desk.steps.dropFirst(had).contains {
            $0.request == request && $0.from == move.from && $0.to == move.to && $0.act == move.act && !$0.isRefusal
        }
    }

    /// What keeps the arbiter from answering at once what is to be answered otherwise.
    private mutating func prepare(_ move: Move) {
        desk.subject?.isEnded = false
        desk.subject?.capacity = 1
        desk.subject?.needsApproval = move.to == "held" || (move.from == "asked" && move.act != "ask")
        desk.subject?.answer = move.act == "ask" ? move.to : nil
        switch (move.act, move.to) {
        case ("ask", "refused"): desk.subject?.isEnded = true
        case ("ask", "waitlisted"), ("amend", "waitlisted"):
            desk.subject?.needsApproval = false
            block()
        case ("room", _), ("amend", "held"), ("amend", "confirmed"), ("amend", "admitted"):
            // Who waits has to go on waiting until the act has come.
            if move.act == "amend", move.from == "waitlisted" { block() } else { unblock() }
        case (_, "not_selected"): desk.subject?.capacity = 0
        default: if move.from == "waitlisted" || move.to == "waitlisted" { block() } else { unblock() }
        }
    }

    /// Somebody else has all the room.
    private mutating func block() {
        guard !desk.steps.contains(where: { $0.request == "home:request:block" }) else { return }
        let terms = Arbiter.Terms(ArbiterDesk.hours(9, 11))
        desk.requests.insert(
            Arbiter.Request(
                id: "home:request:block", kind: "x", machine: "lend", party: "home:organisation:2",
                interval: terms.interval), at: 0)
        desk.steps += [
            Arbiter.Step(
                id: "b1", request: "home:request:block", n: 1, machine: "lend", to: "asked", act: "ask", terms: terms,
                at: desk.now),
            Arbiter.Step(
                id: "b2", request: "home:request:block", n: 2, follows: "b1", machine: "lend", from: "asked",
                to: "lent", act: "ask",
                terms: terms, at: desk.now),
        ]
    }

    private mutating func unblock() {
        desk.requests.removeAll { $0.id == "home:request:block" }
        desk.steps.removeAll { $0.request == "home:request:block" }
    }

    /// The item becomes another park's before the place begins.
    private mutating func handOver() {
        let id = desk.ask("move", Interval(ArbiterDesk.hour(8), .last), machine: "move_home", park: "bio")
        desk.comeToRest()
        desk.act("decide", id, by: "home:person:manager", to: "handed_over")
    }

    private mutating func passTime(_ move: Move) {
        if move.to == "home_cancelled" { return }
        if let moment = desk.decide().nextAt { desk.now = moment }
    }

    func actor(_ byWhom: ExactText) -> ExactText {
        switch byWhom {
        case "manager": "home:person:manager"
        case "reviewer": "home:person:reviewer"
        case "party": Self.parties[0]
        default: party
        }
    }

    private mutating func act(_ move: Move) {
        var wish = Arbiter.IntervalWish.same
        if move.act == "amend", move.from == "waitlisted", move.to != "waitlisted" {
            wish = .another(ArbiterDesk.hours(12, 13))
        }
        if move.act == "withdraw" {
            desk.now = max(desk.now, move.to == "late_cancelled" ? ArbiterDesk.hour(9).adding(minutes: -10) : desk.now)
        }
        if move.act == "consent", move.to != move.from {
            for party in Self.parties.dropFirst() { desk.act("consent", request, by: party) }
        }
        desk.act(
            move.act, request, by: actor(move.byWhom), to: move.act == "decide" ? move.to : nil, interval: wish)
        let last = desk.acts.count - 1
        if move.act == "score" { desk.acts[last].inputs = [4, 4] }
        if move.to == "listed" { desk.acts[last].listing = desk.subject?.ranking }
    }
}
