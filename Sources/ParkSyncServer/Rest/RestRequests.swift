import ParkSyncCatalog
import ParkSyncCore
import ParkSyncOffice
import ParkSyncReports

/// What people write: requests, acts, decisions, records of use. Who does it is the viewer.
extension RestAPI {
    static let requests: [RestRoute] = [
        RestRoute(
            method: .post, path: ["requests", "{kind}"], operation: "ask",
            summary: Wording("提出申请", "Ask for something"), kinds: .requests, body: .wish, status: 201,
            answer: .named("Asked")
        ) { office, call, captured in
            var wish = try wish(office, call, captured)
            wish.key = try call.key(of: office.viewer)
            let asked = try await office.ask(wish)
            return try RestReply(
                201, AskedBody(id: asked.id, kind: asked.kind.kind, partyID: asked.party),
                fields: [("Location", "\(root)/records/\(encoded(asked.id))")])
        },
        RestRoute(
            method: .post, path: ["checks", "{kind}"], operation: "check",
            summary: Wording("检查申请，不提交", "Look whether a request can be written, and write nothing"), kinds: .requests,
            body: .wish, answer: .named("Checked")
        ) { office, call, captured in
            let checked = try await office.check(try wish(office, call, captured))
            return try RestReply(200, AskedBody(id: nil, kind: checked.kind.kind, partyID: checked.party))
        },
        RestRoute(
            method: .post, path: ["records", "{id}", "acts"], operation: "act",
            summary: Wording("办理申请", "Do something about a request"), body: .doing, status: 201, answer: .named("Done")
        ) { office, call, captured in
            var body = try RestBody(call)
            var doing = Doing(
                request: captured["id"] ?? "", act: try body.required("act"), detail: try body.takeObject("detail"),
                reasons: try body.takeTexts("reasons"), seen: try call.seenStep(), note: try body.takeText("note"))
            doing.key = try call.key(of: office.viewer)
            doing.entries = try body.checked(by: office.forms.act)
            return try done(try await office.act(doing))
        },
        RestRoute(
            method: .post, path: ["records", "{id}", "decisions"], operation: "decide",
            summary: Wording("审批申请", "Decide on a request"), body: .decision, status: 201, answer: .named("Done")
        ) { office, call, captured in
            var body = try RestBody(call)
            var decision = Decision(
                request: captured["id"] ?? "", outcome: try body.required("outcome"),
                against: try body.takeTexts("against"), reasons: try body.takeTexts("reasons"),
                seen: try call.seenStep(), note: try body.takeText("note"))
            decision.key = try call.key(of: office.viewer)
            decision.entries = try body.checked(by: office.forms.act)
            return try done(try await office.decide(decision))
        },
        RestRoute(
            method: .post, path: ["records", "{id}", "use"], operation: "meter",
            summary: Wording("登记或更正使用记录", "Record the use of an item or a request, or take a record back"),
            body: .reading, status: 201, answer: .named("Metered")
        ) { office, call, captured in
            var body = try RestBody(call)
            var reading = MeterReading(
                subject: captured["id"] ?? "", reverses: try body.takeText("reverses_id"),
                note: try body.takeText("note"))
            reading.key = try call.key(of: office.viewer)
            reading.entries = try body.checked(by: office.forms.meter)
            let metered = try await office.meter(reading)
            return try RestReply(201, MeteredBody(records: metered.records, act: metered.done?.id))
        },
    ]

    struct AskedBody: Encodable {
        /// Absent where nothing was written.
        var id: String?
        var kind: String
        var partyID: String

        enum CodingKeys: String, CodingKey { case id, kind, partyID = "party_id" }
    }

    struct MeteredBody: Encodable {
        var records: [String]
        /// The act that leads the request on; absent where none does.
        var act: String?
    }

    private static func wish(
        _ office: Office, _ call: RestCall, _ captured: RestRoute.Captured
    ) throws -> Wish {
        let kind = try kind(captured, isRequest: true, office, call)
        var body = try RestBody(call)
        let subject = try body.required("subject_id")
        let note = try body.takeText("note")
        let entries = try body.checked(by: office.forms.asking(kind))
        return Wish(subject: subject, kind: kind.kind, entries: entries, note: note)
    }

    private static func done(_ done: Done) throws -> RestReply {
        let answer = "\(root)/records/\(encoded(done.requestID))/answer?act=\(encoded(done.id))"
        return try RestReply(201, done, fields: [("Location", answer)])
    }
}
