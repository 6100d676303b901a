import ParkSyncCore

/// Load data of the six parks in the tables of the catalogue, generated from a seed: the same bytes
/// each time. At its full size it is what the zone was to be in 2020: 10,000 enterprises, 10,000
/// talents, 3,000 items that can be booked, 240,000 bookings, 200,000 records of use, 400,000
/// transfers, 11,000 patents; with their steps, acts and places some 2.3 million rows.
///
/// Nothing is kept in memory: each part of each phase follows from the seed alone.
package struct CatalogueLoad: Sendable {
    /// As of the demo: what a phase writes refers to what all parks wrote in those before it.
    package typealias Phase = CatalogueDemo.Phase

    package let seed: UInt64
    /// Of the full size.
    package let percent: Int

    package static var parks: [String] { DemoNames.parks.map(\.id) }
    /// Into how many parts each phase of a park is cut.
    package static let parts = 40
    package static let percentMax = 100

    package init(seed: UInt64, percent: Int = percentMax) {
        self.seed = seed
        self.percent = min(max(1, percent), Self.percentMax)
    }

    /// - Returns: nil if there is no such park.
    package func statements(park id: String, _ phase: Phase, part: Int) -> [DemoStatement]? {
        guard let home = homes.first(where: { $0.id == id }) else { return nil }
        switch phase {
        case .cards: return cards(home, part)
        case .terms: return terms(home, part)
        case .requests: return bookings(part).filter { $0.asker.index == home.index }.map(request)
        case .acts: return bookings(part).flatMap { chain($0).acts(of: home) }
        case .steps: return bookings(part, of: home).flatMap { chain($0).steps }
        case .payments: return usage(home, part) + payments(home, part)
        }
    }

    // MARK: parks

    /// A park with what it has at this size. All are counted from 0.
    struct Home: Sendable {
        var index: Int
        var enterprises: Int
        var institutions: Int
        var talents: Int
        var bookables: Int
        var patents: Int

        var names: DemoNames.Park { DemoNames.parks[index] }
        var id: String { names.id }
        func id(_ kind: String, _ tail: String) -> String { "\(id):\(kind):\(tail)" }
        func id(_ kind: String, _ number: Int) -> String { id(kind, CatalogueLoad.padded(number)) }

        func enterprise(_ number: Int) -> String { id("organisation", number) }
        func institution(_ number: Int) -> String { id("organisation", "i\(CatalogueLoad.padded(number))") }
        func account(_ enterprise: Int) -> String { id("account", enterprise) }
        /// Of the institution to which a bookable item belongs.
        func earnings(_ institution: Int) -> String { id("account", "i\(CatalogueLoad.padded(institution))") }
        var voucher: String { id("unit", "voucher") }
        func person(_ role: String) -> String { id("person", role) }

        func kind(_ bookable: Int) -> CatalogueNames.Bookable {
            CatalogueNames.bookables[(bookable + index * 3) % CatalogueNames.bookables.count]
        }
        func bookable(_ number: Int) -> String { id(kind(number).kind, number) }
        func owner(_ bookable: Int) -> Int { bookable % institutions }
    }

    var homes: [Home] {
        let all = DemoNames.parks
        let (enterprises, talents) = (all.reduce(0) { $0 + $1.enterprises }, all.reduce(0) { $0 + $1.talents })
        let (resources, patents) = (all.reduce(0) { $0 + $1.resources }, CatalogueDemo.patents.reduce(0, +))
        return all.indices.map { index in
            let park = all[index]
            func share(_ whole: Int, _ part: Int, of sum: Int) -> Int { max(2, whole * percent / 100 * part / sum) }
            let firms = share(10_000, park.enterprises, of: enterprises)
            return Home(
                index: index, enterprises: firms, institutions: max(2, firms / 40),
                talents: share(10_000, park.talents, of: talents),
                bookables: share(3_000, park.resources, of: resources),
                patents: share(11_000, CatalogueDemo.patents[index], of: patents))
        }
    }

    // MARK: parts and chance

    /// What belongs to a part of so many.
    static func range(_ part: Int, of count: Int) -> Range<Int> {
        count * part / parts..<count * (part + 1) / parts
    }

    /// Independent of all others with other numbers.
    func random(_ what: Int, _ home: Int, _ number: Int, _ slot: Int = 0) -> SplitMix64 {
        let mixed = [what, home, number, slot].reduce(seed ^ 0xCBF2_9CE4_8422_2325) {
            ($0 ^ UInt64(truncatingIfNeeded: $1)) &* 0x0000_0100_0000_01B3
        }
        return SplitMix64(state: mixed)
    }

    static func padded(_ number: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, 5 - text.utf8.count)) + text
    }

    static let fen = CatalogueDemo.fen
    /// Streams of `random`.
    static let (cardStream, bookingStream, figureStream, useStream, spendingStream) = (1, 2, 3, 4, 5)
}

extension DemoStatement {
    /// For many rows of one shape.
    init(_ sql: String, _ parameters: [Value]) {
        self.sql = sql
        self.parameters = parameters
    }

    /// An INSERT of one row with these columns.
    static func insert(_ table: String, _ columns: String...) -> String {
        let marks = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
        return "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))"
    }
}
