import ArgumentParser
import Foundation
import ParkSyncCurl
import ParkSyncWire

/// `syncctl status`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show whether a node is in step with its peers.",
        discussion: "Exit status: 0 good, 1 degraded (something is in progress, waits or is unknown), 2 broken or not reachable.")

    @OptionGroup var node: NodeAddress

    @Flag(help: "Print verdict and status as JSON.")
    var json = false

    @Flag(help: "Show it again and again until interrupted.")
    var watch = false

    @Option(help: "Seconds between two looks with --watch.")
    var interval = 1.0

    struct Report: Encodable {
        var verdict: Verdict
        var status: NodeStatus
    }

    func validate() throws {
        guard interval >= 0.05, interval <= 3_600 else { throw ValidationError("--interval is a number of seconds from 0.05 to 3600.") }
    }

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("status") {
            let client = try await node.client(loop)
            guard watch else {
                let verdict = try await show(client)
                if verdict.exit != 0 { throw ExitCode(verdict.exit) }
                return
            }
            while true {
                // Clears a terminal; a file or pipe gets one report after the other.
                if isatty(STDOUT_FILENO) == 1 { print("\u{1B}[H\u{1B}[2J", terminator: "") }
                do { _ = try await show(client) } catch { Console.error("syncctl status: \(error)") }
                fflush(nil)
                try await Task.sleep(for: .seconds(interval))
            }
        }
    }

    private func show(_ client: ControlClient) async throws -> Verdict {
        let status: NodeStatus = try await client.get(WirePath.status)
        let verdict = Verdict.judge(status)
        if json { try Console.json(Report(verdict: verdict, status: status)) } else { StatusText.show(status, verdict) }
        return verdict
    }
}
