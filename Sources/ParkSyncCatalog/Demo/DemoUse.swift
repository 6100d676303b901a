import ParkSyncCore

extension DemoData {
    /// Usage records of each resource.
    static let usagePerResource = 3
    static let bookingDays = 10
    /// 01:00 to 10:00 UTC are the opening hours, 09:00 to 18:00 in Chengdu.
    static let openingMinute = 60

    /// What a park does with what the others have: bookings, adoptions, and the use of its own
    /// resources by others. Needs the other parks' own data at hand, since the schema's guards look
    /// at it.
    ///
    /// - Returns: nil if there is no such park.
    package func useStatements(park id: String) -> [DemoStatement]? {
        guard let park = DemoNames.parks.first(where: { $0.id == id }) else { return nil }
        var random = DemoRandom(seed: seed, stream: "use/\(id)")
        return bookings(park, &random) + adoptions(park, &random) + usage(park, &random)
    }

    private func bookings(_ park: DemoNames.Park, _ random: inout DemoRandom) -> [DemoStatement] {
        (0..<(park.bookings * scale)).map { number in
            // Half of the bookings are for the park's own resources, the others for any park's.
            let home = random.chance(percent: 50) ? park : DemoNames.parks[random.below(DemoNames.parks.count)]
            let day = DemoTime.firstDay + random.below(Self.bookingDays)
            let start = Self.openingMinute + 30 * random.below(14)
            let length = 30 * (1 + random.below(4))
            return DemoStatement(
                into: "booking_request",
                [
                    ("id", .string("\(park.id):booking:\(padded(number + 1))")),
                    ("resource_id", .string(resourceID(home, random.below(home.resources * scale)))),
                    ("organisation_id", .string(enterpriseID(park, random.below(park.enterprises * scale)))),
                    ("starts_at", .string(DemoTime.instant(day: day, minute: start))),
                    ("ends_at", .string(DemoTime.instant(day: day, minute: start + length))),
                    ("purpose", .string(DemoNames.purposes[random.below(DemoNames.purposes.count)])),
                    ("may_wait", .integer(random.chance(percent: 30) ? 1 : 0)),
                    ("requested_at", .string(DemoTime.instant(day: DemoTime.firstDay - 7, minute: number % 1_440))),
                ])
        }
    }

    private func adoptions(_ park: DemoNames.Park, _ random: inout DemoRandom) -> [DemoStatement] {
        let others = DemoNames.parks.filter { $0.id != park.id }
        return others.enumerated().compactMap { number, other in
            guard random.chance(percent: 60) else { return nil }
            let policy = random.below(DemoNames.policies.count)
            return DemoStatement(
                into: "policy_adoption",
                [
                    ("id", .string("\(park.id):adoption:\(padded(number + 1))")),
                    ("policy_id", .string(policyID(other, policy))),
                    ("policy_version", .integer(1)),
                    ("content_hash", .string(policyHash(other, policy))),
                    ("decision", .string(random.chance(percent: 70) ? "adopted" : "adapted")),
                    ("decided_on", .string(DemoTime.day(DemoTime.firstDay - 30 + random.below(20)))),
                ])
        }
    }

    private func usage(_ park: DemoNames.Park, _ random: inout DemoRandom) -> [DemoStatement] {
        (0..<(park.resources * scale * Self.usagePerResource)).map { number in
            let resource = number / Self.usagePerResource
            let equipment = DemoNames.equipment[resource % DemoNames.equipment.count]
            let user = DemoNames.parks[random.below(DemoNames.parks.count)]
            // Resources belong to institutions, the external users are enterprises.
            let isExternal = random.chance(percent: 60)
            let enterprise = enterpriseID(user, random.below(user.enterprises * scale))
            let minutes = 30 * (1 + random.below(8))
            let day = DemoTime.firstDay - 60 + random.below(50)
            return DemoStatement(
                into: "usage_record",
                [
                    ("id", .string("\(park.id):usage:\(padded(number + 1))")),
                    ("resource_id", .string(resourceID(park, resource))),
                    ("organisation_id", .string(isExternal ? enterprise : ownerID(park, resource))),
                    (
                        "started_at",
                        .string(DemoTime.instant(day: day, minute: Self.openingMinute + 30 * random.below(10)))
                    ),
                    ("minutes", .integer(Int64(minutes))), ("samples", .integer(Int64(1 + random.below(12)))),
                    ("amount_fen", .integer(equipment.feeFen * Int64(minutes) / 60)),
                    ("is_external", .integer(isExternal ? 1 : 0)),
                ])
        }
    }
}
