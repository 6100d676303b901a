import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// The rules of an item for intervals.
struct ItemRules: Codable, Hashable, Sendable {
    var id: String
    var capacity: Int64?
    var minMinutes: Int64?
    var maxMinutes: Int64?
    var bufferMinutes: Int64?
    var horizonDays: Int64?
    var noticeMinutes: Int64?

    enum CodingKeys: String, CodingKey {
        case id, capacity, minMinutes = "min_minutes", maxMinutes = "max_minutes", bufferMinutes = "buffer_minutes"
        case horizonDays = "horizon_days", noticeMinutes = "notice_minutes"
    }

    /// Within what can be asked for now: not in the past, with the notice that the item wants, and
    /// not beyond its horizon.
    func askable(_ wanted: Interval, now: Instant, minutes: Int64) -> Interval? {
        let soonest = now.adding(minutes: max(0, noticeMinutes ?? 0))
        let start = wanted.start >= soonest ? wanted.start : Self.roundedUp(soonest)
        var end = wanted.end
        if let horizonDays { end = min(end, now.adding(days: horizonDays).adding(minutes: minutes)) }
        return start < end ? Interval(start, end) : nil
    }

    /// To a quarter of an hour: nobody asks for a time with seconds, and it is past when he does.
    static func roundedUp(_ instant: Instant) -> Instant {
        let quarter: Int64 = 900
        return Instant(seconds: (instant.seconds / quarter + 1) * quarter)
    }
}

/// When items are free, by what this park knows of other requests.
struct FreeTime {
    private struct WindowRow: Codable {
        var itemID: String
        var kind: String
        var weekdays: String
        var startsMinute: Int64
        var endsMinute: Int64
        var fromOn: String?
        var untilOn: String?

        enum CodingKeys: String, CodingKey {
            case itemID = "item_id", kind, weekdays, startsMinute = "starts_minute", endsMinute = "ends_minute"
            case fromOn = "from_on", untilOn = "until_on"
        }

        var window: Window? {
            guard let kind = Window.Kind(rawValue: kind) else { return nil }
            let days = weekdays.utf8.reduce(into: UInt8(0)) { days, digit in
                if (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(digit) { days |= 1 << (digit - UInt8(ascii: "1")) }
            }
            return Window(
                kind, weekdays: days, from: startsMinute, to: endsMinute, firstDay: fromOn.flatMap { CivilDay($0) },
                lastDay: untilOn.flatMap { CivilDay($0) })
        }
    }

    private struct LoadRow: Codable {
        var itemID: String
        var startsAt: String
        var endsAt: String
        var load: Int64

        enum CodingKeys: String, CodingKey {
            case itemID = "item_id", startsAt = "starts_at", endsAt = "ends_at", load
        }

        /// What is no interval takes no time.
        var taken: FreeSlots.Load? {
            Interval(start: startsAt, end: endsAt).map { FreeSlots.Load($0, load) }
        }
    }

    private(set) var rules: [ExactText: ItemRules] = [:]
    private var slots: [ExactText: FreeSlots] = [:]

    static func read(_ items: [String], within: Interval, in office: Office) async throws -> FreeTime {
        let ids = JSONValue.text(try RowCoding.jsonText(items))
        let rules = try await office.rows(ItemScreens.rules, [ids], as: ItemRules.self)
        let windows = try await office.rows(ItemScreens.windows, [ids], as: WindowRow.self)
        let loads = try await office.rows(
            ItemScreens.loads, [ids, .text(within.start.text), .text(within.end.text)], as: LoadRow.self)
        let windowsByItem = Dictionary(grouping: windows) { ExactText($0.itemID) }
        let loadsByItem = Dictionary(grouping: loads) { ExactText($0.itemID) }
        var time = FreeTime()
        for rule in rules {
            let id = ExactText(rule.id)
            time.rules[id] = rule
            time.slots[id] = FreeSlots(
                hours: OpeningHours((windowsByItem[id] ?? []).compactMap(\.window)),
                loads: (loadsByItem[id] ?? []).compactMap(\.taken), capacity: rule.capacity,
                bufferMinutes: rule.bufferMinutes ?? 0)
        }
        return time
    }

    /// The next intervals of a length at which an item can be asked for.
    func next(_ item: String, within: Interval, now: Instant, minutes: Int64, weight: Int64, count: Int) -> [Interval] {
        let id = ExactText(item)
        guard let rules = rules[id], let slots = slots[id],
            let askable = rules.askable(within, now: now, minutes: minutes)
        else { return [] }
        return slots.next(within: askable, minutes: minutes, weight: weight, count: count)
    }
}
