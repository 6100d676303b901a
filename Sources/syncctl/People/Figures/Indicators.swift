import ArgumentParser
import Foundation
import ParkSyncCatalog
import ParkSyncReports

/// `syncctl indicators`: the targets, and what there is.
struct Indicators: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the targets and indicators of the zone and its parks.",
        discussion: """
            Computed here and now from the records: records that are linked as the same thing count once. Below \
            stand the vector that they were computed over, and the parks of which entries may be lacking.

            Examples:
              syncctl indicators
              syncctl indicators --home bio --lang zh
              syncctl indicators --drill patents_granted --limit 20
              syncctl indicators --json
            """)

    @OptionGroup var people: PeopleOptions

    @Option(help: "Only this park, as in bio.")
    var home: String?

    @Option(help: "List the records that an indicator counts, by its name.")
    var drill: String?

    @Option(help: "How many records at most.")
    var limit = 100

    /// An instrument is idle that nobody has used for so long.
    static let idleDays: Int64 = 365

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 100000.") }
    }

    func run() async throws {
        try await people.atDesk("indicators") { desk in
            if let drill { return try await records(of: drill, desk) }
            let (figures, computed) = try await Computed.over(desk) {
                (
                    targets: try await desk.rows(FigureScreens.targets, as: TargetRow.self),
                    values: try await desk.rows(FigureScreens.values, [Self.idleSince], as: IndicatorRow.self)
                )
            }
            let values = figures.values.filter { row in
                home.map { $0.utf8.elementsEqual((row.home ?? "").utf8) } ?? true
            }
            let shown = ShownIndicators(targets: home == nil ? figures.targets : [], values: values, computed: computed)
            if people.json { return try Console.json(shown) }
            for line in shown.lines(people.language) { print(line) }
        }
    }

    private static var idleSince: JSONValue { .text(Given.now().adding(days: -idleDays).text) }

    private func records(of name: String, _ desk: ParkDesk) async throws {
        guard let counted = FigureScreens.drills.first(where: { $0.indicator == name }) else {
            throw Self.unknown(name)
        }
        let parameters = counted.takesIdleSince ? [Self.idleSince] : []
        let (rows, computed) = try await Computed.over(desk) {
            try await desk.rows(counted.sql, parameters, as: CountedRow.self)
        }
        let found = rows.filter { row in home.map { $0.utf8.elementsEqual(row.home.utf8) } ?? true }
        let shown = ShownRecords(
            indicator: name, count: found.count, records: Array(found.prefix(limit)), computed: computed)
        if people.json { return try Console.json(shown) }
        for line in shown.lines(people.language) { print(line) }
    }

    private static func unknown(_ name: String) -> PeopleFault {
        let names = FigureScreens.drills.map(\.indicator).sorted()
        return PeopleFault(
            code: "unknown_indicator", field: .init("--drill", "指标"), zh: "没有指标“\(name)”",
            en: "there is no indicator \(name)", remedyZh: "可选：\(names.joined(separator: "、"))",
            remedyEn: "Name one of \(names.joined(separator: ", "))", exit: .validationFailure)
    }
}
