import ArgumentParser
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl verify --rows`: compares all rows with the log, now.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare all rows with the log, now.",
        discussion: """
            The node does so by itself, in the background. A row that differs is named with what is here and what the \
            log says; `syncctl repair` \
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
        guard rows else {
            throw ValidationError("Say what: `syncctl verify --rows`, or `syncctl log verify` for the log.")
        }
    }

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("verify") {
            let request = RowVerifyRequest(tables: tables.isEmpty ? nil : tables)
            let report: RowVerifyReport = try await node.client(loop).post(LocalPath.verifyRows, request, within: nil)
            if json { try Console.json(report) } else { describe(report) }
            if report.rows.differing > 0 { throw CommandExit.degraded }
        }
    }

    private func describe(_ report: RowVerifyReport) {
        for line in Self.lines(report) { print(line) }
        Console.table([["table", "rows"]] + report.tables.map { [$0.name, "\($0.rows)"] })
    }

    static func lines(_ report: RowVerifyReport) -> [String] {
        let (rows, count) = (report.rows, Count.sum(report.tables.map(\.rows)))
        var lines = [
            rows.differing == 0
                ? "SOUND: all \(count) rows are what the log says"
                : "NOT SOUND: \(rows.differing) of \(count) rows differ from the log"
        ]
        lines += rows.differences.flatMap(RowsText.lines).map { Console.safe("  " + $0) }
        let more = Count.more(rows.differing, shown: rows.differences.count)
        if more > 0 { lines.append("  and \(more) more") }
        return lines
    }
}
