import ArgumentParser
import ParkSyncCurl
import ParkSyncWire

/// `syncctl verify --rows`: compares all rows with the log, now.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare all rows with the log, now.",
        discussion: """
            The node does so by itself, in the background. A row that differs is named with what is here and what the log says; `syncctl repair` \
            mends it. Exit status 1 if anything differs. For hashes and signatures see `syncctl log verify`.
            """)

    @OptionGroup var node: NodeAddress

    @Flag(help: "Compare the rows. (Nothing else can be chosen.)")
    var rows = false

    @Option(name: .customLong("table"), help: "Only this table; may be repeated.")
    var tables: [String] = []

    @Flag(help: "Print the node's answer as JSON.")
    var json = false

    func validate() throws {
        guard rows else { throw ValidationError("Say what: `syncctl verify --rows`, or `syncctl log verify` for the log.") }
    }

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("verify") {
            let request = RowVerifyRequest(tables: tables.isEmpty ? nil : tables)
            let report: RowVerifyReport = try await node.client(loop).post(WirePath.verifyRows, request, within: nil)
            if json { try Console.json(report) } else { describe(report) }
            if report.rows.differing > 0 { throw CommandExit.degraded }
        }
    }

    private func describe(_ report: RowVerifyReport) {
        let count = report.tables.reduce(Int64(0)) { $0 &+ $1.rows }
        let rows = report.rows
        print(
            rows.differing == 0
                ? "SOUND: all \(count) rows are what the log says" : "NOT SOUND: \(rows.differing) of \(count) rows differ from the log")
        for line in rows.differences.flatMap(RowsText.lines) { print(Console.safe("  " + line)) }
        let more = rows.differing - Int64(rows.differences.count)
        if more > 0 { print("  and \(more) more") }
        Console.table([["table", "rows"]] + report.tables.map { [$0.name, "\($0.rows)"] })
    }
}
