import ArgumentParser
import Foundation
import ParkSyncCurl
import ParkSyncWire

/// `syncctl conflicts`: values that lost against a write that their author had not seen.
struct Conflicts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List values that lost against a write their author had not seen.")

    @OptionGroup var node: NodeAddress

    @Option(help: "How many.")
    var limit = 100

    @Flag(help: "Print the node's answer as JSON.")
    var json = false

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("conflicts") {
            let answer: [ExactConflict] = try await node.client(loop).get(WirePath.conflicts, [("limit", "\(limit)")])
            let conflicts = answer.map(\.report)
            if json { return try Console.json(conflicts) }
            if conflicts.isEmpty { return print("no conflicts") }
            Console.table(
                [["table", "key", "column", "lost value", "written", "entry", "value now"]]
                    + conflicts.map {
                        [
                            $0.table, $0.key.map(ParameterParsing.text).joined(separator: ", "), $0.column, ParameterParsing.text($0.lost),
                            Console.time($0.writtenAt),
                            "\($0.origin):\($0.seq)", $0.current.map(ParameterParsing.text) ?? "(deleted)",
                        ]
                    })
        }
    }
}
