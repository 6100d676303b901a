import ArgumentParser
import Foundation
import ParkSyncCurl
import ParkSyncReplication
import ParkSyncReports

/// The operator's hand on a node.
@main
struct Syncctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "syncctl", abstract: "Show and steer a ParkSync node.", version: SoftwareVersion.current,
        subcommands: [
            Initialise.self, Status.self, Wait.self, Execute.self, Query.self, Watch.self, Log.self, Verify.self,
            Repair.self, Blame.self,
            Conflicts.self, Refused.self, Link.self,
            AcceptWrites.self, Compact.self, Fence.self, Unfence.self, ReissueEntries.self, Replay.self, Backup.self,
            RestoreBackup.self,
            SnapshotCommand.self,
        ], groupedSubcommands: PeopleCommands.groups)

    static func main() async {
        // Backups, keys and restored databases are not for everybody.
        let mask = umask(0o077)
        umask(mask | 0o007)
        if let complaint = Misspelling.complaint(Array(CommandLine.arguments.dropFirst()), of: Syncctl.self) {
            for line in TextLayout.wrap(Console.safe(complaint), hanging: 2) { Console.error(line) }
            Foundation.exit(ExitCode.validationFailure.rawValue)
        }
        await main(nil)
    }
}

/// Exit statuses besides 0 and ArgumentParser's 64 for wrong usage.
enum CommandExit {
    /// The node answers, and something is in progress, waits or was found wrong.
    static let degraded = ExitCode(1)
    /// The node does not answer, refuses, or is broken.
    static let broken = ExitCode(2)
    /// Everything that was checked is sound, and something that belongs to the proof was not
    /// checked.
    static let unchecked = ExitCode(3)
    /// The park that decides has answered, and refuses.
    static let refused = ExitCode(4)
}

/// Runs a command's work and says on standard error what failed.
func reporting<T>(_ command: String, _ body: () async throws -> T) async throws -> T {
    do { return try await body() } catch let exit as ExitCode {
        throw exit
    } catch let error as ValidationError {
        Console.error("syncctl \(command): \(error.message)")
        throw ExitCode.validationFailure
    } catch {
        Console.error("syncctl \(command): \(FailureText.of(error))")
        throw CommandExit.broken
    }
}

/// What failed, and what to do about it, in one line.
enum FailureText {
    static func of(_ error: any Error) -> String {
        guard let problem = error as? ProblemDetails else { return ErrorWords.of(error) }
        return [problem.title, ": ", Sentence.ended(problem.detail), " ", Sentence.ended(problem.remedy)].joined()
    }
}
