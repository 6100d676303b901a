import ParkSyncCore

/// Acts that have not been answered, in the order of arrival.
struct ActQueue {
    private let acts: [Arbiter.Act]
    private var next = 0
    /// Those that wait for their request, and those that need not wait any more.
    private var waiting: [ExactText: [Arbiter.Act]] = [:]
    private var released: [Arbiter.Act] = []
    private var nextReleased = 0

    init(_ acts: [Arbiter.Act]) { self.acts = acts }

    mutating func pop() -> Arbiter.Act? {
        if nextReleased < released.count {
            nextReleased += 1
            return released[nextReleased - 1]
        }
        (released, nextReleased) = ([], 0)
        guard next < acts.count else { return nil }
        next += 1
        return acts[next - 1]
    }

    /// It is the next one again.
    mutating func putBack(_ act: Arbiter.Act) {
        // Mostly it is where it came from.
        if nextReleased > 0 {
            nextReleased -= 1
            released[nextReleased] = act
        } else {
            released.insert(act, at: 0)
        }
    }

    mutating func wait(_ act: Arbiter.Act) { waiting[act.request, default: []].append(act) }

    /// The request has another step.
    mutating func release(_ request: ExactText) {
        if let acts = waiting.removeValue(forKey: request) { released += acts }
    }
}

/// Requests whose deadline has passed, in the order in which they did, then in that of arrival.
struct DeadlineQueue {
    private struct Due: Comparable {
        var moment: Instant
        var place: Int
        static func < (a: Due, b: Due) -> Bool { (a.moment, a.place) < (b.moment, b.place) }
    }

    private var changed: [Int] = []
    /// The first last.
    private var due: [Due] = []

    mutating func look(at place: Int?) { if let place { changed.append(place) } }

    /// - Parameter moment: of the deadline of a request; nil: there is none that runs.
    mutating func pop(now: Instant, moment: (Int) -> Instant?) -> Int? {
        if !changed.isEmpty {
            let found = Set(changed).compactMap { place in
                moment(place).flatMap { $0 <= now ? Due(moment: $0, place: place) : nil }
            }
            changed = []
            if !found.isEmpty { due = (due + found).sorted(by: >) }
        }
        while let first = due.popLast() {
            // What happened meanwhile may have given it another one.
            if moment(first.place) == first.moment { return first.place }
        }
        return nil
    }
}
