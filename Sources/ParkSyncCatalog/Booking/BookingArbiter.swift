/// Decides on the booking requests for one resource. Only the resource's home park does so, in the
/// order in which requests arrive there, so a slot cannot be given twice however the parks are
/// parted.
///
/// Pure: the same requests and decisions, in whatever order they are passed, give the same actions.
/// Instants are texts such as `2026-12-07T01:30:00Z`, whose byte order is their order in time.
///
/// Whatever other parks send, the schema's guards let every action through: an action that they
/// refuse would be refused again each time and would keep all other requests for the resource
/// waiting.
package enum BookingArbiter {
    package struct Resource: Hashable, Sendable {
        /// Bookings that may hold at one instant.
        package var capacity: Int64
        package var isOpen: Bool
        package init(capacity: Int64, isOpen: Bool) {
            self.capacity = capacity
            self.isOpen = isOpen
        }
    }

    package struct Request: Hashable, Sendable {
        package var id: String
        package var revision: Int64
        package var startsAt: String
        package var endsAt: String
        package var mayWait: Bool
        package var isCancelled: Bool
        package var requestedAt: String
        package init(
            id: String, revision: Int64 = 1, startsAt: String, endsAt: String, mayWait: Bool = false,
            isCancelled: Bool = false, requestedAt: String
        ) {
            self.id = id
            self.revision = revision
            self.startsAt = startsAt
            self.endsAt = endsAt
            self.mayWait = mayWait
            self.isCancelled = isCancelled
            self.requestedAt = requestedAt
        }
    }

    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        case held, confirmed, inUse = "in_use", completed, settled, rejected, waitlisted, cancelled, noShow = "no_show",
            expired

        /// Whether it takes a place of the resource.
        package var occupies: Bool { self == .held || self == .confirmed || self == .inUse }
        /// Whether it is taken back when the request is. What is in use already is ended by the
        /// owner.
        var isRevocable: Bool { self == .held || self == .confirmed || self == .waitlisted }
    }

    package struct Decision: Hashable, Sendable {
        package var requestID: String
        package var revision: Int64
        package var outcome: Outcome
        package var startsAt: String
        package var endsAt: String
        package init(requestID: String, revision: Int64, outcome: Outcome, startsAt: String, endsAt: String) {
            self.requestID = requestID
            self.revision = revision
            self.outcome = outcome
            self.startsAt = startsAt
            self.endsAt = endsAt
        }
    }

    package enum Action: Hashable, Sendable {
        case insert(Decision, reason: String?)
        /// Gives an existing decision another outcome.
        case update(requestID: String, revision: Int64, outcome: Outcome, reason: String?)
    }

    /// - Parameters:
    ///   - resource: nil if nobody has such a resource.
    ///   - requests: all requests for it, each in its newest revision, each once.
    ///   - decisions: all decisions on it so far, at most one for each revision of a request.
    /// - Returns: what is to be written, in this order. Where only the first are written, the next
    ///   call returns the others.
    package static func decide(resource: Resource?, requests: [Request], decisions: [Decision]) -> [Action] {
        var bench = Bench(resource: resource, requests: requests, decisions: decisions)
        let ordered = requests.sorted {
            let (left, right) = ($0.requestedAt.utf8, $1.requestedAt.utf8)
            return left.elementsEqual(right)
                ? $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) : left.lexicographicallyPrecedes(right)
        }
        // Places are given back before they are given away, and those who waited come before those
        // who come now.
        for request in ordered { bench.withdraw(request) }
        for request in ordered { bench.promote(request) }
        for request in ordered { bench.answer(request) }
        return bench.actions
    }

    private struct Bench {
        let resource: Resource?
        var decisions: [Decision]
        /// The places in `decisions` of each request, by the bytes of its id: Swift takes texts
        /// that differ only in their Unicode composition for equal, SQLite does not.
        var positions: [[UInt8]: [Int]] = [:]
        /// Of the decisions that occupy.
        var load: BookingLoad
        var actions: [Action] = []

        init(resource: Resource?, requests: [Request], decisions: [Decision]) {
            self.resource = resource
            self.decisions = decisions.sorted { $0.revision < $1.revision }
            load = BookingLoad(
                instants: requests.flatMap { [$0.startsAt, $0.endsAt] }
                    + decisions.flatMap { [$0.startsAt, $0.endsAt] })
            for (index, decision) in self.decisions.enumerated() {
                positions[Array(decision.requestID.utf8), default: []].append(index)
                note(decision, 1)
            }
        }

        private mutating func note(_ decision: Decision, _ count: Int64) {
            if decision.outcome.occupies { load.add(count, decision.startsAt, decision.endsAt) }
        }

        func position(_ request: Request) -> Int? {
            positions[Array(request.id.utf8)]?.first { decisions[$0].revision == request.revision }
        }

        mutating func withdraw(_ request: Request) {
            for index in positions[Array(request.id.utf8)] ?? [] where decisions[index].outcome.isRevocable {
                if decisions[index].revision < request.revision { change(index, .cancelled, "superseded") }
                if decisions[index].revision == request.revision, request.isCancelled {
                    change(index, .cancelled, "withdrawn")
                }
            }
        }

        mutating func promote(_ request: Request) {
            guard let index = position(request), decisions[index].outcome == .waitlisted, resource?.isOpen == true
            else { return }
            // The interval that was decided on is the one that will hold, whatever became of the
            // request's own.
            let (start, end) = (decisions[index].startsAt, decisions[index].endsAt)
            guard Self.isInterval(start, end), hasRoom(start, end) else { return }
            change(index, .confirmed, nil)
        }

        mutating func answer(_ request: Request) {
            guard position(request) == nil, !request.isCancelled else { return }
            let (outcome, reason) = verdict(request)
            let decision = Decision(
                requestID: request.id, revision: request.revision, outcome: outcome, startsAt: request.startsAt,
                endsAt: request.endsAt)
            positions[Array(request.id.utf8), default: []].append(decisions.count)
            decisions.append(decision)
            note(decision, 1)
            actions.append(.insert(decision, reason: reason))
        }

        private mutating func change(_ index: Int, _ outcome: Outcome, _ reason: String?) {
            note(decisions[index], -1)
            decisions[index].outcome = outcome
            note(decisions[index], 1)
            actions.append(
                .update(
                    requestID: decisions[index].requestID, revision: decisions[index].revision, outcome: outcome,
                    reason: reason))
        }

        private func verdict(_ request: Request) -> (Outcome, String?) {
            guard let resource else { return (.rejected, "unknown_resource") }
            guard resource.isOpen else { return (.rejected, "closed") }
            guard Self.isInterval(request.startsAt, request.endsAt) else { return (.rejected, "bad_interval") }
            if hasRoom(request.startsAt, request.endsAt) { return (.confirmed, nil) }
            return (request.mayWait ? .waitlisted : .rejected, "overlap")
        }

        private static func isInterval(_ start: String, _ end: String) -> Bool {
            InstantForm.isValid(start) && InstantForm.isValid(end) && start < end
        }

        private func hasRoom(_ start: String, _ end: String) -> Bool {
            guard let resource else { return false }
            return load.most(start, end) < max(0, resource.capacity)
        }
    }
}
