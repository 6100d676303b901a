import ParkSyncCatalog
import ParkSyncCore
import ParkSyncNode
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// What a park with other software writes keeps nobody else waiting, and decides nothing here.
@Suite(.timeLimit(.minutes(15))) struct CatalogueStrangerTests {
    private static let a = "south:booking:a"
    private static let instrument = "bio-city:instrument:1"

    @Test func hoursAndPricesAreThoseOfTheHome() async throws {
        let zone = try await CatalogueZone()
        try await zone.forge(
            "west",
            """
            INSERT INTO window(id, item_id, kind) VALUES('west:window:1', '\(Self.instrument)', 'closed'),
                ('west:window:2', 'bio-city:park', 'holiday')
            """,
            """
            INSERT INTO rate(id, item_id, class, version, unit, unit_id, fen, valid_from)
            VALUES('west:rate:1', '\(Self.instrument)', 'zone', 9, 'hour', 'bio-city:unit:fen', 0, '2026-06-01')
            """)
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a, at: "south") == ["asked", "confirmed"])
        let rates = try await zone.texts("south", "SELECT rate_id FROM step WHERE n = 2")
        #expect(rates == [["bio-city:rate:1"]])
    }

    /// Two of its numbers would be more than a number, and one of them somebody's bill.
    @Test func useIsMeteredByTheHome() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.comeToRest()
        try zone.set("2026-09-23T01:00:00Z")
        try await zone.act("bio-city:act:1", "start", on: Self.a, by: "bio-city:person:1", onN: 2)
        for number in 1...2 {
            try await zone.forge(
                "west",
                """
                INSERT INTO usage(id, item_id, request_id, party_id, started_at, minutes, samples, source,
                    is_external, at)
                VALUES('west:usage:\(number)', '\(Self.instrument)', '\(Self.a)', 'south:organisation:1',
                    '2026-09-23T01:00:00Z', 9223372036854775807, 9223372036854775807, 'meter', 1,
                    '2026-09-23T01:00:00Z')
                """)
        }
        try await zone.comeToRest()
        try zone.set("2026-09-23T03:00:00Z")
        try await zone.act("bio-city:act:2", "finish", on: Self.a, by: "bio-city:person:1", onN: 3)
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a, at: "south") == ["asked", "confirmed", "in_use", "used"])
        #expect(try await zone.reasons(Self.a) == #"["unmetered"]"#)
    }

    @Test func anActIsAnsweredByTheHome() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.comeToRest()
        try await zone.act("south:act:1", "withdraw", on: Self.a, onN: 2)
        try await zone.federation.converge()
        try await zone.forge(
            "west",
            """
            INSERT INTO step(subject_id, request_id, n, id, follows, machine, from_state, to_state, act, act_id,
                starts_at, ends_at, weight, reasons, at)
            SELECT 'west:x:1', request_id, 3, 'west:step:1', id, machine, 'confirmed', 'confirmed', 'withdraw',
                'south:act:1', starts_at, ends_at, 1, '["too_late"]', at
            FROM step WHERE request_id = '\(Self.a)' AND n = 2
            """)
        try await zone.comeToRest()
        #expect(try await zone.place(Self.a).first == "withdrawn")
    }

    /// An act of another machine than its request's is answered by nobody, and keeps nothing open.
    @Test func whatIsNoActOnARequestKeepsNothingOpen() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.comeToRest()
        try await zone.forge(
            "west",
            """
            INSERT INTO act(id, request_id, machine, by_id, act, on_n, to_state, at)
            VALUES('west:act:1', '\(Self.a)', 'award', 'west:person:1', 'decide', 2, 'review', '2026-09-21T14:00:00Z')
            """)
        try await zone.comeToRest()
        let open = try await zone.federation.rows("bio-city", CatalogueSQL.open, [.string("bio-city")])
        #expect(open.isEmpty)
        #expect(try await zone.place(Self.a).first == "confirmed" && zone.setAside.isEmpty)
    }

    // MARK: what cannot be read, or is of no form

    /// A text of another park that no statement here may work on.
    @Test func aTextThatIsTooLongKeepsNoOtherWaiting() async throws {
        let zone = try await CatalogueZone()
        let long = "json_object('note', hex(zeroblob(2500000)))"
        try await zone.forge("south", Self.request("'south:booking:long'", detail: long))
        try await zone.book("west:booking:b", "01:00", "03:00")
        try await zone.comeToRest()
        #expect(try await zone.chain("west:booking:b") == ["asked", "confirmed"])
        #expect(try await zone.chain("south:booking:long").isEmpty)
        #expect(zone.setAside.contains { $0.request == "south:booking:long" && $0.error.contains("too long") })
        try await zone.forge(
            "west",
            """
            INSERT INTO act(id, request_id, machine, by_id, act, on_n, at, detail)
            VALUES('west:act:long', 'west:booking:b', 'booking', 'west:organisation:1', 'withdraw', 2,
                '2026-09-21T14:00:00Z', \(long))
            """)
        try await zone.act(
            "west:act:1", "amend", on: "west:booking:b", onN: 2, from: "2026-09-23T05:00:00Z",
            until: "2026-09-23T06:00:00Z")
        try await zone.comeToRest()
        #expect(try await zone.place("west:booking:b") == ["confirmed", "2026-09-23T05:00:00Z", "3"])
        #expect(zone.setAside.last?.unanswered == 2)
    }

    /// Together their ids are longer than a text that a statement may work on.
    @Test func aThousandLongIdsAreReadInPieces() async throws {
        let zone = try await CatalogueZone()
        try await zone.forge("south", Self.request("'south:booking:' || printf('%03000d', n)", count: 1_000))
        try await zone.comeToRest()
        let states = try await zone.texts("bio-city", "SELECT state, count(*) FROM place GROUP BY 1 ORDER BY 1")
        #expect(states == [["confirmed", "1"], ["refused", "999"]])
    }

    /// To read all for each few of them would take days.
    @Test func ofManyRequestsAPartIsAnsweredBeforeTheyAreReadAgain() async throws {
        let zone = try await CatalogueZone()
        try await zone.forge("south", Self.request("'south:booking:' || n", count: 2_400))
        #expect(try await zone.look("bio-city") == .done(.now))
        #expect(try await zone.texts("bio-city", "SELECT count(*) FROM step") == [["300"]])
    }

    /// No step of it could be written.
    @Test func whatHasNoFormIsNamedAndLeft() async throws {
        let zone = try await CatalogueZone()
        try await zone.forge(
            "south", Self.request("'south::x'"), Self.request("'south:booking:here'", subject: "'bio-city:'"))
        try await zone.book("west:booking:b", "01:00", "03:00")
        try await zone.comeToRest()
        #expect(try await zone.chain("west:booking:b") == ["asked", "confirmed"])
        #expect(try await zone.texts("bio-city", "SELECT count(*) FROM step") == [["2"]])
        let named = zone.setAside.last
        #expect(named?.request == "south::x" && named?.unanswered == 1 && named?.error.contains("form") == true)
        #expect(try await zone.decide("bio-city") == .done(.never))
    }

    // MARK: claims

    /// A home that claims twice for one use is paid once, and a claim that cannot be read keeps no
    /// other from being paid.
    @Test func aRequestIsPaidForOnce() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.book("south:booking:c", "03:00", "05:00")
        try await zone.comeToRest()
        func claim(_ request: String, _ n: Int, unit: String = "'bio-city:unit:fen'") -> String {
            """
            INSERT INTO step(subject_id, request_id, n, id, follows, machine, from_state, to_state, act, act_id,
                starts_at, ends_at, weight, amount, unit_id, payer_id, payee_id, reasons, at)
            VALUES('\(Self.instrument)', '\(request)', \(n), 'bio-city:step:\(n)', 'bio-city:step:none', 'booking',
                'used', 'settled', 'confirm', 'south:act:1', '2026-09-23T01:00:00Z', '2026-09-23T03:00:00Z', 1, 100,
                \(unit), 'south:account:1', 'bio-city:account:1', '[]', '2026-09-23T03:00:00Z')
            """
        }
        try await zone.forge(
            "bio-city", claim(Self.a, 5), claim(Self.a, 6),
            claim("south:booking:c", 7, unit: "hex(zeroblob(3000000))"))
        try await zone.decide("south")
        let paid = try await zone.texts("south", "SELECT id, amount FROM transfer WHERE from_id = 'south:account:1'")
        #expect(paid == [["bio-city:step:5", "100"]])
        #expect(try await zone.decide("south") == .done(.never))
    }

    private static func request(
        _ id: String, count: Int = 1, subject: String = "'\(instrument)'", detail: String = "'{}'"
    ) -> String {
        """
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < \(count))
        INSERT INTO request(id, kind, machine, subject_id, party_id, starts_at, ends_at, account_id, at, detail)
        SELECT \(id), 'booking', 'booking', \(subject), 'south:organisation:1', '2026-09-23T01:00:00Z',
            '2026-09-23T03:00:00Z', 'south:account:1', '2026-09-21T14:00:00Z', \(detail)
        FROM numbers
        """
    }
}
