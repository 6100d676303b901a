import Testing

@testable import ParkSyncCatalog

struct ArbiterExhaustiveTests {
    typealias Line = BookingLine

    /// A booking on a line of four hours.
    private struct Wish {
        var start: Int
        var end: Int
        var mayWait: Bool
    }

    private static let wishes = (0..<4).flatMap { start in
        ((start + 1)...4).flatMap { end in [false, true].map { Wish(start: start, end: end, mayWait: $0) } }
    }

    /// What has to come out, from a table of hours: no interval is ever compared with another.
    private struct Oracle {
        let capacity: Int
        var hours = [0, 0, 0, 0]
        var outcomes: [BookingArbiter.Outcome?]

        init(capacity: Int, wishes: Int) {
            self.capacity = capacity
            outcomes = Array(repeating: nil, count: wishes)
        }

        mutating func take(_ index: Int, _ wish: Wish) {
            let fits = hours[wish.start..<wish.end].allSatisfy { $0 < capacity }
            outcomes[index] = fits ? .confirmed : wish.mayWait ? .waitlisted : .rejected
            if fits { for hour in wish.start..<wish.end { hours[hour] += 1 } }
        }

        mutating func giveBack(_ index: Int, _ wishes: [Wish], order: [Int]) {
            if outcomes[index] == .confirmed {
                for hour in wishes[index].start..<wishes[index].end { hours[hour] -= 1 }
            }
            if outcomes[index] != .rejected { outcomes[index] = .cancelled }
            for other in order where outcomes[other] == .waitlisted { take(other, wishes[other]) }
        }
    }

    private static let ids = ["a", "b", "c"]

    /// Delivers the wishes in the groups given, then takes each back in turn, and holds every
    /// outcome against the oracle.
    private static func check(_ wishes: [Wish], capacity: Int, requestedInOrder order: [Int], deliveries: [[Int]]) {
        var line = Line(capacity: Int64(capacity))
        var oracle = Oracle(capacity: capacity, wishes: wishes.count)
        for delivery in deliveries {
            for index in delivery {
                let wish = wishes[index]
                let rank = order.firstIndex(of: index) ?? 0
                line.requests[ids[index]] = Line.request(
                    ids[index], wish.start, wish.end, mayWait: wish.mayWait, order: rank)
            }
            line.settle()
            for index in order where delivery.contains(index) { oracle.take(index, wishes[index]) }
        }
        for taken in wishes.indices {
            line.requests[ids[taken]]?.isCancelled = true
            line.settle()
            oracle.giveBack(taken, wishes, order: order)
            for index in wishes.indices where line.outcome(ids[index]) != oracle.outcomes[index] {
                Issue.record(
                    """
                    \(wishes), capacity \(capacity), requested in the order \(order), delivered as \(deliveries), \
                    taken back up to \(taken): \
                    \(ids[index]) is \(String(describing: line.outcome(ids[index]))) instead of \
                    \(String(describing: oracle.outcomes[index]))
                    """)
            }
        }
    }

    @Test(arguments: [1, 2]) func oneOrTwoRequests(capacity: Int) {
        for first in Self.wishes {
            Self.check([first], capacity: capacity, requestedInOrder: [0], deliveries: [[0]])
            for second in Self.wishes {
                for order in [[0, 1], [1, 0]] {
                    for deliveries in [[[0, 1]], [[0], [1]], [[1], [0]]] {
                        Self.check(
                            [first, second], capacity: capacity, requestedInOrder: order, deliveries: deliveries)
                    }
                }
            }
        }
    }

    /// Every ordered triple of wishes is tried, so that one order of delivery stands for all six.
    @Test(arguments: [1, 2]) func threeRequests(capacity: Int) {
        for first in Self.wishes {
            for second in Self.wishes {
                for third in Self.wishes {
                    let wishes = [first, second, third]
                    Self.check(wishes, capacity: capacity, requestedInOrder: [0, 1, 2], deliveries: [[0, 1, 2]])
                    Self.check(wishes, capacity: capacity, requestedInOrder: [2, 0, 1], deliveries: [[0], [1], [2]])
                    Self.check(wishes, capacity: capacity, requestedInOrder: [1, 2, 0], deliveries: [[0], [1, 2]])
                }
            }
        }
    }
}
