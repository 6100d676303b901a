import ParkSyncCatalog
import ParkSyncCore
import ParkSyncOffice
import ParkSyncReports

/// What the managers of a park enter and change.
extension RestAPI {
    static let items: [RestRoute] = [
        RestRoute(
            method: .post, path: ["items", "{kind}"], operation: "enter",
            summary: Wording("登记资源", "Enter an item"), kinds: .items, body: .item, status: 201,
            answer: .named("Entered")
        ) { office, call, captured in
            let kind = try kind(captured, isRequest: false, office, call)
            var body = try RestBody(call)
            let note = try body.takeText("note")
            let entries = try body.checked(by: office.forms.entering(kind))
            let item = NewItem(kind: kind.kind, entries: entries, note: note, key: try call.key(of: office.viewer))
            let id = try await office.enter(item)
            return try RestReply(
                201, EnteredBody(id: id),
                fields: [
                    ("Location", "\(root)/records/\(encoded(id))"),
                    ("ETag", RestCall.tag(try await office.version(of: id))),
                ])
        },
        RestRoute(
            method: .patch, path: ["items", "{kind}", "{id}"], operation: "change",
            summary: Wording("修改资源；未写的字段不变，null 为清除", "Change an item; what is not named stays, null takes away"),
            kinds: .items, body: .change, answer: .named("Entered")
        ) { office, call, captured in
            let kind = try kind(captured, isRequest: false, office, call)
            var body = try RestBody(call)
            let note = try body.takeText("note")
            let entries = try body.checked(by: office.forms.changing(kind))
            let id = captured["id"] ?? ""
            let seen = try call.seenVersion(try await office.version(of: id))
            try await office.change(ItemChange(id: id, kind: kind.kind, entries: entries, seen: seen, note: note))
            return try RestReply(
                200, EnteredBody(id: id), fields: [("ETag", RestCall.tag(try await office.version(of: id)))])
        },
    ]

    struct EnteredBody: Encodable { var id: String }
}
