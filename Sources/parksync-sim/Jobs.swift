import ArgumentParser
import Foundation
import ParkSyncReports

/// Shares seeds among processes: a world is one thread's, and one process's faults cannot disturb
/// another's.
struct Jobs {
    let count: Int

    /// - Parameter arguments: what each process is told besides its seeds.
    func run(_ range: ClosedRange<UInt64>, minutes: Double?, arguments: [String]) throws -> Summary {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parksync-sim-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var summary = Summary()
        var running: [(process: Process, figures: URL)] = []
        for (index, part) in parts(range, isEndless: minutes != nil).enumerated() {
            let figures = folder.appendingPathComponent("\(index).json")
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments =
                ["--seeds", "\(part.lowerBound)..\(part.upperBound)", "--json", figures.path] + arguments
                + (minutes.map { ["--minutes", "\($0)"] } ?? [])
            try process.run()
            running.append((process, figures))
        }
        for (process, figures) in running {
            process.waitUntilExit()
            guard process.terminationReason == .exit, process.terminationStatus <= 1,
                let data = try? Data(contentsOf: figures)
            else {
                throw ValidationError("a process with part of the seeds ended with status \(process.terminationStatus)")
            }
            summary.add(try JSONCoding.decode(Summary.self, from: data))
        }
        return summary
    }

    private func parts(_ range: ClosedRange<UInt64>, isEndless: Bool) -> [ClosedRange<UInt64>] {
        // Without an end each process begins far away from the others.
        if isEndless {
            return (0..<UInt64(count)).map {
                range.lowerBound &+ $0 * 1_000_000_000...range.lowerBound &+ $0 * 1_000_000_000 &+ 999_999_999
            }
        }
        let size = (range.upperBound - range.lowerBound) / UInt64(count) + 1
        return (0..<UInt64(count)).compactMap { index in
            let first = range.lowerBound + index * size
            return first <= range.upperBound ? first...min(range.upperBound, first + size - 1) : nil
        }
    }
}
