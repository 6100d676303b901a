import ArgumentParser
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// `syncctl find`: what the parks share.
struct Find: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find items, organisations and people in the catalogue of all parks.",
        discussion: """
            TEXT is looked for in Chinese and English names, ids and keywords; without it everything is listed. \
            --kind organisation and --kind person look for those. With --free-from only items are listed that can \
            still be had, each with the next time at which it can: by its opening hours, maintenance, notice and \
            horizon, and by what this park knows of other requests.

            Examples:
              syncctl find 质谱 --kind instrument
              syncctl find spectrometer --home science --free-from "2026-12-07 14:00" --length 2h
              syncctl find --kind organisation 光学 --lang zh --json
            """)

    @OptionGroup var people: PeopleOptions

    @Argument(help: "What to look for.")
    var text: String?

    @Option(help: "Only this kind, as in instrument, service, listing, policy, organisation, person.")
    var kind: String?

    @Option(help: "Only what this park has, as in south.")
    var home: String?

    @Option(help: "Only this state: active, ended, or all.")
    var state = "active"

    @Option(help: "Only what is free from then on, with its next time: Asia/Shanghai, as in \"2026-12-07 14:00\".")
    var freeFrom: String?

    @Option(help: "With --free-from: for how long, as in 90m, 2h, 1d.")
    var length = "1h"

    @Option(help: "How many at most.")
    var limit = 100

    /// How far ahead a free time is looked for.
    static let daysAhead: Int64 = 14

    func validate() throws {
        guard ["active", "ended", "all"].contains(state) else {
            throw ValidationError("--state \(state): give active, ended or all.")
        }
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 10000.") }
    }

    func run() async throws {
        try await people.atDesk("find") { desk in
            var found = try await search(desk)
            if let freeFrom {
                found = try await free(
                    found, from: ShanghaiText.parsed(freeFrom, field: .init("--free-from", "空闲起始时间")), desk)
            }
            try people.show(found, columns, none: ("没有找到", "nothing was found"))
        }
    }

    private func search(_ desk: ParkDesk) async throws -> [FoundItem] {
        var search = ItemScreens.Search()
        search.hasText = text?.isEmpty == false
        search.hasHome = home != nil
        search.hasState = state != "all"
        let isParty = kind == "organisation" || kind == "person"
        search.hasKind = kind != nil && !isParty
        let sql =
            switch kind {
            case "organisation": ItemScreens.organisations(search)
            case "person": ItemScreens.people(search)
            default: ItemScreens.items(search)
            }
        return try await desk.list(
            sql,
            [
                .text(text.map(Given.pattern)), .text(kind), .text(home), .text(state), .integer(Int64(limit)),
            ])
    }

    /// Those that are free, the first ones first.
    private func free(_ found: [FoundItem], from: Instant, _ desk: ParkDesk) async throws -> [FoundItem] {
        let minutes = try Given.minutes(length, field: .init("--length", "时长"))
        let within = Interval(from, from.adding(days: Self.daysAhead))
        let time = try await FreeTime.read(found.map(\.id), within: within, at: desk)
        let now = Given.now()
        let free = found.compactMap { item -> FoundItem? in
            let next = time.next(item.id, within: within, now: now, minutes: minutes, weight: 1, count: 1)
            guard let slot = next.first else { return nil }
            var item = item
            (item.freeFrom, item.freeUntil) = (slot.start.text, slot.end.text)
            return item
        }
        return free.sorted { ($0.freeFrom ?? "", ExactText($0.id)) < ($1.freeFrom ?? "", ExactText($1.id)) }
    }

    private var columns: [PeopleColumn<FoundItem>] {
        var columns: [PeopleColumn<FoundItem>] = [
            .init("编号", "id") { $0.id },
            .init("类别", "kind") { row, language in language.pick(row.kindZh, row.kindEn) },
            .init("名称", "name") { row, language in language.name(row.nameZh, row.nameEn) },
            .init("园区", "home") { $0.home },
            .init("单位", "owner") { row, language in language.name(row.ownerZh, row.ownerEn) },
        ]
        if state != "active" { columns.append(.init("状态", "state") { $0.state }) }
        if freeFrom != nil {
            columns.append(
                .init("空闲时间\(ShanghaiText.zone(.zh))", "free\(ShanghaiText.zone(.en))") { row in
                    PeopleWords.interval(row.freeFrom ?? "", row.freeUntil ?? "~")
                })
        }
        return columns
    }
}
