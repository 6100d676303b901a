import ArgumentParser
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl fence`: takes a park out of the zone, as far as this park has a say.
struct Fence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Propose to take a park that is gone out of the zone, or consent to that.",
        discussion: """
            It takes the consent of a majority of the other parks, and of two at least. Then the others stop waiting \
            for what the park acknowledges, \
            once all of them have applied the fence, and what only that park had waits. Exit status 1 as long as more \
            parks have to consent.
            """)

    @OptionGroup var node: NodeAddress
    @Argument(help: "The park, as in west.") var park: String

    @Flag(help: "Confirm.")
    var yes = false

    @Flag(help: "Print the node's answer as JSON.")
    var json = false

    func run() async throws {
        try await FenceVote(node: node, park: park, lift: false, json: json).run("fence") {
            guard yes else {
                throw ValidationError("this is this park's word for taking \(park) out of the zone. Repeat with --yes.")
            }
        }
    }
}

/// `syncctl unfence`: takes back a park that was taken out, as far as this park has a say.
struct Unfence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            """
            Propose to take a park back that was taken out of the zone, or consent to that; or take this park's \
            word for a fence back.
            """,
        discussion: """
            It takes as many parks as a fence. The park then begins a new log by itself, and writes in it anew what \
            the others had not had of it. \
            Exit status 1 as long as more parks have to consent.
            """)

    @OptionGroup var node: NodeAddress
    @Argument(help: "The park, as in west.") var park: String

    @Flag(help: "Print the node's answer as JSON.")
    var json = false

    func run() async throws { try await FenceVote(node: node, park: park, lift: true, json: json).run("unfence") {} }
}

/// Gives this park's word on another one.
private struct FenceVote {
    let node: NodeAddress
    let park: String
    let lift: Bool
    let json: Bool

    func run(_ name: String, check: () throws -> Void) async throws {
        let loop = CurlLoop()
        try await reporting(name) {
            guard OriginID(park)?.park == park else { throw ValidationError("\(park) is not the name of a park.") }
            try check()
            let report: FenceReport = try await node.client(loop).post(
                LocalPath.fences, FenceRequest(park: park, lift: lift ? true : nil))
            if json { try Console.json(report) } else { print(Console.safe(text(report))) }
            if !report.isDecided { throw CommandExit.degraded }
        }
    }

    private func text(_ report: FenceReport) -> String {
        if report.isDecided {
            return lift
                ? """
                entry \(report.origin):\(report.seq) says so: \(report.park) is in the zone. If it was out, it \
                goes on by itself when it hears of that
                """
                : """
                \(report.park) is fenced by entry \(report.origin):\(report.seq); it takes effect when all \
                others have acknowledged that
                """
        }
        let word = lift ? "back into the zone" : "out of the zone"
        return
            "\(report.origin):\(report.seq) says that \(report.park) should be taken \(word): "
            + "\(report.consents.count) of \(report.needed) parks that it takes "
            + "(\(report.consents.joined(separator: ", "))). Run syncctl \(lift ? "unfence" : "fence --yes") "
            + "\(report.park) at the others"
    }
}
