import ArgumentParser
import Foundation
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl compact`: drops what no park needs any more.
struct Compact: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Drop the traces of rows whose deletion all parks have seen, at every park.",
        discussion:
            "Names the parks that hold it back. With --vacuum the file is rewritten: no program can write meanwhile.")

    @OptionGroup var node: NodeAddress

    @Flag(help: "Also move old entries into the archive, as the configuration says.")
    var archive = false

    @Flag(help: "Also rewrite the database, so that free pages go back to the disk.")
    var vacuum = false

    @Flag(help: "Print the node's answer as JSON.")
    var json = false

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("compact") {
            let request = CompactRequest(archive: archive ? true : nil, vacuum: vacuum ? true : nil)
            let report: CompactReport = try await node.client(loop).post(LocalPath.compact, request)
            if json { return try Console.json(report) }
            for line in Self.lines(report, isArchived: archive, isVacuumed: vacuum) { print(Console.safe(line)) }
        }
    }

    static func lines(_ report: CompactReport, isArchived: Bool, isVacuumed: Bool) -> [String] {
        var lines = [
            report.seq.map { "traces of \(report.droppedRows) rows dropped by entry \($0)" }
                ?? "no trace of a deleted row could be dropped"
        ]
        lines += RetentionText.waiting(report.retention, now: report.retention.at)
        if isArchived {
            lines.append("\(report.archivedEntries) entries archived in \(report.archivedSegments) segments")
        }
        if isVacuumed { lines.append("the database has \(report.bytesAfter) bytes, it had \(report.bytesBefore)") }
        return lines
    }
}
