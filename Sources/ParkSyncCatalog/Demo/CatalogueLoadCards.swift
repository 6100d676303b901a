import ParkSyncCore

/// What the parks of the load data have, and on what terms.
extension CatalogueLoad {
    private static let organisationSQL = DemoStatement.insert(
        "organisation", "id", "kind", "name_zh", "name_en", "credit_code", "industry", "founded_on", "scope")
    private static let personSQL = DemoStatement.insert(
        "person", "id", "kind", "name_zh", "name_en", "organisation_id", "talent_class", "orcid", "since_on")
    private static let itemSQL = DemoStatement.insert(
        "item", "id", "kind", "name_zh", "name_en", "owner_id", "account_id", "capacity", "natural_key", "detail")
    private static let bookableSQL = DemoStatement.insert(
        "item", "id", "kind", "name_zh", "name_en", "owner_id", "account_id", "capacity", "min_minutes", "max_minutes",
        "horizon_days", "cancel_minutes", "no_show_minutes", "no_show_share", "late_share", "hold_minutes",
        "confirm_days", "notice_minutes", "detail")
    private static let linkSQL = DemoStatement.insert("link", "subject_id", "relation", "object_id")

    func cards(_ home: Home, _ part: Int) -> [DemoStatement] {
        // Whatever the parts bring may belong to any of them.
        let firms = part == 0 ? base(home) + (0..<home.enterprises).flatMap { firm(home, $0) } : []
        let talents = Self.range(part, of: home.talents).map { talent(home, $0) }
        let bookables = Self.range(part, of: home.bookables).flatMap { bookable(home, $0) }
        let patents = Self.range(part, of: home.patents).map { patent(home, $0) }
        let others = Self.range(part, of: home.enterprises / 5).flatMap { work(home, $0) }
        return firms + talents + bookables + patents + others
    }

    // MARK: organisations and people

    /// The park, its offices, institutions and units.
    private func base(_ home: Home) -> [DemoStatement] {
        let name = home.names.name
        let park = DemoStatement(
            into: "park",
            [
                ("id", .string("\(home.id):park")), ("name_zh", .string("\(name.zh)（演示）")),
                ("name_en", .string("\(name.en) (Demo)")),
            ])
        let institutions = (0..<home.institutions).flatMap { number -> [DemoStatement] in
            let stem = DemoNames.stems[number % DemoNames.stems.count]
            return [
                organisation(
                    home.institution(number), number % 3 == 0 ? "university" : "institute",
                    DemoNames.Name("\(stem.zh)第\(number + 1)研究院", "\(stem.en) Institute No. \(number + 1)"),
                    code: nil, industry: "M7340", founded: 12_000),
                account(home.earnings(number), home.institution(number), "\(stem.zh)第\(number + 1)研究院账户"),
            ]
        }
        let office = organisation(
            home.institution(home.institutions), "park_office",
            DemoNames.Name("\(name.zh)管理办公室", "\(name.en) Office"), code: nil, industry: nil, founded: 16_000)
        let people = [("manager", "manager"), ("officer", "officer"), ("staff", "staff")].map { role, kind in
            DemoStatement(
                Self.personSQL,
                [
                    .string(home.person(role)), .string(kind), .string("演示人员（演示）"), .string("Demo Person (Demo)"),
                    .string(home.institution(0)), .null, .null, .null,
                ])
        }
        let units = [("voucher", "科技创新券", "Innovation Voucher")] + (home.index == 0 ? [("fen", "人民币（分）", "Fen")] : [])
        return [park] + institutions.filter { $0.sql == Self.organisationSQL } + [office] + people
            + units.map { tail, zh, en in
                item(
                    home.id("unit", tail), "unit", DemoNames.Name(zh, en), owner: nil, detail: [("unit", .text("fen"))])
            } + institutions.filter { $0.sql != Self.organisationSQL } + (home.index == 0 ? targets(home) : [])
    }

    private func organisation(
        _ id: String, _ kind: String, _ name: DemoNames.Name, code: String?, industry: String?, founded: Int
    ) -> DemoStatement {
        DemoStatement(
            Self.organisationSQL,
            [
                .string(id), .string(kind), .string("\(name.zh)（演示）"), .string("\(name.en) (Demo)"),
                code.map { .string($0) } ?? .null, industry.map { .string($0) } ?? .null,
                .string(DemoTime.day(founded)), .string("public"),
            ])
    }

    private func firm(_ home: Home, _ number: Int) -> [DemoStatement] {
        var random = random(Self.cardStream, home.index, number)
        let field = Int(random.below(UInt64(DemoNames.fields.count)))
        let stem = DemoNames.stems[Int(random.below(UInt64(DemoNames.stems.count)))]
        let name = DemoNames.Name(
            "\(stem.zh)\(DemoNames.fields[field].zh)第\(number + 1)有限公司",
            "\(stem.en) \(DemoNames.fields[field].en) No. \(number + 1) Co., Ltd.")
        // PK and six figures, of which the first is the park: no assigned code has them.
        let code = try? CreditCode.complete("91510199", organisation: "PK\(home.index)" + Self.padded(number))
        let id = home.enterprise(number)
        let cluster = CatalogueNames.technologies[Int(random.below(UInt64(CatalogueNames.technologies.count)))].cluster
        return [
            organisation(
                id, "enterprise", name, code: code, industry: DemoNames.industries[field],
                founded: 14_000 + Int(random.below(5_000))),
            account(home.account(number), id, "\(name.zh)账户"),
            DemoStatement(Self.linkSQL, [.string(id), .string("cluster"), .string(cluster)]),
        ]
    }

    private func talent(_ home: Home, _ number: Int) -> DemoStatement {
        let before = home.index * 4_001 + number
        let surname = CatalogueNames.surnames[before % CatalogueNames.surnames.count]
        let given = CatalogueNames.givenNames[before % CatalogueNames.givenNames.count]
        let orcid = ORCID.make(999_900_010_000_000 + UInt64(home.index * 100_000 + number))
        return DemoStatement(
            Self.personSQL,
            [
                .string(home.id("person", number)), .string("talent"), .string("\(surname.zh)\(given.zh)（演示）"),
                .string("\(surname.en) \(given.en) (Demo)"), .string(home.enterprise(number % home.enterprises)),
                .string(DemoNames.talents[number % DemoNames.talents.count]), number % 3 == 0 ? .string(orcid) : .null,
                .string(DemoTime.day(DemoTime.firstDay - 300 - number % 1_200)),
            ])
    }

    // MARK: items

    private func account(_ id: String, _ owner: String, _ zh: String) -> DemoStatement {
        item(
            id, "account", DemoNames.Name(zh, "Account"), owner: owner,
            detail: [("account_type", .text("organisation")), ("bank_zh", .text("演示银行"))])
    }

    private func item(
        _ id: String, _ kind: String, _ name: DemoNames.Name, owner: String?, account: String? = nil,
        capacity: Int64? = nil, key: String? = nil, detail: [(String, DemoJSON)]
    ) -> DemoStatement {
        DemoStatement(
            Self.itemSQL,
            [
                .string(id), .string(kind), .string("\(name.zh)（演示）"), .string("\(name.en) (Demo)"),
                owner.map { .string($0) } ?? .null, account.map { .string($0) } ?? .null,
                capacity.map { .integer($0) } ?? .null, key.map { .string($0) } ?? .null,
                .string(DemoJSON.object(detail)),
            ])
    }

    private func bookable(_ home: Home, _ number: Int) -> [DemoStatement] {
        let what = home.kind(number)
        let id = home.bookable(number)
        var detail = what.detail
        detail.append(("keywords", .list(what.tags)))
        detail.append(("description_zh", .text("面向全区开放共享的\(what.name.zh)，可预约使用并提供操作培训。")))
        if what.kind == "instrument" {
            let maker = DemoNames.makers[number % DemoNames.makers.count]
            let commissioned = DemoTime.firstDay - 400 - number % 2_500
            detail.append(("manufacturer", .text("\(maker.zh)（演示）")))
            detail.append(("model", .text("PK-\(100 + number % 900)")))
            detail.append(("commissioned_on", .text(DemoTime.day(commissioned))))
            detail.append(("registered_on", .text(DemoTime.day(commissioned + (number % 7 == 5 ? 90 : 12)))))
        }
        let owner = home.owner(number)
        let row = DemoStatement(
            Self.bookableSQL,
            [
                .string(id), .string(what.kind), .string("\(home.names.name.zh)\(number + 1)号\(what.name.zh)（演示）"),
                .string("\(home.names.name.en) \(what.name.en) No. \(number + 1) (Demo)"),
                .string(home.institution(owner)), .string(home.earnings(owner)), .integer(what.capacity), .integer(30),
                .integer(480), .integer(60), .integer(720), .integer(30), .integer(5_000), .integer(2_500),
                .integer(4_320), .integer(7), .integer(120), .string(DemoJSON.object(detail)),
            ])
        return [row]
            + what.tags.map { DemoStatement(into: "tag", [("subject_id", .string(id)), ("tag", .string($0))]) }
    }

    private func patent(_ home: Home, _ number: Int) -> DemoStatement {
        let technology = CatalogueNames.technologies[number % CatalogueNames.technologies.count]
        // Serial numbers that begin with 9 are not assigned.
        let body = "2023\(number % 4 == 3 ? 2 : 1)9\(home.index)" + Self.padded(number)
        let application = (try? PatentApplication.complete(body)) ?? body
        var detail: [(String, DemoJSON)] = [
            ("patent_type", .text(number % 4 == 3 ? "utility" : "invention")),
            ("application_number", .text(application)), ("country", .text("CN")),
            ("filed_on", .text(DemoTime.day(DemoTime.firstDay - 1_250))), ("inventors", .list(["演示发明人\(number)"])),
        ]
        if number % 8 != 7 {
            detail.append(("granted_on", .text(DemoTime.day(DemoTime.firstDay - 400 + number % 300))))
        }
        return item(
            home.id("patent", number), "patent",
            DemoNames.Name("一种\(technology.name.zh)方法之\(number + 1)", "Method \(number + 1) for \(technology.name.en)"),
            owner: home.enterprise(number % home.enterprises), capacity: 1, key: application, detail: detail)
    }

    /// A project, a standard, a listing and a data set.
    private func work(_ home: Home, _ number: Int) -> [DemoStatement] {
        let technology = CatalogueNames.technologies[number % CatalogueNames.technologies.count]
        let owner = home.enterprise(number % home.enterprises)
        let name = technology.name
        let standard = "T/PK \(home.index)\(Self.padded(number))—2026"
        let published: [(String, DemoJSON)] =
            number % 2 == 0 ? [("published_on", .text(DemoTime.day(DemoTime.firstDay - 150)))] : []
        return [
            item(
                home.id("project", number), "project",
                DemoNames.Name("\(name.zh)成果转化项目\(number + 1)", "Project \(number + 1): \(name.en)"), owner: owner,
                detail: [
                    ("stage", .text(["running", "completed", "planned"][number % 3])),
                    ("major", .boolean(number % 4 < 3)),
                    ("project_type", .text("conversion")), ("cluster", .text(technology.cluster)),
                ]),
            item(
                home.id("standard", number), "standard",
                DemoNames.Name("\(name.zh)技术规范\(number + 1)", "Specification \(number + 1): \(name.en)"), owner: owner,
                key: standard,
                detail: [("level", .text("industry")), ("number", .text(standard)), ("role", .text("lead"))] + published
            ),
            item(
                home.id("listing", number), "listing",
                DemoNames.Name("\(name.zh)技术许可\(number + 1)", "Licence \(number + 1): \(name.en)"),
                owner: home.institution(number % home.institutions),
                account: home.earnings(number % home.institutions),
                detail: [
                    ("deal_forms", .list(["licence"])), ("exclusive", .boolean(false)),
                    ("price", .integer(Int64(20 + number % 180) * 1_000_000)), ("cluster", .text(technology.cluster)),
                ]),
            item(
                home.id("dataset", number), "dataset",
                DemoNames.Name("\(name.zh)实验数据\(number + 1)", "Data \(number + 1) on \(name.en)"),
                owner: home.institution(number % home.institutions),
                detail: [
                    ("creators", .list(["演示数据组"])), ("publication_year", .integer(2_024)),
                    ("resource_type", .text("dataset")), ("rights", .text("CC BY-NC 4.0")),
                ]),
        ]
    }

    private func targets(_ home: Home) -> [DemoStatement] {
        [
            ("output", 100_000_000_000_000, "总产值"), ("enterprises", 10_000, "企业数"), ("talents", 10_000, "人才数"),
            ("patents_granted", 11_000, "发明专利授权"), ("projects", 1_000, "成果转化项目"), ("standards", 1_000, "标准"),
        ].map { indicator, least, zh in
            item(
                home.id("target", indicator), "target", DemoNames.Name("2025年目标：\(zh)", "Target of 2025: \(indicator)"),
                owner: nil,
                detail: [
                    ("indicator", .text(indicator)), ("year", .integer(2_025)), ("least", .integer(Int64(least))),
                    ("unit", .text(indicator == "output" ? "fen" : "count")),
                ])
        }
    }

    // MARK: terms

    private static let rateSQL = DemoStatement.insert(
        "rate", "id", "item_id", "class", "version", "unit", "unit_id", "fen", "valid_from")
    private static let windowSQL = DemoStatement.insert(
        "window", "id", "item_id", "kind", "weekdays", "starts_minute", "ends_minute")
    private static let figureSQL = DemoStatement.insert(
        "figure", "subject_id", "code", "year", "version", "value", "at")
    static let classes = [("zone", Int64(80)), ("sme", 60)]

    func rate(_ home: Home, _ bookable: Int, _ group: Int) -> String {
        home.id("rate", "\(Self.padded(bookable))-\(Self.classes[group].0)")
    }
    func fenPerHour(_ home: Home, _ bookable: Int, _ group: Int) -> Int64 {
        home.kind(bookable).fenPerHour * Self.classes[group].1 / 100
    }

    func terms(_ home: Home, _ part: Int) -> [DemoStatement] {
        let bookables = Self.range(part, of: home.bookables).flatMap { number -> [DemoStatement] in
            let item = Value.string(home.bookable(number))
            let rates = Self.classes.indices.map { group in
                DemoStatement(
                    Self.rateSQL,
                    [
                        .string(rate(home, number, group)), item, .string(Self.classes[group].0), .integer(1),
                        .string("hour"), .string(Self.fen), .integer(fenPerHour(home, number, group)),
                        .string(DemoTime.day(DemoTime.firstDay - 400)),
                    ])
            }
            let window = DemoStatement(
                Self.windowSQL,
                [
                    .string(home.id("window", number)), item, .string("open"), .string("12345"), .integer(480),
                    .integer(1_200),
                ])
            return rates + [window]
        }
        let figures = Self.range(part, of: home.enterprises).flatMap { number -> [DemoStatement] in
            var random = random(Self.figureStream, home.index, number)
            let output = Int64(2 + random.below(180)) * 100_000_000
            return (Int64(2_023)...2_025).map { year in
                figure(home.enterprise(number), "output", year, output * (year - 2_013) / 10)
            } + [figure(home.enterprise(number), "staff", 2_025, Int64(20 + random.below(480)))]
        }
        let population = part == 0 ? [figure("\(home.id):park", "population", 2_025, Int64(home.enterprises) * 50)] : []
        return bookables + figures + population + issued(home, part)
    }

    private func figure(_ subject: String, _ code: String, _ year: Int64, _ value: Int64) -> DemoStatement {
        DemoStatement(
            Self.figureSQL,
            [
                .string(subject), .string(code), .integer(year), .integer(1), .integer(value),
                .string(DemoMoment(day: -280, minute: 60).text),
            ])
    }
}
