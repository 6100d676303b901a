import ParkSyncCore

extension Arbiter.Bench {
    /// Where an act leads, and which guards are against it.
    enum Choice {
        case none
        case refused([ExactText])
        case to(ExactText, failing: [ExactText])
    }

    mutating func choose(
        _ place: Int, _ act: Arbiter.Act, _ head: Arbiter.Step, _ goals: [ExactText], _ wish: Wish
    ) -> Choice {
        if act.act == "amend", waitsForRoom(head.to, of: head.machine) { return amendWaiting(place, head, goals, wish) }
        guard let goal = goal(place, act, head, goals) else { return .none }
        return .to(goal, failing: failing(place, act, head, goal, wish))
    }

    private func goal(_ place: Int, _ act: Arbiter.Act, _ head: Arbiter.Step, _ goals: [ExactText]) -> ExactText? {
        if let wanted = act.to { return goals.first { $0 == wanted } }
        switch act.act {
        case "withdraw" where goals.contains("late_cancelled"):
            return isLate(head) ? "late_cancelled" : goals.first { $0 != "late_cancelled" }
        case "consent":
            return isConsentedByAll(place, act).flatMap { all in goals.first { ($0 != head.to) == all } }
        default: return goals.count == 1 ? goals.first : nil
        }
    }

    private func isLate(_ head: Arbiter.Step) -> Bool {
        now > head.terms.interval.start.adding(minutes: -(subject?.rules.cancelMinutes ?? 0))
    }

    /// New terms are looked at like those of a request, with what the request has left out. So is
    /// what is to take room that it did not take, or that a person was to look at. What it has need
    /// not be defended again.
    private mutating func failing(
        _ place: Int, _ act: Arbiter.Act, _ head: Arbiter.Step, _ goal: ExactText, _ wish: Wish
    ) -> [ExactText] {
        let takesRoom = occupies(goal, of: head.machine)
        let had = occupies(head.to, of: head.machine)
        let isHeld = machines.state(head.to, of: head.machine)?.deadline == "hold"
        if act.act == "amend" || act.act == "counter" {
            return failing(place, wish, old: head.terms, takesRoom: takesRoom)
        }
        if takesRoom, !had || isHeld { return failing(place, wish, takesRoom: true) }
        guard Particulars.bringTerms.contains(act.act) else { return [] }
        var reasons: [ExactText] = []
        if wish.interval == nil { reasons.append("bad_interval") }
        if !Arbiter.Terms.weights.contains(wish.weight) || (takesRoom && isBelowPaid(place, wish)) {
            reasons.append("bad_weight")
        }
        if takesRoom, wish.interval != head.terms.interval || wish.weight > head.terms.weight,
            roomLeft(place, wish, takesRoom: true) != .there
        {
            reasons.append(Particulars.budgets.contains(head.machine) ? "over_budget" : "no_room")
        }
        return reasons
    }

    /// What has been paid of an award is not taken back by making it less.
    private func isBelowPaid(_ place: Int, _ wish: Wish) -> Bool {
        Particulars.budgets.contains(requests[place].machine) && wish.weight < requests[place].paid
    }

    /// Who waits may want something else instead, and has it at once if there is room for that.
    private mutating func amendWaiting(_ place: Int, _ head: Arbiter.Step, _ goals: [ExactText], _ wish: Wish) -> Choice
    {
        let reasons = failing(place, wish, old: head.terms, takesRoom: true)
        if reasons.isEmpty {
            guard let goal = goal(ofRoom: goals.filter { $0 != head.to }, head.machine) else { return .none }
            return .to(goal, failing: [])
        }
        guard Guards.ofRoom.isSuperset(of: reasons), room.couldHold(wish.weight), goals.contains(head.to) else {
            return .refused(reasons)
        }
        return .to(head.to, failing: [])
    }

    /// What only some machines ask for.
    func particularObjections(_ place: Int, _ act: Arbiter.Act, _ head: Arbiter.Step, _ goal: ExactText) -> [ExactText]
    {
        var reasons: [ExactText] = []
        // The park that has not heard of it could not act in time: a person says that it is so.
        if act.act == "decide", deadline(place) == .unseen,
            machines.declares(head.machine, from: head.to, to: goal, act: "clock")
        {
            reasons.append("unseen")
        }
        // Every step that follows has them, too.
        if act.act == "score", act.inputs.count > Particulars.inputsMax { reasons.append("bad_detail") }
        if act.act == "meter", goal == head.to, requests[place].usage == nil { reasons.append("unmetered") }
        if head.machine == "pick" {
            if act.act == "score", act.inputs.count != subject?.scoreWeights.count { reasons.append("bad_detail") }
            if goal == "listed", act.act == "decide", act.listing == nil || act.listing != subject?.ranking {
                reasons.append("bad_hash")
            }
        }
        if goal == "extending", goal != head.to {
            // What holds again if nobody agrees is not given away meanwhile.
            let (wish, had) = (wish(act, head), head.terms)
            if let wished = wish.interval, wished.start > had.interval.start || wished.end < had.interval.end {
                reasons.append("bad_interval")
            }
            if wish.weight < had.weight { reasons.append("bad_weight") }
        }
        if act.act == "decide", goal == "handed_over", takenBeyond(head.terms.interval.start, but: place) {
            reasons.append("no_room")
        }
        return reasons
    }

    /// Before an item is handed over, the places beyond that moment are cancelled one by one, as
    /// far as the home may do so.
    mutating func makesWay(_ place: Int, _ act: Arbiter.Act, _ head: Arbiter.Step) -> Bool {
        guard act.act == "decide", act.to == "handed_over", head.machine == "move_home", head.to == "asked",
            objections(
                place, act,
                Machines.Move(
                    machine: head.machine, from: head.to, to: "handed_over", act: "decide", byWhom: "manager")
            ).isEmpty
        else { return false }
        let moment = head.terms.interval.start
        if madeWay.act != act.id { madeWay = (act.id, 0) }
        while madeWay.next < chains.count {
            let other = madeWay.next
            madeWay.next += 1
            guard other != place, isBeyond(other, moment) else { continue }
            guard let later = chains[other].current,
                machines.declares(later.machine, from: later.to, to: Particulars.cancelled, act: "clock")
            else { continue }
            let change = Arbiter.Change(to: Particulars.cancelled, act: "clock", reasons: ["moved"])
            write(other, after: later, entering(other, Particulars.cancelled, change))
            return true
        }
        return false
    }

    private func isBeyond(_ place: Int, _ moment: Instant) -> Bool {
        guard let head = chains[place].current, !chains[place].isForked, !isFrozen(place) else { return false }
        let isWaiting = waitsForRoom(head.to, of: head.machine)
        return (isWaiting || occupies(head.to, of: head.machine)) && head.terms.interval.isBounded
            && head.terms.interval.end > moment
    }

    private func takenBeyond(_ moment: Instant, but place: Int) -> Bool {
        chains.indices.contains { other in
            other != place
                && chains[other].heads.contains { head in
                    occupies(head.to, of: head.machine) && head.terms.interval.isBounded
                        && head.terms.interval.end > moment
                }
        }
    }
}
