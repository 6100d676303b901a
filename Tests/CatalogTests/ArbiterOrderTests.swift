import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// All orders in which a few things can arrive, acts before their requests among them.
@Suite struct ArbiterOrderTests {
    typealias Arrival = ArrivalBook.Arrival
    typealias Wish = ArrivalBook.Wish

    private static let spans = [(0, 1), (1, 2), (0, 2)]

    /// One world of three requests and one thing more.
    private struct World {
        var capacity = 1
        var weights = [1, 1, 1]
        var needsApproval = false
        var waiting = [false, true, true]
        var more: Arrival

        func wishes(_ spans: [(Int, Int)]) -> [Wish] {
            spans.enumerated().map { place, span in
                Wish(from: span.0, to: span.1, weight: weights[place], mayWait: waiting[place])
            }
        }
    }

    private static let worlds = [
        World(more: .withdraw(0)),
        World(capacity: 2, weights: [1, 2, 1], more: .withdraw(0)),
        World(capacity: 2, weights: [2, 1, 3], waiting: [true, true, true], more: .withdraw(1)),
        World(more: .amend(0, from: 1, to: 2)),
        World(capacity: 2, weights: [2, 1, 1], more: .amend(0, from: 0, to: 2)),
        World(needsApproval: true, more: .approve(0)),
        World(capacity: 2, weights: [2, 1, 1], needsApproval: true, more: .refuse(0)),
        World(more: .hour(1)),
        World(capacity: 2, weights: [1, 2, 2], needsApproval: true, more: .hour(0)),
    ]

    private static func orders<Thing>(_ things: [Thing]) -> [[Thing]] {
        things.count < 2
            ? [things]
            : things.indices.flatMap { place in
                var rest = things
                let first = rest.remove(at: place)
                return orders(rest).map { [first] + $0 }
            }
    }

    private static func triples() -> [[(Int, Int)]] {
        spans.flatMap { first in spans.flatMap { second in spans.map { [first, second, $0] } } }
    }

    /// - Returns: whether the arbiter does what the book says at each arrival.
    @discardableResult
    private static func run(_ book: ArrivalBook, _ arrivals: [Arrival]) -> (isSame: Bool, steps: [Arbiter.Step]) {
        var (book, desk) = (book, ArrivalDesk(book))
        let wishes = book.wishes
        for (count, arrival) in arrivals.enumerated() {
            book.receive(arrival)
            desk.receive(arrival)
            guard desk.expect(book, "\(wishes), capacity \(book.capacity), \(arrivals.prefix(count + 1))") else {
                return (false, desk.steps)
            }
        }
        return (desk.expectRest("\(wishes), \(arrivals)"), desk.steps)
    }

    @Test(arguments: Self.worlds.indices) func fourArrivalsInEveryOrder(number: Int) {
        let world = Self.worlds[number]
        // Two that are alike may come in one order: the other one is another triple's.
        let isAlike = world.weights[1] == world.weights[2] && world.more.place != 1
        let orders = Self.orders([.ask(0), .ask(1), .ask(2), world.more]).filter { order in
            !isAlike || order.firstIndex(of: .ask(1)) ?? 0 < order.firstIndex(of: .ask(2)) ?? 0
        }
        for spans in Self.triples() {
            let book = ArrivalBook(
                capacity: world.capacity, needsApproval: world.needsApproval, wishes: world.wishes(spans))
            for order in orders where !Self.run(book, order).isSame { return }
        }
    }

    /// Requests that are looked at together come to what they come to one by one.
    @Test(arguments: [1, 2]) func requestsInEveryGrouping(capacity: Int) {
        for first in Self.triples() {
            for last in Self.spans {
                let wishes = (first + [last]).enumerated().map { place, span in
                    Wish(from: span.0, to: span.1, weight: 1 + place % capacity, mayWait: place != 1)
                }
                var book = ArrivalBook(capacity: capacity, wishes: wishes)
                let start = ArrivalDesk(book)
                for place in wishes.indices { book.receive(.ask(place)) }
                for cuts in 0..<8 {
                    var (desk, together) = (start, [Arrival]())
                    for place in wishes.indices {
                        together.append(.ask(place))
                        if place == 3 || cuts >> place & 1 == 1 {
                            desk.receive(together)
                            together = []
                        }
                    }
                    guard desk.expect(book, "\(wishes), capacity \(capacity), cut as \(cuts)"),
                        desk.expectRest("\(wishes)")
                    else { return }
                }
            }
        }
    }

    /// Of neighbours that do not meet, each gets what it gets, whichever comes first.
    @Test(arguments: [1, 2]) func whatDoesNotMeetMayComeInAnyOrder(capacity: Int) {
        for first in Self.triples() {
            for last in Self.spans {
                let wishes = (first + [last]).enumerated().map { place, span in
                    Wish(from: span.0, to: span.1, weight: 1 + place % capacity, mayWait: place != 1)
                }
                let book = ArrivalBook(capacity: capacity, wishes: wishes)
                func places(_ order: [Int]) -> [ExactText?] {
                    var desk = ArrivalDesk(book)
                    for place in order { desk.receive(.ask(place)) }
                    desk.receive(.withdraw(order[0]))
                    return wishes.indices.map { desk.heads[ArrivalDesk.id($0)]?.to }
                }
                let expected = places([0, 1, 2, 3])
                for place in 1..<3 where !wishes[place].meets(wishes[place + 1]) {
                    var order = [0, 1, 2, 3]
                    order.swapAt(place, place + 1)
                    #expect(places(order) == expected, "\(wishes), \(order)")
                }
            }
        }
    }

    /// Whatever three things follow when two have asked: and the same again, step for step.
    @Test(arguments: [false, true]) func threeThingsAfterTwoRequests(needsApproval: Bool) {
        let own: [Arrival] = [
            .withdraw(0), .withdraw(1), .amend(0, from: 1, to: 2), .amend(1, from: 1, to: 3), .hour(0),
        ]
        let homes: [Arrival] = needsApproval ? [.approve(0), .refuse(0)] : [.refuse(1), .hour(1)]
        let things = own + homes
        for (first, second) in [((0, 2), (0, 1)), ((0, 1), (0, 2)), ((0, 1), (1, 3))] {
            let wishes = [first, second].map { Wish(from: $0.0, to: $0.1) }
            let book = ArrivalBook(capacity: 1, needsApproval: needsApproval, wishes: wishes)
            for one in things {
                for two in things {
                    for three in things {
                        let arrivals = [.ask(0), .ask(1), one, two, three]
                        let (isSame, steps) = Self.run(book, arrivals)
                        guard isSame else { return }
                        // A few of them stand for all.
                        if one == two { #expect(Self.run(book, arrivals).steps == steps, "\(arrivals)") }
                    }
                }
            }
        }
    }
}
