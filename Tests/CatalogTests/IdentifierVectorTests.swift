import Testing

@testable import ParkSyncCatalog

struct IdentifierVectorTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        var value: String
        var note: String
        var testDescription: String { "\(value) (\(note))" }
    }

    static let creditCodes = [
        Vector(value: "91510199PK0000013J", note: "organisation sum 217 mod 11 = 8, so 3; sum 1532 mod 31 = 13, so J"),
        Vector(value: "91510199PK00000560", note: "sum mod 31 = 0, so the check wraps from 31 to 0"),
        Vector(value: "91510199PK000003X5", note: "the check of the organisation code is X"),
        Vector(value: "91350100M000100Y43", note: "the worked example in the standard's annex, corrected"),
    ]

    @Test(arguments: creditCodes)
    func acceptsCreditCode(_ vector: Vector) throws {
        try CreditCode.validate(vector.value)
        let places = Array(vector.value.utf8)
        let head = String(decoding: places[..<8], as: UTF8.self)
        let organisation = String(decoding: places[8..<16], as: UTF8.self)
        #expect(try CreditCode.complete(head, organisation: organisation) == vector.value)
    }

    @Test func namesTheCharacterThatNoCreditCodeHas() {
        #expect(throws: IdentifierFault.character("Z", position: 18)) { try CreditCode.validate("91350100M000100Y4Z") }
        #expect(throws: IdentifierFault.character("I", position: 9)) { try CreditCode.validate("91510199IK0000013J") }
        #expect(throws: IdentifierFault.character("号", position: 17)) { try CreditCode.validate("91510199PK000001号J") }
        #expect(throws: IdentifierFault.character("p", position: 9)) { try CreditCode.validate("91510199pK0000013J") }
    }

    @Test func tellsTheInnerCheckFromTheOuterOne() {
        #expect(throws: IdentifierFault.check(expected: "3", found: "4")) {
            try CreditCode.validate("91510199PK0000014J")
        }
        #expect(throws: IdentifierFault.check(expected: "J", found: "K")) {
            try CreditCode.validate("91510199PK0000013K")
        }
    }

    @Test func countsCharactersNotBytes() {
        #expect(throws: IdentifierFault.length(expected: 18, found: 0)) { try CreditCode.validate("") }
        #expect(throws: IdentifierFault.length(expected: 18, found: 6)) { try CreditCode.validate("统一信用代码") }
        #expect(throws: IdentifierFault.length(expected: 8, found: 7)) {
            try CreditCode.complete("9151019", organisation: "PK000001")
        }
        #expect(throws: IdentifierFault.length(expected: 19, found: 16)) { try ORCID.validate("9999000100000016") }
        #expect(throws: IdentifierFault.length(expected: 9, found: 8)) { try ROR.validate("0zzpk016") }
    }

    @Test func completesNoCodeFromPlacesThatTheWholeRefuses() {
        #expect(throws: IdentifierFault.character("I", position: 11)) {
            try CreditCode.complete("91510199", organisation: "PKI00001")
        }
    }

    /// Weights that are powers of 3 modulo a prime leave no single wrong character undetected.
    @Test func noSingleWrongCharacterPasses() throws {
        let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
        for vector in Self.creditCodes {
            let good = Array(vector.value.utf8)
            for place in good.indices {
                for character in alphabet where character != good[place] {
                    var bad = good
                    bad[place] = character
                    #expect(throws: IdentifierFault.self) {
                        try CreditCode.validate(String(decoding: bad, as: UTF8.self))
                    }
                }
            }
        }
    }

    @Test func orcid() throws {
        try ORCID.validate("9999-0001-0000-0016")
        #expect(ORCID.make(999_900_010_000_001) == "9999-0001-0000-0016")
        #expect(throws: IdentifierFault.check(expected: "6", found: "7")) { try ORCID.validate("9999-0001-0000-0017") }
        #expect(throws: IdentifierFault.character("0", position: 5)) { try ORCID.validate("999900001-0000-0016") }
        #expect(throws: IdentifierFault.character("X", position: 1)) { try ORCID.validate("X999-0001-0000-0016") }
        var ends: Set<Character> = []
        for number in stride(from: UInt64(0), to: 400, by: 7) {
            let made = ORCID.make(999_900_010_000_000 + number)
            try ORCID.validate(made)
            if let last = made.last { ends.insert(last) }
        }
        #expect(ends.contains("X"), "the check that stands for 10 is written X")
    }

    @Test func ror() throws {
        try ROR.validate("0zzpk0164")
        #expect(throws: IdentifierFault.check(expected: "64", found: "65")) { try ROR.validate("0zzpk0165") }
        #expect(throws: IdentifierFault.character("1", position: 1)) { try ROR.validate("1zzpk0164") }
        #expect(throws: IdentifierFault.character("l", position: 4)) { try ROR.validate("0zzlk0164") }
        for number in stride(from: UInt64(0), to: 1 << 31, by: 40_009_001) {
            let made = ROR.make(number)
            try ROR.validate(made)
            #expect(made.utf8.count == 9)
        }
    }

    @Test(arguments: [
        Vector(value: "201819990003.X", note: "weighted sum 285 mod 11 = 10"),
        Vector(value: "202029990002.8", note: "utility model"),
        Vector(value: "95115608.X", note: "the form before October 2003"),
    ])
    func acceptsPatentApplication(_ vector: Vector) throws {
        try PatentApplication.validate(vector.value)
        try PatentApplication.validate("CN" + vector.value)
        try PatentApplication.validate(vector.value.replacing(".", with: ""))
        let body = vector.value.prefix { $0 != "." }
        #expect(try PatentApplication.complete(String(body)) == vector.value)
    }

    @Test func refusesPatentApplication() {
        #expect(throws: IdentifierFault.check(expected: "8", found: "7")) {
            try PatentApplication.validate("202029990002.7")
        }
        #expect(throws: IdentifierFault.character("A", position: 3)) {
            try PatentApplication.validate("20A029990002.8")
        }
        #expect(throws: IdentifierFault.length(expected: 13, found: 2)) { try PatentApplication.validate("CN12") }
        #expect(throws: IdentifierFault.length(expected: 13, found: 0)) { try PatentApplication.validate("") }
        #expect(throws: IdentifierFault.length(expected: 12, found: 9)) { try PatentApplication.complete("951156080") }
    }

    @Test func faultsSayWhatIsWrong() {
        #expect(IdentifierFault.length(expected: 18, found: 3).description == "it has 3 characters instead of 18")
        #expect(IdentifierFault.character("Z", position: 18).description == "Z cannot stand at place 18")
        #expect(
            IdentifierFault.check(expected: "3", found: "4").description == "the check character is 4, it should be 3")
    }
}
