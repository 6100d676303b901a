import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports

/// The rows by which a use is recorded: one transaction.
struct Metering {
    private struct Owner: Codable {
        var itemID: String
        var partyID: String
        enum CodingKeys: String, CodingKey { case itemID = "item_id", partyID = "party_id" }
    }

    let desk: ParkDesk
    /// The ids of the new records.
    private(set) var records: [String] = []
    /// The id of the act that leads the request on; nil if there is none.
    private(set) var act: String?
    private var statements: [SQLStatement] = []
    private let person: String
    private let note: String?

    init(command: Meter, request: RequestRow?, desk: ParkDesk) async throws {
        self.desk = desk
        note = command.note
        let park = try await desk.park()
        let item = request?.subjectID ?? command.id
        guard item.utf8.starts(with: "\(park):".utf8) else {
            let home = String(item.prefix { $0 != ":" })
            throw PeopleFault(
                code: "not_party", field: Meter.field, zh: "使用由设备所在园区 \(home) 计量",
                en: "the use is recorded by the park of the item, \(home)", remedyZh: "到其园区的节点办理",
                remedyEn: "Do it at the node of that park", exit: .validationFailure)
        }
        guard let person = try Meter.person(command.by, park: park) else {
            throw PeopleFault(
                code: "unknown_party", field: .init("--by", "经办人"), zh: "没有填写经办人", en: "nobody is named who does it",
                remedyZh: "用 --by 或环境变量 \(TermOptions.personVariable) 填写本园区人员的编号",
                remedyEn: "Give a person of this park by --by or \(TermOptions.personVariable)",
                exit: .validationFailure)
        }
        self.person = person
        let now = Given.now().text
        if let reverse = command.reverse { try await takeBack(reverse, item, request, park, now) }
        if let minutes = command.minutes, let starts = command.starts {
            let party = try request?.partyID ?? Self.party(command.party)
            let start = try ShanghaiText.parsed(starts, field: .init("--starts", "开始时间"))
            let id = "\(park):usage:\(Given.tail())"
            records.append(id)
            statements.append(
                SQLStatement(
                    UseScreens.insert,
                    [
                        .text(id), .text(item), .text(request?.id), .text(party), .text(start.text),
                        .integer(command.preparation), .integer(minutes), .integer(command.after),
                        .integer(command.samples), .text(command.source), .text(person), .text(now),
                    ]))
        }
        if let request { try await leadOn(request, isCorrection: command.reverse != nil, park, now) }
    }

    private static func party(_ named: String?) throws -> String {
        let field = PeopleField("--party", "使用方")
        guard let named else {
            throw PeopleFault(
                code: "unknown_party", field: field, zh: "没有填写使用方", en: "nobody is named who used it",
                remedyZh: "用 --party 填写单位或人员的编号", remedyEn: "Give an organisation or a person by --party",
                exit: .validationFailure)
        }
        return try Given.id(named, field: field)
    }

    private mutating func takeBack(
        _ wrong: String, _ item: String, _ request: RequestRow?, _ park: String, _ now: String
    ) async throws {
        let field = PeopleField("--reverse", "更正的记录")
        let wrong = try Given.id(wrong, field: field)
        let found = try await desk.rows(UseScreens.record, [.text(wrong)], as: UsageRow.self).first
        guard let found, found.itemID.utf8.elementsEqual(item.utf8),
            request == nil || found.requestID.map({ $0.utf8.elementsEqual(request?.id.utf8 ?? "".utf8) }) == true
        else {
            throw PeopleFault(
                code: "unknown_subject", field: field, zh: "没有这条使用记录“\(wrong)”",
                en: "there is no record \(wrong) of this", remedyZh: "用 syncctl meter 查看使用记录",
                remedyEn: "`syncctl meter` lists the records", exit: .validationFailure)
        }
        let id = "\(park):usage:\(Given.tail())"
        records.append(id)
        statements.append(
            SQLStatement(UseScreens.reverse, [.text(id), .text(wrong), .text(person), .text(now)]))
    }

    /// By `meter`, or by `finish` while it is in use: that is where the state leads on to what is
    /// paid. A record of what is settled already stays without an act.
    private mutating func leadOn(_ request: RequestRow, isCorrection: Bool, _ park: String, _ now: String) async throws
    {
        let moves = try await Possible.moves(request, isForked: false, desk)
        guard let name = ["meter", "finish"].first(where: { act in moves.contains { $0.act == act } }) else {
            if isCorrection { return }
            throw try await Possible.refusal("meter", request, moves, desk)
        }
        let id = "\(park):act:\(Given.tail())"
        act = id
        let values: [JSONValue] = [
            .text(id), .text(request.id), .text(request.machine), .text(person), .text(name), .integer(request.n),
            .null, .null, .null, .null, .null, .null, .null, .null, .text(now), .null,
        ]
        statements.append(SQLStatement(RequestScreens.insertAct, values))
    }

    func write() async throws { try await desk.write(statements, person: person, note: note) }
}
