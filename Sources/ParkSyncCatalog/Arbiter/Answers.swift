import ParkSyncCore

extension Arbiter.Bench {
    /// Answers the first request that waits for the arbiter alone.
    mutating func answerAsked() -> Bool {
        while toAnswer < requests.count {
            let place = toAnswer
            toAnswer += 1
            if let change = answer(place) {
                write(place, after: chains[place].current, change)
                return true
            }
        }
        return false
    }

    /// What the arbiter says to a request by itself; nil where a person has to say it.
    mutating func answer(_ place: Int) -> Arbiter.Change? {
        let machine = requests[place].machine
        let initial = machines.initial(machine)
        guard let head = chains[place].current, head.to == initial, !chains[place].isForked, !isFrozen(place)
        else { return nil }
        let answers = machines.moves(machine, from: head.to, act: "ask").map(\.to)
        guard !answers.isEmpty else { return nil }
        let hold = answers.first { machines.state($0, of: machine)?.deadline == "hold" }
        let wait = answers.first { waitsForRoom($0, of: machine) }
        let goal = subject?.needsApproval == true ? hold ?? goalPastPersons(answers, head) : goal(answers, of: machine)
        let wish = Wish(requests[place])
        let reasons = failing(
            place, wish, takesRoom: goal.map { occupies($0, of: machine) } ?? false, isAsk: true,
            // Who waits for a person does not become wrong by that.
            at: goal == nil ? chains[place].first?.at : nil)
        func change(_ to: ExactText) -> Arbiter.Change {
            // What was asked for is already in the step, and is no interval if it was none.
            Arbiter.Change(to: to, act: "ask", reasons: reasons)
        }
        if reasons.isEmpty { return goal.map { offered(place, $0, Arbiter.Change(to: $0, act: "ask")) } }
        if Guards.ofRoom.isSuperset(of: reasons), goal != nil, let wait, requests[place].mayWait,
            room.couldHold(wish.weight)
        {
            return change(wait)
        }
        // A manager decides whether it may be in spite of that.
        if let hold, goal == hold,
            reasons.allSatisfy({ machines.reason($0)?.overrideBy != nil && !Guards.ofRoom.contains($0) })
        {
            return offered(place, hold, change(hold))
        }
        return answers.contains("refused") ? change("refused") : nil
    }

    /// Where a person approves and no state waits for that, the person answers in the first state;
    /// unless that is the arbiter's, and persons come later.
    private func goalPastPersons(_ answers: [ExactText], _ head: Arbiter.Step) -> ExactText? {
        guard machines.state(head.to, of: head.machine)?.waitsFor == "arbiter" else { return nil }
        return goal(answers, of: head.machine)
    }

    /// The answer of the home if nothing is against it.
    private func goal(_ answers: [ExactText], of machine: ExactText) -> ExactText? {
        if let wanted = subject?.answer, answers.contains(wanted) { return wanted }
        return answers.first {
            $0 != "refused" && machines.state($0, of: machine)?.deadline != "hold" && !waitsForRoom($0, of: machine)
        }
    }

    /// With the price of what is given.
    func offered(_ place: Int, _ to: ExactText, _ change: Arbiter.Change) -> Arbiter.Change {
        var change = change
        let terms = change.terms ?? chains[place].current?.terms ?? Arbiter.Terms()
        guard occupies(to, of: requests[place].machine) else { return change }
        let priced = priced(place, terms)
        (change.terms, change.rate) = (priced.terms, priced.rate ?? change.rate)
        return change
    }

    func waitsForRoom(_ state: ExactText, of machine: ExactText) -> Bool {
        !machines.moves(machine, from: state, act: "room").isEmpty
    }

    /// Gives the first of those who wait what has become free.
    mutating func promote() -> Bool {
        while toPromote < requests.count {
            let place = toPromote
            toPromote += 1
            guard let head = chains[place].current, !chains[place].isForked, !isFrozen(place),
                waitsForRoom(head.to, of: head.machine), mayBePromoted(place, head)
            else { continue }
            let goals = machines.moves(head.machine, from: head.to, act: "room").map(\.to)
            guard let goal = goal(ofRoom: goals, head.machine),
                failing(place, Wish(head.terms), takesRoom: true).isEmpty
            else { continue }
            write(place, after: head, offered(place, goal, Arbiter.Change(to: goal, act: "room")))
            return true
        }
        return false
    }

    /// Where a place that became free leads: to a person first, if one has to approve.
    func goal(ofRoom goals: [ExactText], _ machine: ExactText) -> ExactText? {
        let needsApproval = subject?.needsApproval == true
        return goals.first { (machines.state($0, of: machine)?.deadline == "hold") == needsApproval } ?? goals.first
    }

    /// Nobody is promoted who cannot know it in time.
    private func mayBePromoted(_ place: Int, _ head: Arbiter.Step) -> Bool {
        guard let notice = subject?.rules.noticeMinutes, seenAt(place) == nil else { return true }
        return head.terms.interval.start >= now.adding(minutes: notice)
    }
}
