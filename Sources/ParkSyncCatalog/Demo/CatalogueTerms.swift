import ParkSyncCore

/// Rates, opening hours, certificates, figures, and what the accounts begin with.
extension CatalogueDemo {
    func terms(_ park: Park) -> [DemoStatement] {
        var random = DemoRandom(seed: seed, stream: "terms/\(park.id)")
        return rates(park) + windows(park) + credentials(park) + figures(park, &random)
            + (park.index == 0 ? issued(park) : [])
    }

    // MARK: rates and windows

    /// Of each class in per cent of the price; its own people use it for nothing.
    static let classes = [("own", 0), ("zone", 80), ("sme", 60), ("external", 100)]
    func rateID(_ park: Park, _ number: Int, _ group: String) -> String {
        park.id("rate", "\(Self.padded(number))-\(group)")
    }
    func fenPerHour(_ park: Park, _ number: Int, _ group: String) -> Int64 {
        let percent = Self.classes.first { $0.0 == group }?.1 ?? 100
        return bookable(park, number).fenPerHour * Int64(percent) / 100
    }

    private func rates(_ park: Park) -> [DemoStatement] {
        (1...park.names.resources).flatMap { number in
            Self.classes.map { group, _ in
                DemoStatement(
                    into: "rate",
                    [
                        ("id", .string(rateID(park, number, group))), ("item_id", .string(bookableID(park, number))),
                        ("class", .string(group)), ("version", .integer(1)), ("unit", .string("hour")),
                        ("unit_id", .string(Self.fen)), ("fen", .integer(fenPerHour(park, number, group))),
                        ("valid_from", .string(DemoTime.day(DemoTime.firstDay - 340))),
                    ])
            }
        }
    }

    private func windows(_ park: Park) -> [DemoStatement] {
        func window(
            _ tail: String, _ item: String, _ kind: String, days: String, from: Int64, to: Int64, on: (Int, Int)?,
            _ note: String
        ) -> DemoStatement {
            DemoStatement(
                into: "window",
                [
                    ("id", .string(park.id("window", tail))), ("item_id", .string(item)), ("kind", .string(kind)),
                    ("weekdays", .string(days)), ("starts_minute", .integer(from)), ("ends_minute", .integer(to)),
                    ("from_on", on.map { .string(DemoTime.day(DemoTime.firstDay + $0.0)) } ?? .null),
                    ("until_on", on.map { .string(DemoTime.day(DemoTime.firstDay + $0.1)) } ?? .null),
                    ("note_zh", .string(note)),
                ])
        }
        let holiday = window(
            "new-year", park.card, "holiday", days: "1234567", from: 0, to: 1_440, on: (25, 27), "元旦（演示）")
        return [holiday]
            + (1...park.names.resources).flatMap { number -> [DemoStatement] in
                let (id, tail) = (bookableID(park, number), Self.padded(number))
                // Computers are open all day.
                let open =
                    bookable(park, number).kind == "platform"
                    ? [] : [window(tail, id, "open", days: "12345", from: 540, to: 1_080, on: nil, "工作日 9:00—18:00")]
                let repair =
                    number % 4 == 2
                    ? [
                        window(
                            "\(tail)-repair", id, "maintenance", days: "1234567", from: 0, to: 1_440, on: (20, 21),
                            "年度检修（演示）")
                    ]
                    : []
                return open + repair
            }
    }

    // MARK: certificates

    private func credentials(_ park: Park) -> [DemoStatement] {
        func credential(_ tail: String, _ holder: String, _ kind: String, number: String?) -> DemoStatement {
            DemoStatement(
                into: "credential",
                [
                    ("id", .string(park.id("credential", tail))), ("holder_id", .string(holder)),
                    ("kind", .string(kind)),
                    ("number", number.map { .string($0) } ?? .null),
                    ("issuer_zh", .string("\(park.names.name.zh)管理办公室（演示）")),
                    ("from_on", .string(DemoTime.day(DemoTime.firstDay - 200))),
                    ("until_on", .string(DemoTime.day(DemoTime.firstDay + 530))),
                ])
        }
        let kinds = ["hnte", "tech_sme", "specialised", "high_growth", "ip_management"]
        let firms = (1...park.names.enterprises).map { number in
            credential(
                "firm-\(number)", park.enterprise(number), kinds[number % kinds.count],
                number: "PK-\(park.index)\(Self.padded(number))")
        }
        // Who asks in the other parks has learned to use what is here.
        let trained = Park.all.map { other in
            credential("training-\(other.id)", other.person("staff"), "training", number: courseCode(park))
        }
        let people = [
            credential("talent-1", park.talent(1), "talent", number: nil),
            credential("reviewer-1", park.person("reviewer-1"), "reviewer", number: nil),
            credential("reviewer-2", park.person("reviewer-2"), "reviewer", number: nil),
            credential("student-1", park.person("student"), "startup_course", number: nil),
        ]
        return firms + trained + people
    }

    // MARK: figures

    private func figures(_ park: Park, _ random: inout DemoRandom) -> [DemoStatement] {
        func figure(_ subject: String, _ code: String, _ year: Int64, _ value: Int64) -> DemoStatement {
            DemoStatement(
                into: "figure",
                [
                    ("subject_id", .string(subject)), ("code", .string(code)), ("year", .integer(year)),
                    ("version", .integer(1)),
                    ("value", .integer(value)), ("at", .string(DemoMoment(day: -280, minute: 60).text)),
                    ("source_zh", .string("统计报表（演示）")),
                ])
        }
        let firms = (1...park.names.enterprises).flatMap { number -> [DemoStatement] in
            let id = park.enterprise(number)
            let revenue = revenue(park, number)
            return [Int64(2_024), 2_025].flatMap { year -> [DemoStatement] in
                let value = year == 2_025 ? revenue.last : revenue.before
                return [
                    figure(id, "output", year, value * 11 / 10), figure(id, "revenue", year, value),
                    figure(id, "rd_spend", year, value * Int64(4 + random.below(9)) / 100),
                    figure(id, "tax", year, value * 6 / 100), figure(id, "staff", year, Int64(20 + random.below(480))),
                ]
            }
        }
        let whole = park.card
        return firms + [
            figure(whole, "population", 2_025, Int64(8 + random.below(20)) * 1_000),
            figure(whole, "rd_units", 2_025, Int64(park.names.institutions)),
            figure(whole, "own_brands", 2_025, Int64(3 + random.below(9))),
            figure(whole, "benchmark_output", 2_025, 400_000_000_000_000),
            figure(whole, "benchmark_patents", 2_025, 9_000),
        ]
    }

    /// In fen; the same wherever it is asked for.
    func revenue(_ park: Park, _ number: Int) -> (last: Int64, before: Int64) {
        var random = DemoRandom(seed: seed, stream: "revenue/\(park.id)/\(number)")
        let before = Int64(20 + random.below(900)) * 100_000_000
        return (before * Int64(95 + random.below(40)) / 100, before)
    }

    // MARK: balances to begin with

    /// The home of the units issues them to all parks.
    private func issued(_ park: Park) -> [DemoStatement] {
        var number = 0
        func issue(_ unit: String, to account: String, _ amount: Int64, _ note: String) -> DemoStatement {
            number += 1
            return DemoStatement(
                into: "transfer",
                [
                    ("from_id", .string(unit)), ("id", .string(park.id("transfer", "issue-\(Self.padded(number))"))),
                    ("to_id", .string(account)), ("unit_id", .string(unit)), ("amount", .integer(amount)),
                    ("reverses", .integer(0)),
                    ("by_id", .string(park.person("officer"))), ("note", .string(note)),
                    ("at", .string(DemoMoment(day: -250, minute: 60).text)),
                ])
        }
        return Park.all.flatMap { other -> [DemoStatement] in
            let firms = (1...other.names.enterprises).map { number in
                issue(Self.fen, to: Self.account(of: other.enterprise(number)), 200_000_000, "期初余额（演示）")
            }
            let supported = (1...Self.supported).flatMap { number in
                [
                    issue(Self.voucher, to: other.id("account", "voucher-\(number)"), 5_000_000, "年度创新券（演示）"),
                    issue(Self.minutes, to: other.id("account", "free-\(number)"), 1_200, "年度免费机时（演示）"),
                    issue(Self.desks, to: other.id("account", "desks-\(number)"), 4, "免费工位（演示）"),
                ]
            }
            return firms + supported + [issue(Self.fen, to: other.fund, Self.budgetFen, "年度预算（演示）")]
        }
    }
}
