import ParkSyncCatalog
import ParkSyncCore

/// A time at which an item can still be had.
package struct FreeSlot: Codable, Hashable, Sendable {
    package var itemID: String
    package var startsAt: String
    package var endsAt: String

    enum CodingKeys: String, CodingKey { case itemID = "item_id", startsAt = "starts_at", endsAt = "ends_at" }
}

/// For how long, how much, and within which time something is wanted.
package struct TimeWish: Hashable, Sendable {
    package var within: Interval
    package var minutes: Int64
    package var weight: Int64

    package init(within: Interval, minutes: Int64, weight: Int64 = 1) {
        (self.within, self.minutes, self.weight) = (within, minutes, weight)
    }
}

extension Office {
    /// How far ahead a free time is looked for where nothing is said.
    package static let daysAhead: Int64 = 14
    /// How many times are listed at most, and of how many items.
    package static let slotsMax = 1_000

    /// The next times at which an item can be had. Its home decides, in the order in which requests
    /// arrive there.
    package func free(_ item: String, _ wish: TimeWish, count: Int = 10) async throws -> [FreeSlot] {
        try check(.read)
        let field = OfficeField("item_id", "资源编号", "item")
        let id = try Given.id(item, field)
        try Self.check(wish)
        let time = try await FreeTime.read([id], within: wish.within, in: self)
        guard let rules = time.rules.first?.value else { throw OfficeFault.unknown(id, field) }
        try check(rules, wish.minutes)
        return time.next(
            id, within: wish.within, now: store.now(), minutes: wish.minutes, weight: wish.weight,
            count: min(max(1, count), Self.slotsMax)
        ).map { FreeSlot(itemID: id, startsAt: $0.start.text, endsAt: $0.end.text) }
    }

    /// Of some items those that can be had, each with its next time; the first one first.
    package func free(of items: [String], _ wish: TimeWish) async throws -> [FreeSlot] {
        try check(.read)
        try Self.check(wish)
        let items = Array(items.prefix(Self.slotsMax))
        let time = try await FreeTime.read(items, within: wish.within, in: self)
        let now = store.now()
        return items.compactMap { id in
            time.next(id, within: wish.within, now: now, minutes: wish.minutes, weight: wish.weight, count: 1).first
                .map { FreeSlot(itemID: id, startsAt: $0.start.text, endsAt: $0.end.text) }
        }.sorted { ($0.startsAt, ExactText($0.itemID)) < ($1.startsAt, ExactText($1.itemID)) }
    }

    private static func check(_ wish: TimeWish) throws(OfficeFault) {
        guard wish.within.isBounded, wish.within.start < wish.within.end else {
            throw OfficeFault.badInterval(OfficeField("to", "截止时间", "end"))
        }
        guard wish.minutes > 0 else {
            throw OfficeFault(
                .input, "bad_length", OfficeField("minutes", "时长", "length"),
                Wording("时长须为正整数分钟", "it is no length of time"), Wording("填写分钟数", "Give minutes"))
        }
        guard wish.weight > 0 else {
            throw OfficeFault(
                .input, "bad_weight", OfficeField("weight", "数量", "quantity"),
                Wording("数量须为正整数", "the quantity is no positive whole number"),
                Wording("填写不小于 1 的整数", "Give a whole number from 1"))
        }
    }

    /// A length that is never right is told instead of an empty list.
    private func check(_ rules: ItemRules, _ minutes: Int64) throws(OfficeFault) {
        let field = OfficeField("minutes", "时长", "length")
        if let least = rules.minMinutes, minutes < least {
            throw reason(
                "too_short", field, detail: Wording("至少 \(least) 分钟", "at least \(least) minutes"), cause: .input)
        }
        if let most = rules.maxMinutes, minutes > most {
            throw reason("too_long", field, detail: Wording("至多 \(most) 分钟", "at most \(most) minutes"), cause: .input)
        }
    }
}
