import ParkSyncCore

/// Programmes, rounds, events, people's time, projects; and what the offices keep.
extension CatalogueDemo {
    static let budgetFen: Int64 = 5_000_000_000

    func work(_ park: Park, _ random: inout DemoRandom) -> [DemoStatement] {
        let (name, technology) = (park.names.name, technology(park, 4))
        let employer = park.enterprise(2)
        var rows = [
            item(
                "demand", "0001", park,
                DemoNames.Name("寻求\(technology.name.zh)合作方", "Partner wanted: \(technology.name.en)"),
                owner: park.enterprise(1),
                capacity: nil, extra: [("account_id", .string(Self.account(of: park.enterprise(1))))],
                detail: [
                    ("demand_type", .text(["research", "crowd_creation", "financing"][park.index % 3])),
                    ("budget", .integer(60_000_000)), ("needed_by", Self.day(180)),
                    ("cluster", .text(technology.cluster)),
                ]),
            item(
                "post", "0001", park,
                DemoNames.Name("\(technology.name.zh)首席科学家", "Chief Scientist: \(technology.name.en)"), owner: employer,
                capacity: 1,
                detail: [
                    ("employer_id", .text(employer)), ("talent_class", .text(DemoNames.talents[park.index % 4])),
                    ("salary_min", .integer(40_000_000)), ("salary_max", .integer(80_000_000)),
                    ("closes_on", Self.day(60)),
                ]),
            item(
                "talent_time", "0001", park,
                DemoNames.Name("\(name.zh)领军人才工作时间", "\(name.en): Time of a Leading Scientist"), owner: park.talent(1),
                capacity: 10_000, extra: [("approval", .string("person"))],
                detail: [
                    ("person_id", .text(park.talent(1))), ("employer_id", .text(park.institution(1))),
                    ("second_type", .text("part_time")),
                ]),
        ]
        rows += [programme(park), round(park)]
        rows += meetings(park)
        for number in 1...2 {
            let technology = projectTechnology(park, number)
            rows.append(
                item(
                    "project", Self.padded(number), park,
                    DemoNames.Name("\(technology.name.zh)成果转化项目", "Project: \(technology.name.en)"),
                    owner: projectOwner(park, number), capacity: nil,
                    detail: [
                        ("stage", .text(["running", "completed", "planned"][(park.index + number) % 3])),
                        ("major", .boolean(number == 1)), ("project_type", .text("conversion")),
                        ("starts_on", Self.day(-500)),
                        ("ends_on", Self.day(230)), ("investment", .integer(Int64(1 + random.below(40)) * 100_000_000)),
                        ("cluster", .text(technology.cluster)),
                    ]))
            let standard = "T/PK \(park.index)\(Self.padded(number))—2026"
            rows.append(
                item(
                    "standard", Self.padded(number), park,
                    DemoNames.Name("\(technology.name.zh)技术规范", "Specification: \(technology.name.en)"),
                    owner: park.enterprise(number + 3), capacity: nil, extra: [("natural_key", .string(standard))],
                    detail: [
                        ("level", .text(number == 1 ? "industry" : "national")), ("number", .text(standard)),
                        ("role", .text(number == 1 ? "lead" : "participant")),
                    ] + (number == 1 ? [("published_on", Self.day(-150))] : [])))
        }
        return rows
    }

    func projectTechnology(_ park: Park, _ number: Int) -> (name: DemoNames.Name, cluster: String) {
        technology(park, number + 5)
    }
    func projectOwner(_ park: Park, _ number: Int) -> String { park.enterprise(number + 2) }

    func programmeName(_ park: Park) -> DemoNames.Name {
        let (own, name) = (
            park.names.name, CatalogueNames.programmes[park.index % CatalogueNames.programmes.count].name
        )
        return DemoNames.Name("\(own.zh)\(name.zh)", "\(own.en): \(name.en)")
    }

    private func programme(_ park: Park) -> DemoStatement {
        let instrument = CatalogueNames.programmes[park.index % CatalogueNames.programmes.count].instrument
        return item(
            "programme", "0001", park, programmeName(park),
            owner: park.office, capacity: Self.budgetFen,
            extra: [("account_id", .string(park.fund)), ("approval", .string("person")), ("scope", .string("public"))],
            detail: [
                ("instrument", .text(instrument)), ("umbrella", .text("development_fund")),
                ("budget", .integer(Self.budgetFen)), ("per_party_max", .integer(500_000_000)),
                ("opens_at", .text(DemoMoment(day: -120).text)), ("closes_at", .text(DemoMoment(day: 60).text)),
                ("publicity_days", .integer(7)), ("account_id", .text(park.fund)),
                ("policy_id", .text(policyID(park, 1))),
            ])
    }

    /// That of the first park is still open; in two of the others the list has been decided.
    func roundCloses(_ park: Park) -> Int { park.index == 0 ? 20 : park.index % 3 == 1 ? -10 : -4 }

    private func round(_ park: Park) -> DemoStatement {
        let tiers = ["hnte", "specialised", "high_growth", "leading", "backbone", "innovative"]
        return item(
            "round", "0001", park,
            DemoNames.Name("\(park.names.name.zh)2026年度企业培育遴选", "\(park.names.name.en): Selection of 2026"),
            owner: park.office,
            capacity: 3, extra: [("approval", .string("person"))],
            detail: [
                ("year", .integer(2_026)), ("tier", .text(tiers[park.index % tiers.count])),
                ("opens_at", .text(DemoMoment(day: -60).text)),
                ("closes_at", .text(DemoMoment(day: roundCloses(park)).text)), ("publicity_days", .integer(7)),
                ("weights", .text(Self.selectionWeights)),
            ])
    }

    /// Events are over in the parks with an odd number, so that their people can have attended.
    func meeting(_ park: Park) -> (from: DemoMoment, to: DemoMoment) {
        let start = DemoMoment(day: park.index % 2 == 1 ? -12 + park.index : 14 + park.index, minute: 120)
        return (start, start.adding(240))
    }

    private func meetings(_ park: Park) -> [DemoStatement] {
        let (name, meeting) = (park.names.name, meeting(park))
        let times: [(String, DemoJSON)] = [
            ("starts_at", .text(meeting.from.text)), ("ends_at", .text(meeting.to.text)),
            ("place_zh", .text("\(name.zh)会议中心（演示）")),
        ]
        let types = ["forum", "contest", "roadshow", "matchmaking", "story", "exhibition"]
        return [
            item(
                "event", "0001", park, DemoNames.Name("菁蓉汇·\(name.zh)专场", "Jingronghui at \(name.en)"),
                owner: park.office,
                capacity: 30, extra: [("scope", .string("public"))],
                detail: [("event_type", .text(types[park.index % types.count])), ("brand", .text("jingronghui"))]
                    + times),
            item(
                "course", "0001", park,
                DemoNames.Name("\(name.zh)大型仪器安全操作培训", "\(name.en): Safe Operation of Instruments"),
                owner: park.institution(1),
                capacity: 12,
                detail: [
                    ("training_code", .text(courseCode(park))), ("credits", .integer(2)),
                    ("partner_id", .text(park.institution(1))),
                    ("valid_months", .integer(24)),
                ] + times),
        ]
    }

    // MARK: what the offices keep

    func governance(_ park: Park) -> [DemoStatement] {
        let (name, partner) = (park.names.name, Park(index: park.index + 1))
        let domains = ["investment", "innovation", "operation", "hightech_service"]
        let rows = [
            item(
                "approval_item", "0001", park,
                DemoNames.Name("高新技术企业用地预审", "Preliminary Examination of Land for High-tech Firms"), owner: park.office,
                capacity: nil,
                detail: [
                    ("domain", .text(domains[park.index % domains.count])), ("authority", .text("\(name.zh)管理办公室（演示）")),
                    ("legal_basis", .text("演示办法第三条")), ("days", .integer(20)),
                ]),
            item(
                "register", "0001", park, DemoNames.Name("\(name.zh)企业困难与问题清单", "\(name.en): Register of Problems"),
                owner: park.office, capacity: nil,
                detail: [
                    ("register_type", .text(["problem", "duty", "service"][park.index % 3])),
                    ("responsible_id", .text(park.office)),
                ]),
            item(
                "incubation", "0001", park,
                DemoNames.Name(
                    "\(name.zh)—\(partner.names.name.zh)异地孵化空间", "\(name.en) Space in \(partner.names.name.en)"),
                owner: park.office, capacity: 10,
                detail: [
                    ("partner_id", .text(partner.office)), ("place_zh", .text("\(partner.names.name.zh)（演示）")),
                    ("area", .integer(600)),
                ]),
            item(
                "partnership", "0001", park,
                DemoNames.Name(
                    "\(name.zh)与\(partner.names.name.zh)合作共建",
                    "Partnership of \(name.en) and \(partner.names.name.en)"),
                owner: park.office, capacity: nil,
                detail: [
                    ("partnership_type", .text(park.index % 2 == 0 ? "co_built_park" : "off_site_incubation")),
                    ("partner_id", .text(partner.office)), ("region", .text("chengdu_leshan")),
                    ("share", .integer(3_000)),
                    ("starts_on", Self.day(-300)),
                ]),
        ]
        return rows + list(park) + evaluations(park) + sites(park) + (park.index == 0 ? zone(park) : [])
    }

    /// Targets, clusters and milestones of the zone.
    private func zone(_ park: Park) -> [DemoStatement] {
        let targets: [(String, Int64, Int64, Int64?, String, String, String)] = [
            ("output", 2_020, 100_000_000_000_000, nil, "fen", "总产值", "Output"),
            ("enterprises", 2_020, 10_000, nil, "count", "科技企业", "Technology Enterprises"),
            ("talents", 2_020, 10_000, nil, "count", "高层次创新创业人才", "Talents"),
            ("patents_granted", 2_020, 11_000, nil, "count", "发明专利授权", "Invention Patents Granted"),
            ("patents_held", 2_020, 200, nil, "per_10000", "万人发明专利拥有量", "Patents per 10,000 People"),
            ("projects", 2_020, 1_000, nil, "count", "重大科技成果转化项目", "Transformation Projects"),
            ("standards", 2_020, 1_000, nil, "count", "制（修）订标准", "Standards"),
            ("output", 2_025, 150_000_000_000_000, nil, "fen", "总产值", "Output"),
            ("large_clusters", 2_025, 3, 5, "count", "千亿元级产业集群", "Clusters of 100 Billion Yuan"),
        ]
        let rows = targets.map { indicator, year, least, most, unit, zh, en in
            item(
                "target", "\(indicator)-\(year)", park, DemoNames.Name("\(year)年目标：\(zh)", "Target of \(year): \(en)"),
                owner: park.office, capacity: nil,
                detail: [
                    ("indicator", .text(indicator)), ("year", .integer(year)), ("least", .integer(least)),
                    ("unit", .text(unit)),
                ] + (most.map { [("most", .integer($0))] } ?? []))
        }
        let clusters = [
            ("electronics", "电子信息产业集群", "Electronics Cluster"), ("biology", "生物产业集群", "Biology Cluster"),
            ("aviation", "航空航天产业集群", "Aerospace Cluster"),
        ].map { code, zh, en in
            item(
                "cluster", code, park, DemoNames.Name(zh, en), owner: park.office, capacity: nil,
                detail: [("cluster", .text(code)), ("chain", .text("industry"))])
        }
        let milestones = [(2_017, "管理机制建立", "Organisation Set Up"), (2_020, "主要指标达成", "Main Targets Reached")].map {
            year, zh, en in
            item(
                "milestone", "\(year)", park, DemoNames.Name("\(year)年：\(zh)", "\(year): \(en)"), owner: park.office,
                capacity: nil,
                detail: [("year", .integer(Int64(year))), ("evidence_zh", .text("演示佐证材料"))])
        }
        return rows + clusters + milestones
    }

    // MARK: links and remarks

    func links(_ park: Park) -> [DemoStatement] {
        func link(_ subject: String, _ relation: String, _ object: String) -> DemoStatement {
            DemoStatement(
                into: "link",
                [
                    ("subject_id", .string(subject)), ("relation", .string(relation)), ("object_id", .string(object)),
                    ("from_on", .string(DemoTime.day(DemoTime.firstDay - 300))),
                ])
        }
        var rows = (1...park.names.resources).map { link(bookableID(park, $0), "manager", park.person("manager")) }
        for kind in ["programme", "round", "project"] {
            let id = park.id(kind, 1)
            rows.append(link(id, "officer", park.person("officer")))
            // The second reviewer is another park's.
            rows.append(link(id, "reviewer", park.person("reviewer-1")))
            rows.append(link(id, "reviewer", Park(index: park.index + 1).person("reviewer-2")))
        }
        for number in 1...park.names.enterprises {
            rows.append(link(park.enterprise(number), "cluster", technology(park, number).cluster))
        }
        // Who is at the park's first site.
        for id in [park.enterprise(1), park.institution(1)] { rows.append(link(id, "site", park.id("site", 1))) }
        if park.index == 1 { rows.append(link(park.id("patent", 1), "same_as", Park(index: 0).id("patent", 1))) }
        return rows
    }

    func remarks(_ park: Park, _ random: inout DemoRandom) -> [DemoStatement] {
        (1...park.names.resources).flatMap { number -> [DemoStatement] in
            let (id, what) = (bookableID(park, number), bookable(park, number))
            let tags = what.tags.map {
                DemoStatement(into: "tag", [("subject_id", .string(id)), ("tag", .string($0))])
            }
            let count = DemoStatement(
                into: "counter",
                [("subject_id", .string(id)), ("code", .string("views")), ("n", .integer(Int64(random.below(500))))])
            guard number % 3 == 1 else { return tags + [count] }
            let note = DemoStatement(
                into: "annotation",
                [
                    ("subject_id", .string(id)), ("field", .string("hint")), ("lang", .string("zh")),
                    ("text", .string("请提前一天与管理员确认样品要求。（演示）")), ("by_id", .string(park.person("manager"))),
                ])
            return tags + [count, note]
        }
    }
}
