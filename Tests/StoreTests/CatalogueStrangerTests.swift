import ParkSyncCatalog
import ParkSyncCore
import ParkSyncNode
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
        try await zone.settle()
        #expect(try await zone.chain(Self.a, at: "south") == ["asked", "confirmed"])
        let rates = try await zone.texts("south", "SELECT rate_id FROM step WHERE n = 2")
        #expect(rates == [["bio-city:rate:1"]])
    }

    /// Two of its numbers would be more than a number, and one of them somebody's bill.
    @Test func useIsMeteredByTheHome() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.settle()
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
        try await zone.settle()
        try zone.set("2026-09-23T03:00:00Z")
        try await zone.act("bio-city:act:2", "finish", on: Self.a, by: "bio-city:person:1", onN: 3)
        try await zone.settle()
        #expect(try await zone.chain(Self.a, at: "south") == ["asked", "confirmed", "in_use", "used"])
        #expect(try await zone.reasons(Self.a) == #"["unmetered"]"#)
    }

    @Test func anActIsAnsweredByTheHome() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.settle()
        try await zone.act("south:act:1", "withdraw", on: Self.a, onN: 2)
        try await zone.federation.settle()
        try await zone.forge(
            "west",
            """
            INSERT INTO step(subject_id, request_id, n, id, follows, machine, from_state, to_state, act, act_id,
                starts_at, ends_at, weight, reasons, at)
            SELECT 'west:x:1', request_id, 3, 'west:step:1', id, machine, 'confirmed', 'confirmed', 'withdraw',
                'south:act:1', starts_at, ends_at, 1, '["too_late"]', at
            FROM step WHERE request_id = '\(Self.a)' AND n = 2
            """)
        try await zone.settle()
        #expect(try await zone.place(Self.a).first == "withdrawn")
    }

    /// An act of another machine than its request's is answered by nobody, and keeps nothing open.
    @Test func whatIsNoActOnARequestKeepsNothingOpen() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.settle()
        try await zone.forge(
            "west",
            """
            INSERT INTO act(id, request_id, machine, by_id, act, on_n, to_state, at)
            VALUES('west:act:1', '\(Self.a)', 'award', 'west:person:1', 'decide', 2, 'review', '2026-09-21T14:00:00Z')
            """)
        try await zone.settle()
        let open = try await zone.federation.rows("bio-city", CatalogueSQL.open, [.string("bio-city")])
        #expect(open.isEmpty)
        #expect(try await zone.place(Self.a).first == "confirmed" && zone.setAside.isEmpty)
    }
}
