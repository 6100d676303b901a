import ParkSyncCore

extension Arbiter {
    /// The requests as they stand while steps are decided on.
    struct Bench {
        let machines: Machines
        var subject: Subject?
        let now: Instant
        let id: (ExactText, Int) -> ExactText
        /// In the order of arrival.
        let requests: [Request]
        var chains: [Chain]
        var places: [ExactText: Int] = [:]
        var room: Room
        private(set) var steps: [Step] = []
        var unanswerable: Set<ExactText> = []

        var acts: ActQueue
        var deadlines = DeadlineQueue()
        /// How far the requests have been looked at: for those that have not begun, those that wait
        /// for room, those that wait for an answer.
        var toBegin = 0
        var toPromote = 0
        var toAnswer = 0
        /// The requests that are ranked, the best first, as long as no step changes that.
        var ranking: [ExactText: Int]?
        /// How far the places have been cancelled for the act that hands the item over.
        var madeWay: (act: ExactText?, next: Int) = (nil, 0)
        /// Requests of each party, where one has to do.
        var byParty: [ExactText: [Int]] = [:]
        var frozen: Set<ExactText> = []

        init(
            machines: Machines, subject: Subject?, requests: [Request], acts: [Act], steps: [Step], now: Instant,
            id: @escaping (ExactText, Int) -> ExactText
        ) {
            (self.machines, self.subject, self.now, self.id) = (machines, subject, now, id)
            var byRequest: [ExactText: [Step]] = [:]
            for step in steps { byRequest[step.request, default: []].append(step) }
            // Those that have begun came before those that have not.
            let begun = requests.filter { byRequest[$0.id] != nil }
            self.requests = begun + requests.filter { byRequest[$0.id] == nil }
            chains = self.requests.map { Chain(byRequest[$0.id] ?? []) }
            for (place, request) in self.requests.enumerated() where places[request.id] == nil {
                places[request.id] = place
                if Particulars.oneEach.contains(request.machine) { byParty[request.party, default: []].append(place) }
            }
            let answered = Set(steps.compactMap(\.actID))
            self.acts = ActQueue(acts.filter { !answered.contains($0.id) })
            let wishes = acts.compactMap { act -> Interval? in
                if case .another(let interval) = act.interval { interval } else { nil }
            }
            room = Room(
                capacity: subject?.capacity, bufferMinutes: subject?.rules.bufferMinutes ?? 0,
                intervals: requests.compactMap(\.interval) + steps.map(\.terms.interval) + wishes)
            for chain in chains { for head in chain.heads { take(head) } }
        }

        var decision: Decision {
            Decision(
                steps: steps, nextAt: nextAt, unseen: unseen.sorted(), unanswerable: unanswerable.sorted())
        }

        func isFrozen(_ place: Int) -> Bool { frozen.contains(requests[place].id) }

        func occupies(_ state: ExactText, of machine: ExactText) -> Bool {
            machines.state(state, of: machine)?.occupies ?? false
        }

        private mutating func take(_ step: Step) {
            deadlines.look(at: places[step.request])
            if Particulars.isHandedOver(step) { handOver(at: step.terms.interval.start) }
            if occupies(step.to, of: step.machine) { room.take(step.terms) }
        }

        private mutating func handOver(at moment: Instant) {
            let earlier = subject?.handedOverAt ?? .last
            subject?.handedOverAt = min(moment, earlier)
        }

        /// Writes a step that follows `head`; what it does not say stays as it was.
        mutating func write(_ place: Int, after head: Step?, _ change: Change) {
            let request = requests[place]
            var step = Step(
                id: id(request.id, chains[place].steps.count), request: request.id, n: (head?.n ?? 0) + 1,
                follows: head?.id, machine: request.machine, from: head?.to ?? "", to: change.to, act: change.act,
                actID: change.actID, terms: change.terms ?? head?.terms ?? Terms(), rate: change.rate ?? head?.rate,
                owed: change.owed,
                reasons: Set(change.reasons).sorted(), by: change.by, at: now,
                inputs: change.inputs ?? head?.inputs ?? [], listing: change.listing ?? head?.listing,
                party: change.party ?? head?.party)
            // Every request begins, whatever it asks for, so that it can be refused.
            let weights = Terms.weights
            step.terms.weight = min(max(weights.lowerBound, step.terms.weight), weights.upperBound)
            if let head, occupies(head.to, of: head.machine) {
                room.giveBack(head.terms)
                if !step.isRefusal { toPromote = 0 }
            }
            if Ranking.states.contains(step.from) != Ranking.states.contains(step.to) { ranking = nil }
            chains[place].append(step)
            acts.release(request.id)
            take(step)
            steps.append(step)
        }

        /// One answer to each request that has not begun: it is asked for now, and nobody who comes
        /// later is before it.
        mutating func begin() -> Bool {
            while toBegin < requests.count {
                let place = toBegin
                toBegin += 1
                guard chains[place].isEmpty, places[requests[place].id] == place, !isFrozen(place) else { continue }
                guard let initial = machines.initial(requests[place].machine) else {
                    unanswerable.insert(requests[place].id)
                    continue
                }
                let request = requests[place]
                let terms = Terms(request.interval ?? .always, weight: request.weight, amount: request.amount)
                write(place, after: nil, Change(to: initial, act: "ask", terms: terms))
                return true
            }
            return false
        }
    }

    /// What a step says of its own.
    struct Change {
        var to: ExactText
        var act: ExactText
        var actID: ExactText?
        var terms: Terms?
        var rate: ExactText?
        var reasons: [ExactText] = []
        var by: ExactText?
        var inputs: [Int64]?
        var listing: Listing?
        var party: ExactText?
        var owed: Int64?
    }
}
