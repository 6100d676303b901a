import ParkSyncCore

/// Invented data of the six parks in the tables of the catalogue, generated from a seed: the same
/// bytes each time. Each park writes its own statements, one phase after the other.
///
/// Names are marked as demonstration, credit codes use a region and organisation codes that are not
/// assigned.
package struct CatalogueDemo: Sendable {
    /// What a phase writes refers to what all parks have written in those before it: let the nodes
    /// agree in between.
    package enum Phase: String, CaseIterable, Sendable {
        /// What a park has: its organisations, people, accounts, units and items.
        case cards
        /// On what terms: rates, opening hours, certificates, figures, and the first balances.
        case terms
        /// What a park asks for.
        case requests
        /// What people have done about requests.
        case acts
        /// What the parks have answered, in place of an arbiter, so that each machine shows several
        /// states; some requests are left to the arbiter.
        case steps
        /// Use that was metered, and what is paid because of the answers.
        case payments
    }

    package let seed: UInt64
    /// SHA-256: this target has no cryptography of its own.
    let sha256: @Sendable ([UInt8]) -> [UInt8]

    package static var parks: [String] { DemoNames.parks.map(\.id) }

    package init(seed: UInt64, sha256: @escaping @Sendable ([UInt8]) -> [UInt8]) {
        self.seed = seed
        self.sha256 = sha256
    }

    /// - Returns: nil if there is no such park.
    package func statements(park id: String, _ phase: Phase) -> [DemoStatement]? {
        guard let index = DemoNames.parks.firstIndex(where: { $0.id == id }) else { return nil }
        let park = Park(index: index)
        switch phase {
        case .cards: return cards(park)
        case .terms: return terms(park)
        case .requests: return asked.filter { $0.asker.index == index }.map(statement)
        case .acts: return told.flatMap { $0.acts }.filter { $0.park == index }.map(\.statement)
        case .steps: return told.filter { $0.arbiter == index }.flatMap(\.steps)
        case .payments: return payments(park)
        }
    }

    // MARK: identifiers that other parks can know

    struct Park: Sendable {
        var index: Int
        var names: DemoNames.Park { DemoNames.parks[index] }
        var id: String { names.id }

        static let all = DemoNames.parks.indices.map { Park(index: $0) }
        /// From any number.
        init(index: Int) { self.index = index % DemoNames.parks.count }

        func id(_ kind: String, _ tail: String) -> String { "\(id):\(kind):\(tail)" }
        func id(_ kind: String, _ number: Int) -> String { id(kind, CatalogueDemo.padded(number)) }

        /// Enterprises are counted from 1.
        func enterprise(_ number: Int) -> String {
            id("organisation", 1 + (number + names.enterprises - 1) % names.enterprises)
        }
        /// Institutions have the numbers behind the enterprises.
        func institution(_ number: Int) -> String { id("organisation", institutionNumber(number)) }
        func institutionNumber(_ number: Int) -> Int {
            names.enterprises + 1 + (number + names.institutions - 1) % names.institutions
        }
        var card: String { "\(id):park" }
        var office: String { id("organisation", "office") }
        func person(_ role: String) -> String { id("person", role) }
        func talent(_ number: Int) -> String { id("person", 1 + (number + names.talents - 1) % names.talents) }
        var fund: String { id("account", "fund") }
    }

    /// One kind of money for all parks, minted by the first.
    static let fen = "south:unit:fen"
    static let voucher = "south:unit:voucher"
    static let minutes = "south:unit:minute"
    static let desks = "south:unit:desk"

    /// The account of an organisation has its number.
    static func account(of organisation: String) -> String {
        let parts = organisation.split(separator: ":")
        guard let park = parts.first, let tail = parts.last else { return organisation }
        return "\(park):account:\(tail == "office" ? "fund" : tail)"
    }

    static func padded(_ number: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, 4 - text.count)) + text
    }

    func hash(_ text: String) -> String { Hex.encode(sha256(Array(text.utf8))) }
}

/// JSON of demo rows, with the keys as they are given.
enum DemoJSON {
    case text(String)
    case integer(Int64)
    case boolean(Bool)
    case list([String])

    private var encoded: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .integer(let number): "\(number)"
        case .boolean(let flag): flag ? "true" : "false"
        case .list(let texts): Self.array(texts)
        }
    }

    static func object(_ fields: [(String, DemoJSON)]) -> String {
        "{" + fields.map { quoted($0.0) + ":" + $0.1.encoded }.joined(separator: ",") + "}"
    }

    static func array(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ",") + "]" }

    /// Demo texts have no control characters.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

/// An instant of the demo, in minutes since 1970-01-01.
struct DemoMoment: Comparable, Sendable {
    var minutes: Int

    /// - Parameter day: counted from the first day of the demo.
    init(day: Int, minute: Int = 0) { minutes = (DemoTime.firstDay + day) * 1_440 + minute }

    func adding(_ more: Int) -> DemoMoment {
        var moment = self
        moment.minutes += more
        return moment
    }

    var text: String { DemoTime.instant(day: minutes / 1_440, minute: minutes % 1_440) }

    static func < (one: DemoMoment, other: DemoMoment) -> Bool { one.minutes < other.minutes }
}
