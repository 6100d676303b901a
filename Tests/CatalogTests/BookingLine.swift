import Testing

@testable import ParkSyncCatalog

/// A resource's bookings as a database would hold them, with an occupancy check of its own: it
/// counts hour by hour and knows nothing of how the arbiter compares intervals.
struct BookingLine {
    typealias Arbiter = BookingArbiter

    struct Key: Hashable {
        var id: String
        var revision: Int64
    }

    var resource: Arbiter.Resource?
    var requests: [String: Arbiter.Request] = [:]
    var decisions: [Key: Arbiter.Decision] = [:]
    var reasons: [Key: String] = [:]

    init(capacity: Int64) { resource = Arbiter.Resource(capacity: capacity, isOpen: true) }

    /// Hour 0 to 23 of the one day on which all bookings lie.
    static func instant(_ hour: Int) -> String { "2026-12-07T\(hour < 10 ? "0" : "")\(hour):00:00Z" }
    static func hour(_ instant: String) -> Int { Int(instant.dropFirst(11).prefix(2)) ?? -1 }

    static func request(
        _ id: String, _ start: Int, _ end: Int, revision: Int64 = 1, mayWait: Bool = false, isCancelled: Bool = false,
        order: Int
    ) -> Arbiter.Request {
        Arbiter.Request(
            id: id, revision: revision, startsAt: instant(start), endsAt: instant(end), mayWait: mayWait,
            isCancelled: isCancelled,
            requestedAt: "2026-12-01T00:00:\(order < 10 ? "0" : "")\(order)Z")
    }

    /// Bookings that hold in each hour.
    func load() -> [Int] {
        var load = Array(repeating: 0, count: 24)
        for decision in decisions.values where [.held, .confirmed, .inUse].contains(decision.outcome) {
            for hour in Self.hour(decision.startsAt)..<Self.hour(decision.endsAt) { load[hour] += 1 }
        }
        return load
    }

    func hasRoom(_ start: Int, _ end: Int) -> Bool {
        guard let resource else { return false }
        let load = load()
        return (start..<end).allSatisfy { load[$0] < resource.capacity }
    }

    /// Decides, applies each action as the schema's guards would judge it, and returns the actions.
    @discardableResult
    mutating func settle(sourceLocation: SourceLocation = #_sourceLocation) -> [Arbiter.Action] {
        let actions = Arbiter.decide(
            resource: resource, requests: Array(requests.values), decisions: Array(decisions.values))
        for (index, action) in actions.enumerated() {
            if index == actions.count / 2 {
                let rest = Arbiter.decide(
                    resource: resource, requests: Array(requests.values), decisions: Array(decisions.values))
                #expect(
                    rest == Array(actions.dropFirst(index)), "what was not written is decided as it was",
                    sourceLocation: sourceLocation)
            }
            apply(action, sourceLocation)
        }
        let again = Arbiter.decide(
            resource: resource, requests: Array(requests.values), decisions: Array(decisions.values))
        if !again.isEmpty { Issue.record("a second look decides \(again) more", sourceLocation: sourceLocation) }
        return actions
    }

    private mutating func apply(_ action: Arbiter.Action, _ location: SourceLocation) {
        let key: Key
        let reason: String?
        switch action {
        case .insert(let decision, let why):
            key = Key(id: decision.requestID, revision: decision.revision)
            reason = why
            let request = requests[decision.requestID]
            if decisions[key] != nil { Issue.record("\(key) is decided twice", sourceLocation: location) }
            if request?.revision != decision.revision || request?.startsAt != decision.startsAt
                || request?.endsAt != decision.endsAt
            {
                Issue.record("\(decision) is not what \(key) asks for", sourceLocation: location)
            }
            decisions[key] = decision
        case .update(let id, let revision, let outcome, let why):
            key = Key(id: id, revision: revision)
            reason = why
            if decisions[key] == nil { Issue.record("\(key) has no decision to change", sourceLocation: location) }
            decisions[key]?.outcome = outcome
        }
        reasons[key] = reason
        if let outcome = decisions[key]?.outcome, [.rejected, .waitlisted, .cancelled].contains(outcome), reason == nil
        {
            Issue.record("\(key) is \(outcome) without a reason", sourceLocation: location)
        }
        // After each action, not only at the end: the guards judge each statement by itself.
        if let resource, outcome(key)?.occupies == true, load().contains(where: { $0 > resource.capacity }) {
            Issue.record("double booking after \(action)", sourceLocation: location)
        }
    }

    private func outcome(_ key: Key) -> Arbiter.Outcome? { decisions[key]?.outcome }
    func outcome(_ id: String, revision: Int64 = 1) -> Arbiter.Outcome? {
        decisions[Key(id: id, revision: revision)]?.outcome
    }
    func reason(_ id: String, revision: Int64 = 1) -> String? { reasons[Key(id: id, revision: revision)] }
}
