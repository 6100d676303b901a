import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// One subject's requests as a database would hold them. Every step is judged as the schema's
/// guards would judge it, with an occupancy of its own that knows nothing of how the arbiter finds
/// room.
struct ArbiterDesk {
    typealias Step = Arbiter.Step

    let arbiter = Arbiter(machines: SchemaRows.machines)
    var subject: Arbiter.Subject? = Arbiter.Subject(id: "home:item:1")
    var requests: [Arbiter.Request] = []
    var acts: [Arbiter.Act] = []
    var steps: [Step] = []
    var now = ArbiterDesk.hour(-24)
    /// What is written is seen at once by every park.
    var isInContact = true
    var last: Arbiter.Decision?

    /// Monday 2026-12-07 in Chengdu, midnight.
    static let monday = Instant("2026-12-06T16:00:00Z") ?? .first
    static func hour(_ hours: Int64) -> Instant { monday.adding(seconds: hours * 3_600) }
    static func hours(_ from: Int64, _ to: Int64) -> Interval { Interval(hour(from), hour(to)) }
    static func id(_ request: ExactText, _ count: Int) -> ExactText { ExactText("\(request)#\(count + 1)") }

    init(_ machine: ExactText = "booking") {
        subject?.people.owner = "home:organisation:owner"
        subject?.people.staff = ["home:person:manager": .manager, "home:person:officer": .officer]
    }

    func decide() -> Arbiter.Decision {
        arbiter.decide(subject: subject, requests: requests, acts: acts, steps: steps, now: now, id: Self.id)
    }

    /// Decides and writes until nothing follows. In contact, every park sees what was written
    /// before the home looks again.
    @discardableResult
    mutating func comeToRest(sourceLocation location: SourceLocation = #_sourceLocation) -> [Step] {
        var all: [Step] = []
        for _ in 0..<20 {
            let made = write(location)
            all += made
            guard isInContact, !made.isEmpty else { return all }
            for place in steps.indices where steps[place].seenAt == nil { steps[place].seenAt = now }
        }
        Issue.record("it does not come to rest", sourceLocation: location)
        return all
    }

    /// Half of it is written first: the rest has to come out again.
    private mutating func write(_ location: SourceLocation) -> [Step] {
        let made = decide().steps
        for (place, step) in made.enumerated() {
            if place == made.count / 2 {
                let rest = decide().steps
                #expect(
                    rest == Array(made.dropFirst(place)), "what was not written is decided as it was",
                    sourceLocation: location)
            }
            judge(step, location)
            steps.append(step)
            expectRoom(step, location)
        }
        let again = decide()
        last = again
        if !again.steps.isEmpty { Issue.record("a second look decides \(again.steps) more", sourceLocation: location) }
        expectAnswers(again, location)
        return made
    }

    private func judge(_ step: Step, _ location: SourceLocation) {
        let machines = SchemaRows.machines
        if !machines.declares(step.machine, from: step.from, to: step.to, act: step.act) {
            Issue.record("not declared: \(step)", sourceLocation: location)
        }
        let before = steps.filter { $0.request == step.request }
        let followed = before.first { $0.id == step.follows }
        if step.n != (followed?.n ?? 0) + 1 || followed?.to ?? "" != step.from || (followed == nil) != before.isEmpty {
            Issue.record("does not follow: \(step)", sourceLocation: location)
        }
        if before.contains(where: { $0.follows == step.follows && step.follows != nil }) {
            Issue.record("a second step follows \(step.follows ?? "")", sourceLocation: location)
        }
        if step.isRefusal, step.terms != followed?.terms || step.rate != followed?.rate {
            Issue.record("a refusal changes something: \(step)", sourceLocation: location)
        }
        if step.from == step.to, step.reasons.isEmpty,
            machines.effects(step.machine, from: step.from, act: step.act).isEmpty
        {
            Issue.record("a refusal without a reason: \(step)", sourceLocation: location)
        }
        if step.reasons != Set(step.reasons).sorted() || !step.reasons.allSatisfy({ machines.reason($0) != nil }) {
            Issue.record("reasons \(step.reasons)", sourceLocation: location)
        }
        if (step.actID == nil) != ["ask", "room", "clock"].contains(step.act) {
            Issue.record("answers no act: \(step)", sourceLocation: location)
        }
        if step.reasons.isEmpty, step.from != step.to, step.to == "refused" || step.to == "home_cancelled" {
            Issue.record("without a reason: \(step)", sourceLocation: location)
        }
        if step.terms.weight < 1 { Issue.record("weight \(step.terms.weight)", sourceLocation: location) }
    }

    /// The steps of which none follows.
    func heads() -> [Step] {
        let followed = Set(steps.compactMap(\.follows))
        return steps.filter { !followed.contains($0.id) }
    }

    /// At the start of each place that the step's overlaps, the weights in occupying states.
    private func expectRoom(_ step: Step, _ location: SourceLocation) {
        func occupies(_ step: Step) -> Bool {
            SchemaRows.machines.state(step.to, of: step.machine)?.occupies == true
        }
        guard let capacity = subject?.capacity, occupies(step) else { return }
        let taken = heads().filter { occupies($0) && $0.terms.interval.overlaps(step.terms.interval) }
        // A fork's two branches are both there: nothing that the arbiter does makes that less.
        guard Set(taken.map(\.request)).count == taken.count else { return }
        for start in taken.map(\.terms.interval.start) where start >= step.terms.interval.start {
            let sum = taken.filter { $0.terms.interval.start <= start && start < $0.terms.interval.end }
                .reduce(0) { $0 + $1.terms.weight }
            if sum > capacity { Issue.record("double booking: \(sum) at \(start.text)", sourceLocation: location) }
        }
        let first = taken.filter { $0.terms.interval.start <= step.terms.interval.start }.reduce(0) {
            $0 + $1.terms.weight
        }
        if first > capacity { Issue.record("double booking at \(step)", sourceLocation: location) }
    }

    private func expectAnswers(_ decision: Arbiter.Decision, _ location: SourceLocation) {
        let answers = Dictionary(grouping: steps.filter { $0.actID != nil }) { $0.actID ?? "" }
        let known = Set(requests.map(\.id))
        let forked = Dictionary(grouping: heads().filter { $0.act != "fork" || $0.isRefusal }, by: \.request)
            .filter { $0.value.count > 1 }
        for act in acts where known.contains(act.request) {
            let answers = answers[act.id] ?? []
            if answers.count > 1 { Issue.record("\(act) has \(answers.count) answers", sourceLocation: location) }
            if answers.isEmpty, forked[act.request] == nil {
                Issue.record("\(act) has no answer", sourceLocation: location)
            }
            if let answer = answers.first, answer.act != act.act || answer.request != act.request {
                Issue.record("\(answer) answers \(act)", sourceLocation: location)
            }
        }
        let begun = Set(steps.filter { $0.n == 1 }.map(\.request))
        for request in requests where !begun.contains(request.id) {
            Issue.record("\(request.id) has vanished", sourceLocation: location)
        }
        if !decision.unanswerable.isEmpty { Issue.record("\(decision.unanswerable)", sourceLocation: location) }
    }

    func head(_ request: ExactText) -> Step? { heads().last { $0.request == request } }
    func state(_ request: ExactText) -> ExactText? { head(request)?.to }
    func chain(_ request: ExactText) -> [ExactText] { steps.filter { $0.request == request }.map(\.to) }

    /// A booking of a park's party.
    @discardableResult
    mutating func ask(
        _ name: String, _ interval: Interval?, machine: ExactText = "booking", park: String = "west", weight: Int64 = 1,
        mayWait: Bool = false, others: [ExactText] = []
    ) -> ExactText {
        let id = ExactText("\(park):request:\(name)")
        requests.append(
            Arbiter.Request(
                id: id, kind: machine, machine: machine, party: ExactText("\(park):organisation:1"), others: others,
                interval: interval, weight: weight, mayWait: mayWait))
        return id
    }

    /// An act of the asking party, on the step that is the newest.
    mutating func act(
        _ act: ExactText, _ request: ExactText, by: ExactText? = nil, to: ExactText? = nil,
        interval: Arbiter.IntervalWish = .same, weight: Int64? = nil, amount: Int64? = nil,
        reasons: Set<ExactText> = []
    ) {
        let by = by ?? requests.first { $0.id == request }?.party ?? "west:organisation:1"
        acts.append(
            Arbiter.Act(
                id: ExactText("\(by.park):act:\(acts.count)"), request: request, by: by, act: act,
                onN: head(request)?.n, to: to, interval: interval, weight: weight, amount: amount, reasons: reasons))
    }
}
