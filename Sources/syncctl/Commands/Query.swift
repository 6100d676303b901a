import ArgumentParser
import Foundation
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl query`: reads.
struct Query: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run a query that cannot write, and print its rows.")

    @OptionGroup var node: NodeAddress

    @Argument(help: "One SQL statement that reads.")
    var sql: String

    @Option(
        name: .customLong("param"), parsing: .unconditionalSingleValue,
        help: "A value for ?1, ?2 …: JSON, or else text.")
    var parameters: [String] = []

    @Option(help: "Time limit in milliseconds.")
    var timeout: Int?

    @Flag(help: "Print the lines of the node's answer: columns, one JSON array a row, the end.")
    var json = false

    /// Rows that are kept back to find the columns' widths.
    static let alignedRowsMax = 1_000

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("query") {
            let request = QueryRequest(
                sql: sql, parameters: parameters.isEmpty ? nil : parameters.map(ParameterParsing.value),
                timeoutMilliseconds: timeout)
            let lines = try await node.client(loop).lines(
                "POST", LocalPath.queries, body: Array(try JSONEncoder().encode(request)))
            try await show(lines)
        }
    }

    private func show(_ lines: ControlLines) async throws {
        var table: [[String]] = []
        var isWhole = false
        for try await line in lines {
            let data = Data(line.utf8)
            // Rows are arrays; there are many of them, and only the others are worth a closer look.
            if !line.hasPrefix("[") {
                if let problem = try? JSONCoding.decode(QueryProblem.self, from: data) {
                    Console.table(table)
                    throw problem.problem
                }
                if (try? JSONCoding.decode(QueryEnd.self, from: data)) != nil { isWhole = true }
            }
            if json {
                Console.jsonText(line)
            } else if line.hasPrefix("[") {
                table.append(try JSONCoding.decode([JSONValue].self, from: data).map(ParameterParsing.text))
            } else if let head = try? JSONCoding.decode(QueryHead.self, from: data) {
                table.append(head.columns)
            }
            if table.count > Self.alignedRowsMax {
                Console.table(table)
                table = []
            }
        }
        Console.table(table)
        guard isWhole else { throw ControlFailure(reason: "the answer ended early", remedy: "Ask again.") }
    }
}
