import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports

/// Who does something, when, and how much of it: what requests and acts have in common.
struct TermOptions: ParsableArguments {
    @Option(help: "The person who does it; without it the environment variable PARKSYNC_PERSON.")
    var by: String?

    @Option(help: "When it begins: Asia/Shanghai, as in \"2026-12-07 14:00\".")
    var starts: String?

    @Option(help: "When it ends; or give --length.")
    var ends: String?

    @Option(help: "How long from --starts, as in 90m, 2h, 3d.")
    var length: String?

    @Option(help: "How much of the capacity: seats, desks, basis points, fen.")
    var weight: Int64?

    @Option(help: "An amount in whole fen or other whole units.")
    var amount: Int64?

    @Option(help: "The document that is cited.")
    var document: String?

    @Option(help: "The text that is cited.")
    var text: String?

    @Option(
        name: .customLong("set"), parsing: .unconditionalSingleValue,
        help: "A field of its kind as NAME=VALUE; may be given several times.")
    var fields: [String] = []

    @Option(help: "Why, for the log.")
    var note: String?

    static let personVariable = "PARKSYNC_PERSON"

    /// What is written of the times; nil where nothing is said.
    struct Times: Hashable, Sendable {
        var starts: String?
        var ends: String?
    }

    func times() throws -> Times {
        let (startField, endField) = (PeopleField("--starts", "开始时间"), PeopleField("--ends", "结束时间"))
        let start = try starts.map { try ShanghaiText.parsed($0, field: startField) }
        var end = try ends.map { try ShanghaiText.parsed($0, field: endField) }
        if let length {
            let field = PeopleField("--length", "时长")
            guard let start, end == nil else {
                throw PeopleFault(
                    code: "bad_interval", field: field, zh: "时长须与开始时间同时填写，且不再填写结束时间",
                    en: "a length goes with --starts and without --ends", remedyZh: "填写 --starts 与 --length",
                    remedyEn: "Give --starts and --length", exit: .validationFailure)
            }
            end = start.adding(minutes: try Given.minutes(length, field: field))
        }
        if let start, let end, start >= end { throw PeopleFault.badInterval(endField) }
        return Times(starts: start?.text, ends: end?.text)
    }

    /// - Throws: the fault if it is no positive number.
    func checkWeight() throws {
        guard let weight, weight < 1 else { return }
        throw PeopleFault(
            code: "bad_weight", field: .init("--weight", "数量"), zh: "数量须为正整数",
            en: "\(weight) is no positive whole number", remedyZh: "填写不小于 1 的整数",
            remedyEn: "Give a whole number from 1",
            exit: .validationFailure)
    }

    func documentID() throws -> String? { try document.map { try Given.id($0, field: .init("--document", "文件")) } }
    func textID() throws -> String? { try text.map { try Given.id($0, field: .init("--text", "文本")) } }

    /// A person of this park.
    func person(environment: [String: String], park: String) throws -> String? {
        let field = PeopleField("--by", "经办人")
        guard let named = by ?? environment[Self.personVariable], !named.isEmpty else { return nil }
        let id = try Given.id(named, field: field)
        try Self.check(id, isOf: park, field: field)
        return id
    }

    /// A park speaks for its own people.
    static func check(_ id: String, isOf park: String, field: PeopleField) throws {
        guard !id.utf8.starts(with: "\(park):".utf8) else { return }
        throw PeopleFault(
            code: "not_party", field: field, zh: "“\(id)”不属于本园区（\(park)）", en: "\(id) is not of this park (\(park))",
            remedyZh: "填写本园区的单位或人员，或到其园区的节点办理", remedyEn: "Name one of this park, or go to the node of theirs",
            exit: .validationFailure)
    }
}
