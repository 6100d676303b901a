import Foundation

/// What a page says that a command prints, beside what it printed.
enum SessionText {
    /// `…` stands for anything within a line, and alone on a line for any lines. How far apart
    /// columns are depends on what is in them.
    static func fits(_ output: [String], _ pattern: [String]) -> Bool {
        guard let first = pattern.first else { return output.isEmpty }
        if first == "…" {
            return (0...output.count).contains { fits(Array(output.dropFirst($0)), Array(pattern.dropFirst())) }
        }
        guard let line = output.first, matches(line, first) else { return false }
        return fits(Array(output.dropFirst()), Array(pattern.dropFirst()))
    }

    private static func matches(_ line: String, _ pattern: String) -> Bool {
        var rest = narrowed(line)[...]
        let parts = narrowed(pattern).components(separatedBy: "…")
        for (index, part) in parts.enumerated() {
            if index == 0 {
                guard rest.hasPrefix(part) else { return false }
                rest = rest.dropFirst(part.count)
            } else if index == parts.count - 1 {
                return part.isEmpty || rest.hasSuffix(part)
            } else {
                guard let range = rest.range(of: part) else { return false }
                rest = rest[range.upperBound...]
            }
        }
        return rest.isEmpty
    }

    /// Three and more spaces as two.
    private static func narrowed(_ line: String) -> String {
        line.replacingOccurrences(of: " {3,}", with: "  ", options: .regularExpression)
    }
}
