import ParkSyncCatalog
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: ["91510199PK0000013J", "91510199PK00000560", "91510199PK000003X5", "91350100M000100Y43"])
    func goodCreditCodes(_ code: String) throws { try CreditCode.validate(code) }

    @Test(arguments: [
        "91350100M000100Y4Z", "91510199PK0000013K", "91510199PK0000023J", "91510199PK000001", "91510199pk0000013J", "", "91510199PK0000013J0",
    ])
    func badCreditCodes(_ code: String) { #expect(throws: IdentifierFault.self) { try CreditCode.validate(code) } }

    @Test func aCompletedCreditCodeIsGood() throws {
        for number in 0..<1_000 {
            let text = String(number)
            let code = try CreditCode.complete("91510199", organisation: "PK" + String(repeating: "0", count: 6 - text.count) + text)
            try CreditCode.validate(code)
            // The check finds every single wrong character.
            var wrong = Array(code.utf8)
            wrong[number % 16] = wrong[number % 16] == 0x31 ? 0x32 : 0x31
            #expect(throws: IdentifierFault.self) { try CreditCode.validate(String(decoding: wrong, as: UTF8.self)) }
        }
    }

    @Test func researchIdentifiers() throws {
        try ORCID.validate("9999-0001-0000-0016")
        #expect(ORCID.make(999_900_010_000_001) == "9999-0001-0000-0016")
        for number in 0..<500 as Range<UInt64> { try ORCID.validate(ORCID.make(number &* 7_919_111)) }
        for bad in ["9999-0001-0000-0017", "9999000100000016", "9999-0001-0000-001", "9999-0001-000A-0016", "9999-0001_0000-0016"] {
            #expect(throws: IdentifierFault.self, "\(bad)") { try ORCID.validate(bad) }
        }
        try ROR.validate("0zzpk0164")
        for bad in ["0zzpk0165", "1zzpk0164", "0zzpk016", "0zzpku164"] { #expect(throws: IdentifierFault.self, "\(bad)") { try ROR.validate(bad) } }
        for good in ["201819990003.X", "202029990002.8", "95115608.X", "CN202029990002.8", "ZL 201819990003.X"] {
            try PatentApplication.validate(good)
        }
        for bad in ["201819990003.1", "95115608.1", "2018", "20202999000A.8"] {
            #expect(throws: IdentifierFault.self, "\(bad)") { try PatentApplication.validate(bad) }
        }
    }
}
