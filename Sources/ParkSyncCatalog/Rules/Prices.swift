import ParkSyncCore

/// A price of an item, for a class of users, from a day on.
package struct Rate: Hashable, Sendable {
    package enum Unit: String, Hashable, Sendable, CaseIterable {
        case minute, hour, day, sample, use
        /// Flat fees.
        case noShow = "no_show", lateCancel = "late_cancel"

        var isFee: Bool { self == .noShow || self == .lateCancel }
    }

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
    package static func rate(_ rates: [Rate], userClass: ExactText, at instant: Instant, fee: Rate.Unit? = nil) -> Rate?
    {
        let valid = rates.filter { rate in
            rate.validFrom <= instant && (fee.map { $0 == rate.unit } ?? !rate.unit.isFee)
        }
        func newest(_ name: ExactText) -> Rate? {
            valid.filter { $0.userClass == name }.max {
                ($0.validFrom, $0.version, $0.id) < ($1.validFrom, $1.version, $1.id)
            }
        }
        return newest(userClass) ?? newest("")
    }

    /// In fen, rounded to the nearest, a half upwards. Less than nothing, as corrections can make
    /// it, is nothing.
    package static func price(_ rate: Rate, _ usage: Usage) -> Int64 {
        switch rate.unit {
        case .minute: product(rate.fen, usage.minutes, per: 1)
        case .hour: product(rate.fen, usage.minutes, per: 60)
        case .day: product(rate.fen, usage.minutes, per: 1_440)
        case .sample: product(rate.fen, usage.samples, per: 1)
        case .use, .noShow, .lateCancel: max(0, rate.fen)
        }
    }

    private static func product(_ fen: Int64, _ quantity: Int64, per: Int64) -> Int64 {
        guard fen > 0, quantity > 0 else { return 0 }
        let (high, low) = fen.multipliedFullWidth(by: quantity)
        guard high < per else { return .max }
        let (quotient, rest) = per.dividingFullWidth((high, low))
        return 2 * rest >= per ? quotient.addedOrMost(1) : quotient
    }
}
