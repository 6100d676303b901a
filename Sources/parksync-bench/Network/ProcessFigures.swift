import Foundation

/// What the kernel counts for a process (proc(5)).
enum ProcessFigures {
    /// Highest resident memory so far, in bytes.
    static func peakBytes(_ pid: Int32) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({
                Double($0)
            })
        else { throw BenchFailure("/proc/\(pid)/status has no VmHWM", remedy: "Measure on Linux.") }
        return kilobytes * 1_024
    }

    /// Begins a new measurement of the highest resident memory.
    static func resetPeak(_ pid: Int32) throws {
        try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/\(pid)/clear_refs"))
    }

    /// Processor seconds used so far.
    static func cpuSeconds(_ pid: Int32) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        // The name in brackets may hold anything; fields 14 and 15 are counted from behind it.
        let fields = text.components(separatedBy: ") ").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw BenchFailure("/proc/\(pid)/stat cannot be read", remedy: "Measure on Linux.")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// How often all its threads together gave up the processor to wait: each is followed by a
    /// wake-up.
    static func wakeUps(_ pid: Int32) throws -> Double {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").reduce(0) { sum, thread in
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/status", encoding: .utf8),
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("voluntary_ctxt_switches:") })
            else { return sum }
            return sum + (Double(line.split(separator: "\t").last ?? "") ?? 0)
        }
    }
}
