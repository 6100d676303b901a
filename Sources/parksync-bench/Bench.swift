import ArgumentParser
import Foundation

@main struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parksync-bench", abstract: "Measures ParkSync beside plain SQLite in one run.")

    @Option(help: "Rows of the write and apply measurements.")
    var rows = 100_000

    @Option(help: "Rows of one transaction.")
    var batch = 1_000

    @Option(help: "Interleaved rounds; medians are reported.")
    var rounds = 5

    @Option(help: "Changes of the catch-up between two daemons.")
    var catchUpRows = 500_000

    @Option(help: "Commits of the latency measurement.")
    var latencyCommits = 2_000

    @Option(help: "The folder with parksyncd and syncctl; without it, measurements between daemons are left out.")
    var bin: String?

    @Option(help: "Only these groups: store, network.")
    var only: [String] = []

    @Option(help: "Write the figures to this file as JSON.")
    var json: String?

    func run() async throws {
        let table = FigureTable()
        if only.isEmpty || only.contains("store") {
            let bench = StoreBench(rows: rows, batch: batch, table: table)
            for number in 0..<rounds {
                FileHandle.standardError.write(Data("store: round \(number + 1) of \(rounds)\n".utf8))
                try await bench.round(number)
            }
        }
        if let bin, only.isEmpty || only.contains("network") {
            FileHandle.standardError.write(Data("network: catch-up of \(catchUpRows) changes, latency of \(latencyCommits) commits\n".utf8))
            try await NetworkBench(bin: bin, catchUpRows: catchUpRows, batch: batch, latencyCommits: latencyCommits, table: table).run()
        }
        table.printTable()
        if let json { try table.writeJSON(to: json) }
    }
}
