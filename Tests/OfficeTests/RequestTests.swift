import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncOffice

/// Asking, acting, deciding and metering, with the guards of the schema behind them.
@Suite struct RequestTests {
    private static let times: [ExactText: FormEntry] = [
        "starts_at": .typed("2026-12-10 09:00"), "ends_at": .typed("2026-12-10 11:00"),
    ]

    @Test func askingWritesARequest() async throws {
        let store = try OfficeFixture.store()
        let office = try await OfficeFixture.office(OfficeFixture.staff, at: "bio", store)
        var entries = Self.times
        (entries["operator"], entries["class"]) = (.typed("self"), .typed("示范区内单位"))
        let asked = try await office.ask(Wish(subject: "south:instrument:2", entries: entries))
        #expect(asked.kind.kind == "booking" && asked.party == "bio:organisation:firm")
        #expect(store.database.authors == ["bio:person:staff"])
        let answer = try await office.answer(to: asked.id)
        #expect(answer.request["starts_at"]?.text == "2026-12-10T01:00:00Z" && answer.request["class"]?.text == "zone")
        #expect(
            answer.request["operator"]?.text == "self" && answer.request["asked_at"]?.text == "2026-12-05T02:00:00Z")
        #expect(!answer.isAnswered && answer.home.park == "south" && !answer.home.inReach)
        #expect(
            answer.home.sentence(now: store.clock, .en) == "South Park has not been heard yet, and answers when it is")
    }

    @Test func aCheckWritesNothing() async throws {
        let store = try OfficeFixture.store()
        let office = try await OfficeFixture.office(OfficeFixture.staff, at: "bio", store)
        _ = try await office.check(Wish(subject: "south:instrument:2", entries: Self.times))
        #expect(store.database.authors.isEmpty)
    }

    @Test func whatIsWrongWithAWishIsTold() async throws {
        let store = try OfficeFixture.store()
        let office = try await OfficeFixture.office(OfficeFixture.staff, at: "bio", store)
        let subject = "south:instrument:1"
        let cases: [(Wish, String, String?)] = [
            (Wish(subject: "south:instrument:9"), "unknown_subject", "subject_id"),
            (Wish(subject: "instrument"), "bad_id", "subject_id"),
            (Wish(subject: "south:unit:fen"), "wrong_kind", "subject_id"),
            (Wish(subject: subject, kind: "grant_application"), "wrong_kind", "kind"),
            (Wish(subject: subject, entries: ["starts_at": .typed("soon")]), "bad_time", "starts_at"),
            (
                Wish(
                    subject: subject,
                    entries: ["starts_at": .typed("2026-12-10 11:00"), "ends_at": .typed("2026-12-10 11:00")]),
                "bad_interval", "ends_at"
            ),
            (Wish(subject: subject, entries: ["weight": .integer(0)]), "bad_weight", "weight"),
            (Wish(subject: subject, entries: ["amount": .integer(5)]), "missing_unit", "unit_id"),
            (Wish(subject: subject, entries: ["party_id": .typed("bio:organisation:other")]), "not_party", "party_id"),
            (Wish(subject: subject, entries: ["party_id": .typed("south:organisation:lab")]), "not_party", "party_id"),
            // What only the schema knows.
            (
                Wish(subject: subject, entries: ["account_id": .typed("bio:account:none")]), "unknown_account",
                "account_id"
            ),
        ]
        for (wish, code, field) in cases {
            let fault = try await office.fault { _ = try await $0.ask(wish) }
            #expect(fault?.code == code && fault?.field?.name == field, "\(wish)")
        }
        #expect(store.database.authors.isEmpty)
    }

    @Test func onlyWhoMayDoesIt() async throws {
        let store = try OfficeFixture.store()
        for viewer in [OfficeFixture.stranger, OfficeFixture.auditor, Viewer(roles: [.member])] {
            let office = try await OfficeFixture.office(viewer, at: "bio", store)
            let fault = try await office.fault { _ = try await $0.ask(Wish(subject: "south:instrument:1")) }
            #expect(fault?.cause == .forbidden)
        }
        let member = try await OfficeFixture.office(OfficeFixture.staff, at: "bio", store)
        for body: (Office) async throws -> Void in [
            { _ = try await $0.decide(Decision(request: "bio:booking:1", outcome: "approve")) },
            { _ = try await $0.meter(MeterReading(subject: "bio:booking:1")) },
            { _ = try await $0.inbox(isWholePark: true) },
        ] {
            #expect(try await member.fault(body)?.code == "not_allowed")
        }
        // A person of another park does nothing here.
        let guest = try await OfficeFixture.office(OfficeFixture.staff, at: "south", store)
        let fault = try await guest.fault { _ = try await $0.act(Doing(request: "bio:booking:1", act: "withdraw")) }
        #expect(fault?.code == "not_party")
        #expect(store.database.authors.isEmpty)
    }

    @Test func actsAreThoseOfTheState() async throws {
        let store = try OfficeFixture.store()
        let office = try await OfficeFixture.office(OfficeFixture.staff, at: "bio", store)
        guard case .request(let shown) = try await office.show("bio:booking:1") else {
            Issue.record("it is a request")
            return
        }
        #expect(
            shown.possible.map { "\($0.act) \($0.state) \($0.isHere)" } == [
                "amend held true", "decide confirmed false", "decide refused false", "end home_cancelled false",
                "withdraw withdrawn true",
            ])
        let bad = try await office.fault { _ = try await $0.act(Doing(request: "bio:booking:1", act: "confirm")) }
        #expect(bad?.code == "not_this_state" && bad?.sentence(.zh).contains("“待审批”状态下不能“确认”") == true)
        let elsewhere = try await office.fault { _ = try await $0.act(Doing(request: "bio:booking:1", act: "end")) }
        #expect(elsewhere?.code == "not_party")
        let stale = try await office.fault {
            _ = try await $0.act(Doing(request: "bio:booking:1", act: "withdraw", seen: 1))
        }
        #expect(stale?.cause == .stale && stale?.code == "stale")
        let unknown = try await office.fault {
            _ = try await $0.act(Doing(request: "bio:booking:1", act: "withdraw", reasons: ["bored"]))
        }
        #expect(unknown?.code == "unknown_reason")
        #expect(store.database.authors.isEmpty)

        let done = try await office.act(
            Doing(request: "bio:booking:1", act: "amend", entries: Self.times, detail: ["score": .typed("3")], seen: 2))
        #expect(try await office.answer(to: "bio:booking:1", act: done.id).isAnswered == false)
        let rows = try store.database.read(
            SQLStatement("SELECT act, on_n, starts_at, by_id, detail FROM act WHERE id = ?1", [.text(done.id)]))
        #expect(
            rows.rows.first?.map { $0.text ?? "\($0.integer ?? 0)" } == [
                "amend", "2", "2026-12-10T01:00:00Z", "bio:person:staff", #"{"score":3}"#,
            ])
    }

    @Test func whatIsNotTakenUpCanBeWithdrawn() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.rival, at: "bio")
        guard case .request(let shown) = try await office.show("bio:booking:2") else {
            Issue.record("it is a request")
            return
        }
        #expect(shown.possible.map(\.act) == ["withdraw"])
        _ = try await office.act(Doing(request: "bio:booking:2", act: "withdraw"))
        _ = try await office.act(Doing(request: "bio:booking:2", act: "note"))
    }

    @Test func decisionsAreMadeWhereTheyBelong() async throws {
        let store = try OfficeFixture.store()
        let office = try await OfficeFixture.office(OfficeFixture.manager, at: "south", store)
        for (outcome, against) in [("maybe", []), ("approve", ["no_room"]), ("approve", ["nothing"])] {
            let fault = try await office.fault {
                _ = try await $0.decide(Decision(request: "bio:booking:1", outcome: outcome, against: against))
            }
            #expect(fault?.cause == .input, "\(outcome) \(against)")
        }
        let other = try await OfficeFixture.office(OfficeFixture.bioOfficer, at: "bio", store)
        let fault = try await other.fault {
            _ = try await $0.decide(Decision(request: "bio:booking:1", outcome: "approve"))
        }
        #expect(fault?.code == "not_party")
        let nothing = try await office.fault {
            _ = try await $0.decide(Decision(request: "bio:booking:2", outcome: "approve"))
        }
        #expect(nothing?.code == "not_this_state" && nothing?.cause == .refused)
        let done = try await office.decide(
            Decision(request: "bio:booking:1", outcome: "approve", against: ["closed"], seen: 2))
        let rows = try store.database.read(
            SQLStatement("SELECT act, to_state, reasons FROM act WHERE id = ?1", [.text(done.id)]))
        #expect(rows.rows.first?.compactMap(\.text) == ["decide", "confirmed", #"["closed"]"#])
    }

    @Test func theInboxIsTheViewersOwn() async throws {
        let store = try OfficeFixture.store()
        let manager = try await OfficeFixture.office(OfficeFixture.manager, at: "south", store)
        #expect(try await manager.inbox().map(\.requestID) == ["bio:booking:1"])
        #expect(try await manager.inbox().first?.partyID == "bio:organisation:firm")
        let officer = try await OfficeFixture.office(OfficeFixture.southOfficer, at: "south", store)
        #expect(try await officer.inbox(isWholePark: true).map(\.requestID) == ["bio:booking:1"])
        let rival = try await OfficeFixture.office(OfficeFixture.rival, at: "bio", store)
        #expect(try await rival.inbox().isEmpty)
        let nobody = try await OfficeFixture.office(OfficeFixture.auditor, at: "south", store)
        #expect(try await nobody.inbox().isEmpty)
    }

    @Test func useIsMeteredWithItsRequest() async throws {
        let steps = """
            INSERT INTO act (id, request_id, machine, by_id, act, on_n, to_state, at) VALUES ('south:act:1',
                'bio:booking:1', 'booking', 'south:person:manager', 'decide', 2, 'confirmed', '2026-12-01T00:01:00Z');
            INSERT INTO step (subject_id, request_id, n, id, follows, machine, from_state, to_state, act, act_id,
                starts_at, ends_at, weight, reasons, by_id, at)
            VALUES ('south:instrument:1', 'bio:booking:1', 3, 'south:step:3',
                'south:step:2', 'booking', 'held', 'confirmed', 'decide', 'south:act:1', '2026-12-08T01:00:00Z',
                '2026-12-08T03:00:00Z', 1, '[]', 'south:person:manager', '2026-12-01T00:01:01Z');
            """
        let store = try OfficeFixture.store(steps)
        let office = try await OfficeFixture.office(OfficeFixture.manager, at: "south", store)
        let entries: [ExactText: FormEntry] = ["started_at": .typed("2026-12-05 08:00"), "minutes": .typed("110")]
        let metered = try await office.meter(MeterReading(subject: "bio:booking:1", entries: entries))
        #expect(metered.records.count == 1 && metered.done?.requestID == "bio:booking:1")
        let used = try await office.page(of: "use")
        #expect(used.records.first?["party_id"]?.text == "bio:organisation:firm")
        #expect(used.records.first?["is_external"]?.integer == 1)

        let wrong = try #require(metered.records.first)
        let corrected = try await office.meter(
            MeterReading(subject: "south:instrument:1", reverses: wrong))
        #expect(corrected.records.count == 1 && corrected.done == nil)
        let again = try await office.fault {
            _ = try await $0.meter(MeterReading(subject: "south:instrument:1", reverses: wrong))
        }
        #expect(again?.code == "reversed_already")

        for (entries, code) in [
            (["minutes": .typed("10")], "bad_detail"),
            (["started_at": .typed("2026-12-05 09:00"), "minutes": .integer(600)], "unknown_party"),
        ] as [([ExactText: FormEntry], String)] {
            let fault = try await office.fault {
                _ = try await $0.meter(MeterReading(subject: "south:instrument:1", entries: entries))
            }
            #expect(fault?.code == code)
        }
        let future = try await office.fault {
            _ = try await $0.meter(
                MeterReading(
                    subject: "south:instrument:1",
                    entries: [
                        "started_at": .typed("2026-12-05 09:00"), "minutes": .integer(600),
                        "party_id": .typed("bio:organisation:firm"),
                    ]))
        }
        #expect(future?.code == "beyond_clock")
        let elsewhere = try await office.fault {
            _ = try await $0.meter(MeterReading(subject: "bio:instrument:1", entries: entries))
        }
        #expect(elsewhere?.code == "not_party")
    }
}
