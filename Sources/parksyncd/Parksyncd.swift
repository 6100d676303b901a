import ArgumentParser
import Foundation
import Logging
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import ParkSyncStore

/// The daemon of one park's node.
@main
struct Parksyncd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parksyncd",
        abstract: "One park's node: shares the tables of an SQLite file with the other parks.",
        version: SoftwareVersion.current,
        subcommands: [Run.self, FirstStart.self, DemoStatements.self, CheckSnapshot.self],
        defaultSubcommand: Run.self)
}

/// Exit statuses besides 0; sysexits(3).
enum DaemonExit {
    /// The configuration or the schema is wrong: starting again does not help.
    static let usage = ExitCode(64)
    static let failure = ExitCode(70)
    /// A disk of the node is full: nothing is wrong with the node, and it starts as soon as there
    /// is room.
    static let full = ExitCode(74)
    /// Another daemon works on the state folder; later it may be gone.
    static let temporary = ExitCode(75)
    /// The node's user may not read or write one of its files.
    static let permission = ExitCode(77)

    static func code(for error: any Error) -> ExitCode {
        switch error {
        case is ConfigurationError, is SchemaError, is ServerStartError: usage
        // The file is another park's, or has another layout or encoding: it is the same when it is
        // opened again.
        case let error as StoreError where [.schema, .format, .invalidInput].contains(error.code): usage
        case let error as StoreError where error.code == .busy: temporary
        case let error as StoreError where error.code == .readOnly: permission
        case let error as StoreError where error.code == .diskFull: full
        case _ where ErrorWords.isDiskFull(error): full
        default: failure
        }
    }
}

/// `parksyncd run`
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the node until SIGTERM or SIGINT.",
        discussion: """
            Each key of the configuration can be overridden by an environment variable (PARKSYNC_LOCAL_HTTP for \
            local.http) and that by an option \
            behind the others (--local-http 127.0.0.1:7600). Exit status: 0 after a graceful stop, 64 for a wrong \
            configuration, 75 when another \
            daemon works on the same state folder, 74 when a disk is full, 77 when the node's user may not read or \
            write its files, 70 for any other failure. SIGHUP reads \
            the configuration again: log level, certificates and the peers' addresses count at once.
            """)

    @Option(help: "The node's configuration, a YAML file.")
    var config: String

    @Argument(parsing: .allUnrecognized, help: "Overrides, as in --log-level debug.")
    var overrides: [String] = []

    func run() async throws {
        Memory.keepSmall()
        ProcessHardening.apply()
        let environment = ProcessInfo.processInfo.environment
        let journal = Journal(clock: RealClock(), isSystemJournal: Journal.isBehindStandardError(environment))
        let load = { @Sendable [config, overrides] in
            try NodeConfiguration.load(file: config, overrides: overrides, environment: environment)
        }
        do {
            let configuration = try load()
            LoggingSystem.bootstrap { LibraryLog(journal: journal, label: $0) }
            let live = LiveConfiguration(configuration, journal: journal, load: load)
            try await Node(live: live, environment: environment, journal: journal).run()
        } catch {
            let code = DaemonExit.code(for: error)
            journal.writeFailure(ErrorText.of(error), exit: code.rawValue)
            throw code
        }
    }
}

/// `parksyncd first-start`
struct FirstStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mark a park's state folder as that of a node that has never run.",
        discussion: """
            Without the mark a node that finds no database takes it for lost, and fetches its own entries back from \
            all peers before it accepts \
            writes. Never do this for a park that has written before: its peers would refuse its new entries as a fork.
            """)

    @Option(help: "The node's configuration, a YAML file.")
    var config: String

    func run() async throws {
        do {
            let configuration = try NodeConfiguration.load(
                file: config, overrides: [], environment: ProcessInfo.processInfo.environment)
            try NodeFiles.makeFolder(configuration.statePath)
            // Programs may have made the file before the node runs first.
            guard try !NodeDatabase.hasRun(configuration.databasePath) else {
                throw ConfigurationError(
                    "state", "\(configuration.databasePath) is a node's already",
                    remedy: "Nothing to do: the node has run before.")
            }
            try FileSystem.touch(configuration.firstStartPath)
        } catch {
            FileHandle.standardError.write(Data("parksyncd first-start: \(ErrorText.of(error))\n".utf8))
            throw DaemonExit.code(for: error)
        }
    }
}
