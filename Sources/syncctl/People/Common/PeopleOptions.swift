import ArgumentParser
import ParkSyncCurl
import ParkSyncReports

/// What all commands for the people of a park take.
struct PeopleOptions: ParsableArguments {
    @OptionGroup var node: NodeAddress

    @Option(help: "Names and labels in zh or en; without it as LC_ALL, LC_MESSAGES or LANG has it.")
    var lang: Language?

    @Flag(help: "Print JSON: times in UTC, money in whole fen, members in alphabetical order.")
    var json = false

    var language: Language { lang ?? .ofEnvironment }

    /// Runs a command's work at the node, and says on standard error what failed.
    func atDesk(_ command: String, _ body: (ParkDesk) async throws -> Void) async throws {
        try await reporting(command) {
            do {
                try await body(ParkDesk(client: try await node.client(CurlLoop()), language: language))
            } catch let fault as PeopleFault {
                Console.error("syncctl \(command): \(fault.sentence(language))")
                throw fault.exit
            }
        }
    }

    /// JSON if that is wanted, or else a table, or a sentence if there is no row.
    func show<Row: Encodable>(
        _ rows: [Row], _ columns: [PeopleColumn<Row>], none: (zh: String, en: String)
    ) throws {
        if json { return try Console.json(rows) }
        if rows.isEmpty { return print(language.pick(none.zh, none.en)) }
        for line in PeopleTable.lines(rows, columns, language) { print(line) }
    }
}
