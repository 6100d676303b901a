import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports

/// `syncctl report`
struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Print a report of a month or a quarter.",
        discussion: """
            Examples:
              syncctl report use --month 2026-11
              syncctl report use --quarter 2026-Q4 --json
            """,
        subcommands: [UseReport.self])
}

/// `syncctl report use`: how long instruments were used.
struct UseReport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "use", abstract: "Report the use of instruments in a month or a quarter.",
        discussion: """
            Instruments, laboratories, facilities and platforms, by park. A month begins and ends in Asia/Shanghai. \
            Records that were taken back count nowhere.

            Examples:
              syncctl report use --month 2026-11
              syncctl report use --quarter 2026-Q4 --home science --lang zh
              syncctl report use --month 2026-11 --all --json
            """)

    @OptionGroup var people: PeopleOptions

    @Option(help: "The month, as in 2026-11.")
    var month: String?

    @Option(help: "The quarter, as in 2026-Q4.")
    var quarter: String?

    @Option(help: "Only this park, as in science.")
    var home: String?

    @Flag(help: "Also what nobody has used.")
    var all = false

    func validate() throws {
        guard (month == nil) != (quarter == nil) else { throw ValidationError("Give --month or --quarter.") }
    }

    func run() async throws {
        try await people.atDesk("report use") { desk in
            let period = try Self.period(month: month, quarter: quarter)
            let (rows, computed) = try await Computed.over(desk) {
                try await desk.rows(
                    UseScreens.report, [.text(period.from), .text(period.until), .text(home)], as: UseRow.self)
            }
            let shown = ShownUse(
                period: month ?? quarter ?? "", from: period.from, until: period.until,
                parks: ShownUse.sums(rows), items: all ? rows : rows.filter { $0.records != 0 }, computed: computed)
            if people.json { return try Console.json(shown) }
            for line in shown.lines(people.language) { print(line) }
        }
    }

    /// From which instant to which, in UTC.
    static func period(month: String?, quarter: String?) throws -> (from: String, until: String) {
        let field = month == nil ? PeopleField("--quarter", "季度") : PeopleField("--month", "月份")
        let text = month ?? quarter ?? ""
        let first: (year: Int, month: Int)?
        if let match = text.wholeMatch(of: /([0-9]{4})-([0-9]{2})/), month != nil {
            first = Int(match.1).flatMap { year in Int(match.2).map { (year, $0) } }
        } else if let match = text.wholeMatch(of: /([0-9]{4})-Q([1-4])/), month == nil {
            first = Int(match.1).flatMap { year in Int(match.2).map { (year, 3 * $0 - 2) } }
        } else {
            first = nil
        }
        let months = month == nil ? 3 : 1
        guard let first, let from = begin(first.year, first.month),
            let until = begin(
                first.month + months > 12 ? first.year + 1 : first.year, (first.month + months - 1) % 12 + 1)
        else {
            throw PeopleFault(
                code: "bad_time", field: field, zh: "“\(text)”不是\(field.zh)", en: "\(text) is none",
                remedyZh: "请填写如 \(month == nil ? "2026-Q4" : "2026-11")",
                remedyEn: "Give it as in \(month == nil ? "2026-Q4" : "2026-11")", exit: .validationFailure)
        }
        return (from, until)
    }

    private static func begin(_ year: Int, _ month: Int) -> String? {
        ShanghaiText.instant("\(year)-\(month < 10 ? "0" : "")\(month)-01")?.text
    }
}
