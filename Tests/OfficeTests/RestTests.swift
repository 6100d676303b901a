import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncOffice
import ParkSyncReports
import Testing

@testable import ParkSyncServer

/// `/api/v1` as functions: what is asked, what is answered, and what the description says of it.
@Suite struct RestTests {
    private static func get(
        _ path: String, _ query: [(String, String)] = [], language: String? = "en"
    ) -> RestCall {
        RestCall(
            .get, path.split(separator: "/").map(String.init), query: query.map { .init($0.0, $0.1) },
            acceptLanguage: language)
    }

    private static func post(
        _ path: String, _ body: String, ifMatch: String? = nil, key: String? = nil, language: String? = "en"
    ) -> RestCall {
        RestCall(
            .post, path.split(separator: "/").map(String.init), acceptLanguage: language, ifMatch: ifMatch,
            idempotencyKey: key, body: Array(body.utf8))
    }

    private static func json(_ reply: RestReply) throws -> PlainJSON { try PlainJSON(reply.body) }

    private static func problem(_ reply: RestReply) throws -> RestProblem {
        #expect(reply.field("Content-Type") == "application/problem+json")
        return try JSONCoding.decode(RestProblem.self, from: reply.body.utf8)
    }

    // MARK: the description

    private static let answered: [(String, [(String, String)])] = [
        ("items", []), ("items/instrument", [("effective_hours.min", "1")]), ("organisations", []), ("people", []),
        ("parks", []), ("requests", []), ("requests/booking", [("state", "held")]), ("use", []), ("documents", []),
        ("items/telescope", []), ("search", [("q", "质谱")]), ("records/south:instrument:1", []),
        ("records/bio:booking:1", []), ("records/bio:organisation:firm", []), ("records/bio:booking:1/answer", []),
        ("records/south:instrument:1/free", [("minutes", "60"), ("from", "2026-12-08"), ("to", "2026-12-09")]),
        ("inbox", [("park", "true")]), ("me", []), ("standing", []), ("kinds", []), ("kinds/booking", []),
        ("kinds/instrument", []), ("indicators", []), ("indicators/enterprises", []),
        ("reports/use", [("period", "2026-12"), ("all", "true")]),
        ("acts", []), ("steps", [("n.min", "2")]), ("transfers", [("sort", "-at")]),
        ("records/bio:account:firm/balance", []),
        ("records/bio:account:firm/statement", [("since", "2026-11-01"), ("until", "2027-01-01")]),
    ]

    @Test(arguments: answered.indices) func answersAreWhatTheDescriptionPromises(_ index: Int) async throws {
        let use = """
            INSERT INTO usage (id, item_id, party_id, started_at, minutes, samples, source, at, is_external) VALUES
                ('south:usage:1', 'south:instrument:1', 'bio:organisation:firm', '2026-12-01T01:00:00Z', 60, 4, 'meter',
                '2026-12-01T03:00:00Z', 1);
            """
        let office = try await OfficeFixture.office(
            Viewer.ofTheNode, at: "south", more: OfficeFixture.telescope + OfficeFixture.account + use)
        let check = SchemaCheck(document: OpenAPI(office.vocabulary, .en).document)
        let (path, query) = Self.answered[index]
        let call = Self.get(path, query)
        let reply = try await RestAPI.answer(call, office)
        #expect(reply.status == 200, "\(path): \(reply.body)")
        let described = Self.described(call, check.document)
        let schema = described?["get"]?["responses"]?["200"]?["content"]?["application/json"]?["schema"]
        #expect(check.faults(try Self.json(reply), schema) == [], "\(path)")
    }

    /// The path of the description that a call is one of.
    private static func described(_ call: RestCall, _ document: JSONTree) -> JSONTree? {
        guard case .object(let paths)? = document["paths"] else { return nil }
        let fitting = paths.filter { path, _ in
            let parts = path.stringValue.split(separator: "/")
            return parts.count == call.path.count
                && zip(parts, call.path).allSatisfy { $0.hasPrefix("{") || $0.utf8.elementsEqual($1.utf8) }
        }
        // What is named goes before what is captured.
        return fitting.min {
            $0.key.stringValue.filter { $0 == "{" }.count < $1.key.stringValue.filter { $0 == "{" }.count
        }?
        .value
    }

    @Test(arguments: Language.allCases) func theDescriptionIsWhole(_ language: Language) async throws {
        let office = try await OfficeFixture.office(OfficeFixture.auditor, at: "south", more: OfficeFixture.telescope)
        let document = OpenAPI(office.vocabulary, language).document
        let check = SchemaCheck(document: document)
        #expect(check.dangling(document) == [])
        guard case .object(let paths)? = document["paths"] else {
            Issue.record("there are no paths")
            return
        }
        for path in ["/items/telescope", "/requests/telescope_time", "/checks/telescope_time", "/records/{id}/acts"] {
            #expect(paths[MemberName(stringLiteral: path)] != nil, "\(path)")
        }
        var operations: [ExactText] = []
        for (path, item) in paths {
            guard case .object(let methods) = item else { continue }
            for operation in methods.values {
                if case .text(let name)? = operation["operationId"] { operations.append(ExactText(name)) }
                // Each part that is captured is a parameter.
                guard case .array(let parameters)? = operation["parameters"] else { continue }
                let named = parameters.filter { $0["in"] == "path" }.count
                #expect(named == path.stringValue.filter { $0 == "{" }.count, "\(path.stringValue)")
            }
        }
        #expect(Set(operations).count == operations.count && operations.count > 80)
        let wish = document["components"]?["schemas"]?["telescope_time_wish"]
        #expect(wish?["required"] == ["subject_id", "band"])
        #expect(wish?["properties"]?["nights"]?["type"] == "integer")
        let new = document["components"]?["schemas"]?["telescope_new"]
        #expect(new?["required"] == ["name_zh", "aperture"])
        #expect(document["paths"]?["/items/telescope/{id}"]?["patch"] != nil)
    }

    // MARK: lists

    @Test func aPageLeadsToTheNext() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south")
        var query = [("sort", "-name_zh"), ("limit", "2"), ("state", "active")]
        let first = try await RestAPI.answer(Self.get("items/instrument", query), office)
        let link = try #require(first.field("Link"))
        let next = try #require(try Self.json(first)["next"]?.text)
        #expect(link.hasPrefix("</api/v1/items/instrument?sort=-name_zh&limit=2&state=active&cursor="))
        #expect(link.hasSuffix("\(next)>; rel=\"next\""))
        query.append(("cursor", next))
        let last = try await RestAPI.answer(Self.get("items/instrument", query), office)
        let rows = try #require(try Self.json(last)["rows"]?.elements)
        #expect(rows.count == 1 && last.field("Link") == nil)
    }

    @Test func aPageHasTheFormThatIsWanted() async throws {
        let hostile = """
            INSERT INTO item (id, kind, name_zh, name_en, detail) VALUES ('bio:instrument:2', 'instrument', '=1+1',
                'a "b", c', '{"instrument_type":"analysis","manufacturer":"@x","model":"m","keywords":["-2","b"]}');
            """
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south", more: hostile)
        var call = Self.get("items/instrument", [("home", "bio"), ("limit", "2")])
        for (accept, type) in [
            (nil, "application/json"), ("*/*", "application/json"),
            ("text/csv", "text/csv; charset=utf-8; header=present"),
            ("text/*;q=0.5, application/json;q=0.1", "text/csv; charset=utf-8; header=present"),
            ("application/x-ndjson", "application/x-ndjson"),
            ("application/json;q=0, */*", "text/csv; charset=utf-8; header=present"),
        ] as [(String?, String)] {
            call.accept = accept
            let reply = try await RestAPI.answer(call, office)
            #expect(reply.status == 200 && reply.field("Content-Type") == type, "\(accept ?? "-")")
            #expect(reply.field("Vary") == "Accept")
        }
        call.accept = "text/csv"
        let lines = try await RestAPI.answer(call, office).body.components(separatedBy: "\r\n")
        #expect(lines.count == 4 && lines[0].hasPrefix("id,home,kind,name_zh,name_en,") && lines[3].isEmpty)
        #expect(lines[2].hasPrefix(#"bio:instrument:2,bio,instrument,'=1+1,"a ""b"", c","#))
        #expect(lines[2].contains("'-2; b") && lines[2].contains("'@x"))
        call.accept = "application/x-ndjson"
        let rows = try await RestAPI.answer(call, office).body.split(separator: "\n")
        #expect(try rows.map { try PlainJSON(String($0))["id"]?.text } == ["bio:instrument:1", "bio:instrument:2"])
        call.accept = "image/png"
        #expect(try await RestAPI.answer(call, office).status == 406)
    }

    @Test func whatARouteDoesNotKnowIsRefused() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south")
        let cases: [(RestCall, Int, String)] = [
            (Self.get("items", [("colour", "red")]), 400, "unknown_parameter"),
            (Self.get("items", [("limit", "1"), ("limit", "2")]), 400, "repeated_parameter"),
            (Self.get("items", [("limit", "0")]), 400, "bad_number"),
            (Self.get("items", [("sort", "colour")]), 400, "unknown_field"),
            (Self.get("items", [("cursor", "%%")]), 400, "bad_cursor"),
            (Self.get("requests", [("q", "x")]), 400, "unknown_parameter"),
            (Self.get("items/instrument", [("effective_hours", "many")]), 400, "bad_detail"),
            (Self.get("items/booking"), 404, "not_found"), (Self.get("requests/instrument"), 404, "not_found"),
            (Self.get("nothing"), 404, "not_found"), (Self.get(""), 404, "not_found"),
            (Self.post("items", "{}"), 405, "method_not_allowed"), (Self.get("search"), 400, "missing_parameter"),
            (Self.get("me", [("x", "1")]), 400, "unknown_parameter"), (Self.get("kinds/none"), 404, "unknown_kind"),
            (Self.get("records/south:instrument:9"), 404, "unknown_subject"),
            (Self.get("inbox", [("park", "maybe")]), 400, "bad_flag"),
            (Self.get("inbox", [("park", "true")]), 403, "not_allowed"),
            (Self.get("reports/use", [("period", "soon")]), 400, "bad_time"),
            (Self.get("indicators/happiness"), 404, "unknown_indicator"),
        ]
        for (call, status, code) in cases {
            let reply = try await RestAPI.answer(call, office)
            let problem = try Self.problem(reply)
            #expect(reply.status == status && problem.status == status, "\(call.path) \(call.query)")
            #expect(problem.type == "urn:parksync:problem:\(code)", "\(call.path) \(call.query)")
        }
        #expect(try await RestAPI.answer(Self.post("items", "{}"), office).field("Allow") == "GET")
    }

    @Test func problemsAreInTheLanguageThatIsWanted() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south")
        for (header, language, title) in [("zh-CN,en;q=0.5", "zh-CN", "没有找到"), ("en-US", "en", "Not found")] {
            let reply = try await RestAPI.answer(Self.get("records/south:instrument:9", language: header), office)
            #expect(reply.field("Content-Language") == language && reply.field("Vary") == "Accept-Language")
            let problem = try Self.problem(reply)
            #expect(problem.title == title && problem.field == "id" && !problem.remedy.isEmpty)
        }
    }

    // MARK: writing

    @Test func askingMakesARecord() async throws {
        let store = try OfficeFixture.store()
        let office = try await OfficeFixture.office(OfficeFixture.staff, at: "bio", store)
        let wish = """
            {"subject_id": "south:instrument:2", "starts_at": "2026-12-10T01:00:00Z", "ends_at": "2026-12-10T03:00:00Z",
             "operator": "self", "samples": 3, "may_wait": true, "class": null}
            """
        let checked = try await RestAPI.answer(Self.post("checks/booking", wish), office)
        #expect(checked.status == 200 && store.database.authors.isEmpty)
        let asked = try await RestAPI.answer(Self.post("requests/booking", wish), office)
        #expect(asked.status == 201, "\(asked.body)")
        let location = try #require(asked.field("Location"))
        let id = try #require(try Self.json(asked)["id"]?.text)
        #expect(location == "/api/v1/records/" + id.replacing(":", with: "%3A"))
        let shown = try await RestAPI.answer(Self.get("records/\(id)"), office)
        #expect(shown.status == 200 && shown.field("ETag") == "\"0\"" && shown.body.contains(#""may_wait":true"#))
    }

    @Test func allThatIsWrongWithABodyIsTold() async throws {
        let store = try OfficeFixture.store()
        let office = try await OfficeFixture.office(OfficeFixture.staff, at: "bio", store)
        let cases: [(String, Int, [String])] = [
            (
                #"{"subject_id": "south:instrument:1", "samples": "three", "may_wait": "yes"}"#, 422,
                ["may_wait", "samples"]
            ),
            (
                #"{"subject_id": "south:instrument:1", "colour": "red", "operator": "robot"}"#, 422,
                ["colour", "operator"]
            ),
            (#"{"subject_id": "south:instrument:1", "weight": {"a": 1}}"#, 422, ["weight"]),
            (#"{"starts_at": "2026-12-10T01:00:00Z"}"#, 422, ["subject_id"]),
            (#"{"subject_id": 7}"#, 422, ["subject_id"]),
            (#"{"subject_id": "south:instrument:9"}"#, 404, ["subject_id"]), ("[]", 400, []), ("", 400, []),
            (#"{"subject_id": "south:instrument:1", "samples": 1, "samples": 2}"#, 400, []),
        ]
        for (body, status, fields) in cases {
            let reply = try await RestAPI.answer(Self.post("requests/booking", body), office)
            let problem = try Self.problem(reply)
            #expect(reply.status == status, "\(body): \(reply.body)")
            #expect((problem.errors?.compactMap(\.field) ?? [problem.field].compactMap { $0 }) == fields, "\(body)")
        }
        #expect(store.database.authors.isEmpty)
    }

    @Test func actsGoByTheStepThatWasSeen() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.staff, at: "bio")
        let path = "records/bio:booking:1/acts"
        for (tag, status) in [("\"1\"", 412), ("W/\"2\"", 412), ("2", 412), ("\"2\"", 201), ("*", 201)] {
            let reply = try await RestAPI.answer(
                Self.post(path, #"{"act": "note", "note": "早到"}"#, ifMatch: tag), office)
            #expect(reply.status == status, "\(tag): \(reply.body)")
        }
        let refused = try await RestAPI.answer(Self.post(path, #"{"act": "confirm"}"#), office)
        #expect(refused.status == 409)
        let done = try await RestAPI.answer(
            Self.post(path, #"{"act": "withdraw", "reasons": ["by_agreement"], "detail": {"score": 1}}"#), office)
        #expect(done.status == 201)
        let location = try #require(done.field("Location"))
        #expect(location.hasPrefix("/api/v1/records/bio%3Abooking%3A1/answer?act=bio%3Aact%3A"))
    }

    @Test func whatIsSentAgainIsWrittenOnce() async throws {
        let store = try OfficeFixture.store()
        let staff = try await OfficeFixture.office(OfficeFixture.staff, at: "bio", store)
        let manager = try await OfficeFixture.office(OfficeFixture.manager, at: "south", store)
        let use = #"{"started_at": "2026-12-05T00:00:00Z", "minutes": 30, "party_id": "bio:organisation:firm"}"#
        let calls: [(Office, String, String)] = [
            (staff, "requests/booking", #"{"subject_id": "south:instrument:2"}"#),
            (staff, "records/bio:booking:1/acts", #"{"act": "amend", "weight": 1}"#),
            (manager, "records/bio:booking:1/decisions", #"{"outcome": "approve"}"#),
            (manager, "records/south:instrument:1/use", use),
        ]
        for (index, (office, path, body)) in calls.enumerated() {
            let first = try await RestAPI.answer(Self.post(path, body, key: "k1"), office)
            let again = try await RestAPI.answer(Self.post(path, body, key: "k1"), office)
            #expect(first.status == 201 && again == first, "\(path): \(first.body)")
            #expect(store.database.authors.count == 2 * index + 1, "\(path)")
            let other = try await RestAPI.answer(Self.post(path, body, key: "k2"), office)
            #expect(other.status == 201 && other.body != first.body, "\(path)")
        }
        let used = try await RestAPI.answer(
            Self.post("requests/booking", #"{"subject_id": "south:instrument:1"}"#, key: "k1"), staff)
        #expect(try Self.problem(used).type == "urn:parksync:problem:key_used" && used.status == 409)
        // Another person's key is another one.
        let rival = try await OfficeFixture.office(OfficeFixture.rival, at: "bio", store)
        let theirs = try await RestAPI.answer(
            Self.post("requests/booking", #"{"subject_id": "south:instrument:2"}"#, key: "k1"), rival)
        #expect(theirs.status == 201)
        for key in ["", String(repeating: "k", count: 256)] {
            let bad = try await RestAPI.answer(Self.post("requests/booking", calls[0].2, key: key), staff)
            #expect(bad.status == 422)
        }
    }

    @Test func itemsAreEnteredAndChanged() async throws {
        let store = try OfficeFixture.store()
        let office = try await OfficeFixture.office(OfficeFixture.manager, at: "south", store)
        let item =
            #"{"name_zh": "光谱仪", "instrument_type": "analysis", "manufacturer": "甲厂", "model": "S", "capacity": 2}"#
        let entered = try await RestAPI.answer(Self.post("items/instrument", item, key: "i1"), office)
        #expect(entered.status == 201, "\(entered.body)")
        #expect(try await RestAPI.answer(Self.post("items/instrument", item, key: "i1"), office) == entered)
        let id = try #require(try Self.json(entered)["id"]?.text)
        let shown = try await RestAPI.answer(Self.get("records/\(id)"), office)
        let tag = try #require(shown.field("ETag"))
        #expect(entered.field("ETag") == tag)
        let card = try Self.json(shown)["card"]
        #expect(card?["owner_id"]?.text == "south:organisation:lab" && card?["capacity"] == .integer(2))

        func patch(_ body: String, _ tag: String?, _ id: String, _ office: Office) async throws -> RestReply {
            try await RestAPI.answer(
                RestCall(
                    .patch, ["items", "instrument", id], acceptLanguage: "en", ifMatch: tag, body: Array(body.utf8)),
                office)
        }
        let change = #"{"name_en": "Spectrometer", "value": 900, "max_minutes": 240, "keywords": ["光谱"]}"#
        let changed = try await patch(change, tag, id, office)
        #expect(changed.status == 200, "\(changed.body)")
        #expect(try await patch(change, tag, id, office).status == 412)
        let cleared = try await patch(#"{"value": null, "max_minutes": null}"#, changed.field("ETag"), id, office)
        #expect(cleared.status == 200, "\(cleared.body)")
        let rows = try store.database.read(
            SQLStatement("SELECT name_en, max_minutes, detail FROM item WHERE id = ?1", [.text(id)]))
        #expect(rows.rows.first?[0].text == "Spectrometer" && rows.rows.first?[1] == .null)
        let detail = try PlainJSON(rows.rows.first?[2].text ?? "")
        #expect(detail["value"] == nil && detail["keywords"]?.elements == [.text("光谱")])
        for (body, status) in [
            (#"{"name_zh": null}"#, 422), (#"{"value": -1}"#, 422), (#"{"colour": "red"}"#, 422),
            (#"{"state": "gone"}"#, 422),
            (#"{"scope": null}"#, 409), ("{}", 200),
            (#"{"state": "ended", "successor_id": "south:instrument:1"}"#, 200),
        ] {
            #expect(try await patch(body, nil, id, office).status == status, "\(body)")
        }
        #expect(try await patch("{}", nil, "south:instrument:9", office).status == 404)
        #expect(try await patch("{}", nil, "south:unit:fen", office).status == 403)
    }

    @Test func itemsAreForTheirManagers() async throws {
        let store = try OfficeFixture.store()
        let item = #"{"name_zh": "甲", "instrument_type": "analysis", "manufacturer": "甲厂", "model": "S"}"#
        let others = item.dropLast() + #", "owner_id": "bio:organisation:firm"}"#
        let cases: [(Viewer, String, String, Int)] = [
            (OfficeFixture.staff, "bio", item, 403), (OfficeFixture.auditor, "south", item, 403),
            (OfficeFixture.manager, "south", String(others), 403), (OfficeFixture.manager, "bio", item, 403),
            (OfficeFixture.southOfficer, "south", String(others), 201), (OfficeFixture.manager, "south", "{}", 422),
        ]
        for (viewer, park, body, status) in cases {
            let office = try await OfficeFixture.office(viewer, at: park, store)
            let reply = try await RestAPI.answer(Self.post("items/instrument", body), office)
            #expect(reply.status == status, "\(viewer) \(body): \(reply.body)")
        }
        let change = RestCall(
            .patch, ["items", "instrument", "south:instrument:1"], body: Array(#"{"model": "Z"}"#.utf8))
        for (viewer, park, status) in [
            (OfficeFixture.manager, "south", 200), (OfficeFixture.southOfficer, "south", 200),
            (OfficeFixture.bioOfficer, "bio", 403), (OfficeFixture.staff, "bio", 403),
            (Viewer(roles: [.manager], person: "south:person:officer"), "south", 403),
        ] {
            let office = try await OfficeFixture.office(viewer, at: park, store)
            #expect(try await RestAPI.answer(change, office).status == status, "\(viewer) at \(park)")
        }
    }

    @Test func decisionsAndUseAreWritten() async throws {
        let store = try OfficeFixture.store()
        let office = try await OfficeFixture.office(OfficeFixture.manager, at: "south", store)
        let decided = try await RestAPI.answer(
            Self.post("records/bio:booking:1/decisions", #"{"outcome": "approve", "against": ["closed"]}"#), office)
        #expect(decided.status == 201, "\(decided.body)")
        let used = try await RestAPI.answer(
            Self.post(
                "records/south:instrument:1/use",
                #"{"started_at": "2026-12-05T00:00:00Z", "minutes": 30, "party_id": "bio:organisation:firm"}"#), office)
        #expect(used.status == 201, "\(used.body)")
        let record = try #require(try Self.json(used)["records"]?.elements.first?.text)
        let back = try await RestAPI.answer(
            Self.post("records/south:instrument:1/use", "{\"reverses_id\": \"\(record)\"}"), office)
        #expect(back.status == 201, "\(back.body)")
        let empty = try await RestAPI.answer(Self.post("records/south:instrument:1/use", "{}"), office)
        #expect(empty.status == 422)
    }
}
