import DaemonFixtures
import Foundation
import Testing

/// The README's session is executed as it stands, and its output is compared line by line.
@Suite struct ReadmeTests {
    private struct Step {
        var command: String
        var output: [String] = []
    }

    private static let repository = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The first of as many ports as the session uses, below the range that the system gives out by
    /// itself: different for test runs at the same time, and none of them another program's.
    private static let port: Int = {
        let (count, places) = (12, 150)
        let first = Int(ProcessInfo.processInfo.processIdentifier)
        let found = (0..<places).map { 8_000 + (first + $0) % places * count }.first { base in
            (base..<base + count).allSatisfy { (try? TestListener(port: $0) { close($0) }) != nil }
        }
        return found ?? 8_000
    }()

    private static func steps() throws -> [Step] {
        var text = try String(contentsOf: repository.appendingPathComponent("README.md"), encoding: .utf8)
        for (written, offset) in [("7700", 0), ("7710", 10), ("7711", 11)] {
            text = text.replacingOccurrences(of: written, with: "\(port + offset)")
        }
        let block = try #require(
            text.components(separatedBy: "```console\n").dropFirst().first?.components(separatedBy: "```").first)
        var steps: [Step] = []
        for line in block.components(separatedBy: "\n").dropLast() {
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else {
                steps[steps.count - 1].output.append(line)
            }
        }
        return steps
    }

    @Test func theSessionGivesWhatItSays() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pr-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent(".build"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createSymbolicLink(
            at: folder.appendingPathComponent(".build/debug"), withDestinationURL: TestProcess.binaries)
        let steps = try Self.steps()
        #expect(steps.count > 10)
        // Job control as at a terminal; whatever the session leaves running ends with it.
        var script = "set -m\ntrap 'kill -9 $(jobs -p)' EXIT\ncd '\(folder.path)'\n"
        for (index, step) in steps.enumerated() { script += "echo '@@\(index)'\n\(step.command)\n" }
        let printed = try await run(script)
        for (index, step) in steps.enumerated() {
            let output = printed[index] ?? ["(nothing: the session ended before)"]
            #expect(
                SessionText.fits(output, step.output), "$ \(step.command)\nprinted:\n\(output.joined(separator: "\n"))")
        }
    }

    private func run(_ script: String) async throws -> [Int: [String]] {
        // What the shell itself says about jobs is not part of the session.
        let printed = try await TestProcess.run("/usr/bin/env", ["bash", "-c", "exec 2>/dev/null\n" + script]).output
        var result: [Int: [String]] = [:]
        var current = -1
        for line in printed.components(separatedBy: "\n") {
            if line.hasPrefix("@@"), let index = Int(line.dropFirst(2)) {
                current = index
                result[index] = []
            } else {
                result[current, default: []].append(line)
            }
        }
        if result[current]?.last == "" { result[current]?.removeLast() }
        return result
    }
}
