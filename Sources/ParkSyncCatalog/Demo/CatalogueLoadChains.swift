import ParkSyncCore

/// The steps of the load data's bookings, the acts that they answer, and what is paid.
extension CatalogueLoad {
    /// What became of one booking.
    struct Told: Sendable {
        var steps: [DemoStatement] = []
        var askersActs: [DemoStatement] = []
        var homesActs: [DemoStatement] = []
        var asker: Int
        var home: Int
        /// What is owed in the end.
        var claim: (step: String, amount: Int64)?

        func acts(of park: Home) -> [DemoStatement] {
            (asker == park.index ? askersActs : []) + (home == park.index ? homesActs : [])
        }
    }

    private static let actSQL = DemoStatement.insert(
        "act", "id", "request_id", "machine", "by_id", "act", "on_n", "to_state", "starts_at", "ends_at", "reasons",
        "at")
    private static let stepSQL = DemoStatement.insert(
        "step", "subject_id", "request_id", "n", "id", "follows", "machine", "from_state", "to_state", "act", "act_id",
        "starts_at", "ends_at", "weight", "amount", "unit_id", "payer_id", "payee_id", "rate_id", "rate_unit",
        "rate_fen", "reasons", "by_id", "at")

    func chain(_ booked: Booked) -> Told {
        var told = Told(asker: booked.asker.index, home: booked.home.index)
        var last = Last(at: booked.at, starts: booked.starts, ends: booked.ends)
        let first = CatalogueChains.Move(to: "asked", act: "ask", actor: .node, reasons: [])
        for move in [first] + booked.moves { add(move, of: booked, behind: &last, to: &told) }
        return told
    }

    private struct Last {
        var n = 0
        var id: String?
        var state = ""
        var at: DemoMoment
        var starts: DemoMoment
        var ends: DemoMoment
    }

    private func add(
        _ move: CatalogueChains.Move, of booked: Booked, behind last: inout Last, to told: inout Told
    ) {
        let n = last.n + 1
        let isAmended = move.act == "amend"
        if isAmended { (last.starts, last.ends) = (last.starts.adding(30), last.ends.adding(30)) }
        let at = max(last.at.adding(2), moment(move, booked))
        let isByHome = move.actor == .manager
        let actor = isByHome ? booked.home : booked.asker
        let by = isByHome ? booked.home.person(move.act == "decide" ? "officer" : "manager") : actor.person("staff")
        let act = move.actor == .node ? nil : actor.id("act", "\(booked.tail)-\(n)")
        let reasons = Value.string(DemoJSON.array(move.reasons))
        if let act {
            let row = DemoStatement(
                Self.actSQL,
                [
                    .string(act), .string(booked.id), .string("booking"), .string(by), .string(move.act),
                    .integer(Int64(last.n)), move.act == "decide" ? .string(move.to) : .null,
                    isAmended ? .string(last.starts.text) : .null, isAmended ? .string(last.ends.text) : .null,
                    isByHome && !move.reasons.isEmpty ? reasons : .null, .string(at.adding(-1).text),
                ])
            if isByHome { told.homesActs.append(row) } else { told.askersActs.append(row) }
        }
        var random = random(Self.bookingStream, booked.home.index, booked.item, 2_000 + booked.slot * 10 + n)
        let id = booked.home.id(
            "step", "\(String(random.next(), radix: 36))\(String(random.next() & 0xFFFF, radix: 36))")
        let owed = owed(move, from: last.state, booked)
        if let owed { told.claim = (id, owed) }
        let claim: [Value] =
            owed.map {
                [
                    .integer($0), .string(Self.fen), .string(booked.asker.account(booked.party)),
                    .string(booked.home.earnings(booked.home.owner(booked.item))),
                    .string(rate(booked.home, booked.item, booked.group)), .string("hour"),
                    .integer(fenPerHour(booked.home, booked.item, booked.group)),
                ]
            } ?? Array(repeating: .null, count: 7)
        told.steps.append(
            DemoStatement(
                Self.stepSQL,
                [
                    .string(booked.subject), .string(booked.id), .integer(Int64(n)), .string(id),
                    last.id.map { .string($0) } ?? .null, .string("booking"), .string(last.state), .string(move.to),
                    .string(move.act), act.map { .string($0) } ?? .null, .string(last.starts.text),
                    .string(last.ends.text), .integer(1),
                ] + claim + [reasons, isByHome ? .string(by) : .null, .string(at.text)]))
        (last.n, last.id, last.state, last.at) = (n, id, move.to, at)
    }

    private func moment(_ move: CatalogueChains.Move, _ booked: Booked) -> DemoMoment {
        switch move.to {
        case "in_use": booked.starts
        case "used": booked.ends
        case "no_show": booked.starts.adding(30)
        case "late_cancelled": booked.starts.adding(-120)
        case "settled": booked.ends.adding(move.act == "clock" ? 7 * 1_440 : 600)
        default: booked.at
        }
    }

    /// The booked time at the rate of the class, and a share of it where nobody came.
    private func owed(_ move: CatalogueChains.Move, from state: String, _ booked: Booked) -> Int64? {
        guard move.to == "settled", !move.reasons.contains("waived") else { return nil }
        let minutes = Int64(booked.ends.minutes - booked.starts.minutes)
        let whole = fenPerHour(booked.home, booked.item, booked.group) * minutes / 60
        let owed = state == "no_show" ? whole / 2 : state == "late_cancelled" ? whole / 4 : whole
        return owed > 0 ? owed : nil
    }

    // MARK: transfers

    private static let transferSQL = DemoStatement.insert(
        "transfer", "from_id", "id", "to_id", "unit_id", "amount", "because_id", "reverses", "by_id", "at")

    private func transfer(
        _ home: Home, from: String, _ id: String, to: String, _ unit: String, _ amount: Int64, because: String?,
        _ moment: DemoMoment
    ) -> DemoStatement {
        DemoStatement(
            Self.transferSQL,
            [
                .string(from), .string(id), .string(to), .string(unit), .integer(amount),
                because.map { .string($0) } ?? .null, .integer(0), .string(home.person("officer")),
                .string(moment.text),
            ])
    }

    /// Money by the home of its unit to all, vouchers by each park to its own.
    func issued(_ home: Home, _ part: Int) -> [DemoStatement] {
        let moment = DemoMoment(day: -395, minute: 60)
        let money = (home.index == 0 ? homes : []).flatMap { other in
            Self.range(part, of: other.enterprises).map { number in
                transfer(
                    home, from: Self.fen, home.id("transfer", "issue-\(other.id)-\(number)"), to: other.account(number),
                    Self.fen, 50_000_000, because: nil, moment)
            }
        }
        let vouchers = Self.range(part, of: home.enterprises).map { number in
            transfer(
                home, from: home.voucher, home.id("transfer", "voucher-\(number)"), to: home.account(number),
                home.voucher, 5_000_000, because: nil, moment)
        }
        return money + vouchers
    }

    /// How often in the year an enterprise has paid with vouchers.
    private static let spendings = 25

    /// Claims, of which every tenth is still due, and what was paid with vouchers.
    func payments(_ home: Home, _ part: Int) -> [DemoStatement] {
        let claims = bookings(part).filter { $0.asker.index == home.index && ($0.slot + $0.item) % 10 != 9 }.compactMap
        {
            booked -> DemoStatement? in
            guard let claim = chain(booked).claim else { return nil }
            return transfer(
                home, from: home.account(booked.party), claim.step,
                to: booked.home.earnings(booked.home.owner(booked.item)), Self.fen, claim.amount, because: claim.step,
                booked.ends.adding(9 * 1_440))
        }
        let vouchers = Self.range(part, of: home.enterprises).flatMap { number -> [DemoStatement] in
            var random = random(Self.spendingStream, home.index, number)
            return (0..<Self.spendings).map { spending in
                transfer(
                    home, from: home.account(number), home.id("transfer", "\(Self.padded(number))-\(spending)"),
                    to: home.earnings(Int(random.below(UInt64(home.institutions)))), home.voucher,
                    Int64(1 + random.below(20)) * 10_000, because: nil,
                    DemoMoment(day: -360 + spending * 14, minute: 90))
            }
        }
        return claims + vouchers
    }
}
