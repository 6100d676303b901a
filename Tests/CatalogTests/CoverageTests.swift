import Foundation
import ParkSyncCore
import Testing

/// The page of coverage names what is there: kinds, fields, codes, machines, views and tests.
@Suite struct CoverageTests {
    private struct Row {
        let section: String
        let chinese: String
        let isCore: Bool
        let served: [ExactText]
        let machines: [ExactText]
        let views: [ExactText]
        let tests: [ExactText]
        let end: String
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let page = text("docs/reference/coverage.md")
    private static let rows = cells(under: "## Core and beside it").map { cells in
        Row(
            section: cells[0], chinese: cells[1], isCore: cells[3] == "core", served: names(cells[4]),
            machines: names(cells[5]), views: names(cells[6]), tests: names(cells[7]), end: cells[8])
    }

    private static let kinds = set("SELECT kind FROM kind")
    private static let tables = set("SELECT name FROM sqlite_master WHERE type = 'table'")
    private static let views = set("SELECT name FROM sqlite_master WHERE type = 'view'")
    private static let fields = set("SELECT kind || '.' || name FROM field")
    private static let codes = set("SELECT list || ':' || code FROM code UNION SELECT list || ':*' FROM code")
    private static let machinesOfKinds = SchemaRows.rows("SELECT kind, machine FROM kind WHERE machine IS NOT NULL")

    private static func set(_ query: String) -> Set<ExactText> { Set(SchemaRows.rows(query).map { $0[0] }) }

    private static func text(_ path: String) -> String {
        (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
    }

    private static func section(_ title: String) -> Substring {
        let parts = page.components(separatedBy: title + "\n")
        guard parts.count == 2 else { return "" }
        return parts[1].components(separatedBy: "\n## ")[0][...]
    }

    /// The rows of the one table of a section, without its head.
    private static func cells(under title: String) -> [[String]] {
        let lines = section(title).split(separator: "\n").filter { $0.hasPrefix("|") }
        return lines.dropFirst(2).map { line in
            line.dropFirst().dropLast().components(separatedBy: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// What stands between backquotes.
    private static func names(_ text: String) -> [ExactText] {
        text.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map { ExactText($0.element) }
    }

    @Test func everyRowOfTheDocumentIsThereOnce() {
        let context = Self.cells(under: "## Context")
        #expect(Self.rows.filter(\.isCore).count == 48)
        #expect(Self.rows.filter { !$0.isCore }.count == 46)
        #expect(context.count == 27)
        #expect(Set(Self.rows.map(\.chinese) + context.map { $0[1] }).count == 48 + 46 + 27)
        let sections = Self.rows.map { Int($0.section) ?? 0 }
        #expect(sections == sections.sorted() && sections.allSatisfy { (1...18).contains($0) })
        for row in context { #expect(row.count == 4 && !row[3].isEmpty && !row[3].contains(" "), "\(row)") }
    }

    @Test func whatServesARowIsThere() {
        for row in Self.rows {
            #expect(!row.served.isEmpty, "\(row.chinese)")
            for name in row.served {
                let isKnown =
                    Self.kinds.contains(name) || Self.tables.contains(name) || Self.fields.contains(name)
                    || Self.codes.contains(name)
                #expect(isKnown, "\(row.chinese): there is no \(name)")
            }
            for name in row.machines { #expect(SchemaRows.names.contains(name), "\(row.chinese): no machine \(name)") }
            for name in row.views { #expect(Self.views.contains(name), "\(row.chinese): no view \(name)") }
        }
    }

    /// A kind of request that a row names obeys one of the machines that it names.
    @Test func kindsHaveTheirMachines() {
        for row in Self.rows {
            for pair in Self.machinesOfKinds where row.served.contains(pair[0]) {
                #expect(row.machines.contains(pair[1]), "\(row.chinese): \(pair[0]) obeys \(pair[1])")
            }
        }
    }

    @Test func whatDrivesARowIsThere() throws {
        let tests = Self.root.appending(path: "Tests")
        let files = try FileManager.default.subpathsOfDirectory(atPath: tests.path)
        let suites = Set(
            files.filter { $0.hasSuffix("Tests.swift") }.map { ExactText(String($0.split(separator: "/").last ?? "")) })
        for row in Self.rows {
            #expect(!row.tests.isEmpty && !row.views.isEmpty, "\(row.chinese)")
            for name in row.tests {
                let parts = name.text.split(separator: "/")
                let isThere =
                    parts.count == 2
                    ? Self.text("Tests/catalogue/\(parts[0])").contains("\ndef test_\(parts[1])(")
                    : suites.contains(ExactText(name.text + ".swift"))
                #expect(isThere, "\(row.chinese): there are no \(name)")
            }
            let isSaid = row.end == "yes" || row.end.hasPrefix("part: ") || row.end.hasPrefix("no: ")
            #expect(isSaid, "\(row.chinese): \(row.end)")
        }
    }

    /// Nothing is shared that no row and no other kind needs.
    @Test func everyKindIsNamed() {
        let helpers = Self.names(String(Self.section("## Helper kinds")))
        let named = Set(Self.rows.flatMap(\.served))
        for kind in Self.kinds {
            #expect(named.contains(kind) != helpers.contains(kind), "\(kind)")
        }
        for helper in helpers { #expect(Self.kinds.contains(helper), "there is no kind \(helper)") }
        #expect(Self.kinds.count > 50 && Self.views.count > Self.kinds.count)
    }
}
