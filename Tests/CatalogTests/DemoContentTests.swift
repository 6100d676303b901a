import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

struct DemoContentTests {
    /// No SHA-256, but as long as one and different for different texts.
    private static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var random = DemoRandom(seed: 0, stream: String(decoding: bytes, as: UTF8.self))
        return (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private static func data(seed: UInt64 = 1, scale: Int = 1) -> DemoData {
        DemoData(seed: seed, scale: scale, sha256: hash)
    }

    private static func statements(_ data: DemoData) -> [DemoStatement] {
        let own = DemoData.parks.flatMap { data.ownStatements(park: $0) ?? [] }
        return own + DemoData.parks.flatMap { data.useStatements(park: $0) ?? [] }
    }

    private struct Row {
        var table: String
        var columns: [String: Value]

        init(_ statement: DemoStatement) throws {
            let parts = statement.sql.split(separator: " ", maxSplits: 3)
            #expect(parts.prefix(2) == ["INSERT", "INTO"])
            table = String(try #require(parts.dropFirst(2).first))
            let names = statement.sql.split(separator: "(").dropFirst().first?.split(separator: ")").first
            let columns = try #require(names).split(separator: ",").map { $0.filter { $0 != " " } }
            #expect(columns.count == statement.parameters.count)
            #expect(statement.sql.hasSuffix("VALUES (\(columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")))"))
            self.columns = Dictionary(zip(columns, statement.parameters)) { first, _ in first }
        }

        var park: String? { text("id")?.split(separator: ":").first.map(String.init) }

        func text(_ column: String) -> String? {
            guard case .text(let bytes) = columns[column] else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private static func rows(_ data: DemoData) throws -> [Row] { try statements(data).map { try Row($0) } }

    @Test func theSameSeedGivesTheSameBytes() {
        #expect(Self.statements(Self.data()) == Self.statements(Self.data()))
        #expect(Self.statements(Self.data()) != Self.statements(Self.data(seed: 2)))
        // FNV-1a over all of it: equal in each process and on each machine, which a comparison
        // within one process cannot show.
        var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ bytes: [UInt8]) {
            for byte in bytes + [0] { fingerprint = (fingerprint ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        }
        for statement in Self.statements(Self.data()) {
            mix(Array(statement.sql.utf8))
            for parameter in statement.parameters { mix(Array("\(Self.plain(parameter))".utf8)) }
        }
        #expect(fingerprint == 10_000_635_557_791_828_314)
    }

    private static func plain(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): "\(number)"
        case .real(let bits): "r\(bits)"
        case .text(let bytes): "t" + String(decoding: bytes, as: UTF8.self)
        case .blob(let bytes): "b" + Hex.encode(bytes)
        }
    }

    @Test(arguments: [1, 3]) func numbersOfRows(scale: Int) throws {
        var counts: [String: Int] = [:]
        for row in try Self.rows(Self.data(scale: scale)) { counts[row.table, default: 0] += 1 }
        let adoptions = counts.removeValue(forKey: "policy_adoption") ?? 0
        #expect((1...30).contains(adoptions), "at most one for each pair of parks")
        #expect(
            counts == [
                "park": 6, "organisation": 72 * scale, "person": 48 * scale, "resource": 39 * scale,
                "resource_profile": 39 * scale,
                "resource_tag": 78 * scale, "policy": 12, "booking_request": 120 * scale, "usage_record": 117 * scale,
            ])
    }

    @Test func bookingsAreSharedByTheWeightsOfTheParks() throws {
        var bookings: [String: Int] = [:]
        for row in try Self.rows(Self.data()) where row.table == "booking_request" {
            bookings[try #require(row.park), default: 0] += 1
        }
        let weights = ["south": 34, "west": 24, "bio-city": 12, "airport": 10, "science-city": 12, "jingrong-town": 8]
        for (park, weight) in weights { #expect(abs((bookings[park] ?? 0) * 100 - weight * 120) <= 100, "\(park)") }
    }

    @Test(arguments: DemoData.parks) func aParkWritesOnlyWhatItMayWrite(park: String) throws {
        let data = Self.data(scale: 2)
        let statements = try #require(data.ownStatements(park: park)) + (try #require(data.useStatements(park: park)))
        var keys: Set<[Value]> = []
        for statement in statements {
            let row = try Row(statement)
            // The tables whose rows have no id of their own are keyed by the resource's.
            let writer = row.table.hasPrefix("resource_") ? "resource_id" : "id"
            #expect(row.text(writer)?.hasPrefix(park + ":") == true, "\(statement)")
            let tag = row.columns["tag"] ?? .null
            #expect(
                keys.insert([.string(row.table), row.columns[writer] ?? .null, tag]).inserted,
                "\(statement) is there twice")
        }
    }

    @Test func whatRowsReferToIsThere() throws {
        let data = Self.data(scale: 2)
        let own = try DemoData.parks.flatMap { try (data.ownStatements(park: $0) ?? []).map { try Row($0) } }
        func ids(_ table: String) -> Set<String> { Set(own.filter { $0.table == table }.compactMap { $0.text("id") }) }
        let (organisations, resources) = (ids("organisation"), ids("resource"))
        let hashes = Dictionary(
            uniqueKeysWithValues: own.filter { $0.table == "policy" }.map { ($0.text("id"), $0.text("content_hash")) })
        for row in try Self.rows(data) {
            for column in ["organisation_id", "owner_id"] {
                if let id = row.text(column) { #expect(organisations.contains(id), "\(row)") }
            }
            if let id = row.text("resource_id") { #expect(resources.contains(id), "\(row)") }
            guard row.table == "policy_adoption" else { continue }
            #expect(hashes[row.text("policy_id")] == row.text("content_hash"))
            #expect(
                row.text("policy_id")?.hasPrefix("\(try #require(row.park)):") == false,
                "a park adopts what others issued")
        }
    }

    @Test func aPolicysHashIsThatOfItsText() throws {
        for row in try Self.rows(Self.data()) where row.table == "policy" {
            let body = try #require(row.text("body_zh"))
            #expect(row.text("content_hash") == Hex.encode(Self.hash(Array(body.utf8))))
        }
    }

    @Test func identifiersAreValidAndOfNobody() throws {
        var seen: Set<String> = []
        for row in try Self.rows(Self.data(scale: 7)) where ["organisation", "person"].contains(row.table) {
            if let code = row.text("credit_code") {
                try CreditCode.validate(code)
                #expect(code.dropFirst(2).hasPrefix("510199PK"), "neither region nor organisation code is assigned")
                #expect(seen.insert(code).inserted)
            } else {
                #expect(row.table == "person", "each organisation has a code")
            }
            if let ror = row.text("ror") {
                try ROR.validate(ror)
                #expect(seen.insert(ror).inserted)
            }
            if let orcid = row.text("orcid") {
                try ORCID.validate(orcid)
                #expect(seen.insert(orcid).inserted)
            }
        }
        #expect(seen.contains { $0.hasPrefix("0zzp") })
    }

    @Test func namesSayThatTheyAreInvented() throws {
        for row in try Self.rows(Self.data())
        where ["organisation", "person", "resource", "policy"].contains(row.table) {
            let chinese = try #require(row.text("name_zh") ?? row.text("title_zh"))
            let english = try #require(row.text("name_en") ?? row.text("title_en"))
            #expect(chinese.hasSuffix("（演示）") && english.hasSuffix("(Demo)"))
            #expect(english.utf8.allSatisfy { $0 < 0x80 })
        }
    }

    @Test func bookingsAreWithinTheOpeningHours() throws {
        for row in try Self.rows(Self.data()) where row.table == "booking_request" {
            let (start, end) = (try #require(row.text("starts_at")), try #require(row.text("ends_at")))
            #expect(InstantForm.isValid(start) && InstantForm.isValid(end) && start < end)
            #expect(start.dropFirst(11) >= "01:00:00Z" && end.dropFirst(11) <= "10:00:00Z")
        }
    }

    @Test func unknownParksAndOddScales() {
        #expect(Self.data().ownStatements(park: "nowhere") == nil)
        #expect(Self.data().useStatements(park: "") == nil)
        #expect(Self.data(scale: Int.min).scale == 1)
        #expect(Self.data(scale: Int.max).scale == DemoData.scaleMax)
    }

    @Test(arguments: [
        (0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_794, "2026-12-07"), (47_540, "2100-02-28"),
        (47_541, "2100-03-01"),
    ])
    func days(number: Int, text: String) { #expect(DemoTime.day(number) == text) }
}
