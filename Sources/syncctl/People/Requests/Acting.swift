import ArgumentParser
import Foundation
import ParkSyncCatalog
import ParkSyncReports

/// What `act` and `decide` have in common: one act on a request, and what became of it.
struct Acting {
    var people: PeopleOptions
    var terms: TermOptions
    var request: String
    var reasons: [String]
    var wait: Double?

    /// Writes the act and prints what is known of its answer.
    ///
    /// - Parameters:
    ///   - move: what is done.
    ///   - row: the request as whoever acts has seen it.
    func write(_ act: String, to state: String?, of row: RequestRow, park: String, desk: ParkDesk) async throws {
        try terms.checkWeight()
        let person = try terms.person(environment: ProcessInfo.processInfo.environment, park: park)
        guard let person else {
            throw PeopleFault(
                code: "unknown_party", field: .init("--by", "经办人"), zh: "没有填写经办人", en: "nobody is named who does it",
                remedyZh: "用 --by 或环境变量 \(TermOptions.personVariable) 填写本园区人员的编号",
                remedyEn: "Give a person of this park by --by or \(TermOptions.personVariable)",
                exit: .validationFailure)
        }
        let times = try terms.times()
        let id = "\(park):act:\(Given.tail())"
        let values: [JSONValue] = [
            .text(id), .text(row.id), .text(row.machine), .text(person), .text(act), .integer(row.n), .text(state),
            .text(times.starts), .text(times.ends), .integer(terms.weight), .integer(terms.amount),
            .text(reasons.isEmpty ? nil : try DeskRows.jsonText(reasons)), .text(try terms.documentID()),
            .text(try terms.textID()), .text(Given.now().text), .text(try detail()),
        ]
        try await desk.write([SQLStatement(RequestScreens.insertAct, values)], person: person, note: terms.note)
        try await answer(id, row, act, desk)
    }

    /// What an act brings along is declared by no rows of `field`: numbers, lists and texts as they
    /// are.
    private func detail() throws -> String? {
        guard !terms.fields.isEmpty else { return nil }
        var members: [String: DetailValue] = [:]
        for text in terms.fields {
            let name = String(text.prefix { $0 != "=" })
            guard name.utf8.count < text.utf8.count, !name.isEmpty, members[name] == nil else {
                throw PeopleFault(
                    code: "bad_detail", field: .init(name, name), zh: "“\(text)”须为 名称=值，且只填一次",
                    en: "\(text) is not NAME=VALUE, or is given twice", remedyZh: "改正后重新提交", remedyEn: "Correct it",
                    exit: .validationFailure)
            }
            let value = String(text.dropFirst(name.count + 1)).precomposedStringWithCanonicalMapping
            members[name] = Int64(value).map(DetailValue.integer) ?? .text(value)
        }
        return try DeskRows.jsonText(members)
    }

    private func answer(_ act: String, _ row: RequestRow, _ name: String, _ desk: ParkDesk) async throws {
        let answer = try await Answering.read(row.id, waitSeconds: wait, at: desk) { _ in
            try await Answering.answer(onAct: act, desk)
        }
        if people.json {
            try Console.json(answer)
        } else {
            let language = people.language
            let head = "\(act)  \(PeopleWords.act(name, language))"
            for line in [head] + answer.lines(language, isAct: true) { print(line) }
        }
        if wait != nil, let exit = answer.exit { throw exit }
    }
}
