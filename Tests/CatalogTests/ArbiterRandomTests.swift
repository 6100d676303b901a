import Testing

@testable import ParkSyncCatalog

struct ArbiterRandomTests {
    typealias Line = BookingLine

    /// What a park does with one resource in a busy week, step by step; after each step no hour is
    /// overbooked, nobody waits who could be let in, and the order in which the rows are read makes
    /// no difference.
    @Test(arguments: 1...60) func aBusyWeek(seed: Int) {
        var random = DemoRandom(seed: UInt64(seed), stream: "bookings")
        var line = Line(capacity: Int64(1 + random.below(3)))
        for step in 0..<60 {
            Self.act(&line, step, &random)
            let shuffled = Self.decideShuffled(line, &random)
            let actions = line.settle()
            #expect(actions == shuffled, "the order of the rows changes the decisions")
            #expect(!line.load().contains { $0 > line.resource?.capacity ?? 0 })
            Self.expectNobodyWaitsInVain(line)
            Self.expectOneAnswerEach(line)
        }
    }

    private static func act(_ line: inout Line, _ step: Int, _ random: inout DemoRandom) {
        let ids = line.requests.keys.sorted()
        let id = random.pick(ids)
        switch random.below(12) {
        case 0..<5:
            // Up to three arrive at once, and not in the order in which they were made.
            for number in 0...random.below(3) {
                let start = random.below(22)
                let end = start + 1 + random.below(min(6, 23 - start))
                let name = "r\(step)-\(number)"
                line.requests[name] = Line.request(
                    name, start, end, mayWait: random.chance(percent: 60), order: random.below(60))
            }
        case 5..<7: if let id { line.requests[id]?.isCancelled = true }
        case 7..<9:
            guard let id, let old = line.requests[id] else { return }
            let start = random.below(22)
            let order = Int(old.requestedAt.dropFirst(17).prefix(2)) ?? 0
            line.requests[id] = Line.request(
                id, start, start + 1, revision: old.revision + 1 + Int64(random.below(2)), mayWait: old.mayWait,
                isCancelled: random.chance(percent: 10), order: order)
        case 9: line.resource?.isOpen = random.chance(percent: 70)
        case 10:
            let capacity = line.resource?.capacity ?? 0
            line.resource?.capacity = min(capacity + 1, 4)
        default: advance(&line, &random)
        }
    }

    /// The owner's hand: a booking begins, or ends.
    private static func advance(_ line: inout Line, _ random: inout DemoRandom) {
        let occupying = line.decisions.filter { $0.value.outcome.occupies }.keys.sorted {
            ($0.id, $0.revision) < ($1.id, $1.revision)
        }
        guard let key = random.pick(occupying) else { return }
        let outcome = line.decisions[key]?.outcome
        line.decisions[key]?.outcome = outcome == .inUse ? .completed : .inUse
    }

    private static func decideShuffled(_ line: Line, _ random: inout DemoRandom) -> [BookingArbiter.Action] {
        var requests = line.requests.values.sorted { $0.id < $1.id }
        var decisions = line.decisions.values.sorted { ($0.requestID, $0.revision) < ($1.requestID, $1.revision) }
        for index in requests.indices { requests.swapAt(index, random.below(requests.count)) }
        for index in decisions.indices { decisions.swapAt(index, random.below(decisions.count)) }
        return BookingArbiter.decide(resource: line.resource, requests: requests, decisions: decisions)
    }

    private static func expectNobodyWaitsInVain(_ line: Line) {
        guard line.resource?.isOpen == true else { return }
        for decision in line.decisions.values where decision.outcome == .waitlisted {
            #expect(
                !line.hasRoom(Line.hour(decision.startsAt), Line.hour(decision.endsAt)), "\(decision) could be let in")
        }
    }

    private static func expectOneAnswerEach(_ line: Line) {
        for request in line.requests.values where !request.isCancelled {
            #expect(line.outcome(request.id, revision: request.revision) != nil, "\(request) has no answer")
        }
        for decision in line.decisions.values where decision.revision < line.requests[decision.requestID]?.revision ?? 0
        {
            #expect(![.held, .confirmed, .waitlisted].contains(decision.outcome), "\(decision) outlived its revision")
        }
    }
}
