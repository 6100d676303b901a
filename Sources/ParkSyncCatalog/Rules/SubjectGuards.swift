import ParkSyncCore

/// Outside opening hours, or before a call is opened.
struct NotOpen: Guard {
    let code: ExactText = "closed"
    func fails(_ thing: Case) -> Bool {
        guard let subject = thing.subject else { return false }
        if let from = subject.rules.asksFrom, thing.askedAt < from { return true }
        return thing.span.map { !subject.hours.isOpen(throughout: $0) } ?? false
    }
}

/// Windows in which the item cannot be used; the reason has the name of their kind.
struct Closed: Guard {
    let kind: Window.Kind
    var code: ExactText { ExactText(kind.rawValue) }
    func fails(_ thing: Case) -> Bool {
        guard let hours = thing.subject?.hours, let span = thing.span else { return false }
        return hours.touches(kind, span)
    }
}

/// The credential has to be valid from the start to the end.
struct Untrained: Guard {
    let code: ExactText = "untrained"
    func fails(_ thing: Case) -> Bool {
        guard let subject = thing.subject, let wanted = subject.trainingCode else { return false }
        let needed = thing.span ?? Interval(thing.now, thing.now.adding(seconds: 1))
        let holders = [thing.request.party, thing.request.by ?? thing.request.party]
        return !subject.credentials.contains {
            $0.code == wanted && holders.contains($0.holder) && $0.valid.start <= needed.start
                && needed.end <= $0.valid.end
        }
    }
}

/// An item with prices has none for this class of users on that day.
struct NoRate: Guard {
    let code: ExactText = "no_rate"
    func fails(_ thing: Case) -> Bool {
        guard let subject = thing.subject, let span = thing.span, thing.isTimed else { return false }
        guard !subject.rates.isEmpty else { return false }
        return Prices.rate(subject.rates, userClass: thing.request.userClass, at: span.start) == nil
    }
}

struct NoRoom: Guard {
    let code: ExactText = "no_room"
    func fails(_ thing: Case) -> Bool { !thing.isBudget && thing.room == .none }
}

struct OverBudget: Guard {
    let code: ExactText = "over_budget"
    func fails(_ thing: Case) -> Bool { thing.isBudget && thing.room == .none }
}

/// There is room, but not the time that the item needs between two bookings.
struct Buffer: Guard {
    let code: ExactText = "buffer"
    func fails(_ thing: Case) -> Bool { thing.room == .onlyWithoutBuffer }
}
