import Foundation
import ParkSyncReports

/// Compares two files of figures, so that a change that makes something slower is seen.
///
/// Ratios and counts of bytes are compared, and absolute speeds too; the latter hold on one machine
/// only.
struct BaselineComparison {
    /// How much worse a figure may be before it counts as a regression: 1.25 is a quarter.
    let tolerance: Double

    /// So many figures that were not measured are named; more are counted.
    private static let namesMax = 10

    private struct File: Decodable {
        struct Entry: Decodable {
            var median: Double
            var unit: String
            var target: String?
        }
        var figures: [String: Entry]
    }

    /// Prints a line for each figure that both files have.
    ///
    /// - Returns: how many are worse than the tolerance allows.
    func run(current: String, baseline: String) throws -> Int {
        let (now, before) = (try read(current), try read(baseline))
        var worse = 0
        for name in now.figures.keys.sorted() {
            guard let new = now.figures[name], let old = before.figures[name] else { continue }
            guard let factor = worsening(name, new: new, old: old) else { continue }
            let isWorse = factor > tolerance
            if isWorse { worse += 1 }
            let mark = isWorse ? "  REGRESSION" : ""
            print(
                String(
                    format: "%@ %.3f -> %.3f %@ (%.2f times as bad)%@", name, old.median, new.median, new.unit, factor,
                    mark))
        }
        let missing = before.figures.keys.filter { now.figures[$0] == nil }.sorted()
        if missing.count > Self.namesMax {
            print("not measured this time: \(missing.count) figures of the baseline")
        } else if !missing.isEmpty {
            print("not measured this time: \(missing.joined(separator: ", "))")
        }
        print("\(worse) figures are worse than \(tolerance) times the baseline")
        return worse
    }

    /// New to old in the direction in which the figure is bad; nil if it has no direction, or
    /// nothing to divide by.
    private func worsening(_ name: String, new: File.Entry, old: File.Entry) -> Double? {
        guard new.median > 0, old.median > 0 else { return nil }
        let isHigherBetter =
            new.target.map { $0.hasPrefix(">") } ?? (new.unit.hasSuffix("/s") && !name.hasPrefix("idle"))
        return isHigherBetter ? old.median / new.median : new.median / old.median
    }

    private func read(_ path: String) throws -> File {
        do { return try JSONCoding.decode(File.self, from: Data(contentsOf: URL(fileURLWithPath: path))) } catch {
            throw BenchFailure(
                "\(path) holds no figures: \(error)", remedy: "Make it with `make bench BENCH_JSON=\(path)`.")
        }
    }
}
