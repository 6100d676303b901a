import ArgumentParser
import Foundation
import ParkSyncReports
import Testing

@testable import parksyncd

/// docs/reference/exit-codes.md has the statuses with which the programs end, and no others.
@Suite struct ExitCodeDocumentTests {
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The rows of a program's table: the status, and its last cell.
    private static func rows(_ program: String) throws -> [(code: Int32, text: String)] {
        let page = try text("docs/reference/exit-codes.md")
        let section = try #require(page.components(separatedBy: "## \(program)\n").dropFirst().first).components(
            separatedBy: "\n## ")[0]
        return section.components(separatedBy: "\n").compactMap { line in
            guard let row = line.wholeMatch(of: #/\| (\d+) \|(?:.*\|)? ([^|]*) \|/#), let code = Int32(row.1) else {
                return nil
            }
            return (code, String(row.2))
        }
    }

    /// The statuses that the sources of a program name, besides those that another value gives.
    private static func written(_ folder: String, computed: Set<String> = []) throws -> Set<Int32> {
        var found: Set<Int32> = []
        let files = FileManager.default.enumerator(
            at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
        for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: #/ExitCode\(([^)]*)\)/#) {
                if let code = Int32(match.1) {
                    found.insert(code)
                } else {
                    #expect(
                        computed.contains(String(match.1)), "\(file.lastPathComponent) makes a status of \(match.1)")
                }
            }
        }
        return found
    }

    @Test func ofTheDaemon() throws {
        let rows = try Self.rows("parksyncd")
        let codes = try Self.written("Sources/parksyncd").union([ExitCode.success.rawValue])
        #expect(codes.count > 5 && rows.map(\.code) == codes.sorted())
        // What is told in its help, and what systemd is told.
        let help = Run.configuration.discussion
        for code in codes {
            let word = try Regex("\\b\(code)\\b")
            #expect(help.contains(word), "the help of `parksyncd run` has no \(code)")
        }
        let unit = try Self.text("deploy/systemd/parksyncd@.service")
        let prevented = try #require(unit.firstMatch(of: #/\nRestartPreventExitStatus=(.*)\n/#)).1.split(separator: " ")
            .compactMap { Int32($0) }
        #expect(rows.filter { $0.text == "does not start it again" }.map(\.code) == prevented)
    }

    @Test func ofTheCommands() throws {
        let levels = Verdict.Level.allCases.map(\.exit)
        let codes = try Self.written("Sources/syncctl", computed: ["verdict.exit"])
            .union(levels + [ExitCode.success.rawValue, ExitCode.validationFailure.rawValue])
        let rows = try Self.rows("syncctl")
        #expect(codes.count > 3 && rows.map(\.code) == codes.sorted())
    }
}
