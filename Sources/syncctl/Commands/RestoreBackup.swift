import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReports
import ParkSyncStore

/// `syncctl restore`
struct RestoreBackup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of a node's database.",
        discussion: """
            The node must be down, and so must all programs that have its database open. The backup is verified \
            first, and \
            only its rows are taken, into a new file with the tables of the node's schema files; the old files are \
            kept aside. When the node starts, it fetches what it wrote after the backup from all its peers, and only \
            then accepts writes.
            """)

    @Option(help: "The node's configuration.")
    var config: String

    @Argument(help: "A file that syncctl backup has made.")
    var file: String

    @Flag(
        help:
            """
            Take over views, triggers and expressions of the backup that this node's database has not; without \
            it they are named and refused.
            """
    )
    var trustObjects = false

    @OptionGroup var bounds: ExaminationBounds

    @Flag(help: "Print what was done as JSON.")
    var json = false

    private struct Report: Encodable {
        var backup: BackupReport
        var database: String
        var keptAside: String?
        enum CodingKeys: String, CodingKey { case backup, database, keptAside = "kept_aside" }
    }

    func run() async throws {
        try await reporting("restore") {
            let node = try await OfflineNode(config: config)
            var restore = Restore(
                database: node.database, park: node.origin.park, members: node.members, schema: try node.schema(),
                trustsObjects: trustObjects)
            let longest = try bounds.apply(
                "restore", file, entryBytesMax: node.entryBytesMax, nothing: "Nothing was changed.")
            restore.valueBytesMax = longest
            let outcome: Restore.Outcome
            do {
                outcome = try restore.run(from: file, label: FileSwap.label(RealClock().wallMilliseconds()))
            } catch let error as StoreError {
                throw ExaminationBounds.explained(error, longest: longest)
            }
            if json {
                return try Console.json(
                    Report(backup: outcome.copy, database: node.database, keptAside: outcome.keptAside))
            }
            print("restored \(node.database) to \(outcome.copy.vector)")
            if let aside = outcome.keptAside { print("the old database is kept in \(aside)") }
            print("start the node: it fetches what it wrote since from its peers, and then accepts writes")
        }
    }
}
