import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// All bookings of three hours by three, and what follows when one of them is moved or withdrawn.
@Suite struct ArbiterEveryBookingTests {
    typealias Desk = ArbiterDesk

    private static let spans = (0..<3).flatMap { from in ((from + 1)...3).map { (from, $0) } }

    private func ask(_ desk: inout Desk, _ bookings: [HourTable.Booking]) {
        for booking in bookings {
            desk.ask(
                "\(desk.requests.count)", Desk.hours(Int64(booking.from), Int64(booking.to)), weight: booking.weight,
                mayWait: booking.mayWait)
        }
    }

    private func start(_ capacity: Int64) -> (Desk, HourTable) {
        var desk = Desk()
        desk.subject?.capacity = capacity
        return (desk, HourTable(capacity: capacity, hours: 3))
    }

    @Test(arguments: Self.spans.indices) func threeRequestsInOneOrInThreeArrivals(first: Int) {
        for second in Self.spans {
            for third in Self.spans {
                for variant in 0..<8 {
                    let (capacity, together) = (Int64(1 + variant % 2), variant / 4 == 0)
                    let bookings = [Self.spans[first], second, third].enumerated().map { place, span in
                        HourTable.Booking(
                            from: span.0, to: span.1, weight: Int64(1 + (variant / 2 + place) % 2), mayWait: place > 0)
                    }
                    var (desk, table) = start(capacity)
                    if together {
                        ask(&desk, bookings)
                        desk.comeToRest()
                        table.answer(withdrawn: [], amended: [], asked: bookings)
                    } else {
                        for booking in bookings {
                            ask(&desk, [booking])
                            desk.comeToRest()
                            table.answer(withdrawn: [], amended: [], asked: [booking])
                        }
                    }
                    table.expectSame(desk, "asked")
                    desk.act("withdraw", desk.requests[0].id)
                    desk.comeToRest()
                    table.answer(withdrawn: [0], amended: [], asked: [])
                    table.expectSame(desk, "withdrawn")
                }
            }
        }
    }

    /// Moved within its own place, over another, and to where somebody waits.
    @Test(arguments: Self.spans.indices) func anAmendmentToEverySpan(first: Int) {
        for second in Self.spans {
            for target in Self.spans {
                for moved in 0..<2 {
                    var (desk, table) = start(1)
                    let bookings = [Self.spans[first], second].enumerated().map { place, span in
                        HourTable.Booking(from: span.0, to: span.1, weight: 1, mayWait: place > 0)
                    }
                    ask(&desk, bookings)
                    desk.comeToRest()
                    desk.act(
                        "amend", desk.requests[moved].id,
                        interval: .another(Desk.hours(Int64(target.0), Int64(target.1))))
                    desk.comeToRest()
                    table.answer(withdrawn: [], amended: [], asked: bookings)
                    table.answer(withdrawn: [], amended: [(moved, target.0, target.1)], asked: [])
                    table.expectSame(desk, "amended")
                }
            }
        }
    }
}
