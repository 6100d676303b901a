import ParkSyncCore

extension Arbiter.Bench {
    /// Why somebody may not do what a move wants to be done; empty: he may.
    func objections(_ place: Int, _ act: Arbiter.Act, _ move: Machines.Move) -> [ExactText] {
        let request = requests[place]
        // A park speaks for its own people.
        guard act.by.park == act.id.park else { return ["not_party"] }
        let people = subject?.people ?? Arbiter.People()
        let isAsker = people.speaks(act.by, for: request.party) || act.by == request.by
        let isOfAsker = isAsker || people.isOf(act.by, request.party)
        switch move.byWhom {
        case "anyone": return []
        case "asker", "holder": return isAsker && act.by.park == request.id.park ? [] : ["not_party"]
        case "party":
            // What is made public may be objected to by everybody.
            if act.act == "dispute", isPublic(move.from, of: move.machine) { return [] }
            let parties = request.others + [chains[place].current?.party].compactMap { $0 }
            return parties.contains { people.speaks(act.by, for: $0) } ? [] : ["not_party"]
        case "reviewer":
            guard people.reviewers.contains(act.by) else { return ["not_reviewer"] }
            return isOfAsker ? ["same_organisation"] : []
        case "manager":
            guard people.staff[act.by] != nil, act.by.park == home(of: request) else { return ["not_party"] }
            let decides = act.act == "decide" && !machines.isDecidedByAsker(request.machine)
            return decides && isOfAsker ? ["self_approval"] : []
        default: return ["not_party"]
        }
    }

    private func home(of request: Arbiter.Request) -> ExactText? {
        machines.isDecidedByAsker(request.machine) ? request.id.park : subject?.id.park
    }

    func isPublic(_ state: ExactText, of machine: ExactText) -> Bool {
        machines.state(state, of: machine)?.deadline == "publicity"
    }

    /// What of the reasons somebody overrides: he has to name them, and to have the authority.
    func overridden(_ reasons: [ExactText], by act: Arbiter.Act) -> [ExactText] {
        guard act.act == "decide", let authority = subject?.people.staff[act.by] else { return [] }
        return reasons.filter { code in
            guard let needed = machines.reason(code)?.overrideBy else { return false }
            return act.reasons.contains(code) && needed <= authority
        }
    }

    /// Whether all whose consent is needed have given it, the actor's included; nil: the actor's
    /// had been given already.
    func isConsentedByAll(_ place: Int, _ act: Arbiter.Act) -> Bool? {
        let people = subject?.people ?? Arbiter.People()
        let missing = requests[place].others.filter { party in
            !chains[place].consents.contains { people.speaks($0, for: party) }
        }
        let left = missing.filter { !people.speaks(act.by, for: $0) }
        return left.count == missing.count ? nil : left.isEmpty
    }
}
