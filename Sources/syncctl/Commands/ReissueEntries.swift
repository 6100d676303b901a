import ArgumentParser
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl reissue`: the way out of entries that were stamped by a clock that was ahead.
struct ReissueEntries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reissue",
        abstract: "Write this park's entries anew that the others hold because their stamps lie in the future.",
        discussion: """
            For the park whose clock was ahead, after it was set right. The entries are taken back by a signed entry, \
            at all parks alike, and \
            written anew in the same order under a new incarnation of the park, with stamps of now. Nothing is lost. \
            The tables are made anew \
            from the log, which takes its time.
            """)

    @OptionGroup var node: NodeAddress

    @Option(help: "Why; kept in the log.")
    var reason: String

    @Option(help: "Who has decided it; stands in brackets behind the account that runs this, in the log.")
    var author: String?

    @Flag(help: "Print the node's answer as JSON.")
    var json = false

    func validate() throws {
        guard !reason.isEmpty else { throw ValidationError("--reason says why, for the log.") }
    }

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("reissue") {
            let request = ReissueRequest(reason: reason, author: author)
            let report: ReissueReport = try await node.client(loop).post(LocalPath.reissue, request, within: nil)
            if json { return try Console.json(report) }
            for taken in report.taken {
                let cause =
                    taken.aheadMilliseconds > 0
                    ? """
                    \(taken.verb("was", "were")) \
                    \(taken.verb("", "up to "))\(TimeSpan.text(milliseconds: taken.aheadMilliseconds)) ahead
                    """
                    : "\(taken.verb("depends", "depend")) on what was ahead"
                print("\(taken.span) \(cause) and \(taken.verb("is", "are")) taken back")
            }
            print("\(report.origin) has that anew, up to \(report.last)")
        }
    }
}
