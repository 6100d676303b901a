import ParkSyncCore

/// What was used, and what is paid for it.
extension CatalogueDemo {
    func payments(_ park: Park) -> [DemoStatement] {
        var random = DemoRandom(seed: seed, stream: "payments/\(park.id)")
        let told = told
        return metered(park, told) + history(park, &random) + paid(park, told)
    }

    // MARK: use

    private func usage(
        _ park: Park, _ tail: String, _ item: Int, request: String?, party: String, started: DemoMoment, minutes: Int64,
        samples: Int64, source: String, reverses: String? = nil
    ) -> DemoStatement {
        let isBack = reverses != nil
        return DemoStatement(
            into: "usage",
            [
                ("id", .string(park.id("usage", tail))), ("item_id", .string(bookableID(park, item))),
                ("request_id", request.map { .string($0) } ?? .null), ("party_id", .string(party)),
                ("started_at", .string(started.text)), ("preparation_minutes", .integer(isBack ? -10 : 10)),
                ("minutes", .integer(isBack ? -minutes : minutes)), ("after_minutes", .integer(isBack ? -5 : 5)),
                ("samples", .integer(isBack ? -samples : samples)), ("source", .string(source)),
                ("by_id", .string(park.person("manager"))),
                ("is_external", .integer(party == park.institution(item) ? 0 : 1)),
                ("reverses_id", reverses.map { .string($0) } ?? .null),
                ("at", .string(started.adding(Int(minutes) + (isBack ? 1_440 : 20)).text)),
            ])
    }

    /// Of the bookings that took place.
    private func metered(_ park: Park, _ told: [Told]) -> [DemoStatement] {
        let used = ["used", "disputed", "settled"]
        return told.compactMap { told in
            let asked = told.asked
            guard asked.machine == "booking", asked.home.index == park.index, used.contains(told.state),
                asked.chain?.contains(where: { $0.to == "used" }) == true, let starts = asked.starts,
                let ends = asked.ends
            else { return nil }
            return usage(
                park, asked.id.replacing(":", with: "-"), asked.bookable, request: asked.id, party: asked.party,
                started: starts,
                minutes: Int64(ends.minutes - starts.minutes - 15), samples: 4, source: "meter")
        }
    }

    /// Of the year until then, for the figures of sharing. The last item of each park is idle.
    private func history(_ park: Park, _ random: inout DemoRandom) -> [DemoStatement] {
        (1..<park.names.resources).flatMap { item -> [DemoStatement] in
            (1...4).flatMap { number -> [DemoStatement] in
                let isOwn = random.chance(percent: 40)
                let user = Park(index: random.below(Park.all.count))
                let party = isOwn ? park.institution(item) : user.enterprise(1 + random.below(user.names.enterprises))
                let started = DemoMoment(day: -300 + number * 60 + item, minute: 60 + 30 * random.below(8))
                let minutes = Int64(60 * (1 + random.below(6)))
                let tail = "\(Self.padded(item))-\(number)"
                let record = usage(
                    park, tail, item, request: nil, party: party, started: started, minutes: minutes,
                    samples: Int64(number),
                    source: number == 4 ? "hand" : "card")
                // One entry by hand was wrong.
                guard item == 1, number == 4 else { return [record] }
                let back = usage(
                    park, "\(tail)-back", item, request: nil, party: party, started: started, minutes: minutes,
                    samples: Int64(number), source: "hand", reverses: park.id("usage", tail))
                return [record, back]
            }
        }
    }

    // MARK: money

    private func transfer(
        _ park: Park, from: String, _ id: String, to: String, unit: String, _ amount: Int64, because: String?,
        _ note: String
    ) -> DemoStatement {
        DemoStatement(
            into: "transfer",
            [
                ("from_id", .string(from)), ("id", .string(id)), ("to_id", .string(to)), ("unit_id", .string(unit)),
                ("amount", .integer(amount)), ("because_id", because.map { .string($0) } ?? .null),
                ("reverses", .integer(0)),
                ("by_id", .string(park.person("officer"))), ("note", .string(note)),
                ("at", .string(DemoMoment(day: -1, minute: 120).text)),
            ])
    }

    private func paid(_ park: Park, _ told: [Told]) -> [DemoStatement] {
        var claims = 0
        var number = 0
        let because = told.compactMap { told -> DemoStatement? in
            let asked = told.asked
            switch asked.kind {
            case "booking":
                guard asked.asker.index == park.index, let claim = told.claim else { return nil }
                claims += 1
                // Every fourth is still due.
                guard claims % 4 != 0 else { return nil }
                return transfer(
                    park, from: asked.account, claim.step, to: Self.account(of: asked.home.institution(asked.bookable)),
                    unit: Self.fen, claim.amount, because: claim.step, "仪器使用费（演示）")
            case "grant_application":
                guard asked.home.index == park.index, ["contracted", "acceptance", "accepted"].contains(told.state)
                else {
                    return nil
                }
                number += 1
                return transfer(
                    park, from: park.fund, park.id("transfer", number), to: asked.account, unit: Self.fen,
                    asked.weight / 2,
                    because: asked.id, "项目首期拨款（演示）")
            case "technology_offer":
                guard asked.asker.index == park.index, ["registered", "delivered", "performed"].contains(told.state),
                    let amount = asked.amount
                else { return nil }
                number += 1
                return transfer(
                    park, from: asked.account, park.id("transfer", number),
                    to: Self.account(of: asked.home.institution(1)),
                    unit: Self.fen, amount / 2, because: asked.id, "技术合同首期款（演示）")
            default: return nil
            }
        }
        return because + supported(park, number)
    }

    /// Vouchers, free minutes and desks that were used.
    private func supported(_ park: Park, _ number: Int) -> [DemoStatement] {
        let to = Self.account(of: park.institution(1))
        return (1...Self.supported).flatMap { account -> [DemoStatement] in
            let id = number + account * 3
            return [
                transfer(
                    park, from: park.id("account", "voucher-\(account)"), park.id("transfer", id - 2), to: to,
                    unit: Self.voucher,
                    800_000, because: nil, "创新券抵扣检测费（演示）"),
                transfer(
                    park, from: park.id("account", "free-\(account)"), park.id("transfer", id - 1), to: to,
                    unit: Self.minutes,
                    180, because: nil, "免费机时抵扣（演示）"),
                transfer(
                    park, from: park.id("account", "desks-\(account)"), park.id("transfer", id), to: to,
                    unit: Self.desks, 2,
                    because: nil, "入驻工位（演示）"),
            ]
        }
    }
}
