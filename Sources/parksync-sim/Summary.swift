import Foundation
import ParkSyncSimulation

/// Figures of many histories.
struct Summary: Codable {
    struct Failure: Codable {
        /// Runs the history again.
        var command: String
        var promise: Int
        var what: String
    }

    var histories = 0
    /// Steps of the histories that were taken.
    var steps = 0
    /// Everything that happened: messages, pieces of the stores' work, timers.
    var events = 0
    /// States of nodes that were compared with the model's.
    var comparisons = 0
    var virtualSeconds = 0.0
    /// By the clock on the wall.
    var seconds = 0.0
    /// Of all traces, in the order of the seeds.
    var trace = ""
    var counters: [String: Int] = [:]
    var failures: [Failure] = []

    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    private enum CodingKeys: String, CodingKey {
        case histories, steps, events, comparisons, virtualSeconds, seconds, trace, counters, failures
    }

    mutating func add(_ outcome: Outcome, seconds: Double) {
        histories += 1
        steps += outcome.steps
        events += outcome.events
        comparisons += outcome.comparisons
        virtualSeconds += Double(outcome.virtualMilliseconds) / 1_000
        self.seconds += seconds
        hash = (hash ^ outcome.trace) &* 0x0000_0100_0000_01B3
        trace = String(hash, radix: 16)
        for (name, count) in outcome.counters.sorted { counters[name, default: 0] += count }
    }

    mutating func add(_ other: Summary) {
        histories += other.histories
        steps += other.steps
        events += other.events
        comparisons += other.comparisons
        virtualSeconds += other.virtualSeconds
        seconds = max(seconds, other.seconds)
        trace = trace.isEmpty ? other.trace : trace + "+" + other.trace
        counters.merge(other.counters) { $0 + $1 }
        failures += other.failures
    }

    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    var text: String {
        let rate = seconds > 0 ? Int(Double(steps) / seconds) : 0
        let lines = [
            """
            \(histories) histories, \(steps) steps, \(events) events, \(comparisons) states compared, \
            \(Int(virtualSeconds)) virtual seconds
            """,
            "\(String(format: "%.1f", seconds)) s, \(rate) steps/s, trace \(trace)",
        ]
        let counted = counters.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        return (lines + counted + ["\(failures.count) histories broke a promise"]).joined(separator: "\n")
    }
}

/// Writes at once, also into a pipe: a run may take hours, or be ended.
func say(_ text: String, end: String = "\n") { FileHandle.standardOutput.write(Data((text + end).utf8)) }
