import ArgumentParser
import Foundation
import ParkSyncCurl
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire

/// `syncctl status`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show whether a node is in step with its peers.",
        discussion:
            """
            Exit status: 0 good, 1 degraded (something is in progress, waits or is unknown), 2 broken or not \
            reachable.
            """
    )

    @OptionGroup var node: NodeAddress

    @Flag(help: "Print verdict and status as JSON.")
    var json = false

    @Flag(help: "List the tables with their rows and digests.")
    var tables = false

    @Flag(help: "Show it again and again until interrupted.")
    var watch = false

    @Option(help: "Seconds between two looks with --watch.")
    var interval = 1.0

    @Option(help: "Seconds after which a node that does not answer counts as broken.")
    var timeout = 10.0

    /// What `--json` prints. Without a status if the node did not answer.
    struct Report: Codable {
        var verdict: Verdict
        var status: NodeStatus?
    }

    func validate() throws {
        guard interval >= 0.05, interval <= 3_600 else {
            throw ValidationError("--interval is a number of seconds from 0.05 to 3600.")
        }
        guard timeout >= 0.1, timeout <= 3_600 else {
            throw ValidationError("--timeout is a number of seconds from 0.1 to 3600.")
        }
    }

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("status") {
            let client = try await node.client(loop)
            guard watch else {
                let verdict = try await look(client)
                if verdict.exit != 0 { throw ExitCode(verdict.exit) }
                return
            }
            while true {
                _ = try await look(client)
                fflush(nil)
                try await RealClock().sleep(milliseconds: UInt64(interval * 1_000))
            }
        }
    }

    private func look(_ client: ControlClient) async throws -> Verdict {
        let answer: Result<NodeStatus, any Error>
        do { answer = .success(try await client.get(LocalPath.status, within: Int(timeout * 1_000))) } catch {
            answer = .failure(error)
        }
        // Clears a terminal when the next report is there, so that it does not flicker; a file or
        // pipe gets one after the other.
        if watch, isatty(STDOUT_FILENO) == 1 { Console.clear() }
        switch answer {
        case .success(let status):
            let verdict = Verdict.judge(status)
            if json {
                try Console.json(Report(verdict: verdict, status: status))
            } else {
                StatusText.show(status, verdict, withTables: tables)
            }
            return verdict
        case .failure(let error):
            let text = FailureText.of(error)
            let verdict = Verdict.unreachable(text)
            if json { try Console.json(Report(verdict: verdict, status: nil)) }
            Console.error("syncctl status: \(text)")
            return verdict
        }
    }
}
