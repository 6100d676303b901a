import ParkSyncCore

/// What the parks ask of one another.
extension CatalogueDemo {
    struct Asked: Sendable {
        var asker: Park
        /// The park of the subject.
        var home: Park
        var kind: String
        var machine: String
        var number: Int
        var subject: String
        var party: String
        var group: String?
        /// '' and '~' where there is none.
        var starts: DemoMoment?
        var ends: DemoMoment?
        var weight: Int64 = 1
        var amount: Int64?
        var document: String?
        var at: DemoMoment
        var detail: [(String, DemoJSON)]
        /// nil: left to the arbiter.
        var chain: CatalogueChains.Chain?
        /// Of an amendment.
        var amended: DemoMoment?
        /// The bookable's number.
        var bookable = 0

        var id: String { asker.id(kind, number) }
        var account: String { CatalogueDemo.account(of: party) }
        var by: String { asker.person("staff") }
        /// Whose steps they are.
        var arbiter: Park { machine == "adoption" ? asker : home }
        var decidedAt: String { machine == "adoption" ? id : subject }
    }

    /// All requests of all parks, in the same order each time.
    var asked: [Asked] { bookings + otherRequests }

    func statement(_ asked: Asked) -> DemoStatement {
        DemoStatement(
            into: "request",
            [
                ("id", .string(asked.id)), ("kind", .string(asked.kind)), ("machine", .string(asked.machine)),
                ("subject_id", .string(asked.subject)), ("party_id", .string(asked.party)),
                ("by_id", .string(asked.by)),
                ("class", asked.group.map { .string($0) } ?? .null), ("starts_at", .string(asked.starts?.text ?? "")),
                ("ends_at", .string(asked.ends?.text ?? "~")), ("weight", .integer(asked.weight)),
                ("amount", asked.amount.map { .integer($0) } ?? .null),
                ("unit_id", asked.amount == nil ? .null : .string(Self.fen)), ("account_id", .string(asked.account)),
                ("document_id", asked.document.map { .string($0) } ?? .null), ("at", .string(asked.at.text)),
                ("detail", .string(DemoJSON.object(asked.detail))),
            ])
    }

    // MARK: bookings

    private static let slots = [60, 240, 420]
    static let pastDays = [-21, -20, -19, -18, -17, -14, -13, -12]
    /// Of those whose users may still answer.
    static let recentDays = [-6, -5, -4, -3]
    static let futureDays = [3, 4, 7, 8, 9, 10, 11, 14, 15, 16]

    /// Each item has its slots one after the other, so that nothing but what waits for room meets.
    private var bookings: [Asked] {
        var next: [Int: Int] = [:]
        var counts = [0, 0]
        return Park.all.flatMap { park -> [Asked] in
            var random = DemoRandom(seed: seed, stream: "bookings/\(park.id)")
            return (1...park.names.bookings).map { number in
                let isPast = number % 5 < 2
                // Half of the bookings are for the park's own items, the others for any park's.
                let home = random.chance(percent: 50) ? park : Park(index: random.below(Park.all.count))
                let item = 1 + random.below(home.names.resources)
                let chains = isPast ? CatalogueChains.pastBookings : CatalogueChains.futureBookings
                // Every tenth is left to the arbiter.
                let isLeft = number % 10 == 9
                let chain = isLeft ? nil : chains[counts[isPast ? 0 : 1] % chains.count]
                if !isLeft { counts[isPast ? 0 : 1] += 1 }
                let isRunning = chain?.last?.to == "in_use"
                let isOpen = ["used", "no_show", "late_cancelled", "disputed"].contains(chain?.last?.to)
                let past = isOpen ? Self.recentDays : Self.pastDays
                let days = isRunning ? [0] : isPast ? past : Self.futureDays
                let key = (home.index * 100 + item) * 1_000 + days[0] + 500
                let slot = next[key, default: 0]
                let wants = chain?.first?.to
                let isLate = wants == "waitlisted" || wants == "refused"
                if !isLate { next[key] = slot + 1 }
                return booking(
                    park, number, home, item, slot: isLate ? max(0, slot - 1) : slot, days: days, chain: chain, &random)
            }
        }
    }

    private func booking(
        _ park: Park, _ number: Int, _ home: Park, _ item: Int, slot: Int, days: [Int], chain: CatalogueChains.Chain?,
        _ random: inout DemoRandom
    ) -> Asked {
        // The days of items differ, or all that happens would happen on the first.
        let day = days[(slot / Self.slots.count + item) % days.count]
        let start = DemoMoment(day: day, minute: Self.slots[slot % Self.slots.count])
        let end = start.adding(60 + 30 * random.below(3))
        let party = park.enterprise(1 + random.below(park.names.enterprises))
        return Asked(
            asker: park, home: home, kind: "booking", machine: "booking", number: number,
            subject: bookableID(home, item),
            party: party, group: random.chance(percent: 40) ? "sme" : "zone", starts: start, ends: end,
            at: DemoMoment(day: day < 0 ? -28 : -2, minute: 30 + number),
            detail: [
                ("purpose_zh", .text(CatalogueNames.purposes[random.below(CatalogueNames.purposes.count)])),
                ("samples", .integer(Int64(1 + random.below(12)))),
                ("operator", .text(["self", "assisted"][number % 2])),
                ("may_wait", .boolean(chain?.first?.to == "waitlisted" || number % 3 == 0)),
            ], chain: chain, amended: start.adding(30), bookable: item)
    }

    // MARK: everything else

    static let kinds: [(kind: String, machine: String, item: String)] = [
        ("lending", "lend", ""), ("home_change", "move_home", "dataset"), ("data_access", "access", "dataset"),
        ("literature_request", "access", "literature"), ("practice_request", "access", "practice"),
        ("event_signup", "signup", "event"), ("course_signup", "signup", "course"),
        ("policy_adoption", "adoption", "policy"), ("practice_adoption", "adoption", "practice"),
        ("technology_offer", "offer", "listing"), ("demand_response", "offer", "demand"),
        ("job_application", "offer", "post"), ("patent_pledge", "pledge", "patent"), ("backing", "pledge", "programme"),
        ("grant_application", "award", "programme"), ("selection_entry", "pick", "round"),
        ("secondment", "second", "talent_time"), ("tolerance_case", "tolerance", "project"),
        ("issue", "task", "register"), ("evaluation_report", "task", "evaluation"),
        ("placement", "task", "incubation"), ("partner_project", "task", "partnership"),
        ("approval_review", "approval", "approval_item"),
    ]
    /// What a park asks of itself, or of its own people.
    private static let ownKinds = ["tolerance_case", "issue", "approval_review"]

    private var otherRequests: [Asked] {
        Self.kinds.flatMap { kind, machine, item -> [Asked] in
            // One more of each kind is left to the arbiter.
            let told = CatalogueChains.others.first { $0.machine == machine }?.chains ?? []
            let chains = told.map { $0 as CatalogueChains.Chain? } + [nil]
            return chains.enumerated().map { number, chain in
                let home = Park(index: number)
                // Of the first six each park has one; the others share one with those before.
                let shift = Self.ownKinds.contains(kind) ? 0 : 1 + number / Park.all.count + kind.utf8.count % 3
                let asker =
                    switch kind {
                    case "patent_pledge": Park(index: 0)
                    case "evaluation_report": evaluation(home, Self.evaluationNumber(number)).evaluated
                    default: Park(index: number + shift)
                    }
                return request(kind, machine, item, number, asker: asker, home: home, chain: chain)
            }
        }
    }

    /// What waits for an answer was asked a short time ago, or its deadline would be over.
    private static func askedOn(_ machine: String, _ chain: CatalogueChains.Chain?) -> Int {
        guard let chain, chain.contains(where: { $0.act == "clock" }) else { return -2 }
        return machine == "award" ? -16 : -40
    }

    private func request(
        _ kind: String, _ machine: String, _ item: String, _ number: Int, asker: Park, home: Park,
        chain: CatalogueChains.Chain?
    ) -> Asked {
        // Patents are pledged to the bank; several of the same park are not the same.
        let (tail, party) =
            switch kind {
            case "patent_pledge": (2 + number / Park.all.count, asker.institution(CatalogueNames.bankNumber))
            case "evaluation_report":
                (Self.evaluationNumber(number), evaluation(home, Self.evaluationNumber(number)).party)
            default: (1, asker.enterprise(number + 1))
            }
        var asked = Asked(
            asker: asker, home: home, kind: kind, machine: machine, number: number + 1,
            subject: item.isEmpty ? bookableID(home, 2) : home.id(item, tail),
            party: party, group: "zone",
            at: DemoMoment(day: Self.askedOn(machine, chain), minute: 60 + number * 7), detail: [], chain: chain)
        if kind == "course_signup" || kind == "event_signup" {
            (asked.starts, asked.ends) = meeting(home)
            if let starts = asked.starts, starts < DemoMoment(day: 0) {
                asked.at = DemoMoment(day: -40, minute: 60 + number * 7)
            }
        }
        complete(&asked, number)
        return asked
    }
}

extension CatalogueDemo.Asked {
    /// Days of the demo.
    mutating func last(from: Int?, to: Int) {
        starts = from.map { DemoMoment(day: $0) }
        ends = DemoMoment(day: to)
    }
}
