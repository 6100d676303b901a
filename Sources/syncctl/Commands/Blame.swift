import ArgumentParser
import Foundation
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl blame`: who wrote each column of a row last, when, in which entry.
struct Blame: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show who wrote each column of a row last.")

    @OptionGroup var node: NodeAddress

    @Argument(help: "The shared table.")
    var table: String

    @Argument(help: "The values of the primary key: JSON, or else text.")
    var key: [String]

    @Flag(help: "Print the node's answer as JSON.")
    var json = false

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("blame") {
            let values = String(decoding: try JSONEncoder().encode(key.map(ParameterParsing.value)), as: UTF8.self)
            let report: BlameReport = try await node.client(loop).get(
                LocalPath.blame, [("table", table), ("key", values)])
            if json { return try Console.json(report) }
            let key = report.key.map(ParameterParsing.text).joined(separator: ", ")
            print(
                Console.safe(
                    """
                    \(report.table) (\(key)): \(report.isAlive ? "alive" : "deleted"), causal length \
                    \(report.causalLength)
                    """
                ))
            Console.table(
                [["column", "written", "entry", "by", "value"]]
                    + report.columns.map { column in
                        let by = [column.author, column.note].filter { !$0.isEmpty }.joined(separator: ": ")
                        return [
                            column.name, Console.time(column.writtenAt), "\(column.origin):\(column.seq)",
                            by.isEmpty ? "-" : by,
                            column.value.map(ParameterParsing.text) ?? "",
                        ]
                    })
        }
    }
}
