import ParkSyncCore

/// A price of an item, for a class of users, from a day on.
package struct Rate: Hashable, Sendable {
    package enum Unit: String, Hashable, Sendable, CaseIterable { case hour, day, month, sample, use, seat }

    package var id: ExactText
    /// Empty: of every user for whom there is no other.
    package var userClass: ExactText
    package var version: Int64
    package var unit: Unit
    package var fen: Int64
    package var validFrom: Instant

    package init(
        id: ExactText, userClass: ExactText = "", version: Int64 = 1, unit: Unit, fen: Int64,
        validFrom: Instant = .first
    ) {
        (self.id, self.userClass, self.version) = (id, userClass, version)
        (self.unit, self.fen, self.validFrom) = (unit, fen, validFrom)
    }
}

/// What was metered of a use: preparation, run and clearing away together.
package struct Usage: Hashable, Sendable {
    package var minutes: Int64
    package var samples: Int64

    package init(minutes: Int64, samples: Int64 = 0) { (self.minutes, self.samples) = (minutes, samples) }
}

package enum Prices {
    /// The rate for a class of users at an instant: their own class before the one of everybody,
    /// then what has been valid for the shortest time, then the highest version.
    package static func rate(_ rates: [Rate], userClass: ExactText, at instant: Instant) -> Rate? {
        let valid = rates.filter { $0.validFrom <= instant }
        func newest(_ name: ExactText) -> Rate? {
            valid.filter { $0.userClass == name }.max {
                ($0.validFrom, $0.version, $0.id) < ($1.validFrom, $1.version, $1.id)
            }
        }
        return newest(userClass) ?? newest("")
    }

    /// In fen, rounded to the nearest, a half upwards. Less than nothing, as corrections can make
    /// it, is nothing. A month has 30 days; what was metered is of all the seats together.
    package static func price(_ rate: Rate, _ usage: Usage, weight: Int64) -> Int64 {
        switch rate.unit {
        case .hour: product(rate.fen, usage.minutes, per: 60)
        case .day: product(rate.fen, usage.minutes, per: 1_440)
        case .month: product(rate.fen, usage.minutes, per: 43_200)
        case .sample: product(rate.fen, usage.samples, per: 1)
        case .use, .seat: product(rate.fen, weight, per: 1)
        }
    }

    /// What is paid for a place if it is used as it was booked; samples are not known by then.
    package static func booked(_ rate: Rate, _ terms: Arbiter.Terms) -> Int64 {
        let minutes = terms.interval.minutes.multipliedOrMost(by: terms.weight)
        return price(rate, Usage(minutes: minutes), weight: terms.weight)
    }

    /// Rounded like prices.
    package static func share(_ amount: Int64, basisPoints: Int64) -> Int64 {
        product(amount, basisPoints, per: 10_000)
    }

    private static func product(_ fen: Int64, _ quantity: Int64, per: Int64) -> Int64 {
        guard fen > 0, quantity > 0 else { return 0 }
        guard per > 1 else { return fen.multipliedOrMost(by: quantity) }
        let (high, low) = fen.multipliedFullWidth(by: quantity)
        guard high < per / 2 else { return .max }
        let (quotient, rest) = per.dividingFullWidth((high, low))
        return 2 * rest >= per ? quotient.addedOrMost(1) : quotient
    }
}
