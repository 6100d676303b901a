import ParkSyncCatalog
import ParkSyncCore
import Testing

@Suite struct DemoDataTests {
    private static func data(_ seed: UInt64, scale: Int = 1) -> DemoData {
        DemoData(seed: seed, scale: scale) { [UInt8($0.count & 0xFF)] }
    }

    @Test func theSameSeedGivesTheSameBytes() {
        for park in DemoData.parks {
            #expect(Self.data(1).ownStatements(park: park) == Self.data(1).ownStatements(park: park))
            #expect(Self.data(1).useStatements(park: park) == Self.data(1).useStatements(park: park))
            #expect(Self.data(1).useStatements(park: park) != Self.data(2).useStatements(park: park))
        }
        #expect(
            Self.data(1).ownStatements(park: "nowhere") == nil && Self.data(1).useStatements(park: "nowhere") == nil)
    }

    @Test(arguments: [1, 3]) func aParkWritesWhatIsItsOwn(scale: Int) throws {
        var keys: Set<[Value]> = []
        var requests = 0
        for park in DemoData.parks {
            let own = try #require(Self.data(1, scale: scale).ownStatements(park: park))
            let use = try #require(Self.data(1, scale: scale).useStatements(park: park))
            for statement in own + use {
                guard case .text(let id)? = statement.parameters.first else {
                    Issue.record("the first column is the id: \(statement.sql)")
                    continue
                }
                #expect(String(decoding: id, as: UTF8.self).hasPrefix(park + ":"))
                let key =
                    [Value.string(String(statement.sql.prefix { $0 != "(" }))]
                    + statement.parameters.prefix(statement.sql.contains("resource_tag") ? 2 : 1)
                #expect(keys.insert(key).inserted, "one id twice: \(key)")
                if statement.sql.contains("booking_request") { requests += 1 }
            }
            let organisations = own.filter { $0.sql.contains("INTO organisation") }
            #expect(organisations.count >= 6 * scale)
            for organisation in organisations {
                guard case .text(let code) = organisation.parameters[4] else {
                    Issue.record("an organisation without a credit code")
                    continue
                }
                try CreditCode.validate(String(decoding: code, as: UTF8.self))
            }
        }
        #expect(requests == 120 * scale)
    }
}
