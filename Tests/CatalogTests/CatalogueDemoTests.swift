import CSQLite
import Foundation
import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

struct CatalogueDemoTests {
    private static let whole = CatalogueDemoDatabase(seed: 1)

    @Test func everyStatementPassesTheGuards() throws {
        #expect(Self.whole.faults == [])
        #expect(CatalogueDemoDatabase(seed: 20_261_207).faults == [])
    }

    @Test func theSameSeedGivesTheSameBytes() {
        #expect(Self.statements(1) == Self.statements(1))
        #expect(Self.statements(1) != Self.statements(2))
        #expect(CatalogueDemoDatabase.demo(1).statements(park: "nowhere", .cards) == nil)
        // FNV-1a over all of it: equal in each process and on each machine, which a comparison
        // within one process cannot show.
        var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325
        for statement in Self.statements(1) {
            let texts = [statement.sql] + statement.parameters.map(Self.plain)
            for byte in texts.joined(separator: "|").utf8 {
                fingerprint = (fingerprint ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            }
        }
        #expect(fingerprint == 15_260_429_810_768_049_889)
    }

    private static func plain(_ value: Value) -> String {
        switch value {
        case .integer(let number): "\(number)"
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        default: "-"
        }
    }

    private static func statements(_ seed: UInt64) -> [DemoStatement] {
        let demo = CatalogueDemoDatabase.demo(seed)
        return CatalogueDemo.Phase.allCases.flatMap { phase in
            CatalogueDemo.parks.flatMap { demo.statements(park: $0, phase) ?? [] }
        }
    }

    @Test func aParkWritesWhatIsItsOwn() {
        let demo = CatalogueDemoDatabase.demo(1)
        for phase in CatalogueDemo.Phase.allCases {
            for park in CatalogueDemo.parks {
                for statement in demo.statements(park: park, phase) ?? [] {
                    guard case .text(let id)? = statement.parameters.first else {
                        Issue.record("the first column is the one that the park owns: \(statement.sql)")
                        continue
                    }
                    #expect(id.starts(with: Array("\(park):".utf8)), "\(park): \(statement.sql)")
                }
            }
        }
    }

    // MARK: numbers

    private static let parks =
        "('south', 1), ('west', 2), ('bio-city', 3), ('airport', 4), ('science-city', 5), "
        + "('jingrong-town', 6)"

    /// How many in each park, in the order of the model.
    private static func perPark(_ table: String, _ condition: String) -> [String] {
        whole.column(
            """
            WITH park_order (park, n) AS (VALUES \(parks))
            SELECT (SELECT count(*) FROM \(table) AS t WHERE t.id GLOB p.park || ':*' AND \(condition))
            FROM park_order AS p ORDER BY p.n
            """)
    }

    @Test func theNumbersAreThoseOfTheModel() {
        #expect(Self.perPark("organisation", "kind = 'enterprise'") == ["20", "14", "8", "6", "7", "5"])
        #expect(
            Self.perPark("organisation", "kind NOT IN ('enterprise', 'park_office')") == ["3", "2", "2", "1", "3", "1"])
        #expect(Self.perPark("person", "talent_class IS NOT NULL") == ["15", "10", "8", "4", "7", "4"])
        let bookable = "(SELECT code FROM code WHERE list = 'asks:booking')"
        #expect(Self.perPark("item", "kind IN \(bookable)") == ["10", "7", "8", "3", "7", "4"])
        #expect(Self.perPark("request", "kind = 'booking'") == ["41", "29", "14", "12", "14", "10"])
        for (kind, count) in [
            ("patent", "66"), ("listing", "18"), ("policy", "12"), ("programme", "6"), ("evaluation", "7"),
            ("site", "7"),
        ] {
            #expect(Self.whole.column("SELECT count(*) FROM item WHERE kind = '\(kind)'") == [count], "\(kind)")
        }
    }

    @Test func everyKindAndMachineIsThere() {
        #expect(
            Self.whole.column(
                "SELECT kind FROM kind WHERE of = 'item' AND kind NOT IN (SELECT kind FROM item) ORDER BY kind") == [])
        #expect(
            Self.whole.column(
                "SELECT kind FROM kind WHERE of = 'request' AND kind NOT IN (SELECT kind FROM request) ORDER BY kind")
                == [])
        #expect(
            Self.whole.column(
                """
                SELECT m.machine FROM machine AS m
                WHERE (SELECT count(DISTINCT state) FROM place WHERE machine = m.machine) < 4 ORDER BY 1
                """) == [])
        // Some of each kind are left to the arbiter.
        #expect(
            Self.whole.column(
                "SELECT kind FROM kind WHERE of = 'request' AND kind NOT IN (SELECT kind FROM request_unanswered)")
                == [])
    }

    // MARK: rules

    @Test func whatMustBeEmptyIsEmpty() {
        let views = [
            "stray_step", "stray_act", "broken_chain", "forked_chain", "place_wrong", "place_mismatch", "over_capacity",
            "overdrawn", "unbalanced", "account_mismatch", "act_unanswered", "organisation_duplicate",
            "person_duplicate",
            "item_duplicate",
        ]
        for view in views { #expect(Self.whole.column("SELECT count(*) FROM \(view)") == ["0"], "\(view)") }
        for table in ["due", "inbox", "deadline", "sharing_zone", "target_progress", "policy_adopted"] {
            #expect(Self.whole.column("SELECT count(*) > 0 FROM \(table)") == ["1"], "\(table)")
        }
    }

    @Test func whatActsIsWhoMayAct() {
        let actors = Dictionary(
            SchemaRows.moves.map { (["\($0.machine)", "\($0.from)", "\($0.to)", "\($0.act)"], "\($0.byWhom)") }
        ) { first, _ in first }
        var chains = CatalogueChains.others.flatMap { told in told.chains.map { (told.machine, $0) } }
        chains += (CatalogueChains.pastBookings + CatalogueChains.futureBookings).map { ("booking", $0) }
        #expect(Set(chains.map(\.0)) == Set(SchemaRows.names.map { "\($0)" }))
        for (machine, chain) in chains {
            var state = CatalogueChains.initial(machine)
            for move in chain {
                let by = actors[[machine, state, move.to, move.act]]
                let allowed: [String] =
                    switch move.actor {
                    case .node: ["arbiter", "clock"]
                    case .asker: ["asker", "holder", "anyone"]
                    case .manager: ["manager"]
                    case .reviewer: ["reviewer"]
                    case .party: ["party"]
                    }
                #expect(
                    by.map(allowed.contains) == true, "\(machine): \(state) \(move.act) \(move.to) by \(by ?? "")"
                )
                state = move.to
            }
        }
    }

    @Test func namesAreMarkedAndCodesAreRight() throws {
        for table in ["park", "organisation", "person", "item", "document"] {
            #expect(
                Self.whole.column(
                    """
                    SELECT id FROM \(table)
                    WHERE name_zh NOT LIKE '%（演示）' OR name_en IS NULL OR name_en NOT LIKE '% (Demo)'
                    """) == [], "\(table)")
        }
        for table in ["organisation", "person"] {
            #expect(
                Self.whole.column("SELECT name_zh FROM \(table) GROUP BY name_zh HAVING count(*) > 1") == [], "\(table)"
            )
        }
        let codes = Self.whole.column("SELECT credit_code FROM organisation")
        #expect(Set(codes).count == codes.count && codes.count == 78)
        for code in codes {
            try CreditCode.validate(code)
            #expect(code.dropFirst(2).hasPrefix("510199PK"))
        }
        for number in Self.whole.column("SELECT DISTINCT natural_key FROM item WHERE kind = 'patent'") {
            try PatentApplication.validate(number)
        }
        for orcid in Self.whole.column("SELECT orcid FROM person WHERE orcid IS NOT NULL") { try ORCID.validate(orcid) }
        for ror in Self.whole.column("SELECT ror FROM organisation WHERE ror IS NOT NULL") { try ROR.validate(ror) }
        #expect(
            Self.whole.column(
                "SELECT d.id FROM document AS d LEFT JOIN text AS t ON t.sha256 = d.sha256 WHERE t.id IS NULL")
                == [])
    }

    /// One patent was entered by two parks.
    @Test func whatWasEnteredTwiceIsCountedOnce() {
        #expect(Self.whole.column("SELECT count(*) FROM item_counted WHERE kind = 'patent'") == ["65"])
    }
}
