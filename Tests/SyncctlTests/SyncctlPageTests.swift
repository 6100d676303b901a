import ArgumentParser
import Foundation
import Testing

@testable import syncctl

/// The reference page of syncctl has the commands and options that the parser takes, each under its
/// own command, and no others.
@Suite struct SyncctlPageTests {
    /// What the program says of itself (swift-argument-parser's ToolInfo).
    private struct Tool: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable {
                var kind: String
                var name: String
            }
            var kind: String
            var names: [Name]?
        }
        struct Command: Decodable {
            var commandName: String
            var subcommands: [Command]?
            var arguments: [Argument]?
        }
        var command: Command
    }

    /// Options of each command without subcommands, by its words.
    private let options: [String: Set<String>]
    /// Text behind each heading, by the heading.
    private let sections: [(heading: String, text: String)]

    init() throws {
        let tool = try JSONDecoder().decode(Tool.self, from: Data(Syncctl._dumpHelp().utf8))
        var found: [String: Set<String>] = [:]
        func walk(_ command: Tool.Command, _ path: [String]) {
            let subcommands = (command.subcommands ?? []).filter { $0.commandName != "help" }
            for next in subcommands { walk(next, path + [next.commandName]) }
            guard subcommands.isEmpty else { return }
            let names = (command.arguments ?? []).flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map(\.name)
            found[path.joined(separator: " ")] = Set(names).subtracting(["help", "version"])
        }
        walk(tool.command, [])
        options = found
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/reference/syncctl.md"), encoding: .utf8)
        sections = page.split(separator: "\n## ", omittingEmptySubsequences: false).dropFirst().map { part in
            let heading = part.prefix { $0 != "\n" }
            return (String(heading), Self.withoutBlocks(part.dropFirst(heading.count)))
        }
    }

    /// Examples of answers have no options.
    private static func withoutBlocks(_ text: Substring) -> String {
        text.components(separatedBy: "```").enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element).joined()
    }

    private static func options(in text: String) -> Set<String> {
        Set(text.matches(of: /--([a-z][a-z-]*)/).map { String($0.1) })
    }

    /// Which node a command talks to is said once for all.
    private static let ofNode: Set = ["socket", "url", "token-file", "config", "park"]

    /// The section of a command: its own, or that of the command it belongs to.
    private func section(of command: String) -> String? {
        var words = command.split(separator: " ")
        while !words.isEmpty {
            let name = words.joined(separator: " ")
            if let found = sections.first(where: { $0.heading.components(separatedBy: ", ").contains(name) }) {
                return found.heading
            }
            words.removeLast()
        }
        return nil
    }

    @Test func eachOptionStandsUnderItsCommand() throws {
        #expect(options.count > 25 && options["init"]?.contains("address") == true)
        for (command, names) in options.sorted(by: { $0.key < $1.key }) {
            let heading = try #require(section(of: command), "\(command) has no section")
            let text = try #require(sections.first { $0.heading == heading }).text
            #expect(
                text.contains("syncctl \(command)") || text.contains("syncctl \(heading)"),
                "\(command) has no usage in its section")
            let lacking = names.subtracting(Self.ofNode).subtracting(Self.options(in: text))
            #expect(lacking.isEmpty, "\(command): \(lacking.sorted()) are not on the page")
        }
        let node = try #require(sections.first { $0.heading == "Which node" })
        #expect(Self.ofNode.isSubset(of: Self.options(in: node.text)))
    }

    @Test func thePageHasNoOtherOptionsOrCommands() {
        let all = options.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        let general: Set = ["Which node", "Values on the command line", "For the people of a park"]
        for (heading, text) in sections {
            let ofSection = options.filter { section(of: $0.key) == heading }.values.reduce(into: Self.ofNode) {
                $0.formUnion($1)
            }
            for span in text.matches(of: /`([^`]+)`/).map({ String($0.1) }) {
                var known = general.contains(heading) ? all.union(["help"]) : ofSection
                if let named = span.wholeMatch(of: /syncctl ([a-z-]+)(?: ([a-z-]+))?\b.*/) {
                    let (first, both) = (String(named.1), [named.1, named.2 ?? ""].joined(separator: " "))
                    let meant = options.filter {
                        $0.key == both || $0.key == first || ($0.key.hasPrefix(first + " ") && options[both] == nil)
                    }
                    #expect(!meant.isEmpty, "\(heading): `\(span)` is no command")
                    known = meant.values.reduce(into: Self.ofNode) { $0.formUnion($1) }
                }
                let others = Self.options(in: span).subtracting(known)
                #expect(others.isEmpty, "\(heading): \(others.sorted()) in `\(span)`")
            }
        }
    }
}
