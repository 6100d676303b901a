import ParkSyncCore

/// What machines have of their own, beyond their rows. Names are those of the schema.
enum Particulars {
    /// A request is for a span of time, and has a price.
    static let timed: Set<ExactText> = ["booking", "lend"]
    /// Weights are money, capacity is the budget.
    static let budgets: Set<ExactText> = ["award"]
    /// A party has one open request.
    static let oneEach: Set<ExactText> = ["award"]
    /// Three parties consent.
    static let ofThree: Set<ExactText> = ["second"]
    /// States that wait for these wait for people who may be at another park.
    static let others: Set<ExactText> = ["asker", "holder", "party", "reviewer"]
    /// Acts that say what they were decided on.
    static let ofWhatWasSeen: Set<ExactText> = ["agree", "confirm", "consent", "dispute"]
    /// Acts that bring terms of their own.
    static let bringTerms: Set<ExactText> = ["amend", "counter", "decide"]
    /// What one person's score is made of at most.
    static let inputsMax = 100
    /// Only what was paid of these awards is taken of the budget.
    static let endsAtPaid: Set<ExactText> = ["terminated", "tolerated"]
    /// What is over before anything of it was used costs nothing.
    static let free: Set<ExactText> = ["refused", "withdrawn", "expired", "home_cancelled", "void"]

    static func isHandedOver(_ step: Arbiter.Step) -> Bool {
        step.machine == "move_home" && step.to == "handed_over"
    }

    /// Where a place goes that is another park's by then.
    static let cancelled: ExactText = "home_cancelled"

    /// What of the booked price is charged for a place that was kept for nothing, in basis points.
    static func charged(_ state: ExactText, _ rules: Arbiter.Rules) -> Int64? {
        switch state {
        case "no_show": rules.noShowShare ?? 10_000
        case "late_cancelled": rules.lateShare ?? 10_000
        default: nil
        }
    }

    /// Why a deadline moved a request.
    static func reasons(deadline: ExactText?, to state: ExactText) -> [ExactText] {
        if state == "not_selected" { return ["rank"] }
        switch deadline {
        case "hold", "confirm", "answer": return ["silence"]
        case "no_show", "attend": return ["not_arrived"]
        case "starts": return state == "expired" ? ["not_started"] : []
        case "ends": return [state == "overdue" ? "overdue" : "term_over"]
        case "register", "contract", "rectify": return ["overdue"]
        default: return []
        }
    }

    /// Why a person's act changed it: what he says, if he says no to it.
    static func reasons(_ act: Arbiter.Act, to state: ExactText, _ machines: Machines) -> [ExactText] {
        if act.act == "fork" { return ["fork"] }
        guard act.act == "end" || (free.contains(state) && act.act != "withdraw") else { return [] }
        // Another park's act may hold any words.
        let known = act.reasons.filter { machines.reason($0) != nil }
        if !known.isEmpty { return known.sorted() }
        switch act.act {
        case "agree": return ["by_agreement"]
        case "dispute": return ["objection"]
        default: return ["by_home"]
        }
    }
}

extension Arbiter.Bench {
    /// What is particular to the state that is entered: the price of what was used, a fee, what is
    /// kept of a budget, the interval that holds again.
    func entering(_ place: Int, _ state: ExactText, _ change: Arbiter.Change) -> Arbiter.Change {
        // A note or a refusal does nothing of that again; metering does.
        guard let head = chains[place].current, head.to != state || change.act == "meter" else { return change }
        var change = change
        var terms = change.terms ?? head.terms
        let request = requests[place]
        if head.to == "extending", state == "active" {
            terms = chains[place].branch.first { $0.to != "extending" }?.terms ?? terms
        }
        if request.machine == "award", Particulars.endsAtPaid.contains(state) { terms.weight = request.paid }
        if Particulars.timed.contains(request.machine) {
            if Particulars.free.contains(state) { terms.amount = nil }
            if let share = Particulars.charged(state, subject?.rules ?? Arbiter.Rules()) {
                terms.amount = terms.amount.map { Prices.share($0, basisPoints: share) }
            }
            if state == "used" {
                if request.usage == nil, head.to != state { change.reasons.append("unmetered") }
                terms.amount = used(place, terms)
            }
        }
        if head.machine == "pick", state == "scored", head.inputs.isEmpty { change.inputs = request.inputs }
        if state == "settled", let amount = terms.amount, amount > 0 { change.owed = amount }
        change.terms = terms
        return change
    }

    /// By the rate that was used when the place was given.
    private func used(_ place: Int, _ terms: Arbiter.Terms) -> Int64? {
        guard let given = chains[place].current?.rate, let rate = subject?.rates.first(where: { $0.id == given }) else {
            return nil
        }
        return requests[place].usage.map { Prices.price(rate, $0, weight: terms.weight) } ?? Prices.booked(rate, terms)
    }
}
