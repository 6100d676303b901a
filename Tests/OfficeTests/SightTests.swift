import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncOffice

/// Who sees whose a request is and what for.
@Suite struct SightTests {
    /// Who sees what of the two requests of bio for the instrument of south, at which node.
    static let cases: [(String, Viewer, String, [String])] = [
        ("auditor", OfficeFixture.auditor, "south", ["bio:booking:1", "bio:booking:2"]),
        ("officer of the one side", OfficeFixture.southOfficer, "south", ["bio:booking:1", "bio:booking:2"]),
        ("officer of the other side", OfficeFixture.bioOfficer, "bio", ["bio:booking:1", "bio:booking:2"]),
        ("officer of a third park", Viewer(roles: [.officer], person: "west:person:1"), "west", []),
        ("manager of the instrument", OfficeFixture.manager, "south", ["bio:booking:1", "bio:booking:2"]),
        ("manager of others", Viewer(roles: [.manager], person: "south:person:officer"), "south", []),
        ("one who asked", OfficeFixture.staff, "bio", ["bio:booking:1"]),
        ("another one who asked", OfficeFixture.rival, "bio", ["bio:booking:2"]),
        ("member of nothing", Viewer(roles: [.member]), "bio", []),
        ("stranger", OfficeFixture.stranger, "south", []),
        ("operator", Viewer(roles: [.operator], person: "bio:person:staff"), "bio", []),
    ]

    @Test(arguments: cases.indices) func partyAndPurposeAreForTheTwoSides(_ index: Int) async throws {
        let (name, viewer, park, seen) = Self.cases[index]
        let office = try await OfficeFixture.office(viewer, at: park)
        let page = try await office.page(of: "booking")
        // How it stands is open.
        #expect(page.records.map { $0["state"]?.text } == ["held", "sent"], "\(name)")
        #expect(page.records.map { $0["class"]?.text } == ["zone", "sme"], "\(name)")
        #expect(page.records.filter(\.isSeen).compactMap { $0["id"]?.text } == seen, "\(name)")
        for record in page.records {
            let hidden = page.columns.filter(\.isPrivate).compactMap { record[$0.name] }
            if !record.isSeen { #expect(hidden.allSatisfy { $0 == .null }, "\(name)") }
            #expect((record["party_id"]?.text != nil) == record.isSeen, "\(name)")
        }
        #expect(
            try await office.seen(["bio:booking:1", "bio:booking:2"]) == Set(seen.map { ExactText($0) }), "\(name)")
    }

    /// A filter or an order would tell what a cell hides.
    @Test func whatIsHiddenIsNotFoundByItEither() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.rival, at: "bio")
        for request in [
            ListRequest(filters: [.init("party_id", "bio:organisation:firm")]),
            ListRequest(filters: [.init("purpose_zh", "新药筛选")]),
        ] {
            #expect(try await office.page(of: "booking", request).records.isEmpty)
        }
        let sorted = try await office.page(of: "booking", ListRequest(sort: "party_zh"))
        #expect(sorted.records.map { $0["id"]?.text } == ["bio:booking:2"])
        #expect(
            try await office.facets(of: "booking", by: "party_id") == [
                Facet(value: "bio:organisation:other", count: 1)
            ])
        #expect(try await office.facets(of: "booking", by: "class").count == 2)
    }

    @Test func aRecordIsShownWithoutIt() async throws {
        let mine = try await OfficeFixture.office(OfficeFixture.staff, at: "bio")
        let others = try await OfficeFixture.office(OfficeFixture.rival, at: "bio")
        guard case .request(let seen) = try await mine.show("bio:booking:1"),
            case .request(let hidden) = try await others.show("bio:booking:1")
        else {
            Issue.record("it is a request")
            return
        }
        #expect(seen.fields.map(\.value) == ["新药筛选"] && hidden.fields.isEmpty)
        #expect(seen.documents.first?["name_zh"]?.text == "样品清单")
        #expect(hidden.documents.count == 1 && hidden.documents.first?["name_zh"] == .null)
        #expect(seen.history.map(\.state) == ["asked", "held"] && hidden.history.map(\.state) == ["asked", "held"])
        #expect(seen.history.allSatisfy { $0.reasons != nil } && hidden.history.allSatisfy { $0.reasons == nil })
        // What belongs to an item is open.
        guard case .item(let item) = try await others.show("south:instrument:1") else {
            Issue.record("it is an item")
            return
        }
        #expect(item.documents.first?["name_zh"]?.text == "操作手册" && item.requests.count == 2)
    }

    @Test func whoeverIsNamedSeesIt() async throws {
        let more = """
            INSERT INTO link (subject_id, relation, object_id)
                VALUES ('south:instrument:1', 'reviewer', 'west:person:reviewer');
            INSERT INTO link (subject_id, relation, object_id)
                VALUES ('south:instrument:1', 'manager', 'south:person:helper');
            """
        let reviewer = try await OfficeFixture.office(
            Viewer(roles: [.member], person: "west:person:reviewer"), at: "west", more: more)
        #expect(try await reviewer.seen(["bio:booking:1"]) == ["bio:booking:1"])
        let helper = try await OfficeFixture.office(
            Viewer(roles: [.manager], person: "south:person:helper"), at: "south", more: more)
        #expect(try await helper.seen(["bio:booking:1"]) == ["bio:booking:1"])
        // At another park he manages nothing.
        let elsewhere = try await OfficeFixture.office(
            Viewer(roles: [.manager], person: "south:person:helper"), at: "bio", more: more)
        #expect(try await elsewhere.seen(["bio:booking:1"]).isEmpty)
    }

    @Test func useIsHiddenInTheSameWay() async throws {
        let more = """
            INSERT INTO usage (id, item_id, party_id, started_at, minutes, samples, source, at, is_external) VALUES
                ('south:usage:1', 'south:instrument:1', 'bio:organisation:firm', '2026-12-01T01:00:00Z', 60, 4, 'meter',
                '2026-12-01T03:00:00Z', 1);
            """
        for (viewer, park, isSeen) in [
            (OfficeFixture.staff, "bio", true), (OfficeFixture.rival, "bio", false),
            (OfficeFixture.manager, "south", true),
            (OfficeFixture.stranger, "south", false),
        ] {
            let office = try await OfficeFixture.office(viewer, at: park, more: more)
            let record = try #require(try await office.page(of: "use").records.first)
            #expect(record["minutes"]?.integer == 60)
            #expect((record["party_id"]?.text != nil) == isSeen && (record["samples"]?.integer != nil) == isSeen)
        }
    }

    @Test func whatWasDoneIsHiddenInTheSameWay() async throws {
        let act = """
            INSERT INTO act (id, request_id, machine, by_id, act, on_n, reasons, at) VALUES ('bio:act:1',
                'bio:booking:1', 'booking', 'bio:person:staff', 'note', 2, '["by_home"]', '2026-12-01T00:01:00Z');
            """
        for (viewer, isSeen) in [(OfficeFixture.staff, true), (OfficeFixture.rival, false)] {
            let office = try await OfficeFixture.office(viewer, at: "bio", more: act)
            let record = try #require(try await office.page(of: "acts").records.first)
            #expect(record["act"]?.text == "note" && (record["by_id"]?.text != nil) == isSeen)
            #expect(record["reasons"]?.texts == (isSeen ? ["by_home"] : []))
            let steps = try await office.page(of: "steps", ListRequest(sort: "n")).records
            #expect(steps.map { $0["to_state"]?.text } == ["asked", "held"])
            #expect(steps.allSatisfy { ($0["reasons"]?.text != nil) == isSeen })
        }
    }

    @Test func accountsAreForTheirOwners() async throws {
        let account = "bio:account:firm"
        for (viewer, park, isSeen) in [
            (OfficeFixture.staff, "bio", true), (OfficeFixture.rival, "bio", false),
            (OfficeFixture.bioOfficer, "bio", true), (OfficeFixture.stranger, "bio", false),
            (OfficeFixture.auditor, "south", true), (OfficeFixture.manager, "south", false),
        ] {
            let office = try await OfficeFixture.office(viewer, at: park, more: OfficeFixture.account)
            // Of a transfer nothing is open.
            #expect(try await office.page(of: "transfers").records.count == (isSeen ? 1 : 0))
            #expect(try await office.facets(of: "transfers", by: "reverses").count == (isSeen ? 1 : 0))
            if isSeen {
                #expect(try await office.balance(of: account).map(\.amount) == [500])
                #expect(try await office.statement(of: account).map(\.balance) == [500])
            } else {
                #expect(try await office.fault { _ = try await $0.balance(of: account) }?.cause == .forbidden)
                #expect(try await office.fault { _ = try await $0.statement(of: account) }?.cause == .forbidden)
            }
            let none = try await office.fault { _ = try await $0.balance(of: "bio:account:none") }
            #expect(none?.code == "unknown_account")
        }
        // The park of the unit has paid it in.
        let mint = try await OfficeFixture.office(OfficeFixture.southOfficer, at: "south", more: OfficeFixture.account)
        #expect(try await mint.page(of: "transfers").records.map { $0["amount"]?.integer } == [500])
        #expect(try await mint.fault { _ = try await $0.balance(of: account) }?.cause == .forbidden)
    }

    @Test func nobodyWithoutARoleReads() async throws {
        let office = try await OfficeFixture.office(Viewer(roles: []), at: "south")
        for body: (Office) async throws -> Void in [
            { _ = try await $0.page(of: "items") }, { _ = try await $0.show("south:instrument:1") },
            { _ = try await $0.facets(of: "items", by: "kind") }, { _ = try await $0.inbox() },
            { _ = try await $0.indicators() }, { _ = try await $0.answer(to: "bio:booking:1") },
            { _ = try await $0.balance(of: "bio:account:firm") },
        ] {
            #expect(try await office.fault(body)?.cause == .forbidden)
        }
    }
}
