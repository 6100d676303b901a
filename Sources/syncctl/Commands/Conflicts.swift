import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl conflicts`: values that lost against a write that their author had not seen.
struct Conflicts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "List values that lost against a write their author had not seen, or confirm that the winners are right.",
        subcommands: [List.self, Confirm.self], defaultSubcommand: List.self)

    /// `syncctl conflicts list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List open conflicts, both sides with who wrote them and why.",
            discussion:
                """
                A conflict is settled by whoever writes the column anew having seen both, or by `syncctl \
                conflicts confirm`.
                """
        )

        @OptionGroup var node: NodeAddress

        @Option(help: "How many.")
        var limit = 100

        @Flag(help: "Also those whose lost value is what the column holds now.")
        var all = false

        @Flag(help: "Print the node's answer as JSON.")
        var json = false

        func run() async throws {
            let loop = CurlLoop()
            try await reporting("conflicts") {
                let parameters = [("limit", "\(limit)")] + (all ? [("all", "1")] : [])
                let conflicts: [ConflictReport] = try await node.client(loop).get(LocalPath.conflicts, parameters)
                if json { return try Console.json(conflicts) }
                if conflicts.isEmpty { return print("no conflicts") }
                for line in conflicts.flatMap(ConflictText.lines) { print(line) }
            }
        }
    }

    /// `syncctl conflicts confirm`
    struct Confirm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Confirm that what the columns hold now is right.",
            discussion: """
                Seals an entry that writes the same values once more (or deletes the rows once more), which settles \
                the conflicts at every node. \
                All conflicts of a column are settled with it. Who changes the column at the same time without \
                knowing makes a conflict anew.
                """)

        @OptionGroup var node: NodeAddress

        @Argument(help: "Ids of conflicts, as `syncctl conflicts` shows them.")
        var ids: [String]

        @Option(
            help:
                """
                For whom, if not for the account that runs this (or ran sudo); stands in brackets behind it in \
                the log.
                """
        )
        var author: String?

        @Option(help: "Why, for the log.")
        var note: String?

        @Flag(help: "Print the node's answer as JSON.")
        var json = false

        func run() async throws {
            let loop = CurlLoop()
            try await reporting("conflicts confirm") {
                let request = ConfirmationRequest(ids: ids, author: author ?? Account.sudoer, note: note ?? "confirmed")
                let report: ConfirmationReport = try await node.client(loop).post(LocalPath.confirmations, request)
                if json { return try Console.json(report) }
                print("entry \(report.origin):\(report.seq) settles \(report.ids.count) conflicts")
                for id in report.ids { print("  \(id)") }
            }
        }
    }
}

/// Who sits at the terminal behind root, as far as sudo tells. The node sees for itself which
/// account calls.
enum Account {
    static var sudoer: String? { ProcessInfo.processInfo.environment["SUDO_USER"] }
}

/// A conflict for people, within the width of a terminal.
enum ConflictText {
    /// Enough digits of an id to name it.
    static let idDigits = 12

    static func lines(_ conflict: ConflictReport) -> [String] {
        let key = conflict.key.map(ParameterParsing.text).joined(separator: ", ")
        let loser = side(conflict.origin, conflict.seq, conflict.writtenAt, conflict.author, conflict.note)
        let winner = conflict.winner.map { side($0.origin, $0.seq, $0.writtenAt, $0.author, $0.note) } ?? "long ago"
        let now = conflict.current.map(ParameterParsing.text) ?? "(deleted)"
        let texts = [
            "\(conflict.id.prefix(idDigits))  \(conflict.table) (\(key)) \(conflict.column)",
            "  lost  \(ParameterParsing.text(conflict.lost))",
            "        \(loser)", "  now   \(now)", "        \(winner)",
        ]
        return texts.flatMap { TextLayout.wrap(Console.safe($0), hanging: 8) }
    }

    private static func side(_ origin: String, _ seq: UInt64, _ writtenAt: UInt64, _ author: String, _ note: String)
        -> String
    {
        let who = author.isEmpty ? "" : " by \(author)"
        return "\(origin):\(seq), \(Console.time(writtenAt))\(who)\(note.isEmpty ? "" : ": \(note)")"
    }
}
