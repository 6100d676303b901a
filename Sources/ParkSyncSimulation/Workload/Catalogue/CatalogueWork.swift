import ParkSyncCore

/// Makes up what the people of the parks do in the catalogue: they ask for whatever can be asked
/// for, and act on requests by every move that is declared, and now and then by one that is not.
struct CatalogueWork: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case foundation, ask, act, use, pay, item, window, rate, people, remark, document
        /// What the schema refuses.
        case wrong
    }

    /// How often each kind comes, out of the sum of all.
    static let weights: [(weight: Int, kind: Kind)] = [
        (26, .ask), (40, .act), (7, .use), (5, .pay), (5, .item), (2, .window), (1, .rate), (3, .people), (5, .remark),
        (2, .document), (5, .wrong),
    ]

    let facts: CatalogueFacts
    var chance: Chance
    private var serial = 0

    /// - Throws: if the shipped schema is wrong.
    init(seed: UInt64) throws {
        facts = try CatalogueFacts.shared.get()
        chance = Chance(seed: seed)
    }

    /// The next activity at a place: of whatever kind is possible there.
    mutating func next(at place: Workload.Place) -> Activity {
        // A park that has nothing of its own yet founds it first.
        if !isFounded(place), let activity = make(.foundation, at: place) { return activity }
        while true {
            if let kind = chance.weighted(Self.weights), let activity = make(kind, at: place) { return activity }
        }
    }

    /// An activity of one kind; nil if the place has nothing for it.
    mutating func make(_ kind: Kind, at place: Workload.Place) -> Activity? {
        guard let (work, outcome) = statements(kind, place) else { return nil }
        serial += 1
        let marker = "\(place.park)-m\(serial)"
        let mark = Activity.Statement(
            "INSERT INTO journal(id, park, note) VALUES(?, ?, ?)",
            [.string(marker), .string(place.park), .string(kind.rawValue)])
        return Activity(
            label: kind.rawValue, channel: .foreign, statements: [mark] + work, outcome: outcome, marker: marker)
    }

    private mutating func statements(
        _ kind: Kind, _ place: Workload.Place
    ) -> ([Activity.Statement], Activity.Outcome)? {
        switch kind {
        case .foundation: (foundation(place), .either)
        case .ask: ask(place).map { ([$0], .either) }
        case .act: act(place).map { ($0, .either) }
        case .use: use(place).map { ([$0], .either) }
        case .pay: pay(place).map { ([$0], .either) }
        case .item: change(place).map { ([$0], .either) }
        case .window: isFounded(place) ? ([window(place)], .either) : nil
        case .rate: isFounded(place) ? ([rate(place)], .either) : nil
        case .people: ([people(place)], .either)
        case .remark: ([remark(place)], .either)
        case .document: ([document(place)], .either)
        case .wrong: wrong(place).map { ([$0], .fails) }
        }
    }

    /// An id that nobody else has.
    mutating func fresh(_ place: Workload.Place, _ kind: String) -> String {
        serial += 1
        return "\(place.park):\(kind):\(serial)"
    }

    func isFounded(_ place: Workload.Place) -> Bool {
        place.contents.rows("item").contains { $0.first == .string("\(place.park):unit:fen") }
    }

    func rows(_ table: String, _ place: Workload.Place) -> NamedRows? {
        NamedRows(place.contents, place.schema, table)
    }

    /// A row of a table, or of those of this park.
    mutating func pick(_ table: String, _ place: Workload.Place, own: Bool = false) -> (NamedRows, [Value])? {
        guard let rows = rows(table, place) else { return nil }
        let prefix = Array("\(place.park):".utf8)
        let found =
            own
            ? rows.rows.filter { if case .text(let id)? = $0.first { id.starts(with: prefix) } else { false } }
            : rows.rows
        return chance.pick(found).map { (rows, $0) }
    }

    /// The node's wall clock and so many minutes.
    func instant(_ place: Workload.Place, minutes: Int = 0) -> String {
        let moment = Int64(clamping: place.now) + Int64(minutes) * 60_000
        return ValueMix.instant(UInt64(max(0, moment)))
    }

    /// A statement that inserts a row.
    static func insert(_ table: String, _ values: KeyValuePairs<String, Value>, or clause: String = "")
        -> Activity
        .Statement
    {
        let names = values.map(\.key).joined(separator: ", ")
        let marks = values.map { _ in "?" }.joined(separator: ", ")
        return Activity.Statement(
            "INSERT \(clause)INTO \(table)(\(names)) VALUES(\(marks))", values.map(\.value))
    }
}
