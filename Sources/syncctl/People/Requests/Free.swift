import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports

/// A row of `syncctl free`.
struct FreeRow: Codable, Hashable, Sendable {
    var itemID: String
    var startsAt: String
    var endsAt: String
    var minutes: Int64
    var weight: Int64

    enum CodingKeys: String, CodingKey {
        case itemID = "item_id", startsAt = "starts_at", endsAt = "ends_at", minutes, weight
    }
}

/// `syncctl free`: when an item can still be had.
struct Free: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the next times at which an item can be had.",
        discussion: """
            By its opening hours, maintenance and holidays, the time between two bookings, notice, horizon and \
            capacity, and by what this park knows of other requests. The item's home decides in the order in which \
            requests arrive there.

            Examples:
              syncctl free science:instrument:0001 --from "2026-12-07 09:00" --length 2h
              syncctl free south:desk:0001 --length 1d --weight 4 --to 2026-12-31 --json
            """)

    @OptionGroup var people: PeopleOptions

    @Argument(help: "The item's id.")
    var item: String

    @Option(help: "From when: Asia/Shanghai, as in \"2026-12-07 14:00\" or 2026-12-07; without it from now.")
    var from: String?

    @Option(help: "Until when; without it two weeks.")
    var to: String?

    @Option(help: "For how long, as in 90m, 2h, 1d.")
    var length = "1h"

    @Option(help: "How much of its capacity: desks, seats.")
    var weight: Int64 = 1

    @Option(help: "How many times at most.")
    var limit = 10

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 1000.") }
        guard weight > 0 else { throw ValidationError("--weight is a whole number from 1.") }
    }

    func run() async throws {
        try await people.atDesk("free") { desk in
            let field = PeopleField("item", "资源编号")
            let id = try Given.id(item, field: field)
            let now = Given.now()
            let start = try from.map { try ShanghaiText.parsed($0, field: .init("--from", "起始时间")) } ?? now
            let end =
                try to.map { try ShanghaiText.parsed($0, field: .init("--to", "截止时间")) }
                ?? start.adding(days: Find.daysAhead)
            guard start < end else { throw PeopleFault.badInterval(.init("--to", "截止时间")) }
            let minutes = try Given.minutes(length, field: .init("--length", "时长"))
            let within = Interval(start, end)
            let time = try await FreeTime.read([id], within: within, at: desk)
            guard let rules = time.rules.first?.value else { throw Given.unknown(id, field: field) }
            try await check(rules, minutes, desk)
            let slots = time.next(id, within: within, now: now, minutes: minutes, weight: weight, count: limit)
            let rows = slots.map {
                FreeRow(itemID: id, startsAt: $0.start.text, endsAt: $0.end.text, minutes: minutes, weight: weight)
            }
            try people.show(rows, Self.columns, none: ("这段时间没有空闲", "nothing is free in that time"))
        }
    }

    /// A length that is never right is told instead of an empty list.
    private func check(_ rules: ItemRules, _ minutes: Int64, _ desk: ParkDesk) async throws {
        let field = PeopleField("--length", "时长")
        if let least = rules.minMinutes, minutes < least, let reason = try await desk.reason("too_short") {
            throw reason.fault(field: field, detailZh: "至少 \(least) 分钟", detailEn: "at least \(least) minutes")
        }
        if let most = rules.maxMinutes, minutes > most, let reason = try await desk.reason("too_long") {
            throw reason.fault(field: field, detailZh: "至多 \(most) 分钟", detailEn: "at most \(most) minutes")
        }
    }

    private static var columns: [PeopleColumn<FreeRow>] {
        [
            .init("开始\(ShanghaiText.zone(.zh))", "starts\(ShanghaiText.zone(.en))") {
                ShanghaiText.shown($0.startsAt)
            },
            .init("结束", "ends") { ShanghaiText.shown($0.endsAt) },
            .init("分钟", "minutes") { "\($0.minutes)" },
        ]
    }
}
