import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// What parks and clocks do with three requests of one machine, in and out of contact: at each step
/// what the desk looks at, and in the end nothing waits for nobody.
@Suite struct ArbiterWalkTests {
    private static let others: [ExactText] = ["bio:person:1", "bio:organisation:2", "west:organisation:3"]
    /// Whoever a request may wait for at last.
    private static let persons: Set<ExactText> = ["asker", "holder", "manager", "party", "reviewer"]

    struct Walk {
        let machine: ExactText
        let moves: [Machines.Move]
        let acts: [ExactText]
        var random: DemoRandom
        var desk = ArbiterDesk()

        init(_ machine: ExactText, seed: Int) {
            self.machine = machine
            moves = MachineWalker.effects(machine).filter { !["ask", "room"].contains($0.act) }
            acts = Set(SchemaRows.moves.filter { $0.machine == machine }.map(\.act))
                .subtracting(["ask", "room", "clock"]).sorted()
            random = DemoRandom(seed: UInt64(seed), stream: "walk \(machine)")
            desk.subject?.capacity = Int64(1 + random.below(3))
            desk.subject?.needsApproval = random.chance(percent: 30)
            desk.subject?.rules.cancelMinutes = 60
            desk.subject?.rules.asksUntil = ArbiterDesk.hour(8)
            desk.subject?.scoreWeights = [3, 1]
            desk.subject?.ranking = Arbiter.Listing(count: 1, sha256: "00ff")
            desk.subject?.people.reviewers = ["home:person:reviewer"]
        }

        mutating func ask(_ number: Int) {
            let isShort = ["booking", "lend", "signup"].contains(machine)
            let from = hour + Int64(random.below(3))
            let park = random.pick(["west", "bio", "home"]) ?? "west"
            desk.requests.append(
                Arbiter.Request(
                    id: ExactText("\(park):request:\(number)"), kind: machine, machine: machine,
                    party: ExactText("\(park):organisation:\(number)"), others: others,
                    interval: ArbiterDesk.hours(from, from + (isShort ? 2 : 24 * 100)), mayWait: number > 0,
                    usage: random.chance(percent: 50) ? Usage(minutes: 100) : nil,
                    inputs: [Int64(random.below(5)), Int64(random.below(5))]))
        }

        /// A move that somebody may make as things stand, or what anybody tries.
        mutating func go() {
            guard let request = random.pick(desk.requests) else { return }
            let state = desk.state(request.id)
            let possible = moves.filter { $0.from == state }
            if random.chance(percent: 70), let move = random.pick(possible) {
                if move.act == "clock" {
                    if let next = desk.decide().nextAt { desk.now = next }
                } else {
                    act(move.act, on: request, by: actor(move.byWhom, request), to: move.to)
                }
            } else if let name = random.pick(acts) {
                let by = random.pick(["manager", "reviewer", "party", "asker"] as [ExactText]) ?? "asker"
                act(name, on: request, by: actor(by, request), to: random.pick(moves)?.to ?? "")
                if random.chance(percent: 30) { desk.acts[desk.acts.count - 1].onN = 1 }
            }
        }

        private mutating func actor(_ byWhom: ExactText, _ request: Arbiter.Request) -> ExactText {
            switch byWhom {
            case "manager": random.pick(["home:person:manager", "home:person:officer"]) ?? request.party
            case "reviewer": "home:person:reviewer"
            case "party": random.pick(others) ?? request.party
            default: request.party
            }
        }

        private mutating func act(_ name: ExactText, on request: Arbiter.Request, by: ExactText, to: ExactText) {
            let from = hour + Int64(random.below(40)) - 5
            let isOther = ["amend", "counter"].contains(name) && random.chance(percent: 70)
            desk.act(
                name, request.id, by: by, to: name == "decide" ? to : nil,
                interval: isOther ? .another(ArbiterDesk.hours(from, from + 2)) : .same,
                weight: random.chance(percent: 10) ? Int64(random.below(3)) : nil,
                reasons: random.chance(percent: 50) ? ["unseen", "past", "by_home"] : [])
            let last = desk.acts.count - 1
            if name == "score" { desk.acts[last].inputs = [Int64(random.below(9)), 4] }
            if to == "listed" { desk.acts[last].listing = desk.subject?.ranking }
        }

        /// One to come, on Monday or later.
        private var hour: Int64 {
            max(9, (desk.now.seconds - ArbiterDesk.monday.seconds).dividedDown(by: 3_600).quotient + 1)
        }

        private var others: [ExactText] { ArbiterWalkTests.others }
    }

    static func walk(_ machine: ExactText, seed: Int) -> Walk {
        var walk = Walk(machine, seed: seed)
        for round in 0..<20 {
            if round % 4 == 0, round < 12 { walk.ask(round / 4) }
            walk.go()
            // The rows of the steps may be read in any order.
            var shuffled = walk.desk
            for place in shuffled.steps.indices {
                shuffled.steps.swapAt(place, walk.random.below(shuffled.steps.count))
            }
            #expect(shuffled.decide() == walk.desk.decide(), "\(machine), seed \(seed), round \(round)")
            walk.desk.isInContact = walk.random.chance(percent: 70)
            walk.desk.comeToRest()
            if walk.random.chance(percent: 30) {
                walk.desk.now = walk.desk.now.adding(minutes: Int64(walk.random.below(2_000)))
            }
        }
        return walk
    }

    @Test(arguments: SchemaRows.names) func allComesToAnEndOrWaitsForSomebody(machine: ExactText) {
        for seed in 1...4 {
            var desk = Self.walk(machine, seed: seed).desk
            desk.isInContact = true
            for place in desk.steps.indices where desk.steps[place].seenAt == nil {
                desk.steps[place].seenAt = desk.now
            }
            desk.comeToRest()
            for _ in 0..<30 {
                guard let next = desk.decide().nextAt else { break }
                desk.now = next
                #expect(!desk.comeToRest().isEmpty, "\(machine), seed \(seed): a deadline passes and nothing happens")
            }
            #expect(desk.decide().nextAt == nil && desk.decide().unseen.isEmpty, "\(machine), seed \(seed)")
            for request in desk.requests {
                let state = desk.state(request.id).flatMap { SchemaRows.machines.state($0, of: machine) }
                let isOver = state?.ends == true || state?.waitsFor.map(Self.persons.contains) == true
                #expect(isOver, "\(machine), seed \(seed): \(desk.chain(request.id))")
            }
        }
    }

    @Test(arguments: SchemaRows.names) func theSameAgainMakesTheSameSteps(machine: ExactText) {
        #expect(Self.walk(machine, seed: 9).desk.steps == Self.walk(machine, seed: 9).desk.steps)
    }
}
