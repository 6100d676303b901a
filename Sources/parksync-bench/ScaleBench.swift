import Foundation
import ParkSyncReplication
import ParkSyncSimulation

/// How a federation grows: the shipped engine and feed of many nodes in one process, on virtual
/// time and a virtual network.
struct ScaleBench {
    /// A federation that did not agree in time has no figures.
    struct NotConverged: Error, CustomStringConvertible {
        var name: String
        var description: String { "\(name): the nodes did not agree in five minutes of virtual time" }
    }

    let table: FigureTable
    let nodes: [Int]

    func run() throws {
        for count in nodes where count > 1 {
            try measure("mesh", .mesh, count)
            try measure("hub", .hub, count)
            try measure("hubs", .hubs(members: ScaleRun.root(count)), count)
            try measure("relay", .relay(chord: ScaleRun.root(count)), count)
        }
    }

    private func measure(_ shape: String, _ topology: Topology, _ count: Int) throws {
        let name = "scale_\(shape)_\(count)"
        let before = Self.processorNanoseconds()
        let run = ScaleRun(topology, nodes: count, stopwatch: Self.processorNanoseconds)
        let start = run.start()
        let middle = Self.processorNanoseconds()
        try add(name, start, count, cpu: middle &- before)
        let commit = run.commit()
        try add(name + "_commit", commit, count, cpu: Self.processorNanoseconds() &- middle)
        table.add("\(name)_streams_per_node", "streams", Double(start.streamsOpen) / Double(count))
        table.add("\(name)_calls_per_node", "calls", Double(start.streamsOpened) / Double(count))
        let text = "scale: \(name): \(Self.text(start)); one commit: \(Self.text(commit)); "
        FileHandle.standardError.write(
            Data((text + "\((Self.processorNanoseconds() &- before) / 1_000_000) ms of processor time\n").utf8))
    }

    private func add(_ name: String, _ phase: ScalePhase, _ count: Int, cpu: UInt64) throws {
        guard let took = phase.milliseconds else { throw NotConverged(name: name) }
        table.add("\(name)_seconds", "s", Double(took) / 1_000)
        table.add("\(name)_rounds", "links", Double(phase.rounds))
        table.add("\(name)_bytes", "bytes", Double(phase.traffic.bytes))
        table.add("\(name)_bytes_per_copy_ratio", "ratio", phase.bytesRatio)
        table.add(
            "\(name)_entries_share", "ratio", Double(phase.traffic.entries.bytes) / Double(max(1, phase.traffic.bytes)))
        table.add(
            "\(name)_states_share", "ratio", Double(phase.traffic.states.bytes) / Double(max(1, phase.traffic.bytes)))
        table.add("\(name)_cpu_ms_per_node", "ms", Double(cpu) / 1e6 / Double(count))
        table.add("\(name)_engine_cpu_ms_per_node", "ms", Double(phase.engineNanoseconds) / 1e6 / Double(count))
    }

    private static func text(_ phase: ScalePhase) -> String {
        let traffic = phase.traffic
        let parts = [traffic.requests, traffic.hellos, traffic.entries, traffic.states].map {
            "\($0.messages)/\($0.bytes >> 10)K"
        }
        let took = phase.milliseconds.map { "\($0) ms" } ?? "NOT CONVERGED"
        return "\(took), \(phase.rounds) links, ratio \(String(format: "%.2f", phase.bytesRatio)), "
            + "requests/hellos/entries/states \(parts.joined(separator: " ")), \(phase.streamsOpened) calls, "
            + "engine \(phase.engineNanoseconds / 1_000_000) ms for \(phase.engineEvents) events"
    }

    private static func processorNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
