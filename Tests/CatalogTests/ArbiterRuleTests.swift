import Foundation
import Testing

@testable import ParkSyncCatalog

struct ArbiterRuleTests {
    typealias Arbiter = BookingArbiter
    typealias Line = BookingLine

    private func line(capacity: Int64 = 1, _ requests: [Arbiter.Request]) -> Line {
        var line = Line(capacity: capacity)
        for request in requests { line.requests[request.id] = request }
        line.settle()
        return line
    }

    @Test func theFirstComesFirst() {
        let line = line([
            Line.request("a", 1, 3, order: 2), Line.request("b", 2, 4, order: 1), Line.request("c", 4, 5, order: 3),
        ])
        #expect(line.outcome("b") == .confirmed)
        #expect(line.outcome("a") == .rejected)
        #expect(line.reason("a") == "overlap")
        #expect(line.outcome("c") == .confirmed, "an end is not part of the interval")
    }

    @Test func theIdDecidesBetweenEquals() {
        let line = line([Line.request("b", 1, 2, order: 1), Line.request("a", 1, 2, order: 1)])
        #expect(line.outcome("a") == .confirmed)
        #expect(line.outcome("b") == .rejected)
    }

    @Test func unknownResource() {
        var line = Line(capacity: 1)
        line.resource = nil
        line.requests["a"] = Line.request("a", 1, 2, mayWait: true, order: 1)
        line.settle()
        #expect(line.outcome("a") == .rejected)
        #expect(line.reason("a") == "unknown_resource")
    }

    @Test func closedResource() {
        var line = line([Line.request("a", 1, 2, order: 1), Line.request("b", 1, 2, mayWait: true, order: 2)])
        line.resource?.isOpen = false
        line.requests["a"]?.isCancelled = true
        line.requests["c"] = Line.request("c", 5, 6, mayWait: true, order: 3)
        line.settle()
        #expect(line.outcome("a") == .cancelled)
        #expect(line.outcome("b") == .waitlisted, "who waits keeps the place while the resource is closed")
        #expect(line.outcome("c") == .rejected)
        #expect(line.reason("c") == "closed")
        line.resource?.isOpen = true
        line.settle()
        #expect(line.outcome("b") == .confirmed)
    }

    @Test(arguments: [
        ("2026-12-07T02:00:00Z", "2026-12-07T02:00:00Z"), ("2026-12-07T03:00:00Z", "2026-12-07T02:00:00Z"), ("", "z"),
        ("2026-12-07T02:00:00Z", "2026-12-07T03:00:00+08:00"), ("2026-02-30T02:00:00Z", "2026-03-07T03:00:00Z"),
        ("2026-12-07 02:00:00Z", "2026-12-07T03:00:00Z"), ("2026-12-07T02:00:00Z", "2026-12-07T24:00:00Z"),
        ("2026-12-07T02:00:00Z", "2026-13-07T03:00:00Z"), ("2026-12-07T02:00:00Z", "２０２６-12-07T03:00:00Z"),
        ("2025-02-29T02:00:00Z", "2026-12-07T03:00:00Z"), ("1900-02-29T02:00:00Z", "2026-12-07T03:00:00Z"),
    ])
    func badInterval(start: String, end: String) {
        let request = Arbiter.Request(
            id: "a", startsAt: start, endsAt: end, mayWait: true, requestedAt: "2026-12-01T00:00:00Z")
        let resource = Arbiter.Resource(capacity: 1, isOpen: true)
        let decision = Arbiter.Decision(requestID: "a", revision: 1, outcome: .rejected, startsAt: start, endsAt: end)
        #expect(
            Arbiter.decide(resource: resource, requests: [request], decisions: []) == [
                .insert(decision, reason: "bad_interval")
            ])
    }

    @Test(arguments: [
        "2026-12-07T01:30:00Z", "2024-02-29T23:59:59Z", "2000-02-29T00:00:00Z", "0000-01-01T00:00:00Z",
        "9999-12-31T00:00:00Z",
    ])
    func goodInstant(_ text: String) { #expect(InstantForm.isValid(text)) }

    @Test func aCancelledRequestGivesItsPlaceToWhoWaits() {
        var line = line([
            Line.request("a", 1, 5, order: 1), Line.request("b", 2, 3, mayWait: true, order: 2),
            Line.request("c", 2, 4, mayWait: true, order: 3),
            Line.request("d", 4, 5, mayWait: true, order: 4),
        ])
        line.requests["a"]?.isCancelled = true
        let actions = line.settle()
        #expect(
            actions == [
                .update(requestID: "a", revision: 1, outcome: .cancelled, reason: "withdrawn"),
                .update(requestID: "b", revision: 1, outcome: .confirmed, reason: nil),
                .update(requestID: "d", revision: 1, outcome: .confirmed, reason: nil),
            ])
        #expect(line.outcome("c") == .waitlisted)
    }

    @Test func whoWaitsComesBeforeWhoComesNow() {
        var line = line([Line.request("a", 1, 3, order: 1), Line.request("w", 1, 3, mayWait: true, order: 9)])
        line.requests["a"]?.isCancelled = true
        line.requests["n"] = Line.request("n", 1, 3, order: 2)
        line.settle()
        #expect(line.outcome("w") == .confirmed)
        #expect(line.outcome("n") == .rejected)
    }

    @Test func aRequestTakenBackBeforeItsAnswerGetsNone() {
        #expect(line([Line.request("a", 1, 2, isCancelled: true, order: 1)]).decisions.isEmpty)
    }

    @Test func aNewRevisionReplacesTheOldOne() {
        var line = line([Line.request("a", 1, 3, order: 1), Line.request("b", 1, 2, mayWait: true, order: 2)])
        line.requests["a"] = Line.request("a", 2, 4, revision: 3, order: 1)
        let actions = line.settle()
        #expect(actions.first == .update(requestID: "a", revision: 1, outcome: .cancelled, reason: "superseded"))
        #expect(line.outcome("a", revision: 3) == .confirmed)
        #expect(line.outcome("b") == .confirmed)
        // Its own old interval stands in nobody's way, least of all its own.
        line.requests["a"] = Line.request("a", 3, 5, revision: 4, isCancelled: true, order: 1)
        line.settle()
        #expect(line.reason("a", revision: 3) == "superseded")
        #expect(line.outcome("a", revision: 4) == nil)
    }

    @Test(arguments: [Arbiter.Outcome.inUse, .completed, .settled, .noShow, .expired, .rejected, .cancelled])
    func whatIsOverOrUnderWayIsNotTakenBack(_ outcome: Arbiter.Outcome) {
        var line = line([Line.request("a", 1, 3, order: 1)])
        line.decisions[Line.Key(id: "a", revision: 1)]?.outcome = outcome
        line.requests["a"]?.isCancelled = true
        #expect(line.settle().isEmpty)
    }

    @Test func aHeldPlaceIsTaken() {
        var line = line([Line.request("a", 1, 3, order: 1)])
        line.decisions[Line.Key(id: "a", revision: 1)]?.outcome = .held
        line.requests["b"] = Line.request("b", 2, 3, order: 2)
        line.settle()
        #expect(line.outcome("b") == .rejected)
        line.requests["a"]?.isCancelled = true
        line.settle()
        #expect(line.outcome("a") == .cancelled)
    }

    @Test func moreCapacityLetsInWhoWaits() {
        var line = line([Line.request("a", 1, 3, order: 1), Line.request("b", 1, 3, mayWait: true, order: 2)])
        line.resource?.capacity = 2
        line.settle()
        #expect(line.outcome("b") == .confirmed)
    }

    @Test(arguments: [Int64.min, -1, 0]) func aResourceWithoutPlacesTakesNobody(_ capacity: Int64) {
        #expect(line(capacity: capacity, [Line.request("a", 1, 2, order: 1)]).outcome("a") == .rejected)
    }

    /// Half of them get a place each, and all others wait for the one that they want. A look at all
    /// bookings for each of them would take minutes.
    @Test func thousandsForOneResource() {
        let count = 12_000
        let begin = Self.processorSeconds()
        func instant(_ number: Int) -> String {
            let (hour, minute, second) = (number / 3_600, number / 60 % 60, number % 60)
            return "2026-12-07T" + [hour, minute, second].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
                + "Z"
        }
        let requests = (0..<count).map { number in
            let start = number < count / 2 ? number : count / 4
            return Arbiter.Request(
                id: "r\(number)", startsAt: instant(start), endsAt: instant(start + 1), mayWait: true,
                requestedAt: number < count / 2 ? "2026-12-01T00:00:00Z" : "2026-12-02T00:00:00Z")
        }
        let actions = Arbiter.decide(
            resource: Arbiter.Resource(capacity: 1, isOpen: true), requests: requests, decisions: [])
        let decisions = actions.compactMap { if case .insert(let decision, _) = $0 { decision } else { nil } }
        #expect(
            decisions.filter { $0.outcome == .confirmed }.count == count / 2
                && decisions.filter { $0.outcome == .waitlisted }.count == count / 2)
        // Nobody gets a place when all is looked at once more.
        #expect(
            Arbiter.decide(
                resource: Arbiter.Resource(capacity: 1, isOpen: true), requests: requests, decisions: decisions
            ).isEmpty)
        let spent = Self.processorSeconds() - begin
        #expect(spent < 60, "\(spent) s")
    }

    /// Of this thread: what others do meanwhile does not count.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Swift finds both ids equal, SQLite has a row for each.
    @Test func idsAreBytes() {
        let requests = ["south:booking:\u{E9}", "south:booking:e\u{301}"].map { Line.request($0, 1, 2, order: 1) }
        let actions = Arbiter.decide(
            resource: Arbiter.Resource(capacity: 1, isOpen: true), requests: requests, decisions: [])
        let ids = actions.map { action -> [UInt8] in
            guard case .insert(let decision, _) = action else { return [] }
            return Array(decision.requestID.utf8)
        }
        #expect(ids == [Array("south:booking:e\u{301}".utf8), Array("south:booking:\u{E9}".utf8)])
    }

    @Test func olderRevisionsAreTakenBackInTheirOrder() {
        let (start, end) = (Line.instant(1), Line.instant(2))
        let old = [1, 2].map {
            Arbiter.Decision(requestID: "a", revision: $0, outcome: .waitlisted, startsAt: start, endsAt: end)
        }
        for decisions in [old, old.reversed()] {
            let request = Line.request("a", 1, 2, revision: 3, isCancelled: true, order: 1)
            let actions = Arbiter.decide(
                resource: Arbiter.Resource(capacity: 1, isOpen: true), requests: [request], decisions: decisions)
            #expect(
                actions
                    == [1, 2].map { .update(requestID: "a", revision: $0, outcome: .cancelled, reason: "superseded") })
        }
    }

    /// A park's own guard keeps the interval of a revision; a row that went around it must not stop
    /// the home's work.
    @Test func whoWaitsGetsTheIntervalThatWasDecidedOn() {
        var line = line([Line.request("a", 1, 3, order: 1), Line.request("w", 1, 3, mayWait: true, order: 2)])
        line.requests["w"] = Line.request("w", 5, 6, mayWait: true, order: 2)
        #expect(line.settle().isEmpty)
        #expect(line.outcome("w") == .waitlisted)
    }
}
