import ParkSyncCore

/// What a park has: cards of its organisations and people, its accounts, its units.
extension CatalogueDemo {
    func cards(_ park: Park) -> [DemoStatement] {
        var random = DemoRandom(seed: seed, stream: "cards/\(park.id)")
        var rows = [
            DemoStatement(
                into: "park",
                [
                    ("id", .string(park.card)), ("name_zh", .string("\(park.names.name.zh)（演示）")),
                    ("name_en", .string("\(park.names.name.en) (Demo)")),
                    ("website", .string("https://example.org/\(park.id)")),
                    ("contact", .string("office@\(park.id).example.org")),
                ])
        ]
        rows += organisations(park, &random)
        rows += people(park, &random)
        rows += accounts(park)
        rows += bookables(park, &random)
        rows += knowledge(park, &random)
        rows += work(park, &random)
        rows += governance(park)
        rows += links(park)
        return rows + remarks(park, &random)
    }

    /// - Parameter extra: further columns.
    func item(
        _ kind: String, _ tail: String, _ park: Park, _ name: DemoNames.Name, owner: String?, capacity: Int64?,
        extra: [(String, Value)] = [], detail: [(String, DemoJSON)]
    ) -> DemoStatement {
        DemoStatement(
            into: "item",
            [
                ("id", .string(park.id(kind, tail))), ("kind", .string(kind)), ("name_zh", .string("\(name.zh)（演示）")),
                ("name_en", .string("\(name.en) (Demo)")), ("owner_id", owner.map { .string($0) } ?? .null),
                ("capacity", capacity.map { .integer($0) } ?? .null),
            ] + extra + [("detail", .string(DemoJSON.object(detail)))])
    }

    // MARK: organisations

    private func organisations(_ park: Park, _ random: inout DemoRandom) -> [DemoStatement] {
        let stems = DemoNames.stems
        let enterprises = (0..<park.names.enterprises).map { number in
            // Each pair of stem and field belongs to one enterprise of the zone.
            let pair = (enterpriseOffset(park) + number) * 7 % (stems.count * DemoNames.fields.count)
            let field = DemoNames.fields[pair % DemoNames.fields.count]
            let stem = stems[pair / DemoNames.fields.count]
            return organisation(
                park, number + 1, kind: "enterprise", head: "91510199",
                DemoNames.Name("\(stem.zh)\(field.zh)有限公司", "\(stem.en) \(field.en) Co., Ltd."),
                industry: DemoNames.industries[pair % DemoNames.fields.count], &random)
        }
        let institutions = CatalogueNames.institutions[park.index].enumerated().map { number, institution in
            organisation(
                park, park.names.enterprises + number + 1, kind: institution.kind,
                head: institution.isPublic ? "12510199" : "91510199", institutionName(park, number + 1), industry: nil,
                &random)
        }
        let name = park.names.name
        let office = organisation(
            park, 0, kind: "park_office", head: "11510199",
            DemoNames.Name("\(name.zh)管理办公室", "\(name.en) Office"), industry: nil, &random)
        return enterprises + institutions + [office]
    }

    /// - Parameter number: counted from 1.
    func institutionName(_ park: Park, _ number: Int) -> DemoNames.Name {
        let (stems, own) = (DemoNames.stems, CatalogueNames.institutions[park.index])
        let index = (number - 1) % own.count
        let (stem, name) = (stems[(park.index * 2 + index) % stems.count], own[index].name)
        return DemoNames.Name("\(stem.zh)\(name.zh)", "\(stem.en) \(name.en)")
    }

    private func enterpriseOffset(_ park: Park) -> Int {
        DemoNames.parks[..<park.index].reduce(0) { $0 + $1.enterprises } + Int(seed % 13)
    }

    /// - Parameter number: 0 is the park's office.
    private func organisation(
        _ park: Park, _ number: Int, kind: String, head: String, _ name: DemoNames.Name, industry: String?,
        _ random: inout DemoRandom
    ) -> DemoStatement {
        let code = try? CreditCode.complete(head, organisation: "PK\(park.index)" + Self.padded(number + 10_000))
        let isResearch = kind == "university" || kind == "institute"
        // Far above the numbers from which ROR draws.
        let ror = ROR.make(0x3FFB_0000 | UInt64(truncatingIfNeeded: (park.index << 12 | number) & 0x7FFF))
        return DemoStatement(
            into: "organisation",
            [
                ("id", .string(number == 0 ? park.office : park.id("organisation", number))), ("kind", .string(kind)),
                ("name_zh", .string("\(name.zh)（演示）")), ("name_en", .string("\(name.en) (Demo)")),
                ("credit_code", code.map { .string($0) } ?? .null), ("ror", isResearch ? .string(ror) : .null),
                ("industry", industry.map { .string($0) } ?? .null),
                ("founded_on", .string(DemoTime.day(14_000 + random.below(5_000)))),
                ("website", .string("https://example.org/\(park.id)/\(number)")), ("scope", .string("public")),
            ])
    }

    // MARK: people

    /// Beside the talents: who manages, decides, reviews, asks, learns and audits.
    private static let roles = [
        (tail: "manager", kind: "manager"), (tail: "officer", kind: "officer"), (tail: "reviewer-1", kind: "reviewer"),
        (tail: "reviewer-2", kind: "reviewer"), (tail: "staff", kind: "staff"), (tail: "student", kind: "student"),
        (tail: "auditor", kind: "auditor"),
    ]

    private func people(_ park: Park, _ random: inout DemoRandom) -> [DemoStatement] {
        let before = DemoNames.parks[..<park.index].reduce(0) { $0 + $1.talents + Self.roles.count }
        let offset = before + Int(seed % 100)
        let talents = (0..<park.names.talents).map { number in
            person(
                park, Self.padded(number + 1), kind: "talent", name: offset + number,
                // Of the talents some are at institutions: they are those who go back and forth.
                organisation: number % 3 == 0 ? park.institution(number / 3 + 1) : park.enterprise(number + 1),
                talent: number, &random)
        }
        let others = Self.roles.enumerated().map { number, role in
            let organisation =
                switch role.tail {
                case "manager", "reviewer-1", "student": park.institution(1)
                case "staff": park.enterprise(1)
                case "reviewer-2": park.institution(2)
                default: park.office
                }
            return person(
                park, role.tail, kind: role.kind, name: offset + park.names.talents + number,
                organisation: organisation,
                talent: nil, &random)
        }
        let permit = DemoStatement(
            into: "private_person",
            [
                ("person_id", .string(park.talent(1))), ("phone", .string("000-0000-0000")),
                ("email", .string("talent1@\(park.id).example.org")), ("permit", .string("PK-\(park.index)001（演示）")),
                ("permit_until", .string(DemoTime.day(DemoTime.firstDay + 700))),
            ])
        return talents + others + [permit]
    }

    private func person(
        _ park: Park, _ tail: String, kind: String, name: Int, organisation: String, talent: Int?,
        _ random: inout DemoRandom
    ) -> DemoStatement {
        // The numbers of surnames and given names have no common divisor: each pair comes up once.
        let surname = CatalogueNames.surnames[name % CatalogueNames.surnames.count]
        let given = CatalogueNames.givenNames[name % CatalogueNames.givenNames.count]
        let field = DemoNames.fields[random.below(DemoNames.fields.count)]
        // Outside the block that ORCID assigns.
        let orcid = ORCID.make(999_900_010_000_000 + UInt64(park.index * 100_000 + (talent ?? 0)))
        return DemoStatement(
            into: "person",
            [
                ("id", .string(park.person(tail))), ("kind", .string(kind)),
                ("name_zh", .string("\(surname.zh)\(given.zh)（演示）")),
                ("name_en", .string("\(surname.en) \(given.en) (Demo)")), ("organisation_id", .string(organisation)),
                ("talent_class", talent.map { .string(DemoNames.talents[$0 % DemoNames.talents.count]) } ?? .null),
                ("orcid", talent.map { $0 % 3 == 0 } == true ? .string(orcid) : .null), ("field_zh", .string(field.zh)),
                ("field_en", .string(field.en)),
                ("since_on", .string(DemoTime.day(DemoTime.firstDay - 300 - random.below(1_200)))),
            ])
    }

    // MARK: accounts and units

    /// Those with an account for vouchers, free minutes and desks.
    static let supported = 2

    private func accounts(_ park: Park) -> [DemoStatement] {
        let organisations = (1...(park.names.enterprises + park.names.institutions)).map { number in
            account(
                park, Self.padded(number), owner: park.id("organisation", number), "organisation", "结算账户", "Account")
        }
        let name = park.names.name
        let fund = item(
            "account", "fund", park, DemoNames.Name("\(name.zh)建设发展资金账户", "\(name.en) Development Fund"),
            owner: park.office, capacity: nil, detail: [("account_type", .text("fund"))])
        let supported = (1...Self.supported).flatMap { number -> [DemoStatement] in
            let owner = park.enterprise(number)
            return [
                account(park, "voucher-\(number)", owner: owner, "voucher", "创新券账户", "Voucher Account"),
                account(park, "free-\(number)", owner: owner, "free_minutes", "免费机时账户", "Account of Free Time"),
                account(park, "desks-\(number)", owner: owner, "desks", "工位账户", "Account of Desks"),
            ]
        }
        return organisations + [fund] + supported + (park.index == 0 ? units(park) : [])
    }

    private func account(
        _ park: Park, _ tail: String, owner: String, _ type: String, _ zh: String, _ en: String
    ) -> DemoStatement {
        item(
            "account", tail, park,
            DemoNames.Name("\(park.names.name.zh)\(tail)号\(zh)", "\(park.names.name.en) \(en) \(tail)"),
            owner: owner, capacity: nil, detail: [("account_type", .text(type)), ("bank_zh", .text("演示银行"))])
    }

    private func units(_ park: Park) -> [DemoStatement] {
        [
            ("fen", "fen", "人民币（分）", "Renminbi in Fen", "示范区结算"),
            ("voucher", "fen", "科技创新券", "Innovation Voucher", "购买科技服务"),
            ("minute", "minute", "免费机时（分钟）", "Free Minutes", "使用共享仪器"),
            ("desk", "desk", "免费工位", "Free Desks", "入驻众创空间"),
        ].map { tail, unit, zh, en, use in
            item(
                "unit", tail, park, DemoNames.Name(zh, en), owner: park.office, capacity: nil,
                detail: [
                    ("unit", .text(unit)), ("issued_for_zh", .text(use)),
                    ("valid_until", .text(DemoTime.day(DemoTime.firstDay + 389))),
                ])
        }
    }
}
