import ArgumentParser
import Foundation
import ParkSyncCatalog
import ParkSyncReports

/// `syncctl ask`: a request of any kind.
struct Ask: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask for an item: book, sign up, offer, apply, adopt.",
        discussion: """
            What is asked follows from the item where it takes one kind of request, and otherwise from --kind; a \
            machine or a desk is booked. The fields of the kind are given by --set, and are checked before anything \
            is written. The request is this park's; the item's home answers, in the order in which requests arrive \
            there. What is printed is what is known here: a home that is out of reach has not answered.

            Examples:
              syncctl ask science:instrument:0001 --for bio:organisation:0007 --by bio:person:0003 \\
                --starts "2026-12-07 14:00" --length 2h --account bio:account:0007 --set operator=assisted
              syncctl ask south:policy:0002 --for west:organisation:0001 --document south:document:0004 \\
                --set sha256=… --set changes_zh=资助上限改为五十万元 --wait 60
              syncctl ask east:listing:0005 --for bio:organisation:0007 --amount 30000000 --unit south:unit:fen \\
                --set deal_form=licence
            """)

    @OptionGroup var people: PeopleOptions
    @OptionGroup var terms: TermOptions

    @Argument(help: "The id of the item that is asked for.")
    var item: String

    @Option(help: "The kind of request, as in booking, lending, technology_offer, grant_application.")
    var kind: String?

    @Option(name: .customLong("for"), help: "For whom: an organisation or a person; without it that of --by.")
    var party: String?

    @Option(name: .customLong("class"), help: "The class of user, as in zone or sme: prices go by it.")
    var userClass: String?

    @Option(help: "With --amount: the unit, as in south:unit:fen.")
    var unit: String?

    @Option(help: "The account that pays, or is paid.")
    var account: String?

    @Flag(help: "Wait for a place if there is none: the same as --set may_wait=yes.")
    var mayWait = false

    @Option(help: Answering.waitHelp)
    var wait: Double?

    func validate() throws {
        if let wait { guard wait >= 0, wait < 1e6 else { throw ValidationError("--wait is a number of seconds.") } }
    }

    private struct Kind: Codable {
        var kind: String
        var machine: String
        var zh: String
        var en: String
    }

    private struct Named: Codable { var id: String? }

    func run() async throws {
        try await people.atDesk("ask") { desk in
            let park = try await desk.park()
            let id = try Given.id(item, field: .init("item", "资源编号"))
            let kind = try await kind(of: id, desk)
            let (requestID, statement) = try await statement(id, kind, park, desk)
            let person = try terms.person(environment: ProcessInfo.processInfo.environment, park: park)
            try await desk.write([statement], person: person, note: terms.note)
            let initial = try await Possible.initial(kind.machine, desk)
            let answer = try await Answering.read(requestID, waitSeconds: wait, at: desk) {
                Answering.isDecided($0, initial) ? Answering.Answer($0) : nil
            }
            if people.json {
                try Console.json(answer)
            } else {
                for line in answer.lines(people.language) { print(line) }
            }
            if wait != nil, let exit = answer.exit { throw exit }
        }
    }

    /// What a bookable item is asked for unless something else is said.
    private static let usual = "booking"

    private func kind(of item: String, _ desk: ParkDesk) async throws -> Kind {
        let kinds = try await desk.rows(RequestScreens.kinds, [.text(item)], as: Kind.self)
        let field = PeopleField("--kind", "申请类别")
        guard !kinds.isEmpty else {
            let isThere = !(try await desk.rows(ItemScreens.whatIs, [.text(item)], as: WhatIs.self)).isEmpty
            if isThere, let reason = try await desk.reason("wrong_kind") {
                throw reason.fault(field: .init("item", "资源编号"))
            }
            throw Given.unknown(item, field: .init("item", "资源编号"))
        }
        if let wanted = kind {
            if let found = kinds.first(where: { $0.kind == wanted }) { return found }
        } else if let found = kinds.count == 1 ? kinds.first : kinds.first(where: { $0.kind == Self.usual }) {
            return found
        }
        let names = kinds.map { "\($0.kind)（\($0.zh)）" }.joined(separator: "、")
        let words = kinds.map { "\($0.kind) (\($0.en))" }.joined(separator: ", ")
        throw PeopleFault(
            code: "wrong_kind", field: field, zh: kind == nil ? "该资源可作多类申请" : "该资源不接受这类申请",
            en: kind == nil ? "the item takes several kinds of request" : "the item takes no such request",
            remedyZh: "可选：\(names)", remedyEn: "Give one of \(words)", exit: .validationFailure)
    }

    private func statement(_ item: String, _ kind: Kind, _ park: String, _ desk: ParkDesk) async throws
        -> (id: String, SQLStatement)
    {
        try terms.checkWeight()
        let by = try terms.person(environment: ProcessInfo.processInfo.environment, park: park)
        let party = try await party(by, park, desk)
        let times = try terms.times()
        let unit = try amountUnit()
        let account = try account.map { try Given.id($0, field: .init("--account", "账户")) }
        let given = terms.fields + (mayWait ? ["may_wait=yes"] : [])
        let detail = try await DetailForm.read(kind.kind, given, at: desk).detail(given)
        let id = "\(park):\(kind.kind):\(Given.tail())"
        // What is asked for of a budget is its weight.
        let isOfBudget = kind.machine == "award" || kind.kind == "backing"
        let weight = terms.weight ?? (isOfBudget ? terms.amount : nil) ?? 1
        let values: [JSONValue] = [
            .text(id), .text(kind.kind), .text(kind.machine), .text(item), .text(party), .text(by), .text(userClass),
            .text(times.starts ?? ""), .text(times.ends ?? "~"), .integer(weight), .integer(terms.amount), .text(unit),
            .text(account), .text(try terms.documentID()), .text(try terms.textID()), .text(Given.now().text),
            .text(detail),
        ]
        return (id, SQLStatement(RequestScreens.insertRequest, values))
    }

    private func party(_ by: String?, _ park: String, _ desk: ParkDesk) async throws -> String {
        let field = PeopleField("--for", "申请方")
        if let party {
            let id = try Given.id(party, field: field)
            try TermOptions.check(id, isOf: park, field: field)
            return id
        }
        if let by {
            let found = try await desk.rows(RequestScreens.organisationOf, [.text(by)], as: Named.self)
            if let organisation = found.first?.id { return organisation }
            if !found.isEmpty { return by }
        }
        throw PeopleFault(
            code: "unknown_party", field: field, zh: "没有填写申请方", en: "nobody is named for whom it is",
            remedyZh: "填写本园区单位或人员的编号", remedyEn: "Give the id of an organisation or a person of this park",
            exit: .validationFailure)
    }

    private func amountUnit() throws -> String? {
        let field = PeopleField("--unit", "计量单位")
        if let amount = terms.amount, amount < 0 {
            throw PeopleFault(
                code: "bad_amount", field: .init("--amount", "金额"), zh: "金额不能为负", en: "the amount is below zero",
                remedyZh: "填写不小于 0 的整数", remedyEn: "Give a whole number from 0", exit: .validationFailure)
        }
        guard (terms.amount == nil) == (unit == nil) else {
            throw PeopleFault(
                code: "missing_unit", field: field, zh: "金额与计量单位须同时填写", en: "an amount and its unit go together",
                remedyZh: "用 --unit 填写计量单位，可用 syncctl find --kind unit 查找",
                remedyEn: "Name the unit with --unit; `syncctl find --kind unit` lists them", exit: .validationFailure)
        }
        return try unit.map { try Given.id($0, field: field) }
    }
}
