import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// The guards of numbers with check digits refuse what the functions refuse, and nothing else.
@Suite struct IdentifierGuardTests {
    private struct Case: Sendable {
        var table: String
        var valid: [String]
        /// What stands in the place of a character.
        var characters: [Character]
        var validate: @Sendable (String) throws -> Void
        var columns: @Sendable (String) -> [(String, Value)]
    }

    private static func columns(_ kind: String, _ name: String) -> @Sendable (String) -> [(String, Value)] {
        { number in [("kind", .string(kind)), (name, .string(number))] }
    }

    private static let cases: [Case] = [
        Case(
            table: "organisation", valid: IdentifierVectorTests.creditCodes.map(\.value),
            characters: Array("0123456789ABCDEFGHIJKLMNOPXYZa-"), validate: { try CreditCode.validate($0) },
            columns: columns("enterprise", "credit_code")),
        Case(
            table: "organisation", valid: (0..<40).map { ROR.make($0 * 26_843_545) },
            characters: Array("0123456789abilouxzA"), validate: { try ROR.validate($0) },
            columns: columns("enterprise", "ror")),
        Case(
            table: "person", valid: (0..<40).map { ORCID.make(999_900_010_000_000 + $0) },
            characters: Array("0123456789Xx- "), validate: { try ORCID.validate($0) },
            columns: columns("staff", "orcid")),
        Case(
            table: "item", valid: ["201819990003.X", "202029990002.8", "95115608.X", "CN202029990002.8"],
            characters: Array("0123456789Xx. CNZL"), validate: { try PatentApplication.validate($0) },
            columns: { number in
                [
                    ("kind", .string("patent")),
                    (
                        "detail",
                        .string(
                            """
                            {"patent_type":"invention","filed_on":"2020-01-01","country":"CN",\
                            "application_number":"\(number)"}
                            """)
                    ),
                ]
            }),
    ]

    /// With up to three characters that are others, in the place of theirs or behind one another.
    private static func changed(_ text: String, _ characters: [Character], _ random: inout DemoRandom) -> String {
        var places = Array(text)
        for _ in 0..<random.below(4) {
            let place = random.below(places.count)
            switch random.below(8) {
            case 0: places.remove(at: place)
            case 1: places.insert(characters[random.below(characters.count)], at: place)
            default: places[place] = characters[random.below(characters.count)]
            }
        }
        return String(places)
    }

    @Test(arguments: [UInt64(1), 2, 3]) func theGuardsSayWhatTheFunctionsSay(seed: UInt64) {
        var random = DemoRandom(seed: seed, stream: "identifiers")
        var wrong: [String] = []
        var rights = 0
        let database = CatalogueDemoDatabase { execute in
            for (place, kind) in Self.cases.enumerated() {
                for number in 0..<400 {
                    guard let valid = random.pick(kind.valid) else { continue }
                    let text = Self.changed(valid, kind.characters, &random)
                    let name = kind.table == "item" ? "patent" : kind.table
                    let id = "bio:\(name):\(place)-\(number)"
                    execute(
                        DemoStatement(
                            into: kind.table,
                            [("id", .string(id)), ("name_zh", .string(text))] + kind.columns(text)))
                    if (try? kind.validate(text)) == nil { wrong.append(id) } else { rights += 1 }
                }
            }
        }
        let refused = database.faults.map { String($0.split(separator: ": ")[0]) }
        #expect(refused == wrong && rights > 300 && wrong.count > 300)
    }
}
