import ArgumentParser
import Foundation
import ParkSyncCurl
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire

/// `syncctl accept-writes`
struct AcceptWrites: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-writes",
        abstract: "Let a node write although the peers that could know better are out of reach.",
        discussion: """
            A node compares its log with its peers' before it accepts writes, because its file may be an old copy. \
            With this you answer for it that \
            nothing newer exists at the peers that cannot be reached. Should it exist after all, the park goes on \
            under a new incarnation, and nothing \
            that was acknowledged is lost; after a lost file, what only those peers hold is. Exit status: 0 writes \
            are accepted, 1 something is still \
            waited for, 2 refused or not reachable.
            """)

    @OptionGroup var node: NodeAddress

    @Option(help: "Why; kept in the node's own log.")
    var reason: String

    @Option(help: "Seconds to wait until writes are accepted.")
    var timeout = 10.0

    static let lookMilliseconds: UInt64 = 100

    func validate() throws {
        guard !reason.isEmpty else { throw ValidationError("--reason says why you answer for it.") }
        guard timeout >= 0, timeout <= 3_600 else {
            throw ValidationError("--timeout is a number of seconds from 0 to 3600.")
        }
    }

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("accept-writes") {
            let client = try await node.client(loop)
            _ = try await client.send(
                "POST", LocalPath.acceptWrites,
                body: Array(try JSONEncoder().encode(AcceptWritesRequest(reason: reason))))
            let clock = RealClock()
            let deadline = clock.monotonicMilliseconds() + UInt64(timeout * 1_000)
            while true {
                let status: NodeStatus = try await client.get(LocalPath.status)
                guard let check = status.check else { return print("\(status.origin) accepts writes") }
                guard clock.monotonicMilliseconds() < deadline else {
                    Console.error("syncctl accept-writes: noted, and still \(check.cause). \(check.remedy)")
                    throw CommandExit.degraded
                }
                try await clock.sleep(milliseconds: Self.lookMilliseconds)
            }
        }
    }
}
