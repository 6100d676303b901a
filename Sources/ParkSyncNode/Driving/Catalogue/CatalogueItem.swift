import ParkSyncCatalog
import ParkSyncCore

/// What the arbiter has to know of the item, from the rows of the item and of those around it.
extension CatalogueSubject {
    /// - Parameter row: as `CatalogueSQL.item` gives it.
    mutating func read(item row: [Value], id: ExactText) {
        var fields = FieldReader(row)
        var item = Arbiter.Subject(id: id)
        item.people.owner = fields.text()
        item.capacity = fields.integer()
        item.needsApproval = fields.text() == "person"
        let share = fields.text()
        item.isEnded = fields.text() == "ended"
        item.rules = Self.rules(&fields)
        item.trainingCode = fields.text()
        payee = fields.text()
        // Terms have to be agreed to before anything is delivered.
        if fields.flag() { item.answer = "conditional" }
        item.rules.publicityDays = fields.integer()
        (item.rules.asksFrom, item.rules.asksUntil) = (fields.instant(), fields.instant())
        item.scoreWeights = Ranking.weights(fields.string() ?? "")
        item.person = fields.text()
        item.asks = Set(fields.texts())
        guard !isDecidedByAsker else {
            // What its home has laid down is not for a park that adopts it.
            self.item = Arbiter.Subject(id: id)
            self.item?.asks = item.asks
            self.item?.capacity = nil
            self.item?.isEnded = item.isEnded
            return
        }
        item.openTo = Self.openTo(share)
        self.item = item
    }

    private static func rules(_ fields: inout FieldReader) -> Arbiter.Rules {
        var rules = Arbiter.Rules()
        (rules.minMinutes, rules.maxMinutes) = (fields.integer(), fields.integer())
        (rules.bufferMinutes, rules.horizonDays) = (fields.integer(), fields.integer())
        (rules.noticeMinutes, rules.cancelMinutes) = (fields.integer(), fields.integer())
        (rules.noShowMinutes, rules.holdMinutes) = (fields.integer(), fields.integer())
        rules.confirmDays = fields.integer()
        (rules.noShowShare, rules.lateShare) = (fields.integer(), fields.integer())
        return rules
    }

    /// The classes of users that a class of sharing lets in; nil: all.
    private static func openTo(_ share: ExactText?) -> Set<ExactText>? {
        switch share {
        case "internal": ["own"]
        case "zone": ["own", "zone", "sme"]
        default: nil
        }
    }

    /// - Parameter rows: as `CatalogueSQL.windows` gives them.
    mutating func read(windows rows: [[Value]]) {
        item?.hours = OpeningHours(
            rows.compactMap { row in
                var fields = FieldReader(row)
                guard let kind = fields.string().flatMap({ Window.Kind(rawValue: $0) }) else { return nil }
                let weekdays = (fields.string() ?? "").utf8.reduce(UInt8(0)) { bits, digit in
                    guard (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(digit) else { return bits }
                    return bits | 1 << (digit - UInt8(ascii: "1"))
                }
                return Window(
                    kind, weekdays: weekdays, from: fields.integer() ?? 0, to: fields.integer() ?? 1_440,
                    firstDay: fields.day(), lastDay: fields.day())
            })
    }

    /// - Parameter rows: as `CatalogueSQL.rates` gives them.
    mutating func read(rates rows: [[Value]]) {
        for row in rows {
            var fields = FieldReader(row)
            let (id, userClass, version) = (fields.text(), fields.text(), fields.integer())
            let (unit, fen, from, unitID) = (fields.string(), fields.integer(), fields.day(), fields.text())
            guard let id, let userClass, let version, let unit, let kind = Rate.Unit(rawValue: unit), let fen,
                let from, let unitID
            else { continue }
            item?.rates.append(
                Rate(
                    id: id, userClass: userClass, version: version, unit: kind, fen: fen,
                    validFrom: Shanghai.instant(from, minute: 0)))
            paidRates[id] = PaidRate(unit: unit, fen: fen, unitID: unitID)
        }
    }

    /// - Parameter rows: as `CatalogueSQL.links` gives them.
    mutating func read(links rows: [[Value]]) {
        var parties: [ExactText] = []
        for row in rows {
            var fields = FieldReader(row)
            guard let relation = fields.text(), let object = fields.text() else { continue }
            switch relation {
            case "reviewer": item?.people.reviewers.insert(object)
            case "party": parties.append(object)
            case "officer": item?.people.staff[object] = .officer
            default: if item?.people.staff[object] == nil { item?.people.staff[object] = .manager }
            }
        }
        for place in requests.indices where requests[place].others.isEmpty { requests[place].others = parties }
    }

    /// - Parameters:
    ///   - rows: as `CatalogueSQL.people` gives them.
    ///   - home: an officer there decides on all that it has, a manager on what his organisation
    ///     has, or on everything if he has none.
    mutating func read(people rows: [[Value]], home: ExactText) {
        for row in rows {
            var fields = FieldReader(row)
            guard let id = fields.text(), let kind = fields.text() else { continue }
            let organisation = fields.text()
            if let organisation { item?.people.organisations[id, default: []].insert(organisation) }
            guard id.park == home else { continue }
            if kind == "officer" { item?.people.staff[id] = .officer }
            if kind == "manager", organisation == nil || organisation == item?.people.owner,
                item?.people.staff[id] == nil
            {
                item?.people.staff[id] = .manager
            }
        }
    }

    /// - Parameter rows: as `CatalogueSQL.credentials` gives them.
    mutating func read(credentials rows: [[Value]]) {
        item?.credentials = rows.compactMap { row in
            var fields = FieldReader(row)
            guard let holder = fields.text(), let code = fields.text(), let from = fields.day() else { return nil }
            let end = fields.day().map { Shanghai.instant($0, minute: 1_440) }
            return Arbiter.Credential(
                holder: holder, code: code, valid: Interval(Shanghai.instant(from, minute: 0), end ?? .last))
        }
    }
}
