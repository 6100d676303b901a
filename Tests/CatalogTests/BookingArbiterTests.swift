import ParkSyncCatalog
import Testing

/// The arbiter against an independent count of who occupies what, over all small cases.
@Suite struct BookingArbiterTests {
    private typealias Request = BookingArbiter.Request
    private typealias Decision = BookingArbiter.Decision

    /// Four slots of a day, as instants.
    private static func instant(_ slot: Int) -> String { "2026-12-07T0\(slot):00:00Z" }
    private static let intervals = (0..<4).flatMap { start in ((start + 1)...4).map { (start, $0) } }

    private static func request(_ number: Int, _ interval: (Int, Int), mayWait: Bool = false, cancelled: Bool = false, revision: Int64 = 1) -> Request
    {
        Request(
            id: "west:booking:\(number)", revision: revision, startsAt: instant(interval.0), endsAt: instant(interval.1), mayWait: mayWait,
            isCancelled: cancelled, requestedAt: "2026-12-01T00:00:0\(number)Z")
    }

    private static func apply(_ actions: [BookingArbiter.Action], to decisions: [Decision]) -> [Decision] {
        var result = decisions
        for action in actions {
            switch action {
            case .insert(let decision, _):
                #expect(!result.contains { $0.requestID == decision.requestID && $0.revision == decision.revision }, "decided twice")
                result.append(decision)
            case .update(let id, let revision, let outcome, let reason):
                guard let index = result.firstIndex(where: { $0.requestID == id && $0.revision == revision }) else {
                    Issue.record("an update of a decision that does not exist: \(id)")
                    continue
                }
                #expect(outcome != .cancelled || reason != nil)
                result[index].outcome = outcome
            }
        }
        return result
    }

    private static func checkLoad(_ decisions: [Decision], capacity: Int, _ what: String) {
        for slot in 0..<4 {
            let load = decisions.filter { $0.outcome.occupies && $0.startsAt <= instant(slot) && $0.endsAt > instant(slot) }.count
            #expect(load <= capacity, "slot \(slot) is taken \(load) times: \(what)")
        }
    }

    /// Three requests with all intervals, arriving in all groupings, for one and two places.
    @Test func noSlotIsEverGivenTwice() {
        for capacity in 1...2 {
            let resource = BookingArbiter.Resource(capacity: Int64(capacity), isOpen: true)
            for a in Self.intervals {
                for b in Self.intervals {
                    for c in Self.intervals {
                        let requests = [Self.request(1, a), Self.request(2, b, mayWait: true), Self.request(3, c)]
                        let arrivals: [[[Int]]] = [[[0, 1, 2]], [[0], [1], [2]], [[2], [1], [0]], [[1], [0, 2]], [[2, 0], [1]]]
                        for arrival in arrivals {
                            var known: [Request] = []
                            var decisions: [Decision] = []
                            for group in arrival {
                                known += group.map { requests[$0] }
                                decisions = Self.apply(
                                    BookingArbiter.decide(resource: resource, requests: known.reversed(), decisions: decisions), to: decisions)
                                Self.checkLoad(decisions, capacity: capacity, "\(a) \(b) \(c) \(arrival)")
                            }
                            #expect(decisions.count == 3 && decisions.contains { $0.outcome == .confirmed })
                            #expect(
                                BookingArbiter.decide(resource: resource, requests: known, decisions: decisions).isEmpty,
                                "nothing is left to be decided")
                        }
                    }
                }
            }
        }
    }

    @Test func whoWaitsComesBeforeWhoComes() {
        let resource = BookingArbiter.Resource(capacity: 1, isOpen: true)
        let first = Self.request(1, (0, 2))
        let waiting = Self.request(2, (1, 3), mayWait: true)
        var decisions = Self.apply(BookingArbiter.decide(resource: resource, requests: [first, waiting], decisions: []), to: [])
        #expect(decisions.map(\.outcome) == [.confirmed, .waitlisted])
        let cancelled = Self.request(1, (0, 2), cancelled: true)
        let late = Self.request(3, (1, 2))
        decisions = Self.apply(BookingArbiter.decide(resource: resource, requests: [late, cancelled, waiting], decisions: decisions), to: decisions)
        #expect(decisions.map(\.outcome) == [.cancelled, .confirmed, .rejected])
    }

    @Test func aHigherRevisionTakesTheOldSlotBack() {
        let resource = BookingArbiter.Resource(capacity: 1, isOpen: true)
        var decisions = Self.apply(BookingArbiter.decide(resource: resource, requests: [Self.request(1, (0, 2))], decisions: []), to: [])
        let moved = Self.request(1, (1, 3), revision: 2)
        decisions = Self.apply(BookingArbiter.decide(resource: resource, requests: [moved], decisions: decisions), to: decisions)
        #expect(decisions.map(\.outcome) == [.cancelled, .confirmed] && decisions.map(\.revision) == [1, 2])
    }

    @Test func refusalsSayWhy() {
        let open = BookingArbiter.Resource(capacity: 1, isOpen: true)
        let cases: [(BookingArbiter.Resource?, Request, String)] = [
            (nil, Self.request(1, (0, 1)), "unknown_resource"),
            (BookingArbiter.Resource(capacity: 1, isOpen: false), Self.request(1, (0, 1)), "closed"),
            (open, Request(id: "a:booking:1", startsAt: "2026-12-07T02:00:00Z", endsAt: "2026-12-07T02:00:00Z", requestedAt: ""), "bad_interval"),
            (BookingArbiter.Resource(capacity: -5, isOpen: true), Self.request(1, (0, 1)), "overlap"),
        ]
        for (resource, request, expected) in cases {
            guard case .insert(let decision, let reason) = BookingArbiter.decide(resource: resource, requests: [request], decisions: []).first else {
                Issue.record("no decision: \(expected)")
                continue
            }
            #expect(decision.outcome == .rejected && reason == expected)
        }
        #expect(BookingArbiter.decide(resource: open, requests: [Self.request(1, (0, 1), cancelled: true)], decisions: []).isEmpty)
    }

    @Test func whatIsOverStaysAsItIs() {
        let resource = BookingArbiter.Resource(capacity: 1, isOpen: true)
        for outcome in [BookingArbiter.Outcome.inUse, .completed, .settled, .rejected, .noShow, .expired] {
            let decision = Decision(requestID: "west:booking:1", revision: 1, outcome: outcome, startsAt: Self.instant(0), endsAt: Self.instant(1))
            let cancelled = Self.request(1, (0, 1), cancelled: true)
            #expect(BookingArbiter.decide(resource: resource, requests: [cancelled], decisions: [decision]).isEmpty, "\(outcome)")
        }
    }
}
