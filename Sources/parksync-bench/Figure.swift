import Foundation

/// One measured figure: all rounds, and what is aimed at.
struct Figure: Encodable {
    var name: String
    var unit: String
    var rounds: [Double]
    /// The bound that the figure should keep, as in `<= 1.3`.
    var target: String?

    var median: Double { Self.percentile(rounds, 50) }
    var min: Double { rounds.min() ?? 0 }
    var max: Double { rounds.max() ?? 0 }

    /// Whether the median keeps the target; nil without one.
    var isMet: Bool? {
        let words = (target ?? "").split(separator: " ")
        guard words.count == 2, let bound = Double(words[1]) else { return nil }
        switch words[0] {
        case "<=": return median <= bound
        case "<": return median < bound
        case ">=": return median >= bound
        default: return nil
        }
    }

    /// Nearest-rank percentile.
    static func percentile(_ values: [Double], _ percent: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
        return sorted[Swift.min(sorted.count - 1, Swift.max(0, rank - 1))]
    }

    enum CodingKeys: String, CodingKey { case median, min, max, unit, target }
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(median, forKey: .median)
        try container.encode(min, forKey: .min)
        try container.encode(max, forKey: .max)
        try container.encode(unit, forKey: .unit)
        try container.encodeIfPresent(target, forKey: .target)
    }
}

/// Collects figures round by round and prints them side by side.
final class FigureTable {
    private(set) var figures: [Figure] = []

    func add(_ name: String, _ unit: String, _ value: Double, target: String? = nil) {
        if let index = figures.firstIndex(where: { $0.name == name }) {
            figures[index].rounds.append(value)
        } else {
            figures.append(Figure(name: name, unit: unit, rounds: [value], target: target))
        }
    }

    /// Keeps the highest value that was added.
    func worst(_ name: String, _ unit: String, _ value: Double, target: String?) {
        if let index = figures.firstIndex(where: { $0.name == name }) {
            figures[index].rounds = [Swift.max(value, figures[index].max)]
        } else {
            add(name, unit, value, target: target)
        }
    }

    /// The median so far; nil if the figure was not measured.
    func median(_ name: String) -> Double? { figures.first { $0.name == name }?.median }

    func printTable() {
        print(row("figure", "median", "min", "max", "unit", "target", ""))
        for figure in figures {
            let mark = figure.isMet.map { $0 ? "met" : "MISSED" } ?? ""
            print(
                row(
                    figure.name, text(figure.median), text(figure.min), text(figure.max), figure.unit,
                    figure.target ?? "", mark))
        }
    }

    private func text(_ value: Double) -> String {
        String(format: value >= 1_000 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
    }

    private func row(_ cells: String...) -> String {
        let widths = [42, 12, 12, 12, 10, 12, 6]
        return zip(cells, widths).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: Swift.max(0, cell.1 - cell.0.count))
            return index == 0 || index > 3 ? cell.0 + padding : padding + cell.0
        }.joined(separator: " ")
    }

    func writeJSON(to path: String) throws {
        struct Output: Encodable { var figures: [String: Figure] }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let output = Output(figures: Dictionary(figures.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
        try encoder.encode(output).write(to: URL(fileURLWithPath: path))
    }
}
