import ArgumentParser
import Foundation
import ParkSyncCurl
import ParkSyncWire

/// `syncctl watch`: prints entries as they become visible.
struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print changes as they become visible, own ones and those of other parks, one JSON object a line.")

    @OptionGroup var node: NodeAddress

    @Option(name: .customLong("table"), help: "Only this table; may be given several times.")
    var tables: [String] = []

    @Option(help: "Begin after this vector, as printed in the member `vector`.")
    var after: String?

    private struct Line: Encodable {
        var vector: String
        var entry: ChangeEvent
    }

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("watch") {
            var parameters: [(String, String)] = []
            if let after { parameters.append(("after", after)) }
            if !tables.isEmpty { parameters.append(("tables", tables.joined(separator: ","))) }
            var fields: [String: String] = [:]
            for try await line in try await node.client(loop).lines("GET", WirePath.changes, parameters) {
                guard !line.isEmpty else {
                    try show(fields)
                    fields = [:]
                    continue
                }
                guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { continue }
                fields[String(line[..<colon])] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
        }
    }

    private func show(_ fields: [String: String]) throws {
        guard let data = fields["data"].map({ Data($0.utf8) }) else { return }
        if fields["event"] == "problem" { throw try JSONDecoder().decode(ProblemDetails.self, from: data) }
        try Console.jsonLine(Line(vector: fields["id"] ?? "", entry: try JSONDecoder().decode(ChangeEvent.self, from: data)))
        fflush(nil)
    }
}
