import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl log`
struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show, verify, export or import the change log.",
        subcommands: [Show.self, Verify.self, LogForks.self, ExportBundle.self, ImportBundle.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show entries of the log.")

        @OptionGroup var node: NodeAddress

        @Option(help: "Only this origin's entries, as in south.")
        var origin: String?

        @Option(help: "The entries after this number, in order; needs --origin. Without it, the newest.")
        var after: UInt64?

        @Option(help: "How many entries.")
        var limit = 20

        @Flag(help: "With the changes of each entry.")
        var changes = false

        @Flag(help: "Print the node's answer as JSON.")
        var json = false

        func validate() throws {
            if after != nil, origin == nil {
                throw ValidationError("--after is the number of an entry of one origin: name it by --origin.")
            }
        }

        func run() async throws {
            let loop = CurlLoop()
            try await reporting("log show") {
                var parameters = [("limit", "\(limit)")]
                if let origin { parameters.append(("origin", origin)) }
                if let after { parameters.append(("after", "\(after)")) }
                if changes { parameters.append(("changes", "1")) }
                let entries: [EntryReport] = try await node.client(loop).get(LocalPath.entries, parameters)
                if json { return try Console.json(entries) }
                for entry in entries { describe(entry) }
            }
        }

        private func describe(_ entry: EntryReport) {
            let size = "\(entry.changeCount) changes, \(entry.bytes) bytes" + (entry.isSigned ? "  signed" : "")
            print("\(entry.origin):\(entry.seq)  \(Console.time(entry.writtenAt))  \(entry.state)  \(size)")
            print("    hash \(entry.hash)")
            if entry.dependencies != "-" { print("    after \(entry.dependencies)") }
            if !entry.author.isEmpty || !entry.note.isEmpty {
                print(
                    Console.safe(
                        """
                            by \
                        \(entry.author.isEmpty ? "?" : entry.author)\(entry.note.isEmpty ? "" : ": \(entry.note)")
                        """
                    ))
            }
            for change in entry.changes ?? [] { print(Self.line(change)) }
        }

        /// One line, whatever the names and values are.
        static func line(_ change: EntryReport.Change) -> String {
            let values = change.values.sorted { $0.key < $1.key }.map { "\($0.key)=\(ParameterParsing.text($0.value))" }
            let key = change.key.map(ParameterParsing.text).joined(separator: ", ")
            return Console.safe("    \(change.kind) \(change.table) (\(key)) \(values.joined(separator: " "))")
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every hash and signature of the log, and every row against its digest.",
            discussion: """
                Exit status 1 if anything was found wrong. Rows that refer to nothing are told, and are nothing \
                wrong: the log has them so.
                """)

        @OptionGroup var node: NodeAddress

        @Flag(help: "Print the node's answer as JSON.")
        var json = false

        func run() async throws {
            let loop = CurlLoop()
            try await reporting("log verify") {
                let report: VerifyReport = try await node.client(loop).post(LocalPath.verify, Int?.none, within: nil)
                if json { try Console.json(report) } else { describe(report) }
                if !report.findings.isEmpty { throw CommandExit.degraded }
            }
        }

        private func describe(_ report: VerifyReport) {
            print(
                report.findings.isEmpty
                    ? "SOUND: everything that was checked" : "NOT SOUND: \(report.findings.count) findings")
            for finding in report.findings { print(Console.safe("  \(finding)")) }
            for line in DanglingText.lines(report) { print(Console.safe(line)) }
            print("vector \(report.vector)")
            Console.table(
                [["origin", "entries", "signed heads", "head", "hash"]]
                    + report.origins.map {
                        [$0.origin, "\($0.entries)", "\($0.signedHeads)", "\($0.headSeq)", $0.headHash]
                    })
            Console.table(
                [["table", "rows", "digest"]] + report.tables.map { [$0.name, "\($0.rows)", $0.digest.hex] })
        }
    }
}
