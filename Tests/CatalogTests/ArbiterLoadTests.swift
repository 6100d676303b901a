import Foundation
import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// Somebody who is not the owner decides how many requests and acts there are.
@Suite struct ArbiterLoadTests {
    typealias Desk = ArbiterDesk

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func seconds(_ work: () -> Void) -> Double {
        let begin = Self.processorSeconds()
        work()
        return Self.processorSeconds() - begin
    }

    private func act(_ act: ExactText, _ number: Int, _ request: ExactText) -> Arbiter.Act {
        let by: ExactText = number % 3 == 0 ? "bio:person:1" : "west:organisation:1"
        return Arbiter.Act(id: ExactText("\(by.park):act:\(number)"), request: request, by: by, act: act, onN: 2)
    }

    @Test func thousandsOfBookingsOfOneItem() {
        var desk = Desk()
        desk.subject?.capacity = 3
        desk.subject?.rules.bufferMinutes = 5
        var random = DemoRandom(seed: 1, stream: "load")
        for number in 0..<4_000 {
            let from = Int64(random.below(20_000))
            desk.ask("\(number)", Desk.hours(from, from + 1 + Int64(random.below(8))), mayWait: true)
        }
        #expect(seconds { desk.steps = desk.decide().steps } < 60)
        desk.acts = (0..<2_000).map { act("withdraw", $0, desk.requests[$0 * 2].id) }
        #expect(seconds { desk.steps += desk.decide().steps } < 60)
        #expect(desk.steps.count >= 10_000 && desk.decide().steps.isEmpty)
    }

    @Test func thousandsOfActsOnOneRequest() {
        var desk = Desk()
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.comeToRest()
        desk.acts = (0..<4_000).map { act($0 % 2 == 0 ? "amend" : "confirm", $0, a) }
        #expect(seconds { desk.steps += desk.decide().steps } < 60)
        #expect(desk.steps.count == 4_002)
    }

    /// What waited for one answer comes after it in the order of arrival.
    @Test func aHundredThousandActsThatWait() {
        let (a, acts) = ("west:request:a" as ExactText, (0..<100_000).map { act("amend", $0, "west:request:a") })
        var queue = ActQueue(acts)
        var order: [ExactText] = []
        let spent = seconds {
            while let act = queue.pop() { queue.wait(act) }
            queue.release(a)
            while let act = queue.pop() {
                queue.putBack(act)
                _ = queue.pop()
                order.append(act.id)
            }
        }
        #expect(spent < 30 && order == acts.map(\.id))
    }

    /// Each place beyond the moment is cancelled by a step of its own.
    @Test func anItemWithTwentyThousandPlacesIsHandedOver() {
        var desk = Desk()
        for number in 0..<20_000 {
            let terms = Arbiter.Terms(Desk.hours(Int64(number) + 10, Int64(number) + 11))
            let id = desk.ask("\(number)", terms.interval)
            let (first, second) = (Desk.id(id, 0), Desk.id(id, 1))
            desk.steps += [
                Arbiter.Step(
                    id: first, request: id, n: 1, machine: "booking", to: "asked", act: "ask", terms: terms,
                    at: desk.now),
                Arbiter.Step(
                    id: second, request: id, n: 2, follows: first, machine: "booking", from: "asked", to: "confirmed",
                    act: "ask", terms: terms, at: desk.now),
            ]
        }
        let move = desk.ask("move", Interval(Desk.hour(5), .last), machine: "move_home", park: "bio")
        desk.act("decide", move, by: "home:person:manager", to: "handed_over")
        var made: [Arbiter.Step] = []
        #expect(seconds { made = desk.decide().steps } < 60)
        #expect(made.last?.to == "handed_over" && made.count == 20_002)
        #expect(made.dropFirst().dropLast().allSatisfy { $0.to == "home_cancelled" && $0.reasons == ["moved"] })
    }

    /// For more than the budget each time, so that all are over when the next one is looked at.
    @Test func onePartyAsksTwentyThousandTimes() {
        var desk = Desk()
        desk.subject?.capacity = 1
        for number in 0..<20_000 { desk.ask("\(number)", .always, machine: "award", weight: 2) }
        let last = desk.ask("last", .always, machine: "award")
        let second = desk.ask("second", .always, machine: "award")
        #expect(seconds { desk.steps = desk.decide().steps } < 60)
        #expect(desk.steps.filter { $0.reasons == ["over_budget"] }.count == 20_000)
        #expect(desk.steps.last { $0.request == last }?.to == "formality")
        #expect(desk.steps.last { $0.request == second }?.reasons == ["live_request"])
    }

    /// What an extension was added to is found again each time.
    @Test func aSecondmentIsExtendedFifteenThousandTimes() {
        var desk = Desk()
        let parties: [ExactText] = ["west:person:1", "west:organisation:2", "west:organisation:3"]
        desk.subject?.capacity = 1
        let a = desk.ask("a", Desk.hours(9, 9_000), machine: "second", others: parties)
        desk.comeToRest()
        for party in parties { desk.act("consent", a, by: party) }
        desk.comeToRest()
        desk.now = Desk.hour(9)
        desk.comeToRest()
        guard let active = desk.head(a), active.to == "active" else {
            Issue.record("\(desk.chain(a))")
            return
        }
        desk.acts = (0..<15_000).flatMap { number -> [Arbiter.Act] in
            let (n, other) = (active.n + 2 * Int64(number), parties[0])
            return [
                Arbiter.Act(
                    id: ExactText("west:act:amend-\(number)"), request: a, by: "west:organisation:1", act: "amend",
                    onN: n,
                    interval: .another(Desk.hours(9, 9_500))),
                Arbiter.Act(
                    id: ExactText("west:act:dispute-\(number)"), request: a, by: other, act: "dispute", onN: n + 1),
            ]
        }
        var made: [Arbiter.Step] = []
        #expect(seconds { made = desk.decide().steps } < 60)
        #expect(made.count == 30_000 && made.allSatisfy { !$0.isRefusal })
        #expect(made.last?.terms == active.terms)
    }

    /// Against sums hour by hour.
    @Test(arguments: 1...20) func theMostThatHolds(seed: Int) {
        var random = DemoRandom(seed: UInt64(seed), stream: "sums")
        var hours = Array(repeating: Int64(0), count: 40)
        var load = WeightedLoad(instants: (0...40).map { Desk.hour(Int64($0)) })
        for _ in 0..<200 {
            let from = random.below(40)
            let to = from + 1 + random.below(40 - from)
            let weight = Int64(random.below(11)) - 5
            load.add(weight, Desk.hours(Int64(from), Int64(to)))
            for hour in from..<to { hours[hour] += weight }
            let first = random.below(40)
            let last = first + 1 + random.below(40 - first)
            #expect(load.most(Desk.hours(Int64(first), Int64(last))) == hours[first..<last].max())
        }
        #expect(load.most(.always) == 0, "unknown instants")
    }
}
