import ArgumentParser
import ParkSyncCore
import ParkSyncCurl
import ParkSyncWire

/// `syncctl fence`: takes a park out of the zone.
struct Fence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a park that is gone for good out of the zone.",
        discussion: """
            The others stop waiting for what it acknowledges, once all of them have applied the fence. What only that park had is not in the zone \
            any more; it accepts no writes once it learns of the fence, and comes back without its old database only, best from a snapshot.
            """)

    @OptionGroup var node: NodeAddress
    @Argument(help: "The park, as in west.") var park: String

    @Flag(help: "Confirm: this cannot be undone.")
    var yes = false

    @Flag(help: "Print the node's answer as JSON.")
    var json = false

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("fence") {
            guard OriginID(park)?.park == park else { throw ValidationError("\(park) is not the name of a park.") }
            guard yes else { throw ValidationError("fencing \(park) cannot be undone. Repeat with --yes.") }
            let report: FenceReport = try await node.client(loop).post(WirePath.fences, FenceRequest(park: park))
            if json { return try Console.json(report) }
            print("\(report.park) is fenced by entry \(report.origin):\(report.seq); it takes effect when all others have acknowledged that")
        }
    }
}
