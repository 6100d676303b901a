import ParkSyncCore

/// What is about to be decided, as the guards look at it.
struct Case {
    var subject: Arbiter.Subject?
    var request: Arbiter.Request
    /// Nil: what was written is no interval.
    var interval: Interval?
    /// What it has now, if it is an amendment.
    var old: Interval?
    var weight: Int64
    /// When the request arrived at the home.
    var askedAt: Instant
    var now: Instant
    var room: Room
    /// Whether the machine's requests are for a span of time.
    var isTimed: Bool
    /// Whether capacity is money.
    var isBudget: Bool
    /// Whether the party has an older request that is still open, where one has to do.
    var hasAnother: Bool

    enum Room { case there, onlyWithoutBuffer, none }

    /// The interval if it can be compared with clocks and calendars.
    var span: Interval? { interval.flatMap { $0.isBounded ? $0 : nil } }

    /// When the wish arrived: what is amended is wished for now.
    var arrivedAt: Instant { old == nil ? askedAt : now }

    /// The start, if it is not the one that was there before.
    var newStart: Instant? { span.flatMap { $0.start == old?.start ? nil : $0.start } }
}

/// A rule that a decision has to satisfy. Every one is asked, so that all that is wrong is told at
/// once.
protocol Guard: Sendable {
    /// The reason's code in the table `reason`.
    var code: ExactText { get }
    func fails(_ thing: Case) -> Bool
}

enum Guards {
    static let all: [any Guard] = [
        UnknownSubject(), WrongKind(), EndedItem(), HandedOver(), NotParty(), PartiesMissing(), NotOpenToClass(),
        AskedTwice(), BadWeight(),
        BadInterval(), Past(), TooLate(), MinimumNotice(), TooFarAhead(), TooShort(), TooLong(), NotOpen(),
        Closed(kind: .closed), Closed(kind: .maintenance), Closed(kind: .holiday), Untrained(), NoRate(), NoRoom(),
        OverBudget(), Buffer(),
    ]

    /// Sorted.
    static func failing(_ thing: Case) -> [ExactText] { Set(all.filter { $0.fails(thing) }.map(\.code)).sorted() }

    /// Those that say only that there is no room now: who may wait, waits.
    static let ofRoom: Set<ExactText> = ["no_room", "buffer"]
}

struct UnknownSubject: Guard {
    let code: ExactText = "unknown_subject"
    func fails(_ thing: Case) -> Bool { thing.subject == nil }
}

/// The park that asked may not have known the item by then.
struct WrongKind: Guard {
    let code: ExactText = "wrong_kind"
    func fails(_ thing: Case) -> Bool { thing.subject?.asks.map { !$0.contains(thing.request.kind) } ?? false }
}

/// Three have to consent to a secondment, one of them the person whose time it is.
struct PartiesMissing: Guard {
    let code: ExactText = "bad_detail"
    func fails(_ thing: Case) -> Bool {
        guard Particulars.ofThree.contains(thing.request.machine) else { return false }
        let others = Set(thing.request.others)
        return others.count < 3 || thing.subject?.person.map { !others.contains($0) } ?? false
    }
}

struct EndedItem: Guard {
    let code: ExactText = "ended"
    func fails(_ thing: Case) -> Bool { thing.subject?.isEnded ?? false }
}

/// What begins when another park decides is not this one's to give, and neither is anything by
/// then.
struct HandedOver: Guard {
    let code: ExactText = "moved"
    func fails(_ thing: Case) -> Bool {
        guard let moment = thing.subject?.handedOverAt else { return false }
        return thing.now >= moment || thing.span.map { $0.start >= moment } ?? false
    }
}

/// A park asks for its own parties.
struct NotParty: Guard {
    let code: ExactText = "not_party"
    func fails(_ thing: Case) -> Bool {
        let park = thing.request.id.park
        return thing.request.party.park != park || thing.request.by.map { $0.park != park } ?? false
    }
}

struct AskedTwice: Guard {
    let code: ExactText = "live_request"
    func fails(_ thing: Case) -> Bool { thing.hasAnother }
}

struct NotOpenToClass: Guard {
    let code: ExactText = "not_open_to_class"
    func fails(_ thing: Case) -> Bool {
        thing.subject?.openTo.map { !$0.contains(thing.request.userClass) } ?? false
    }
}

struct BadWeight: Guard {
    let code: ExactText = "bad_weight"
    func fails(_ thing: Case) -> Bool { !Arbiter.Terms.weights.contains(thing.weight) }
}

struct BadInterval: Guard {
    let code: ExactText = "bad_interval"
    func fails(_ thing: Case) -> Bool { thing.interval.map { thing.isTimed && !$0.isBounded } ?? true }
}

/// What runs already may be made longer, as long as it does not end before now.
struct Past: Guard {
    let code: ExactText = "past"
    func fails(_ thing: Case) -> Bool {
        thing.newStart.map { $0 < thing.now } ?? false || thing.span.map { $0.end <= thing.now } ?? false
    }
}

struct TooLate: Guard {
    let code: ExactText = "too_late"
    func fails(_ thing: Case) -> Bool { thing.subject?.rules.asksUntil.map { thing.askedAt >= $0 } ?? false }
}

struct MinimumNotice: Guard {
    let code: ExactText = "minimum_notice"
    func fails(_ thing: Case) -> Bool {
        guard let notice = thing.subject?.rules.noticeMinutes, let start = thing.newStart else { return false }
        return start < thing.arrivedAt.adding(minutes: notice)
    }
}

struct TooFarAhead: Guard {
    let code: ExactText = "too_far_ahead"
    func fails(_ thing: Case) -> Bool {
        guard let horizon = thing.subject?.rules.horizonDays, let span = thing.span else { return false }
        return span.start > thing.arrivedAt.adding(days: horizon)
    }
}

struct TooShort: Guard {
    let code: ExactText = "too_short"
    func fails(_ thing: Case) -> Bool {
        guard let least = thing.subject?.rules.minMinutes, let span = thing.span else { return false }
        return span.minutes < least
    }
}

struct TooLong: Guard {
    let code: ExactText = "too_long"
    func fails(_ thing: Case) -> Bool {
        guard let most = thing.subject?.rules.maxMinutes, let span = thing.span else { return false }
        return span.end > span.start.adding(minutes: most)
    }
}
