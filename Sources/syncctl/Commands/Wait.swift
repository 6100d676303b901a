import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire

/// `syncctl wait`: returns when nodes are ready, or hold the same tables, or a query says so.
struct Wait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Wait until nodes accept writes, or all hold the same tables, or are good.",
        discussion: """
            Without an option: until each node accepts writes. With --same: until all have applied the same vector, \
            nothing waits, and their \
            digests at that vector are equal. With --good: until each node's status is good, so that each has heard \
            the same from all its peers. \
            With --query: until the query's first value at each node is neither 0 nor NULL. Exit status 1 when the \
            time is up. What waiting cannot \
            cure ends the command at once: a query that the node refuses (2), of more than one column (64).
            """)

    @Option(help: "Path of a node's local socket; may be given several times.")
    var socket: [String] = []

    @Option(
        help:
            """
            A park of this machine; may be given several times. Without --socket and --park: the only node of \
            the machine.
            """
    )
    var park: [String] = []

    @Flag(help: "Wait until all nodes hold the same tables.")
    var same = false

    @Flag(help: "Wait until `syncctl status` is good at each node.")
    var good = false

    @Option(help: "Wait until this query of one column has a first value other than 0 and NULL at each node.")
    var query: String?

    @Option(help: "How long, in seconds.")
    var timeout = 60.0

    /// How often the nodes are asked.
    static let intervalMilliseconds: UInt64 = 20
    /// A node that does not answer for so long is asked again, until the time is up.
    static let answerMillisecondsMax: UInt64 = 5_000
    /// So that the last look is not given up before it begins.
    static let answerMillisecondsMin: UInt64 = 100

    func validate() throws {
        for park in park { try LocalNodes().check(park) }
        guard timeout >= 0, timeout < 1e6 else { throw ValidationError("--timeout is a number of seconds.") }
    }

    private func sockets() throws -> [String] {
        let named = socket + park.map { LocalNodes().socket(of: $0) }
        return named.isEmpty ? [try NodeAddress.unnamedSocket()] : named
    }

    func run() async throws {
        let loop = CurlLoop()
        let sockets = try await reporting("wait") { try self.sockets() }
        let clients = sockets.map { ControlClient(.socket(path: $0), loop: loop) }
        let clock = RealClock()
        let deadline = clock.monotonicMilliseconds() + UInt64(timeout * 1_000)
        try await reporting("wait") {
            while true {
                let obstacle = try await self.obstacle(clients, at: sockets, until: deadline)
                guard let obstacle else { return }
                guard clock.monotonicMilliseconds() < deadline else {
                    Console.error("syncctl wait: after \(timeout) seconds \(obstacle)")
                    throw CommandExit.degraded
                }
                try await clock.sleep(milliseconds: Self.intervalMilliseconds)
            }
        }
    }

    /// Why the wait is not over; nil when it is.
    ///
    /// - Throws: what waiting cannot cure.
    private func obstacle(_ clients: [ControlClient], at sockets: [String], until deadline: UInt64)
        async throws -> String?
    {
        do {
            if let query { return try await unmet(query, clients, at: sockets, until: deadline) }
            var statuses: [NodeStatus] = []
            for client in clients {
                statuses.append(try await client.get(LocalPath.status, within: Self.milliseconds(until: deadline)))
            }
            if let other = statuses.first(where: { $0.phase != .ready }) {
                return "\(other.park) is \(other.phase.rawValue)"
            }
            if good, let reason = statuses.lazy.compactMap({ Self.remark($0) }).first { return reason }
            return same ? Self.difference(statuses) : nil
        } catch let error as ValidationError {
            throw error
        } catch let problem as ProblemDetails {
            if WaitCondition.isLasting(problem) { throw WaitCondition.explained(problem) }
            return "a node answers: \(Console.safe(problem.detail))"
        } catch { return FailureText.of(error) }
    }

    private static func milliseconds(until deadline: UInt64) -> Int {
        let now = RealClock().monotonicMilliseconds()
        return Int(max(answerMillisecondsMin, min(answerMillisecondsMax, deadline > now ? deadline - now : 0)))
    }

    private func unmet(
        _ query: String, _ clients: [ControlClient], at sockets: [String], until deadline: UInt64
    ) async throws
        -> String?
    {
        let body = Array(try JSONEncoder().encode(QueryRequest(sql: query)))
        for (client, path) in zip(clients, sockets) {
            let answer = try await client.send(
                "POST", LocalPath.queries, body: body, within: Self.milliseconds(until: deadline))
            if try !WaitCondition.holds(answer) { return "the query does not hold at \(path)" }
        }
        return nil
    }

    private static func remark(_ status: NodeStatus) -> String? {
        Verdict.judge(status).reasons.first.map { "\(status.park) is \($0.level.rawValue): \($0.text)" }
    }

    static func difference(_ statuses: [NodeStatus]) -> String? {
        guard let first = statuses.first else { return nil }
        for status in statuses {
            if let stuck = status.stuck.first {
                return
                    "\(status.park) has a \(stuck.state.rawValue) entry: \(stuck.origin):\(stuck.seq), \(stuck.cause)"
            }
            if status.unsealedRows > 0 { return "\(status.park) has rows that are not in its log yet" }
            if status.applied != status.logged {
                return "\(status.park) has logged \(status.logged) and applied \(status.applied)"
            }
            if status.applied != first.applied {
                return "\(first.park) is at \(first.applied), \(status.park) at \(status.applied)"
            }
            if status.digestVector != status.applied {
                return "\(status.park) has not computed its digest at \(status.applied) yet"
            }
            if status.digest != first.digest {
                return "\(first.park) and \(status.park) have different tables at \(first.applied)"
            }
        }
        return nil
    }
}
