import ParkSyncCore

/// Bookings of the load data, and what became of them.
extension CatalogueLoad {
    /// Of each item; one on each day that it has one, so that nothing but what is refused or waits
    /// meets another.
    static let (pastSlots, futureSlots) = (60, 20)
    static var slots: Int { pastSlots + futureSlots }

    struct Booked: Sendable {
        var home: Home
        var item: Int
        var slot: Int
        var asker: Home
        var party: Int
        var group: Int
        var starts: DemoMoment
        var ends: DemoMoment
        var at: DemoMoment
        var moves: CatalogueChains.Chain

        /// Says which one it is, and is part of all its ids.
        var tail: String { "\(home.names.id)-\(CatalogueLoad.padded(item))-\(slot)" }
        var id: String { asker.id("booking", tail) }
        var subject: String { home.bookable(item) }
        var isUsed: Bool { moves.contains { $0.to == "used" } }
    }

    func bookings(_ part: Int) -> [Booked] {
        let homes = homes
        return homes.flatMap { bookings(part, of: $0, among: homes) }
    }

    func bookings(_ part: Int, of home: Home) -> [Booked] { bookings(part, of: home, among: homes) }

    private func bookings(_ part: Int, of home: Home, among homes: [Home]) -> [Booked] {
        Self.range(part, of: home.bookables).flatMap { item in
            (0..<Self.slots).map { booking(home, item, $0, homes) }
        }
    }

    private func booking(_ home: Home, _ item: Int, _ slot: Int, _ homes: [Home]) -> Booked {
        var random = random(Self.bookingStream, home.index, item, slot)
        // Half of them are of the park itself.
        let asker = random.below(2) == 0 ? home : homes[Int(random.below(UInt64(homes.count)))]
        let party = Int(random.below(UInt64(asker.enterprises)))
        let moves = Self.moves(slot, permille: Int(random.below(1_000)))
        let isLate = moves.contains { $0.to == "waitlisted" || $0.reasons == ["no_room"] }
        let starts = starts(home, item, isLate ? slot - 1 : slot)
        let minutes = 60 + 30 * Int(random.below(7))
        // Whatever is to come was asked for just before the first day.
        let isFuture = slot >= Self.pastSlots
        let asked = isFuture ? DemoMoment(day: -2) : starts.adding(-1_440 * (2 + Int(random.below(12))))
        return Booked(
            home: home, item: item, slot: slot, asker: asker, party: party, group: Int(random.below(2)),
            starts: starts, ends: starts.adding(minutes), at: asked.adding(Int(random.below(600))), moves: moves)
    }

    /// On working days, from 9 to 14 o'clock in Chengdu.
    private func starts(_ home: Home, _ item: Int, _ slot: Int) -> DemoMoment {
        var random = random(Self.bookingStream, home.index, item, 1_000 + slot)
        let workday = slot < Self.pastSlots ? (slot - Self.pastSlots) * 4 : 1 + (slot - Self.pastSlots) * 2
        let week = workday >= 0 ? workday / 5 : (workday - 4) / 5
        return DemoMoment(day: week * 7 + workday - week * 5, minute: 60 + 60 * Int(random.below(6)))
    }

    // MARK: what becomes of them

    private typealias Chains = [(permille: Int, chain: CatalogueChains.Chain)]

    /// Of those of the last week, whose users may still answer, some are open.
    private static func moves(_ slot: Int, permille: Int) -> CatalogueChains.Chain {
        let chains = slot >= pastSlots ? future : slot == pastSlots - 1 ? recent : past
        var sum = 0
        for (share, chain) in chains {
            sum += share
            if permille < sum { return chain }
        }
        return chains[0].chain
    }

    private static func move(
        _ to: String, _ act: String, _ actor: CatalogueChains.Actor, _ reasons: String...
    ) -> CatalogueChains.Move { CatalogueChains.Move(to: to, act: act, actor: actor, reasons: reasons) }

    private static let confirmed = [move("confirmed", "ask", .node)]
    private static let held = [move("held", "ask", .node)]
    private static let decided = held + [move("confirmed", "decide", .manager)]
    private static let use = [move("in_use", "start", .manager), move("used", "finish", .manager)]
    private static let silence = [move("settled", "clock", .node, "silence")]
    private static let late = [move("late_cancelled", "withdraw", .asker, "too_late")]
    private static let missed = [move("no_show", "clock", .node, "not_arrived")]

    private static let past: Chains = [
        (520, confirmed + use + silence), (120, confirmed + use + [move("settled", "confirm", .asker)]),
        (50, decided + use + silence),
        (20, confirmed + use + [move("disputed", "dispute", .asker), move("settled", "decide", .manager, "waived")]),
        (60, confirmed + missed + silence), (40, confirmed + late + silence),
        (70, confirmed + [move("withdrawn", "withdraw", .asker)]), (60, [move("refused", "ask", .node, "no_room")]),
        (40, held + [move("refused", "decide", .manager, "by_home")]),
        (20, confirmed + [move("home_cancelled", "end", .manager, "broken_down")]),
    ]
    private static let recent: Chains = [
        (500, confirmed + use), (200, confirmed + use + [move("settled", "confirm", .asker)]),
        (100, confirmed + use + [move("disputed", "dispute", .asker)]), (100, confirmed + missed),
        (100, confirmed + late),
    ]
    private static let future: Chains = [
        (700, confirmed), (80, held), (60, decided), (60, confirmed + [move("confirmed", "amend", .asker)]),
        (50, confirmed + [move("withdrawn", "withdraw", .asker)]), (30, [move("waitlisted", "ask", .node)]),
        (20, [move("refused", "ask", .node, "no_room")]),
    ]

    // MARK: rows

    private static let requestSQL = DemoStatement.insert(
        "request", "id", "kind", "machine", "subject_id", "party_id", "by_id", "class", "starts_at", "ends_at",
        "account_id", "at", "detail")
    private static let usageSQL = DemoStatement.insert(
        "usage", "id", "item_id", "request_id", "party_id", "started_at", "preparation_minutes", "minutes",
        "after_minutes", "samples", "source", "is_external", "at")

    func request(_ booked: Booked) -> DemoStatement {
        let purpose = CatalogueNames.purposes[booked.slot % CatalogueNames.purposes.count]
        return DemoStatement(
            Self.requestSQL,
            [
                .string(booked.id), .string("booking"), .string("booking"), .string(booked.subject),
                .string(booked.asker.enterprise(booked.party)), .string(booked.asker.person("staff")),
                .string(Self.classes[booked.group].0), .string(booked.starts.text), .string(booked.ends.text),
                .string(booked.asker.account(booked.party)), .string(booked.at.text),
                .string(
                    DemoJSON.object([
                        ("purpose_zh", .text(purpose)), ("samples", .integer(Int64(1 + booked.slot % 12))),
                        ("operator", .text("self")), ("may_wait", .boolean(booked.slot % 3 == 0)),
                    ])),
            ])
    }

    /// What was metered, and in the year before what the owners have used themselves.
    func usage(_ home: Home, _ part: Int) -> [DemoStatement] {
        let metered = bookings(part, of: home).filter(\.isUsed).map { booked in
            usage(
                home, booked.tail, booked.item, request: booked.id, party: booked.asker.enterprise(booked.party),
                booked.starts, booked.ends.minutes - booked.starts.minutes)
        }
        let own = Self.range(part, of: home.bookables).flatMap { item -> [DemoStatement] in
            var random = random(Self.useStream, home.index, item)
            return (0..<25).map { number in
                usage(
                    home, "own-\(Self.padded(item))-\(number)", item, request: nil,
                    party: home.institution(home.owner(item)), DemoMoment(day: -350 + number * 13, minute: 700),
                    60 + 30 * Int(random.below(10)))
            }
        }
        return metered + own
    }

    private func usage(
        _ home: Home, _ tail: String, _ item: Int, request: String?, party: String, _ started: DemoMoment,
        _ minutes: Int
    ) -> DemoStatement {
        DemoStatement(
            Self.usageSQL,
            [
                .string(home.id("usage", tail)), .string(home.bookable(item)), request.map { .string($0) } ?? .null,
                .string(party), .string(started.text), .integer(10), .integer(Int64(minutes - 15)), .integer(5),
                .integer(4), .string(request == nil ? "card" : "meter"), .integer(request == nil ? 0 : 1),
                .string(started.adding(minutes + 5).text),
            ])
    }
}
