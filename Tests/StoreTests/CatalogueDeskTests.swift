import ParkSyncCore
import ParkSyncFiles
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// The desk of each park decides on what is asked of it, on real stores, through all guards.
@Suite(.timeLimit(.minutes(15))) struct CatalogueDeskTests {
    private static let a = "south:booking:a"
    private static let b = "west:booking:b"

    @Test func aBookingIsMovedAndKeptAndTheNextOneIsPromoted() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.comeToRest()
        for park in zone.parks {
            #expect(try await zone.place(Self.a, at: park) == ["confirmed", "2026-09-23T01:00:00Z", "2"], "\(park)")
        }
        // Half an hour later overlaps what it has itself.
        try await zone.act(
            "south:act:1", "amend", on: Self.a, onN: 2, from: "2026-09-23T01:30:00Z", until: "2026-09-23T03:30:00Z")
        try await zone.book(Self.b, "02:00", "04:00", mayWait: true)
        try await zone.comeToRest()
        #expect(try await zone.place(Self.a) == ["confirmed", "2026-09-23T01:30:00Z", "3"])
        #expect(try await zone.place(Self.b, at: "west") == ["waitlisted", "2026-09-23T02:00:00Z", "2"])
        try await zone.expectSound()
        try await zone.act("south:act:2", "withdraw", on: Self.a, onN: 3)
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a) == ["asked", "confirmed", "confirmed", "withdrawn"])
        #expect(try await zone.chain(Self.b, at: "south") == ["asked", "waitlisted", "confirmed"])
        try await zone.expectSound()
        #expect(zone.setAside.isEmpty)
        #expect(try await zone.federation["west"].verify().findings.isEmpty)
    }

    @Test func whatCannotBeIsRefusedWithAllReasons() async throws {
        let zone = try await CatalogueZone()
        // Sunday, a day ago, for five hours.
        try await zone.book(Self.a, "01:00", "06:00", on: "2026-09-20")
        try await zone.book("south:booking:none", "01:00", "02:00", subject: "bio-city:instrument:404")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a, at: "south") == ["asked", "refused"])
        #expect(try await zone.reasons(Self.a) == #"["closed","past","too_long"]"#)
        #expect(try await zone.chain("south:booking:none", at: "west") == ["asked", "refused"])
        #expect(try await zone.reasons("south:booking:none") == #"["unknown_subject"]"#)
        // An act on what has ended is answered as well.
        try await zone.act("south:act:1", "withdraw", on: Self.a, onN: 2)
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a) == ["asked", "refused", "refused"])
        #expect(try await zone.reasons(Self.a) == #"["too_late"]"#)
        try await zone.expectSound()
    }

    @Test func theFirstToArriveIsTheFirstServed() async throws {
        let zone = try await CatalogueZone()
        for (name, mayWait) in [("z", false), ("y", true), ("a", true)] {
            try await zone.book("west:booking:\(name)", "01:00", "03:00", mayWait: mayWait)
            try await zone.federation.converge()
        }
        try await zone.comeToRest()
        let states = try await zone.texts(
            "bio-city", "SELECT request_id, state FROM place ORDER BY request_id"
        ).map { $0.joined(separator: " ") }
        #expect(
            states == ["west:booking:a waitlisted", "west:booking:y waitlisted", "west:booking:z confirmed"])
        try await zone.act("west:act:1", "withdraw", on: "west:booking:z", onN: 2)
        try await zone.comeToRest()
        #expect(
            try await zone.chain("west:booking:y").last == "confirmed", "it came before the one with the smaller id")
        #expect(try await zone.chain("west:booking:a").last == "waitlisted")
        try await zone.expectSound()
    }

    @Test func aPolicyIsAdoptedByTheParkThatAsks() async throws {
        let zone = try await CatalogueZone()
        try await zone.write("bio-city", CatalogueZone.item("bio-city:policy:1", "policy"))
        try await zone.comeToRest()
        let id = "south:policy_adoption:1"
        try await zone.write(
            "south",
            """
            INSERT INTO request(id, kind, machine, subject_id, party_id, at, detail)
            VALUES('\(id)', 'policy_adoption', 'adoption', 'bio-city:policy:1', 'south:organisation:1',
                '2026-09-21T14:00:00Z', '{"sha256":"00"}')
            """)
        try await zone.comeToRest()
        #expect(try await zone.chain(id, at: "bio-city") == ["asked"])
        try await zone.act(
            "south:act:1", "decide", on: id, machine: "adoption", by: "south:person:1", onN: 1, to: "adapted")
        try await zone.comeToRest()
        for park in zone.parks {
            let adopted = try await zone.texts(park, "SELECT policy_id, park, state FROM policy_adopted")
            #expect(adopted == [["bio-city:policy:1", "south", "adapted"]], "\(park)")
        }
        try await zone.expectSound()
    }

    @Test func whatIsUsedIsPaidByTheHomeOfThePayer() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.comeToRest()
        try zone.set("2026-09-23T01:00:00Z")
        try await zone.act("bio-city:act:1", "start", on: Self.a, by: "bio-city:person:1", onN: 2)
        try await zone.comeToRest()
        try zone.set("2026-09-23T03:00:00Z")
        try await zone.write(
            "bio-city",
            """
            INSERT INTO usage(id, item_id, request_id, party_id, started_at, minutes, source, is_external, at)
            VALUES('bio-city:usage:1', 'bio-city:instrument:1', '\(Self.a)', 'south:organisation:1',
                '2026-09-23T01:00:00Z', 90, 'meter', 1, '2026-09-23T03:00:00Z')
            """)
        try await zone.act("bio-city:act:2", "finish", on: Self.a, by: "bio-city:person:1", onN: 3)
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a, at: "south") == ["asked", "confirmed", "in_use", "used"])
        #expect(try await zone.texts("south", "SELECT * FROM due").isEmpty, "nothing is owed until it is confirmed")
        try await zone.act("south:act:1", "confirm", on: Self.a, onN: 4)
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a, at: "west").last == "settled")
        for park in zone.parks {
            let paid = try await zone.texts(
                park,
                """
                SELECT t.from_id, t.to_id, t.amount, t.because_id = s.id AND t.id = s.id, s.rate_id, s.rate_fen
                FROM transfer AS t JOIN step AS s ON s.id = t.id
                """)
            #expect(
                paid == [["south:account:1", "bio-city:account:1", "9000", "1", "bio-city:rate:1", "6000"]], "\(park)")
            #expect(
                try await zone.texts(park, "SELECT account_id, amount FROM balance ORDER BY 1") == [
                    ["bio-city:account:1", "9000"], ["bio-city:unit:fen", "-100000"], ["south:account:1", "91000"],
                ], "\(park)")
            #expect(try await zone.texts(park, "SELECT * FROM due").isEmpty, "\(park)")
        }
        try await zone.expectSound()
    }

    @Test func aClaimThatIsNotCoveredWaitsForMoney() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.b, "01:00", "03:00")
        try await zone.comeToRest()
        // Late: the place costs what was booked.
        try zone.set("2026-09-23T01:10:00Z")
        try await zone.act("west:act:1", "withdraw", on: Self.b, onN: 2)
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.b).last == "late_cancelled")
        try await zone.act("west:act:2", "confirm", on: Self.b, onN: 3)
        try await zone.comeToRest()
        #expect(try await zone.texts("bio-city", "SELECT payer_id, amount FROM due") == [["west:account:1", "12000"]])
        try await zone.write(
            "bio-city",
            """
            INSERT INTO transfer(from_id, id, to_id, unit_id, amount, reverses, at)
            VALUES('bio-city:unit:fen', 'bio-city:transfer:2', 'west:account:1', 'bio-city:unit:fen', 12000, 0,
                '2026-09-23T01:10:00Z')
            """)
        try await zone.comeToRest()
        #expect(try await zone.texts("west", "SELECT * FROM due").isEmpty)
        try await zone.expectSound()
    }

    @Test func aDeadlineWaitsUntilTheOtherParkHasSeenTheStep() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.comeToRest()
        try zone.set("2026-09-23T02:00:00Z")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a).last == "confirmed", "South may not know of its place")
        try await zone.write("south", "INSERT INTO tag(subject_id, tag) VALUES('bio-city:instrument:1', '质谱')")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a).last == "confirmed", "half an hour is left from now on")
        zone.federation.clock.advance(29 * 60_000)
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a).last == "confirmed")
        guard case .done(.at(let next)) = try await zone.decide("bio-city") else {
            Issue.record("it is not said when to look again")
            return
        }
        zone.federation.clock.set(next)
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a) == ["asked", "confirmed", "no_show"])
        #expect(try await zone.reasons(Self.a) == #"["not_arrived"]"#)
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a).count == 3, "a deadline fires once")
        try await zone.expectSound()
    }

    /// What was seen while the clock was ahead was seen by the time to which it is set back.
    @Test func aClockThatWasAheadPutsNoDeadlineOff() async throws {
        let zone = try await CatalogueZone()
        try await zone.use(Self.a)
        let clock = TestClock()
        try zone.set("2026-10-23T03:00:00Z", clock)
        zone.deskClock = clock
        try zone.restart("bio-city")
        try await zone.decide("bio-city")
        try await zone.write("south", "INSERT INTO tag(subject_id, tag) VALUES('bio-city:instrument:1', '质谱')")
        try await zone.federation.converge()
        try await zone.decide("bio-city")
        for (moment, state) in [
            ("2026-09-23T03:10:00Z", "used"), ("2026-09-30T03:09:59Z", "used"), ("2026-09-30T03:10:00Z", "settled"),
        ] {
            try zone.set(moment, clock)
            try await zone.decide("bio-city")
            #expect(try await zone.chain(Self.a).last == state, "\(moment)")
        }
    }

    /// A refusal behind the step that a deadline runs from has a later time.
    @Test func aDeadlineBehindARefusalIsKnownAfterAStart() async throws {
        let zone = try await CatalogueZone()
        let id = "bio-city:booking:a"
        try await zone.use(id)
        try zone.set("2026-09-29T03:00:00Z")
        try await zone.act("bio-city:act:3", "withdraw", on: id, onN: 4)
        try await zone.comeToRest()
        try zone.restart("bio-city")
        try zone.set("2026-09-30T03:00:00Z")
        try await zone.comeToRest()
        #expect(try await zone.chain(id) == ["asked", "confirmed", "in_use", "used", "used", "settled"])
    }

    /// More answers than are written together, and a node that is started in between.
    @Test func manyRequestsAreAnsweredOneTimeEach() async throws {
        let zone = try await CatalogueZone()
        func minute(_ number: Int) -> String {
            "2026-09-23T0\(1 + number / 60):\(number % 60 < 10 ? "0" : "")\(number % 60):00Z"
        }
        let rows = (0..<120).map { number in
            """
            ('south:booking:\(number)', 'booking', 'booking', 'bio-city:instrument:1', 'south:organisation:1',
                '\(minute(number))', '\(minute(number + 1))', 'south:account:1', '2026-09-21T14:00:00Z')
            """
        }
        try await zone.write(
            "south",
            """
            INSERT INTO request(id, kind, machine, subject_id, party_id, starts_at, ends_at, account_id, at)
            VALUES \(rows.joined(separator: ", "))
            """)
        try await zone.federation.converge()
        #expect(try await zone.look("bio-city") == .done(.now))
        #expect(try await zone.texts("bio-city", "SELECT count(*) FROM step") == [["200"]])
        try zone.restart("bio-city")
        try await zone.comeToRest()
        for park in zone.parks {
            let steps = try await zone.texts(
                park, "SELECT to_state, count(*), count(DISTINCT request_id) FROM step GROUP BY 1 ORDER BY 1")
            #expect(steps == [["asked", "120", "120"], ["confirmed", "120", "120"]], "\(park)")
        }
        try await zone.expectSound()
    }

    /// The home has lost the end of its log, and decides once more: both branches hold, until a
    /// person has ended one.
    @Test func afterAForkAPersonEndsOneBranch() async throws {
        let zone = try await CatalogueZone()
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.federation.converge()
        try zone.federation.copy("bio-city", to: "yesterday")
        try await zone.comeToRest()
        try zone.federation.putBack("yesterday", "bio-city")
        try zone.federation.open("bio-city", checks: true)
        try await zone.federation.check(
            "bio-city", peers: [], policy: HeadGuard.Policy(acceptsWithoutPeers: true))
        zone.forget("bio-city")
        try await zone.decide("bio-city")
        try await zone.federation.check("bio-city", peers: ["south", "west"])
        zone.forget("bio-city")
        try await zone.comeToRest()
        let branches = "SELECT step_id FROM forked_chain WHERE request_id = '\(Self.a)' ORDER BY step_id"
        let leaves = try await zone.texts("bio-city", branches).flatMap { $0 }
        let places = "SELECT step_id FROM place WHERE request_id = '\(Self.a)' ORDER BY step_id"
        #expect(leaves.count == 2)
        #expect(try await zone.texts("south", places).flatMap { $0 } == leaves)
        for park in zone.parks {
            #expect(try await zone.texts(park, "SELECT * FROM place_mismatch").isEmpty, "\(park)")
        }
        let ended = try #require(leaves.last)
        try await zone.write(
            "bio-city",
            """
            INSERT INTO act(id, request_id, machine, by_id, act, on_n, at, detail)
            VALUES('bio-city:act:fork', '\(Self.a)', 'booking', 'bio-city:person:1', 'fork', 2,
                '2026-09-21T14:00:00Z', json_object('on_step', '\(ended)'))
            """)
        try await zone.act("south:act:1", "withdraw", on: Self.a, onN: 2)
        try await zone.comeToRest()
        let states = try await zone.texts(
            "west", "SELECT state, load FROM place WHERE request_id = '\(Self.a)' ORDER BY state")
        #expect(states == [["void", "0"], ["withdrawn", "0"]])
        try await zone.expectSound()
    }

    @Test func anAnswerThatCannotBeWrittenKeepsNoOtherWaiting() async throws {
        let zone = try await CatalogueZone()
        try zone.federation.foreign(
            "bio-city", "sqlite3", [],
            input: """
                CREATE TRIGGER not_today BEFORE INSERT ON step WHEN NEW.request_id = '\(Self.a)'
                BEGIN SELECT RAISE(ABORT, 'not today'); END;
                """)
        try await zone.book(Self.a, "01:00", "03:00")
        try await zone.federation.converge()
        try await zone.book(Self.b, "01:00", "03:00")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.b) == ["asked", "confirmed"])
        #expect(try await zone.chain(Self.a).isEmpty)
        let status = try #require(zone.setAside.last)
        #expect(status.request == Self.a && status.unanswered == 1 && status.error.contains("not today"))
        try zone.federation.foreign("bio-city", "sqlite3", [], input: "DROP TRIGGER not_today;")
        zone.federation.clock.advance(600_000)
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.a) == ["asked", "refused"])
        #expect(try await zone.reasons(Self.a) == #"["no_room"]"#)
        try await zone.expectSound()
    }
}
