import ParkSyncCore

/// One statement of a park's demo data.
package struct DemoStatement: Hashable, Sendable {
    package var sql: String
    package var parameters: [Value]

    /// An INSERT of one row.
    init(into table: String, _ columns: [(String, Value)]) {
        let names = columns.map(\.0).joined(separator: ", ")
        let marks = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
        sql = "INSERT INTO \(table) (\(names)) VALUES (\(marks))"
        parameters = columns.map(\.1)
    }
}

/// Invented data of the six parks, generated from a seed: each park's own statements, which only
/// that park may execute.
///
/// Names are marked as demonstration, credit codes use a region and organisation codes that are not
/// assigned.
package struct DemoData: Sendable {
    package let seed: UInt64
    /// Multiplies the numbers of everything; 1 gives about 550 rows in all.
    package let scale: Int
    /// SHA-256: this target has no cryptography of its own.
    let sha256: @Sendable ([UInt8]) -> [UInt8]

    package static let scaleMax = 1_000
    package static var parks: [String] { DemoNames.parks.map(\.id) }

    package init(seed: UInt64, scale: Int = 1, sha256: @escaping @Sendable ([UInt8]) -> [UInt8]) {
        self.seed = seed
        self.scale = min(max(1, scale), Self.scaleMax)
        self.sha256 = sha256
    }

    /// What a park has: its card, organisations, people, resources, policies. Needs nothing of
    /// other parks.
    ///
    /// - Returns: nil if there is no such park.
    package func ownStatements(park id: String) -> [DemoStatement]? {
        guard let index = DemoNames.parks.firstIndex(where: { $0.id == id }) else { return nil }
        let park = DemoNames.parks[index]
        var random = DemoRandom(seed: seed, stream: "own/\(id)")
        var statements = [
            DemoStatement(
                into: "park",
                [("id", .string("\(id):park")), ("name_zh", .string(park.name.zh)), ("name_en", .string(park.name.en))])
        ]
        statements += organisations(park, index, &random)
        statements += people(park, index, &random)
        statements += resources(park, &random)
        statements += policies(park)
        return statements
    }

    // MARK: identifiers that other parks can know

    func enterpriseID(_ park: DemoNames.Park, _ number: Int) -> String {
        "\(park.id):organisation:\(padded(number + 1))"
    }
    func resourceID(_ park: DemoNames.Park, _ number: Int) -> String {
        "\(park.id):\(DemoNames.equipment[number % DemoNames.equipment.count].kind):\(padded(number + 1))"
    }
    /// The institution that a resource belongs to.
    func ownerID(_ park: DemoNames.Park, _ number: Int) -> String {
        enterpriseID(park, park.enterprises * scale + number % (park.institutions * scale))
    }
    func policyID(_ park: DemoNames.Park, _ number: Int) -> String { "\(park.id):policy:\(padded(number + 1))" }
    func policyHash(_ park: DemoNames.Park, _ number: Int) -> String {
        Hex.encode(sha256(Array(policyBody(park, number).utf8)))
    }

    private func policyBody(_ park: DemoNames.Park, _ number: Int) -> String {
        "（演示）\(park.name.zh)：" + DemoNames.policies[number].body
    }

    func padded(_ number: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, 4 - text.count)) + text
    }

    // MARK: rows

    private func organisations(_ park: DemoNames.Park, _ parkIndex: Int, _ random: inout DemoRandom) -> [DemoStatement]
    {
        let enterprises = park.enterprises * scale
        return (0..<(enterprises + park.institutions * scale)).map { number in
            let stem = DemoNames.stems[random.below(DemoNames.stems.count)]
            let field = random.below(DemoNames.fields.count)
            let isEnterprise = number < enterprises
            let institution = DemoNames.institutions[
                (number - enterprises + DemoNames.institutions.count * enterprises) % DemoNames.institutions.count]
            let suffix = isEnterprise ? DemoNames.Name("有限公司", "Co., Ltd.") : institution.name
            let name = DemoNames.fields[field]
            return DemoStatement(
                into: "organisation",
                [
                    ("id", .string(enterpriseID(park, number))),
                    ("kind", .string(isEnterprise ? "enterprise" : institution.kind)),
                    ("name_zh", .string("\(stem.zh)\(name.zh)\(suffix.zh)\(number + 1)（演示）")),
                    ("name_en", .string("\(stem.en) \(name.en) \(suffix.en) \(number + 1) (Demo)")),
                    ("credit_code", creditCode(parkIndex, number, isEnterprise: isEnterprise)),
                    (
                        "ror",
                        isEnterprise || institution.kind == "incubator"
                            ? .null : .string(ror(parkIndex, number - enterprises))
                    ),
                    ("industry", isEnterprise ? .string(DemoNames.industries[field]) : .null),
                    ("founded_on", .string(DemoTime.day(14_000 + random.below(5_000)))),
                    (
                        "desks",
                        !isEnterprise && institution.kind == "incubator"
                            ? .integer(Int64(40 + random.below(160))) : .null
                    ),
                ])
        }
    }

    private func creditCode(_ park: Int, _ number: Int, isEnterprise: Bool) -> Value {
        let digits = "\(park)" + String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)"
        let code = try? CreditCode.complete(isEnterprise ? "91510199" : "12510199", organisation: "PK" + digits)
        return code.map { .string($0) } ?? .null
    }

    /// `0zzp…`: far above the numbers from which ROR draws.
    private func ror(_ park: Int, _ number: Int) -> String {
        ROR.make(0x3FFB_0000 | UInt64(truncatingIfNeeded: (park << 12 | number) & 0x7FFF))
    }

    private func people(_ park: DemoNames.Park, _ parkIndex: Int, _ random: inout DemoRandom) -> [DemoStatement] {
        (0..<(park.talents * scale)).map { number in
            let name = DemoNames.people[random.below(DemoNames.people.count)]
            let field = DemoNames.fields[random.below(DemoNames.fields.count)]
            // Outside the block that ORCID assigns.
            let orcid = ORCID.make(999_900_010_000_000 + UInt64(parkIndex * 100_000 + number))
            return DemoStatement(
                into: "person",
                [
                    ("id", .string("\(park.id):person:\(padded(number + 1))")),
                    ("name_zh", .string("\(name.zh)\(number + 1)（演示）")),
                    ("name_en", .string("\(name.en) \(number + 1) (Demo)")),
                    ("organisation_id", .string(enterpriseID(park, random.below(park.enterprises * scale)))),
                    ("talent_class", .string(DemoNames.talents[number % DemoNames.talents.count])),
                    ("orcid", number % 3 == 0 ? .string(orcid) : .null), ("field_zh", .string(field.zh)),
                    ("field_en", .string(field.en)),
                ])
        }
    }

    private func resources(_ park: DemoNames.Park, _ random: inout DemoRandom) -> [DemoStatement] {
        (0..<(park.resources * scale)).flatMap { number -> [DemoStatement] in
            let equipment = DemoNames.equipment[number % DemoNames.equipment.count]
            let maker = DemoNames.makers[random.below(DemoNames.makers.count)]
            let id = resourceID(park, number)
            let isShared = equipment.kind == "platform" || equipment.kind == "facility"
            let row = DemoStatement(
                into: "resource",
                [
                    ("id", .string(id)), ("kind", .string(equipment.kind)),
                    ("name_zh", .string("\(equipment.name.zh)\(number + 1)号（演示）")),
                    ("name_en", .string("\(equipment.name.en) No. \(number + 1) (Demo)")),
                    ("owner_id", .string(ownerID(park, number))),
                    // RFC 6963 keeps this namespace for examples: a made-up handle or DOI could be
                    // somebody's.
                    ("pid", .string("urn:example:\(id)")),
                    ("landing_page", .string("https://example.org/\(id.replacing(":", with: "/"))")),
                    ("manufacturer", .string(maker.zh)),
                    ("model", .string("PK-\(100 + random.below(900))")), ("instrument_type", .string(equipment.type)),
                    ("measured_variable", .string(equipment.variable)),
                    ("serial_number", .string("SN\(1_000_000 + random.below(9_000_000))")),
                    ("commissioned_on", .string(DemoTime.day(17_000 + random.below(3_000)))),
                    ("value_fen", .integer(equipment.valueFen)),
                    ("capacity", .integer(isShared ? 4 : 1)), ("price_fen_per_hour", .integer(equipment.feeFen)),
                    ("opening_hours", .string("Mo-Fr 09:00-18:00")),
                    ("share_mode", .string(number % 5 == 4 ? "agreement" : "open")),
                ])
            let profile = DemoStatement(
                into: "resource_profile",
                [
                    ("resource_id", .string(id)), ("description_zh", .string("面向全区开放共享的\(equipment.name.zh)。")),
                    ("description_en", .string("Shared with all parks: \(equipment.name.en).")),
                    ("contact", .string("share@\(park.id).example.org")), ("views", .integer(Int64(random.below(500)))),
                ])
            return [row, profile]
                + equipment.tags.map {
                    DemoStatement(into: "resource_tag", [("resource_id", .string(id)), ("tag", .string($0))])
                }
        }
    }

    private func policies(_ park: DemoNames.Park) -> [DemoStatement] {
        DemoNames.policies.indices.map { number in
            let policy = DemoNames.policies[number]
            return DemoStatement(
                into: "policy",
                [
                    ("id", .string(policyID(park, number))), ("version", .integer(1)),
                    ("title_zh", .string("\(park.name.zh)\(policy.title.zh)（演示）")),
                    ("title_en", .string("\(park.name.en): \(policy.title.en) (Demo)")),
                    ("body_zh", .string(policyBody(park, number))),
                    ("content_hash", .string(policyHash(park, number))),
                    ("status", .string("issued")),
                    ("issued_on", .string(DemoTime.day(DemoTime.firstDay - 200 - number * 30))),
                ])
        }
    }
}
