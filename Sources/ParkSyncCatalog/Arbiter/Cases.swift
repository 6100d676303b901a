import ParkSyncCore

extension Arbiter.Bench {
    /// The guards that fail for terms, were they decided on now.
    ///
    /// - Parameters:
    ///   - terms: nil interval: what was written is none.
    ///   - old: what the request has already, which is given back only if the new fits.
    ///   - at: when, if not now.
    ///   - takesRoom: whether it would occupy; if not, it has only to be possible at all.
    mutating func failing(
        _ place: Int, _ terms: Wish, old: Arbiter.Terms? = nil, takesRoom: Bool, isAsk: Bool = false, at: Instant? = nil
    ) -> [ExactText] {
        let request = requests[place]
        let thing = Case(
            subject: subject, request: request, interval: terms.interval, old: old?.interval, weight: terms.weight,
            askedAt: chains[place].first?.at ?? now, now: at ?? now,
            room: roomLeft(place, terms, takesRoom: takesRoom), isTimed: Particulars.timed.contains(request.machine),
            isBudget: Particulars.budgets.contains(request.machine), hasAnother: isAsk && hasOlder(place))
        return Guards.failing(thing)
    }

    /// What is asked for, which need not be an interval.
    struct Wish {
        var interval: Interval?
        var weight: Int64
        var amount: Int64?

        init(_ terms: Arbiter.Terms) {
            (interval, weight, amount) = (terms.interval, terms.weight, terms.amount)
        }
        init(_ request: Arbiter.Request) {
            (interval, weight, amount) = (request.interval, request.weight, request.amount)
        }

        var terms: Arbiter.Terms { Arbiter.Terms(interval ?? .always, weight: weight, amount: amount) }
    }

    /// With what the request itself takes left out.
    mutating func roomLeft(_ place: Int, _ wish: Wish, takesRoom: Bool) -> Case.Room {
        guard let interval = wish.interval, wish.weight > 0 else { return .there }
        guard takesRoom else { return room.couldHold(wish.weight) ? .there : .none }
        let own = chains[place].current.flatMap { occupies($0.to, of: $0.machine) ? $0.terms : nil }
        if let own { room.giveBack(own) }
        defer { if let own { room.take(own) } }
        return room.room(for: wish.weight, interval)
    }

    /// Whether the party has asked before, and that request is still open. What has ended stays so,
    /// and is passed once: others decide how often they ask.
    private mutating func hasOlder(_ place: Int) -> Bool {
        let party = requests[place].party
        guard let asked = byParty[party] else { return false }
        var first = firstOpen[party] ?? 0
        while first < asked.count, !isOpen(asked[first]) { first += 1 }
        firstOpen[party] = first
        return first < asked.count && asked[first] < place
    }

    /// Which branch of a fork goes on is not known, nor whether it has ended.
    private func isOpen(_ place: Int) -> Bool {
        guard let head = chains[place].current else { return false }
        return chains[place].isForked || machines.state(head.to, of: head.machine)?.ends == false
    }

    /// The price of the booked time by the rate of the day, which is then the one that is used.
    func priced(_ place: Int, _ terms: Arbiter.Terms) -> (terms: Arbiter.Terms, rate: ExactText?) {
        let request = requests[place]
        guard Particulars.timed.contains(request.machine), terms.interval.isBounded, let subject,
            let rate = Prices.rate(subject.rates, userClass: request.userClass, at: terms.interval.start)
        else { return (terms, nil) }
        var priced = terms
        priced.amount = Prices.booked(rate, terms)
        return (priced, rate.id)
    }
}
