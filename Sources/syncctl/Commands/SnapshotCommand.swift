import ArgumentParser
import ParkSyncCurl
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire

/// `syncctl snapshot`
struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Take another park's snapshot as this node's database, or see how far that is.",
        subcommands: [Fetch.self, Show.self])

    /// How often the node is asked how far it is.
    static let lookMilliseconds: UInt64 = 500
    /// A node that opens itself anew does not answer for a moment; so many times in a row are too
    /// many.
    static let silentLooksMax = 120

    struct Fetch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a park's snapshot: the node checks it, and opens itself anew with it.",
            discussion: """
                Nothing that only this node has is given up: a snapshot that lacks an entry of this node's log is \
                refused. No program may have the \
                database open when it is replaced; the old files are kept aside. Exit status 1 if the snapshot was \
                not taken.

                The database is made of the log that the snapshot brings. Where that does not reach back to its \
                beginning, another park's snapshot has \
                to come to the same tables.
                """)

        @OptionGroup var node: NodeAddress
        @Option(help: "The park whose snapshot is taken, as in west.") var from: String
        @Flag(help: "Take the word of that park alone where no other park confirms its tables.")
        var withoutConfirmation = false
        @Flag(help: "Do not wait for the end.") var noWait = false
        @Flag(help: "Print the end as JSON.") var json = false

        func run() async throws {
            let loop = CurlLoop()
            try await reporting("snapshot fetch") {
                let client = try await node.client(loop)
                var progress: SnapshotProgress = try await client.post(
                    LocalPath.localSnapshot,
                    SnapshotRequest(from: from, withoutConfirmation: withoutConfirmation ? true : nil))
                if !noWait { progress = try await SnapshotCommand.end(client) }
                if json { try Console.json(progress) } else { SnapshotCommand.describe(progress) }
                if progress.error != nil { throw CommandExit.degraded }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Show how far taking a snapshot is.")
        @OptionGroup var node: NodeAddress
        @Flag(help: "Print the node's answer as JSON.") var json = false

        func run() async throws {
            let loop = CurlLoop()
            try await reporting("snapshot status") {
                let progress: SnapshotProgress = try await node.client(loop).get(LocalPath.localSnapshot)
                if json { try Console.json(progress) } else { SnapshotCommand.describe(progress) }
            }
        }
    }

    private static func end(_ client: ControlClient) async throws -> SnapshotProgress {
        var silent = 0
        while true {
            do {
                let progress: SnapshotProgress = try await client.get(LocalPath.localSnapshot)
                if progress.phase == .idle { return progress }
                silent = 0
            } catch let failure as ControlFailure {
                silent += 1
                if silent >= silentLooksMax { throw failure }
            }
            try await RealClock().sleep(milliseconds: lookMilliseconds)
        }
    }

    private static func describe(_ progress: SnapshotProgress) {
        let park = progress.from.map { " from \($0)" } ?? ""
        let bytes = progress.bytesTotal.map { ": \(progress.bytes ?? 0) of \($0) bytes" } ?? ""
        print("\(progress.phase.rawValue)\(park)\(bytes)")
        if let installed = progress.installed { print("the database was made of a snapshot at \(installed)") }
        if let error = progress.error { print(Console.safe("not taken: \(error)")) }
    }
}
