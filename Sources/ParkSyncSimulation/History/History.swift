/// What happens to a world from outside, in order of time. Together with the build it decides
/// everything.
package struct History: Hashable, Sendable {
    /// Decides delays, the schedule and all that is drawn while the steps are taken.
    package var seed: UInt64
    package var profile: Profile
    package var nodes: Int
    package var steps: [Step]

    package init(seed: UInt64, profile: Profile, nodes: Int, steps: [Step]) {
        self.seed = seed
        self.profile = profile
        self.nodes = nodes
        self.steps = steps
    }

    static let heading = "parksync history 1"

    package var text: String {
        ([Self.heading, "seed \(seed)", "profile \(profile.rawValue)", "nodes \(nodes)"] + steps.map(\.description))
            .joined(separator: "\n") + "\n"
    }

    package struct Malformed: Error, CustomStringConvertible {
        package var line: Int
        package var reason: String
        package var description: String { "line \(line): \(reason)" }
    }

    /// Empty lines and lines that begin with `;` are left out.
    package init(parsing text: String) throws {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .map { (number: $0.offset + 1, text: $0.element) }.filter { !$0.text.isEmpty && !$0.text.hasPrefix(";") }
        func value<T>(_ index: Int, _ name: String, _ make: (String) -> T?) throws -> T {
            guard lines.indices.contains(index) else {
                throw Malformed(line: lines.last?.number ?? 1, reason: "`\(name)` is missing")
            }
            let words = lines[index].text.split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0] == name, let value = make(String(words[1])) else {
                throw Malformed(line: lines[index].number, reason: "`\(name) …` belongs here")
            }
            return value
        }
        guard lines.first?.text == Self.heading[...] else {
            throw Malformed(line: 1, reason: "`\(Self.heading)` belongs here")
        }
        seed = try value(1, "seed") { UInt64($0) }
        profile = try value(2, "profile") { Profile(rawValue: $0) }
        let count: Int = try value(3, "nodes") {
            Int($0).flatMap { (1...WorldLimits.nodesMax).contains($0) ? $0 : nil }
        }
        nodes = count
        steps = try lines.dropFirst(4).map { line in
            guard let step = Step(parsing: line.text), step.nodes.allSatisfy({ $0 < count }) else {
                throw Malformed(line: line.number, reason: "`\(line.text)` is no step")
            }
            return step
        }
    }
}
