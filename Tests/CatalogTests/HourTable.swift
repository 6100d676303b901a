import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// What has to come of bookings of one item, from a table of hours: no interval is ever compared
/// with another.
struct HourTable {
    struct Booking: Equatable {
        var from: Int
        var to: Int
        var weight: Int64
        var mayWait: Bool
        var state: ExactText?
    }

    let capacity: Int64
    var hours: [Int64]
    /// In the order of arrival.
    var bookings: [Booking] = []

    init(capacity: Int64, hours: Int) {
        self.capacity = capacity
        self.hours = Array(repeating: 0, count: hours)
    }

    func fits(_ booking: Booking) -> Bool {
        hours[booking.from..<booking.to].allSatisfy { $0 + booking.weight <= capacity }
    }

    private mutating func put(_ booking: Booking, _ sign: Int64) {
        for hour in booking.from..<booking.to { hours[hour] += sign * booking.weight }
    }

    /// Those who wait, in their order.
    private mutating func promote() {
        for place in bookings.indices where bookings[place].state == "waitlisted" && fits(bookings[place]) {
            bookings[place].state = "confirmed"
            put(bookings[place], 1)
        }
    }

    /// All that has come since, acts before requests.
    mutating func answer(withdrawn: [Int], amended: [(place: Int, from: Int, to: Int)], asked: [Booking]) {
        for place in withdrawn where ["confirmed", "waitlisted"].contains(bookings[place].state) {
            if bookings[place].state == "confirmed" { put(bookings[place], -1) }
            bookings[place].state = "withdrawn"
        }
        for amendment in amended { amend(amendment.place, amendment.from, amendment.to) }
        promote()
        for booking in asked {
            var booking = booking
            let fits = fits(booking)
            let waits = booking.mayWait && booking.weight <= capacity
            booking.state = fits ? "confirmed" : waits ? "waitlisted" : "refused"
            if fits { put(booking, 1) }
            bookings.append(booking)
        }
    }

    private mutating func amend(_ place: Int, _ from: Int, _ to: Int) {
        let old = bookings[place]
        guard old.state == "confirmed" || old.state == "waitlisted" else { return }
        var new = old
        (new.from, new.to) = (from, to)
        if old.state == "confirmed" { put(old, -1) }
        if fits(new) {
            new.state = "confirmed"
            bookings[place] = new
            put(new, 1)
        } else if old.state == "confirmed" {
            put(old, 1)
        } else {
            bookings[place] = new
        }
    }

    /// Whether the desk says the same.
    func expectSame(_ desk: ArbiterDesk, _ comment: String) {
        for (place, booking) in bookings.enumerated() {
            let head = desk.head(desk.requests[place].id)
            let interval = ArbiterDesk.hours(Int64(booking.from), Int64(booking.to))
            guard head?.to != booking.state || head?.terms.interval != interval else { continue }
            Issue.record("\(comment): \(place) is \(String(describing: head)) instead of \(booking) in \(bookings)")
        }
    }
}
