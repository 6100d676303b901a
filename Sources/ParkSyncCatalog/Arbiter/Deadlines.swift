import ParkSyncCore

extension Arbiter.Bench {
    /// When a state ends by itself.
    enum Deadline: Equatable {
        case never
        /// It waits for a park that has not been heard of since: the clock does not run.
        case unseen
        case at(Instant)

        var instant: Instant? { if case .at(let instant) = self { instant } else { nil } }
    }

    mutating func fireDeadline() -> Bool {
        while let place = nextDue() {
            // What the arbiter has yet to answer is answered first.
            if answer(place) == nil, let change = lapse(place) {
                write(place, after: chains[place].current, change)
                return true
            }
        }
        return false
    }

    private mutating func nextDue() -> Int? {
        var queue = deadlines
        deadlines = DeadlineQueue()
        defer { deadlines = queue }
        return queue.pop(now: now) { deadline($0).instant }
    }

    /// The first moment to come.
    var nextAt: Instant? {
        chains.indices.compactMap { deadline($0).instant }.filter { $0 > now && $0 < .last }.min()
    }

    var unseen: [ExactText] { chains.indices.filter { deadline($0) == .unseen }.map { requests[$0].id } }

    /// When the park that a step waits for had seen it. What waits for the home's own people is
    /// seen when it is written.
    func seenAt(_ place: Int) -> Instant? {
        let chain = chains[place]
        guard let standing = chain.standing else { return nil }
        return isOwn(place) ? standing.at : chain.seenAt
    }

    private func isOwn(_ place: Int) -> Bool {
        let request = requests[place]
        guard !machines.isDecidedByAsker(request.machine), let home = subject?.id.park else { return true }
        return ([request.id] + request.others).allSatisfy { $0.park == home }
    }

    /// The state's deadline as the table `state` names it.
    func deadline(_ place: Int) -> Deadline {
        guard let head = chains[place].current, let standing = chains[place].standing, !chains[place].isForked,
            !isFrozen(place),
            let state = machines.state(head.to, of: head.machine), let rule = state.deadline
        else { return .never }
        let rules = subject?.rules ?? Arbiter.Rules()
        let interval = head.terms.interval
        let waitsForOthers = state.waitsFor.map(Particulars.others.contains) ?? false
        let told = waitsForOthers || rule == "no_show" ? seenAt(place) : standing.at
        guard let told else { return .unseen }
        switch rule {
        case "hold":
            return at(
                min(
                    told.adding(minutes: rules.holdMinutes ?? 2_880),
                    interval.isBounded ? interval.start : .last))
        case "starts": return at(interval.start)
        case "no_show": return at(max(told, interval.start).adding(minutes: rules.noShowMinutes ?? 30))
        case "ends": return at(interval.end)
        case "finish", "attend": return at(interval.end.adding(days: 1))
        case "certify": return at(interval.end.adding(days: 30))
        case "confirm": return at(told.adding(days: rules.confirmDays ?? 7))
        case "answer": return at(told.adding(days: rules.confirmDays ?? 14))
        case "register", "contract": return at(told.adding(days: 30))
        case "rectify": return at(interval.end == .last ? told.adding(days: 90) : interval.end)
        case "publicity": return at(told.adding(days: rules.publicityDays ?? 7))
        case "round": return at(rules.asksUntil ?? .last)
        default: return .never
        }
    }

    /// Neither end of time is ever reached.
    private func at(_ instant: Instant) -> Deadline { instant == .first || instant == .last ? .never : .at(instant) }

    /// The step of a deadline that has passed; nil: none is declared.
    private mutating func lapse(_ place: Int) -> Arbiter.Change? {
        guard let head = chains[place].current, let state = machines.state(head.to, of: head.machine) else {
            return nil
        }
        let goals = machines.moves(head.machine, from: head.to, act: "clock").map(\.to).filter {
            $0 != Particulars.cancelled
        }
        guard var goal = goals.count > 1 ? ranked(place, goals) : goals.first else { return nil }
        if occupies(goal, of: head.machine), !occupies(head.to, of: head.machine),
            roomLeft(place, Wish(head.terms), takesRoom: true) != .there
        {
            // Whoever was selected before keeps the place, whoever is ranked above him since.
            guard let other = goals.first(where: { !occupies($0, of: head.machine) }) else { return nil }
            goal = other
        }
        var change = entering(place, goal, Arbiter.Change(to: goal, act: "clock"))
        change.reasons += Particulars.reasons(deadline: state.deadline, to: goal)
        return change
    }
}
