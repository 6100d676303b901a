import ArgumentParser
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl log forks`
struct LogForks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forks", abstract: "List proofs that a park has signed two different entries with one number.",
        discussion: "Exit status 1 if there are any.")

    @OptionGroup var node: NodeAddress

    @OptionGroup var list: ListOptions

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("log forks") {
            let forks: [ForkReport] = try await node.client(loop).get(LocalPath.forks, [("limit", "\(list.limit)")])
            if list.json {
                try Console.json(forks)
            } else {
                for line in Self.lines(forks) { print(Console.safe(line)) }
            }
            if !forks.isEmpty { throw CommandExit.degraded }
        }
    }

    static func lines(_ forks: [ForkReport]) -> [String] {
        if forks.isEmpty { return ["no forks are known"] }
        return forks.flatMap { fork in
            [
                "\(fork.origin):\(fork.seq)  first seen \(Console.time(fork.firstSeen))",
                "    in the log  \(fork.keptHash ?? "-")  signature \(fork.keptSignature ?? "of a later entry")",
                "    the other   \(fork.otherHash)  signature \(fork.otherSignature ?? "of a later entry")",
            ]
        }
    }
}
