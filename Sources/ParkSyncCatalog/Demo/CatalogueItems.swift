import ParkSyncCore

/// What can be booked, fetched, adopted and bought.
extension CatalogueDemo {
    /// 2027-01-04 of the demo's calendar and other days, as texts.
    static func day(_ day: Int) -> DemoJSON { .text(DemoTime.day(DemoTime.firstDay + day)) }

    /// The kinds repeat from a place that differs between the parks.
    func bookable(_ park: Park, _ number: Int) -> CatalogueNames.Bookable {
        CatalogueNames.bookables[(number - 1 + park.index * 3) % CatalogueNames.bookables.count]
    }
    func bookableID(_ park: Park, _ number: Int) -> String { park.id(bookable(park, number).kind, number) }
    /// Laboratories, and the last one of each park, are given by a person.
    func isByPerson(_ park: Park, _ number: Int) -> Bool {
        bookable(park, number).kind == "laboratory" || number == park.names.resources
    }
    /// The first ones need the certificate of the park's course.
    func trainingCode(_ park: Park, _ number: Int) -> String? {
        number == 1 && bookable(park, 1).kind == "instrument" ? courseCode(park) : nil
    }
    func courseCode(_ park: Park) -> String { "PK-\(park.id)-SAFE" }

    func bookables(_ park: Park, _ random: inout DemoRandom) -> [DemoStatement] {
        (1...park.names.resources).map { number in
            let what = bookable(park, number)
            let owner = park.institution(number)
            let maker = DemoNames.makers[random.below(DemoNames.makers.count)]
            let commissioned = DemoTime.firstDay - 400 - random.below(2_500)
            var detail = what.detail
            detail.append(("description_zh", .text("面向全区开放共享的\(what.name.zh)。")))
            detail.append(("description_en", .text("Shared with all parks: \(what.name.en).")))
            detail.append(("contact", .text("share@\(park.id).example.org")))
            if what.kind == "instrument" {
                // RFC 6963 keeps this namespace for examples: a made-up handle could be somebody's.
                detail.append(("pid", .text("urn:example:\(park.id):\(number)")))
                detail.append(("manufacturer", .text("\(maker.zh)（演示）")))
                detail.append(("model", .text("PK-\(100 + random.below(900))")))
                detail.append(("serial_number", .text("SN\(1_000_000 + random.below(9_000_000))")))
                detail.append(("commissioned_on", .text(DemoTime.day(commissioned))))
                // Every seventh was registered later than an audit allows.
                detail.append(("registered_on", .text(DemoTime.day(commissioned + (number % 7 == 5 ? 90 : 12)))))
            }
            let rules: [(String, Value)] = [
                ("account_id", .string(Self.account(of: owner))),
                ("share_class", .string(["open", "zone", "zone", "agreement"][number % 4])),
                ("approval", .string(isByPerson(park, number) ? "person" : "automatic")), ("min_minutes", .integer(30)),
                ("max_minutes", .integer(480)), ("buffer_minutes", .integer(15)), ("horizon_days", .integer(60)),
                ("cancel_minutes", .integer(720)), ("no_show_minutes", .integer(30)),
                ("no_show_share", .integer(5_000)),
                ("late_share", .integer(2_500)), ("hold_minutes", .integer(4_320)), ("confirm_days", .integer(7)),
                ("notice_minutes", .integer(120)),
                ("training_code", trainingCode(park, number).map { .string($0) } ?? .null),
                ("scope", .string("public")),
            ]
            let isFirst = number <= CatalogueNames.bookables.count / 2
            let place = isFirst ? DemoNames.Name("", "") : DemoNames.Name("二号", " No. 2")
            return item(
                what.kind, Self.padded(number), park,
                DemoNames.Name(
                    "\(park.names.name.zh)\(place.zh)\(what.name.zh)",
                    "\(park.names.name.en) \(what.name.en)\(place.en)"),
                owner: owner, capacity: what.capacity, extra: rules, detail: detail)
        }
    }

    // MARK: knowledge

    /// Of each park: the policies and practices have their texts as documents.
    func knowledge(_ park: Park, _ random: inout DemoRandom) -> [DemoStatement] {
        let owner = park.institution(1)
        let technology = technology(park, 0)
        let name = park.names.name
        let shared: [(String, Value)] = [("scope", .string("public"))]
        var rows = (1...2).map { number in
            item(
                "dataset", Self.padded(number), park,
                DemoNames.Name(
                    "\(self.technology(park, number).name.zh)实验数据", "Data on \(self.technology(park, number).name.en)"),
                owner: owner, capacity: nil, extra: shared,
                detail: [
                    ("creators", .list(["\(name.zh)数据组（演示）"])), ("publication_year", .integer(2_024)),
                    ("resource_type", .text("dataset")), ("rights", .text("CC BY-NC 4.0")),
                    ("version", .text("1.\(number)")),
                    ("formats", .list(["text/csv"])),
                    ("size_bytes", .integer(Int64(1 + random.below(900)) * 1_048_576)),
                    ("conditional", .boolean(number == 2)),
                ])
        }
        rows.append(
            item(
                "literature", "0001", park,
                DemoNames.Name("\(technology.name.zh)文献汇编", "Collected Papers on \(technology.name.en)"), owner: owner,
                capacity: nil, extra: shared,
                detail: [
                    ("literature_type", .text(["journal", "report", "thesis"][park.index % 3])),
                    ("creators", .list(["\(name.zh)文献中心（演示）"])), ("publication_year", .integer(2_025)),
                ]))
        rows.append(
            item(
                "practice", "0001", park,
                DemoNames.Name("\(name.zh)共享补贴一次办结经验", "\(name.en): One-stop Subsidies for Sharing"),
                owner: park.office,
                capacity: nil, extra: shared,
                detail: [
                    ("practice_type", .text(park.index % 2 == 0 ? "policy_package" : "park_management")),
                    ("policy_id", .text(policyID(park, 1))), ("results_zh", .text("办理时间由二十个工作日缩短到五个工作日。")),
                ]))
        return rows + policies(park) + listings(park, &random) + patents(park, &random)
    }

    func technology(_ park: Park, _ number: Int) -> (name: DemoNames.Name, cluster: String) {
        CatalogueNames.technologies[(park.index * 5 + number) % CatalogueNames.technologies.count]
    }

    func policyID(_ park: Park, _ number: Int) -> String { park.id("policy", number) }
    func policyText(_ park: Park, _ number: Int) -> String {
        "（演示）\(park.names.name.zh)：\(CatalogueNames.policies[number - 1].body)"
    }

    private func policies(_ park: Park) -> [DemoStatement] {
        CatalogueNames.policies.indices.flatMap { index -> [DemoStatement] in
            let (number, policy) = (index + 1, CatalogueNames.policies[index])
            let name = DemoNames.Name(
                "\(park.names.name.zh)\(policy.title.zh)", "\(park.names.name.en): \(policy.title.en)")
            let issued = -200 - number * 30 - park.index * 11
            let row = item(
                "policy", Self.padded(number), park, name, owner: park.office, capacity: nil,
                extra: [("scope", .string("public"))],
                detail: [
                    ("policy_type", .text(policy.type)), ("topic", .text(policy.topic)),
                    ("issuer", .text("\(park.names.name.zh)管理办公室（演示）")),
                    ("number", .text("演示发〔2026〕\(park.index * 2 + number)号")), ("version", .integer(1)),
                    ("document_id", .text(park.id("document", "policy-\(number)"))),
                    ("sha256", .text(hash(policyText(park, number)))), ("issued_on", Self.day(issued)),
                    ("effective_on", Self.day(issued + 30)), ("origin", .text("own")),
                    ("responsible_id", .text(park.office)),
                ])
            return [row]
                + document(
                    park, "policy-\(number)", about: policyID(park, number), "policy", name, policyText(park, number),
                    DemoMoment(day: issued))
        }
    }

    /// The text and the evidence of it.
    func document(
        _ park: Park, _ tail: String, about: String, _ kind: String, _ name: DemoNames.Name, _ body: String,
        _ moment: DemoMoment
    ) -> [DemoStatement] {
        let sha256 = hash(body)
        return [
            DemoStatement(
                into: "text",
                [
                    ("id", .string(park.id("text", tail))), ("sha256", .string(sha256)),
                    ("media_type", .string("text/plain; charset=utf-8")), ("body", .string(body)),
                    ("scope", .string("public")),
                ]),
            DemoStatement(
                into: "document",
                [
                    ("id", .string(park.id("document", tail))), ("about_id", .string(about)), ("kind", .string(kind)),
                    ("version", .integer(1)), ("name_zh", .string("\(name.zh)（演示）")),
                    ("name_en", .string("\(name.en) (Demo)")), ("sha256", .string(sha256)),
                    ("media_type", .string("text/plain; charset=utf-8")), ("bytes", .integer(Int64(body.utf8.count))),
                    ("text_id", .string(park.id("text", tail))), ("at", .string(moment.text)),
                    ("scope", .string("public")),
                ]),
        ]
    }

    private func listings(_ park: Park, _ random: inout DemoRandom) -> [DemoStatement] {
        (1...3).map { number in
            let technology = technology(park, number)
            let isExclusive = number == 1
            return item(
                "listing", Self.padded(number), park,
                DemoNames.Name("\(technology.name.zh)技术转让与许可", "Licence: \(technology.name.en)"),
                owner: park.institution(number),
                capacity: isExclusive ? 1 : nil,
                extra: [
                    ("account_id", .string(Self.account(of: park.institution(number)))),
                    ("approval", .string("person")),
                    ("scope", .string("public")),
                ],
                detail: [
                    (
                        "deal_forms",
                        .list(isExclusive ? ["assignment", "equity"] : ["licence", "commissioned", "joint_unit"])
                    ),
                    ("exclusive", .boolean(isExclusive)), ("maturity", .integer(Int64(5 + random.below(4)))),
                    ("price", .integer(Int64(20 + random.below(180)) * 1_000_000)),
                    ("rights_basis", .text("use_right")),
                    ("patent_ids", .list([park.id("patent", number)])), ("cluster", .text(technology.cluster)),
                ])
        }
    }

    static let patents = [20, 14, 10, 6, 10, 6]

    private func patents(_ park: Park, _ random: inout DemoRandom) -> [DemoStatement] {
        (1...Self.patents[park.index]).map { number in
            // The second park has entered one that the first had already: linked with same_as.
            let holder = isDuplicate(park, number) ? Park(index: 0) : park
            let isInvention = number % 4 != 0
            // Serial numbers that begin with 9 are not assigned.
            let body = "2023\(isInvention ? 1 : 2)99\(holder.index)\(Self.padded(number))"
            let application = (try? PatentApplication.complete(body)) ?? body
            let technology = technology(holder, number)
            var detail: [(String, DemoJSON)] = [
                ("patent_type", .text(isInvention ? "invention" : "utility")),
                ("application_number", .text(application)),
                ("country", .text("CN")), ("filed_on", Self.day(-1_250 + number)),
                ("inventors", .list(["演示发明人\(number)"])),
            ]
            if number % 3 != 2 { detail.append(("granted_on", Self.day(-400 + random.below(300)))) }
            let form = isInvention ? DemoNames.Name("方法", "Method for") : DemoNames.Name("装置", "Device for")
            let aspect = CatalogueNames.aspects[
                (holder.index + number / CatalogueNames.technologies.count) % CatalogueNames.aspects.count]
            return item(
                "patent", Self.padded(number), park,
                DemoNames.Name(
                    "一种\(aspect.zh)\(technology.name.zh)\(form.zh)", "\(aspect.en)\(form.en) \(technology.name.en)"),
                owner: number % 2 == 0 ? park.enterprise(number) : park.institution(number), capacity: 1,
                extra: [
                    ("approval", .string("person")), ("natural_key", .string(application)),
                    ("scope", .string("public")),
                ],
                detail: detail)
        }
    }

    func isDuplicate(_ park: Park, _ number: Int) -> Bool { park.index == 1 && number == 1 }
}
