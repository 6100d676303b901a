import DaemonFixtures
import Foundation
import ParkSyncReports
import Testing

/// A page of docs/guide, executed as it stands.
///
/// A block ` ```console ` holds commands (`$ ` before each, lines that end with `\` go on) with
/// what they print; ` ```console PARK ` is at another park's node than the page's. `…` stands for
/// anything, and behind the beginning of an id in a command for the newest such id that was
/// printed: `bio:booking:…`. A block ` ```sql ` (` ```sql PARK `) is one query, which gives at
/// least one row.
struct GuidePage {
    struct Step: Hashable, Sendable {
        var park: String
        var command: String
        /// What is printed; nil for a query.
        var output: [String]?
    }

    var name: String
    var steps: [Step]

    /// - Parameters:
    ///   - name: of the page, without `.md`.
    ///   - park: whose people read it.
    init(_ name: String, at park: String) throws {
        let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = folder.appending(path: "docs/guide/\(name).md")
        self.name = name
        steps = Self.steps(try String(contentsOf: page, encoding: .utf8), at: park)
    }

    static func steps(_ text: String, at park: String) -> [Step] {
        var steps: [Step] = []
        // Every other part is within a fence.
        for (index, part) in text.components(separatedBy: "```").enumerated() where !index.isMultiple(of: 2) {
            let lines = part.components(separatedBy: "\n")
            let words = lines[0].split(separator: " ").map(String.init)
            let park = words.count > 1 ? words[1] : park
            switch words.first {
            case "sql":
                let query = lines.dropFirst().joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
                steps.append(Step(park: park, command: query, output: nil))
            case "console": steps += commands(lines.dropFirst().dropLast(), park)
            default: continue
            }
        }
        return steps
    }

    private static func commands(_ lines: ArraySlice<String>, _ park: String) -> [Step] {
        var steps: [Step] = []
        for line in lines {
            if line.hasPrefix("$ ") {
                steps.append(Step(park: park, command: String(line.dropFirst(2)), output: []))
            } else if let last = steps.indices.last {
                if steps[last].command.hasSuffix("\\") {
                    steps[last].command += "\n" + line
                } else {
                    steps[last].output?.append(line)
                }
            }
        }
        return steps
    }

    /// Executes the page. What one park wrote is at the other before the next command there.
    ///
    /// - Parameter environment: beside that of an account that speaks English, in the zone's time.
    func run(in zone: TestZone, environment: [String: String] = [:]) async throws {
        #expect(!steps.isEmpty, "\(name) has no command")
        var ids: [String] = []
        var last: String?
        for step in steps {
            if let last, last != step.park { try await zone.agree() }
            last = step.park
            let command = Self.filled(step.command, ids)
            guard let wanted = step.output else {
                let rows = try await zone.rows(step.park, command)
                #expect(!rows.isEmpty, "\(name): no row of \(command)")
                continue
            }
            let printed = try await run(command, at: zone.socket(step.park), environment)
            ids += printed.matches(of: /[a-z][a-z0-9-]*:[a-z_]+:[0-9a-f]{16}/).map { String($0.0) }
            var lines = printed.components(separatedBy: "\n")
            if lines.last == "" { lines.removeLast() }
            #expect(SessionText.fits(lines, wanted), "\(name): $ \(command)\nprinted:\n\(printed)")
        }
    }

    private func run(_ command: String, at socket: String, _ environment: [String: String]) async throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let variables = [
            "PARKSYNC_SOCKET": socket, "PATH": "\(TestProcess.binaries.path):\(path)", "TZ": "CST-8",
            "LANG": "en_GB.UTF-8", "LC_ALL": "", "LC_MESSAGES": "",
        ].merging(environment) { $1 }
        return try await TestProcess.run("/usr/bin/env", ["bash", "-c", command], environment: variables).output
    }

    /// With the newest id in the place of each that a page cannot know.
    static func filled(_ command: String, _ ids: [String]) -> String {
        command.replacing(/[a-z][a-z0-9-]*:[a-z_]+:…/) { match in
            ids.last { $0.hasPrefix(match.0.dropLast()) } ?? String(match.0)
        }
    }
}
