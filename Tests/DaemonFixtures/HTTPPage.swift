import Foundation
import Testing

/// What docs/reference/http-api.md says.
package enum HTTPPage {
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The rows of the first table after a heading: the names in its first cell, and the second
    /// cell.
    package static func rows(after heading: String) throws -> [(names: [String], text: String)] {
        let page = try String(contentsOf: root.appendingPathComponent("docs/reference/http-api.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: heading + "\n").dropFirst().first)
        let lines = section.components(separatedBy: "\n").drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
        return lines.filter { $0.hasPrefix("| `") }.map { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            return (
                cells[0].components(separatedBy: ", ").map {
                    $0.trimmingCharacters(in: CharacterSet(charactersIn: "`"))
                }, cells[1]
            )
        }
    }

    /// The names of the labels of each family of figures that the page has, in alphabetical order.
    /// `LocalAPITests` compares them with a node's.
    package static func families() throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for row in try rows(after: "### GET /healthz, GET /readyz, GET /metrics") {
            let labels = row.text.matches(of: #/`(\w+)`/#).map { String($0.1) }.sorted()
            for name in row.names {
                #expect(found.updateValue(labels, forKey: name) == nil, "\(name) stands in the page twice")
            }
        }
        return found
    }
}
