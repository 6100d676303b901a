import ArgumentParser
import Foundation
import ParkSyncCurl
import ParkSyncWire

/// The operator's hand on a node.
@main
struct Syncctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "syncctl", abstract: "Show and steer a ParkSync node.", version: "0.1.0",
        subcommands: [
            Initialise.self, Status.self, Wait.self, Execute.self, Query.self, Watch.self, Log.self, Blame.self, Conflicts.self, Link.self,
            Replay.self,
        ])
}

/// Exit statuses besides 0 and ArgumentParser's 64 for wrong usage.
enum CommandExit {
    /// The node answers, and something is in progress, waits or was found wrong.
    static let degraded = ExitCode(1)
    /// The node does not answer, refuses, or is broken.
    static let broken = ExitCode(2)
}

/// Runs a command's work and says on standard error what failed.
func reporting(_ command: String, _ body: () async throws -> Void) async throws {
    do { try await body() } catch let exit as ExitCode {
        throw exit
    } catch let problem as ProblemDetails {
        Console.error("syncctl \(command): \(problem.title): \(problem.detail). \(problem.remedy)")
        throw CommandExit.broken
    } catch let error as ValidationError {
        throw error
    } catch {
        Console.error("syncctl \(command): \(error)")
        throw CommandExit.broken
    }
}

enum Console {
    static func error(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// Members in alphabetical order: the output is a contract and does not change from run to run.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    static func jsonLine(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// `2026-12-01 08:00:00.250Z`
    static func time(_ milliseconds: UInt64) -> String {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1_000)).replacingOccurrences(of: "T", with: " ")
    }

    /// Columns side by side. Widths count characters, of which Chinese ones take two places on a terminal.
    static func table(_ rows: [[String]]) {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { column < $0.count ? width($0[column]) : 0 }.max() ?? 0 }
        for row in rows {
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: max(0, widths[index] - width(cell)))
            }
            print(cells.joined(separator: "  "))
        }
    }

    private static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) {
            $0 + ((0x1100...0x115F).contains($1.value) || (0x2E80...0xFFDC).contains($1.value) || $1.value > 0x1F000 ? 2 : 1)
        }
    }
}
