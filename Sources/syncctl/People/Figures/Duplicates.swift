import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports

/// `syncctl duplicates`: what two parks have entered, each on its own.
struct Duplicates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List records of the same thing, and link them so that it is counted once.",
        discussion: """
            Parks that are apart can enter the same credit code, ORCID, patent or standard. The record with the \
            smallest id stays counted; the home of the other one links it.

            Examples:
              syncctl duplicates
              syncctl duplicates --lang zh
              syncctl duplicates --link bio:organisation:0001 west:organisation:0009 --by west:person:0001
            """)

    @OptionGroup var people: PeopleOptions

    @Flag(help: "Link the two records that are named.")
    var link = false

    @Argument(help: "The two records, in either order.")
    var records: [String] = []

    @Option(help: "The person who does it; without it the environment variable PARKSYNC_PERSON.")
    var by: String?

    @Option(help: "Why, for the log.")
    var note: String?

    func validate() throws {
        guard records.count == (link ? 2 : 0) else { throw ValidationError("--link takes two ids, a list none.") }
    }

    func run() async throws {
        try await people.atDesk("duplicates") { desk in
            guard link else {
                let rows = try await desk.rows(FigureScreens.duplicates, as: DuplicateRow.self)
                return try people.show(
                    rows, DuplicateRow.columns, none: ("没有未关联的重复记录", "no records are known to be of the same thing"))
            }
            try await linkRecords(desk)
        }
    }

    private struct NaturalKey: Codable, Hashable {
        var kind: String
        var naturalKey: String?
        enum CodingKeys: String, CodingKey { case kind, naturalKey = "natural_key" }
    }

    private func linkRecords(_ desk: ParkDesk) async throws {
        let field = PeopleField("--link", "重复记录")
        let ids = try records.map { try Given.id($0, field: field) }.sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        var keys: [NaturalKey] = []
        for id in ids {
            guard let key = try await desk.rows(FigureScreens.naturalKey, [.text(id)], as: NaturalKey.self).first else {
                throw Given.unknown(id, field: field)
            }
            keys.append(key)
        }
        guard !ids[0].utf8.elementsEqual(ids[1].utf8), keys[0] == keys[1], keys[0].naturalKey != nil else {
            throw PeopleFault(
                code: "not_duplicate", field: field, zh: "两条记录的类别或编号不同",
                en: "the two have not the same kind and number",
                remedyZh: "核对信用代码、专利号或 ORCID，改正后再关联",
                remedyEn: "Compare the credit code, the patent number or the ORCID, and correct what is wrong",
                exit: .validationFailure)
        }
        let park = try await desk.park()
        guard ids[1].utf8.starts(with: "\(park):".utf8) else {
            let home = String(ids[1].prefix { $0 != ":" })
            throw PeopleFault(
                code: "not_party", field: field, zh: "“\(ids[1])”由园区 \(home) 关联",
                en: "\(ids[1]) is linked by its home, \(home)",
                remedyZh: "到其园区的节点办理", remedyEn: "Do it at the node of that park", exit: .validationFailure)
        }
        let person = try Meter.person(by, park: park)
        try await desk.write(
            [SQLStatement(FigureScreens.link, [.text(ids[1]), .text(ids[0])])], person: person, note: note)
        let done = LinkedRecords(subjectID: ids[1], countedID: ids[0])
        if people.json { return try Console.json(done) }
        print(people.language.pick("\(ids[1]) 已关联，只计 \(ids[0])", "\(ids[1]) is linked; \(ids[0]) is counted"))
    }
}

/// Of two records the one that counts, and the other one.
struct LinkedRecords: Codable, Hashable, Sendable {
    var subjectID: String
    var countedID: String
    enum CodingKeys: String, CodingKey { case subjectID = "subject_id", countedID = "counted_id" }
}

struct DuplicateRow: Codable, Hashable, Sendable {
    var kind: String
    var naturalKey: String
    var id: String
    var nameZh: String
    var nameEn: String?
    var countedID: String
    var countedZh: String
    var countedEn: String?

    enum CodingKeys: String, CodingKey {
        case kind, naturalKey = "natural_key", id, nameZh = "name_zh", nameEn = "name_en", countedID = "counted_id"
        case countedZh = "counted_zh", countedEn = "counted_en"
    }

    static var columns: [PeopleColumn<DuplicateRow>] {
        [
            .init("类别", "kind") { $0.kind }, .init("编号", "number") { $0.naturalKey },
            .init("重复记录", "duplicate") { $0.id },
            .init("名称", "name") { row, language in language.name(row.nameZh, row.nameEn) },
            .init("计入", "counted") { $0.countedID },
            .init("名称", "name") { row, language in language.name(row.countedZh, row.countedEn) },
        ]
    }
}
