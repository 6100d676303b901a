import ParkSyncCore

extension Arbiter.Bench {
    /// Answers the first act that can be answered.
    mutating func answerAct() -> Bool {
        while let act = acts.pop() {
            guard let place = places[act.request] else { continue }
            guard let head = chains[place].current else {
                unanswerable.insert(act.id)
                continue
            }
            if mustWait(place, act) {
                acts.wait(act)
                continue
            }
            if makesWay(place, act, head) {
                acts.putBack(act)
                return true
            }
            if let (head, change) = reply(place, act, head) {
                // A score or a withdrawal changes who is ranked.
                ranking = nil
                write(place, after: head, change)
                return true
            }
            unanswerable.insert(act.id)
        }
        return false
    }

    /// Who withdraws before the arbiter has answered is not answered first. Whatever else is wanted
    /// of a request comes after its answer; and what a fork left goes on only when a person has
    /// ended one branch.
    private mutating func mustWait(_ place: Int, _ act: Arbiter.Act) -> Bool {
        if chains[place].isForked { return act.act != "fork" }
        return act.act != "withdraw" && answer(place) != nil
    }

    /// The step that answers an act, and which it follows; nil: the rows have none.
    private mutating func reply(_ place: Int, _ act: Arbiter.Act, _ head: Arbiter.Step) -> (
        Arbiter.Step, Arbiter.Change
    )? {
        let head = act.act == "fork" ? branchHead(place, act) ?? head : head
        let change: Arbiter.Change
        switch ruling(place, act, head) {
        case .refused(let reasons):
            guard machines.declares(head.machine, from: head.to, to: head.to, act: act.act) else { return nil }
            change = Arbiter.Change(to: head.to, act: act.act, actID: act.id, reasons: reasons, by: act.by)
        case .done(var done):
            (done.actID, done.by) = (act.id, act.by)
            change = done
        }
        return (head, change)
    }

    enum Ruling {
        case refused([ExactText])
        case done(Arbiter.Change)
    }

    private mutating func ruling(_ place: Int, _ act: Arbiter.Act, _ head: Arbiter.Step) -> Ruling {
        if act.act == "fork" {
            if !chains[place].isForked { return .refused(["not_fork"]) }
            if branchHead(place, act) == nil { return .refused(["stale"]) }
        }
        let moves = machines.effects(head.machine, from: head.to, act: act.act)
        guard let any = moves.first else { return .refused([act.act == "withdraw" ? "too_late" : "not_this_state"]) }
        var reasons = objections(place, act, any)
        if Particulars.ofWhatWasSeen.contains(act.act), !chains[place].isCurrent(act.onN) { reasons.append("stale") }
        if !reasons.contains("not_party"), !sawTerms(place, act, head) { reasons.append("stale") }
        if reasons.contains("not_party") || reasons.contains("stale") { return .refused(reasons) }
        let wish = wish(act, head)
        var found: [ExactText]
        let goal: ExactText
        switch choose(place, act, head, moves.map(\.to), wish) {
        case .none: return .refused(reasons + ["not_this_state"])
        case .refused(let why): return .refused(reasons + why)
        case .to(let state, let failing): (goal, found) = (state, failing)
        }
        found += reasons + particularObjections(place, act, head, goal)
        let overridden = overridden(found, by: act)
        guard Set(overridden) == Set(found) else { return .refused(found) }
        // Reasons of a step that stays where it is say that it is a refusal.
        var change = Arbiter.Change(to: goal, act: act.act, reasons: goal == head.to ? [] : overridden)
        if Particulars.bringTerms.contains(act.act) { change.terms = wish.terms }
        if goal != head.to { change.reasons += Particulars.reasons(act, to: goal, machines) }
        change.party = act.act == "decide" ? act.party : nil
        if act.act == "dispute", isPublic(head.to, of: head.machine) { change.reasons.append("objection") }
        if act.act == "score", !act.inputs.isEmpty { change.inputs = act.inputs }
        if goal == "listed" { change.listing = act.listing }
        let isNew = change.terms.map { $0.interval != head.terms.interval } ?? false
        if !occupies(head.to, of: head.machine) || isNew { change = offered(place, goal, change) }
        return .done(entering(place, goal, change))
    }

    /// Whether a decision is on the terms that the person saw, as far as it does not bring its own:
    /// who asks may have amended them meanwhile. The price of a span of time follows from it.
    private func sawTerms(_ place: Int, _ act: Arbiter.Act, _ head: Arbiter.Step) -> Bool {
        guard act.act == "decide", let n = act.onN, n != head.n,
            let seen = chains[place].branch.first(where: { $0.n == n })
        else { return true }
        var (then, now) = (wish(act, seen), wish(act, head))
        if Particulars.timed.contains(head.machine) { (then.amount, now.amount) = (nil, nil) }
        return then.interval == now.interval && then.weight == now.weight && then.amount == now.amount
    }

    /// What the act wants, where it brings terms; nothing is changed by what it does not say.
    func wish(_ act: Arbiter.Act, _ head: Arbiter.Step) -> Wish {
        var wish = Wish(head.terms)
        guard Particulars.bringTerms.contains(act.act) else { return wish }
        switch act.interval {
        case .same: break
        case .another(let interval): wish.interval = interval
        case .bad: wish.interval = nil
        }
        wish.weight = act.weight ?? wish.weight
        wish.amount = act.amount ?? wish.amount
        return wish
    }

    /// The branch that a person ends. Its number is enough where the other's is not the same.
    private func branchHead(_ place: Int, _ act: Arbiter.Act) -> Arbiter.Step? {
        let live = chains[place].live
        let meant = live.filter { act.onStep == nil ? $0.n == act.onN : $0.id == act.onStep }
        return meant.count == 1 ? meant.first : nil
    }
}
