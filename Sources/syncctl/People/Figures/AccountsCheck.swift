import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports

/// `syncctl accounts check`: sums that prove themselves.
struct AccountsCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check that all sums of all accounts agree.",
        discussion: """
            What each unit has issued is somewhere, balances are what the transfers say, no account is below zero, \
            and claims are paid once. Exit status 1 if anything does not agree; each such record is named.

            Examples:
              syncctl accounts check
              syncctl accounts check --json
            """)

    @OptionGroup var people: PeopleOptions

    private struct Count: Codable { var n: Int64 }

    func run() async throws {
        try await people.atDesk("accounts check") { desk in
            let (checks, computed) = try await Computed.over(desk) {
                var checks: [CheckedSum] = []
                for check in ValueScreens.checks {
                    let examined = try await desk.rows(check.examined, as: Count.self).first?.n ?? 0
                    let faults = try await desk.rows(check.faults, as: SumFault.self)
                    checks.append(
                        CheckedSum(name: check.name, zh: check.zh, en: check.en, examined: examined, faults: faults))
                }
                return checks
            }
            let report = AccountReport(checks: checks, computed: computed)
            if people.json {
                try Console.json(report)
            } else {
                for line in report.lines(people.language) { print(line) }
            }
            if !report.isSound { throw CommandExit.degraded }
        }
    }
}

/// A record that does not agree with the others.
struct SumFault: Codable, Hashable, Sendable {
    var id: String
    var unitID: String?
    /// By how much, or of how much.
    var amount: Int64?
    var otherID: String?
    enum CodingKeys: String, CodingKey { case id, unitID = "unit_id", amount, otherID = "other_id" }
}

/// One question, and what does not agree.
struct CheckedSum: Codable, Hashable, Sendable {
    var name: String
    var zh: String
    var en: String
    /// How many rows were looked at.
    var examined: Int64
    var faults: [SumFault]
}

struct AccountReport: Codable, Hashable, Sendable {
    var checks: [CheckedSum]
    var computed: Computed

    var isSound: Bool { checks.allSatisfy(\.faults.isEmpty) }

    func lines(_ language: Language) -> [String] {
        let verdict =
            isSound
            ? language.pick("账目相符", "SOUND: all sums agree") : language.pick("账目不符", "NOT SOUND: sums do not agree")
        let columns: [PeopleColumn<CheckedSum>] = [
            .init("核对", "check") { row, language in language.pick(row.zh, row.en) },
            .init("名称", "name") { $0.name }, .init("行数", "rows") { "\($0.examined)" },
            .init("不符", "wrong") { "\($0.faults.count)" },
        ]
        let wrong = checks.flatMap { check in
            check.faults.map { fault in
                let parts = [check.name, fault.id, fault.amount.map(String.init), fault.unitID, fault.otherID]
                return "  " + Console.safe(parts.compactMap { $0 }.joined(separator: "  "))
            }
        }
        return [verdict] + PeopleTable.lines(checks, columns, language) + wrong + computed.lines(language)
    }
}
