import DaemonFixtures
import Foundation

@testable import syncctl

/// A table that a command has printed.
enum PeopleTableText {
    /// Where the cells of a line begin on a terminal: behind two spaces.
    private static func begins(_ line: Substring) -> [Int] {
        var begins: [Int] = []
        var (width, spaces) = (0, 2)
        for character in line {
            if character == " " {
                spaces += 1
            } else {
                if spaces > 1 { begins.append(width) }
                spaces = 0
            }
            width += TextLayout.width(String(character))
        }
        return begins
    }

    /// The lines of the table that begins with a head, up to the next empty line.
    static func lines(_ output: String, head: String) -> [Substring] {
        let all = output.split(separator: "\n", omittingEmptySubsequences: false)
        return Array(all.drop { !$0.hasPrefix(head) }.prefix { !$0.isEmpty })
    }

    /// Whether it has so many rows, whose cells begin where the heads of their columns do.
    static func linesUp(_ lines: [Substring], rows: Int) -> Bool {
        guard let head = lines.first, lines.count > rows else { return false }
        return lines.prefix(rows + 1).allSatisfy { begins($0) == begins(head) }
    }
}

extension PeopleZone {
    /// The names in the object that a command prints with --json, or in the first one of its array.
    func members(_ park: String, _ words: String...) async throws -> Set<String> {
        let said = try await TestProcess.run("syncctl", words + ["--json", "--socket", zone.socket(park)])
        let json = try JSONSerialization.jsonObject(with: Data(said.output.utf8))
        return Set(((json as? [[String: Any]])?.first ?? json as? [String: Any] ?? [:]).keys)
    }

    /// Bad input is one sentence on one line, which ends with its code, in both languages.
    func refusal(_ park: String, _ words: [String], environment: [String: String] = [:]) async throws -> (
        status: Int32, code: String
    ) {
        var found: (status: Int32, code: String) = (0, "")
        for language in Language.allCases {
            let said = try await TestProcess.run(
                "syncctl", words + ["--lang", language.rawValue, "--socket", zone.socket(park)],
                environment: environment)
            let lines = said.output.split(separator: "\n")
            guard lines.count == 1, said.output.hasSuffix("]\n"), let start = lines[0].lastIndex(of: "["),
                said.output.contains("。") == (language == .zh)
            else { throw RawHTTPConnection.Failure(description: "\(words): \(said)") }
            found = (said.status, String(lines[0][lines[0].index(after: start)...].dropLast()))
        }
        return found
    }
}
