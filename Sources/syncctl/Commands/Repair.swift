import ArgumentParser
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl repair`: makes a row what the log says, or the log say what the row is.
struct Repair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Repair rows that are not what the log says.",
        discussion: """
            --from-log makes the row what the log says; nothing is published. --publish writes what is here as a new \
            change of this park, which \
            goes to the other parks. Rows that do not differ are left alone.
            """)

    @OptionGroup var node: NodeAddress

    @Argument(help: "The shared table.")
    var table: String

    @Argument(help: "The values of the row's primary key: JSON, or else text.")
    var key: [String] = []

    @Flag(help: "All rows of the table that differ.")
    var all = false

    @Flag(help: "The row becomes what the log says.")
    var fromLog = false

    @Flag(help: "What is here is written as a new change of this park.")
    var publish = false

    @Option(help: "For whom it is published; stands in brackets behind the account that runs this.")
    var author: String?

    @Option(help: "Why, for the log.")
    var note: String?

    @Flag(help: "Print the node's answer as JSON.")
    var json = false

    func validate() throws {
        guard fromLog != publish else { throw ValidationError("Give either --from-log or --publish.") }
        guard all == key.isEmpty else { throw ValidationError("Give either the row's key or --all.") }
        if fromLog, author != nil || note != nil {
            throw ValidationError("--author and --note belong to --publish: nothing else is written to the log.")
        }
    }

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("repair") {
            let request = RepairRequest(
                table: table, keys: all ? nil : [key.map(ParameterParsing.value)], way: publish ? .publish : .fromLog,
                author: author, note: note)
            let report: RepairReport = try await node.client(loop).post(LocalPath.repairs, request, within: nil)
            if json { return try Console.json(report) }
            for line in report.rows.flatMap(RowsText.lines) { print(Console.safe(line)) }
            if report.repaired == 0 { return print("nothing differs") }
            print(
                "\(report.repaired) rows repaired"
                    + (report.seq.map { ", published as entry \($0)" } ?? " from the log"))
        }
    }
}
