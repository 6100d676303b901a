import ArgumentParser
import Foundation
import ParkSyncCurl
import ParkSyncReports
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
            var event = ServerEvent()
            for try await line in try await node.client(loop).lines("GET", LocalPath.changes, parameters) {
                guard let whole = event.add(line) else { continue }
                try show(whole)
            }
            // The node ends the stream only when it stops.
            throw ControlFailure(
                reason: "the node has ended the stream", remedy: "Go on behind the last vector with --after.")
        }
    }

    private func show(_ event: ServerEvent) throws {
        let data = Data(event.data.utf8)
        if event.name == "problem" { throw try JSONCoding.decode(ProblemDetails.self, from: data) }
        try Console.jsonLine(Line(vector: event.id, entry: try JSONCoding.decode(ChangeEvent.self, from: data)))
        fflush(nil)
    }
}

/// One server-sent event, as its lines come in.
struct ServerEvent: Hashable {
    var name = ""
    var id = ""
    var data = ""
    private var hasData = false

    /// - Returns: the event that an empty line ends.
    mutating func add(_ received: String) -> ServerEvent? {
        let line = received.hasSuffix("\r") ? String(received.dropLast()) : received
        guard !line.isEmpty else {
            defer { self = ServerEvent() }
            return hasData ? self : nil
        }
        // A line that begins with a colon is a comment, as the node's keep-alives are.
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { return nil }
        let rest = line[line.index(after: colon)...]
        let value = String(rest.hasPrefix(" ") ? rest.dropFirst() : rest)
        switch line[..<colon] {
        case "event": name = value
        case "id": id = value
        case "data":
            data += hasData ? "\n" + value : value
            hasData = true
        default: break
        }
        return nil
    }
}
