import ParkSyncCore

@testable import ParkSyncCatalog

/// What has to come of bookings of one item when things arrive one after the other: for each hour
/// the weights of those who have a place are counted anew, and nothing is kept but states.
struct ArrivalBook {
    struct Wish: Hashable {
        var from: Int
        var to: Int
        var weight = 1
        var mayWait = true

        func meets(_ other: Wish) -> Bool { max(from, other.from) < min(to, other.to) }
    }

    enum Arrival: Hashable {
        case ask(Int)
        case withdraw(Int)
        case amend(Int, from: Int, to: Int)
        case approve(Int)
        case refuse(Int)
        /// It becomes that hour.
        case hour(Int)

        /// Whose request it is of.
        var place: Int? {
            switch self {
            case .ask(let place), .withdraw(let place), .approve(let place), .refuse(let place),
                .amend(let place, from: _, to: _):
                place
            case .hour: nil
            }
        }
    }

    let capacity: Int
    let needsApproval: Bool
    private(set) var wishes: [Wish]
    /// Nil: the request has not arrived.
    private(set) var states: [ExactText?]
    private var order: [Int] = []
    /// Acts that were there before their request.
    private var early: [Arrival] = []
    private var now = -1

    init(capacity: Int, needsApproval: Bool = false, wishes: [Wish]) {
        (self.capacity, self.needsApproval, self.wishes) = (capacity, needsApproval, wishes)
        states = wishes.map { _ in nil }
    }

    private var given: ExactText { needsApproval ? "held" : "confirmed" }

    mutating func receive(_ arrival: Arrival) {
        switch arrival {
        case .ask(let place): ask(place)
        case .hour(let hour): now = hour
        default:
            if arrival.place.map({ states[$0] == nil }) == true { early.append(arrival) } else { act(arrival) }
        }
        passTime()
        promote()
    }

    private mutating func ask(_ place: Int) {
        order.append(place)
        let acts = early.filter { $0.place == place }
        early.removeAll { $0.place == place }
        let wish = wishes[place]
        if acts.contains(.withdraw(place)) {
            // It is not answered before.
            states[place] = "withdrawn"
        } else if wish.from < now || wish.to <= now {
            states[place] = "refused"
        } else if fits(place, wish) {
            states[place] = given
        } else {
            states[place] = wish.mayWait && wish.weight <= capacity ? "waitlisted" : "refused"
        }
        for act in acts { self.act(act) }
    }

    private mutating func act(_ act: Arrival) {
        guard let place = act.place, let state = states[place] else { return }
        let (isHeld, isWaiting) = (state == "held", state == "waitlisted")
        switch act {
        case .withdraw where isHeld || isWaiting || state == "confirmed": states[place] = "withdrawn"
        case .approve where isHeld: states[place] = "confirmed"
        case .refuse where isHeld || isWaiting: states[place] = "refused"
        case .amend(_, let from, let to) where isHeld || isWaiting || state == "confirmed":
            let old = wishes[place]
            var new = old
            (new.from, new.to) = (from, to)
            if (new.from != old.from && new.from < now) || new.to <= now { return }
            let fits = fits(place, new)
            if fits || isWaiting { wishes[place] = new }
            if fits, isWaiting { states[place] = given }
        default: break
        }
    }

    private func fits(_ place: Int, _ wish: Wish) -> Bool {
        (wish.from..<wish.to).allSatisfy { hour in
            let there = order.filter { other in
                other != place && (states[other] == "held" || states[other] == "confirmed")
                    && wishes[other].from <= hour && hour < wishes[other].to
            }
            return there.reduce(wish.weight) { $0 + wishes[$1].weight } <= capacity
        }
    }

    /// A place that nobody comes to is kept for half an hour; nobody waits beyond the start, and no
    /// person is waited for.
    private mutating func passTime() {
        for place in order {
            let start = wishes[place].from
            switch states[place] {
            case "confirmed" where start < now: states[place] = "no_show"
            case "held" where start <= now, "waitlisted" where start <= now: states[place] = "expired"
            default: break
            }
        }
    }

    private mutating func promote() {
        for place in order where states[place] == "waitlisted" && fits(place, wishes[place]) { states[place] = given }
    }
}
