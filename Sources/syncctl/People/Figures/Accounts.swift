import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports

/// `syncctl accounts`: what accounts hold, and why.
struct Accounts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts", abstract: "Show accounts, their balances and statements, and check the sums.",
        discussion: """
            Examples:
              syncctl accounts list
              syncctl accounts check
            """,
        subcommands: [List.self, Balance.self, Statement.self, AccountsCheck.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List accounts with what they hold.",
            discussion: """
                Examples:
                  syncctl accounts list
                  syncctl accounts list --home bio --lang zh
                  syncctl accounts list --owner bio:organisation:0003 --json
                """)

        @OptionGroup var people: PeopleOptions

        @Option(help: "Only those of this park, as in bio.")
        var home: String?

        @Option(help: "Only those of this organisation or person.")
        var owner: String?

        @Option(help: "How many rows at most.")
        var limit = 100

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 100000.") }
        }

        func run() async throws {
            try await people.atDesk("accounts list") { desk in
                let owner = try owner.map { try Given.id($0, field: .init("--owner", "所有者")) }
                let rows = try await desk.list(
                    ValueScreens.accounts, [.text(home), .text(owner), .integer(Int64(limit))], as: AccountRow.self)
                try people.show(rows, AccountRow.columns, none: ("没有账户", "there is no account"))
            }
        }
    }

    struct Balance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what an account holds, owes and is owed, by unit.",
            discussion: """
                Examples:
                  syncctl accounts balance bio:account:0003
                  syncctl accounts balance bio:account:0003 --json
                """)

        @OptionGroup var people: PeopleOptions

        @Argument(help: "The account.")
        var account: String

        func run() async throws {
            try await people.atDesk("accounts balance") { desk in
                let id = try await AccountRow.known(account, desk)
                let rows = try await desk.rows(ValueScreens.balance, [.text(id)], as: BalanceRow.self)
                try people.show(rows, BalanceRow.columns, none: ("账户没有收支", "nothing has entered or left this account"))
            }
        }
    }

    struct Statement: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what entered and left an account, the newest first.",
            discussion: """
                Examples:
                  syncctl accounts statement bio:account:0003
                  syncctl accounts statement bio:account:0003 --since 2026-11-01 --until 2026-12-01 --lang zh
                """)

        @OptionGroup var people: PeopleOptions

        @Argument(help: "The account.")
        var account: String

        @Option(help: "From then on, as in 2026-11-01.")
        var since: String?

        @Option(help: "Up to then, as in 2026-12-01.")
        var until: String?

        @Option(help: "How many rows at most.")
        var limit = 100

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 100000.") }
        }

        func run() async throws {
            try await people.atDesk("accounts statement") { desk in
                let id = try await AccountRow.known(account, desk)
                let since = try since.map { try ShanghaiText.parsed($0, field: .init("--since", "起始时间")).text }
                let until = try until.map { try ShanghaiText.parsed($0, field: .init("--until", "截止时间")).text }
                let rows = try await desk.rows(
                    ValueScreens.statement,
                    [.text(id), .text(since ?? ""), .text(until ?? "~"), .integer(Int64(limit))], as: PostingRow.self)
                try people.show(rows, PostingRow.columns, none: ("这段时间没有收支", "nothing entered or left it then"))
            }
        }
    }
}
