import ArgumentParser
import Foundation
import ParkSyncCatalog

@main struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parksync-bench", abstract: "Measures ParkSync beside plain SQLite in one run.",
        discussion: """
            Every ratio compares two measurements of the same run, in interleaved rounds on fresh files. \
            docs/reference/benchmarks.md says how each \
            figure is measured. With --compare no measurement is made: two files with figures are compared instead.
            """)

    @Option(help: "Rows of the measurements of writes.")
    var rows = 300_000

    @Option(help: "Rows of the measurements of applies, growth and catch-up.")
    var applyRows = 1_000_000

    @Option(help: "Rows of one transaction.")
    var batch = 1_000

    @Option(help: "Interleaved rounds; medians are reported.")
    var rounds = 5

    @Option(help: "Commits of each latency measurement.")
    var latencyCommits = 2_000

    @Option(help: "Seconds for which idle nodes are watched.")
    var idleSeconds = 20

    @Option(help: "Node counts of the virtual federations.")
    var nodes: [Int] = [12, 60, 300]

    @Option(help: "The folder with parksyncd and syncctl; without it, measurements between daemons are left out.")
    var bin: String?

    @Option(
        help:
            """
            Only this figure, or this group of figures: \
            \(BenchGroup.allCases.map(\.rawValue).joined(separator: ", ")). May be given several times.
            """
    )
    var only: [String] = []

    @Option(help: "How much of the zone's size of 2020 the load data has.")
    var percent = 100

    @Option(help: "Decides the load data.")
    var seed: UInt64 = 1

    @Option(help: "The program that sends a node what no honest client would.")
    var hostileClient = "Tests/chaos/hostile_client.py"

    @Flag(help: "Measure PostgreSQL's logical replication in the same run (Debian package postgresql).")
    var postgresql = false

    @Option(help: "Load this CRDT extension (cr-sqlite, sqlite-sync) into the same comparison of writes.")
    var peerExtension: String?

    @Option(help: "Write the figures to this file as JSON.")
    var json: String?

    @Option(
        help:
            """
            Compare the figures of this file with those of --baseline, as ratios; status 1 if one is worse than \
            --tolerance allows.
            """
    )
    var compare: String?

    @Option(help: "The file that --compare compares with.")
    var baseline: String?

    @Option(help: "How much worse than the baseline a figure may be: 1.25 is a quarter.")
    var tolerance = 1.25

    func validate() throws {
        for name in only where BenchGroup(rawValue: name) == nil && BenchGroup.of(figure: name) == nil {
            throw ValidationError("There is no figure and no group \(name); docs/reference/benchmarks.md lists them.")
        }
        guard rows > 0, applyRows > 0, batch > 0, rounds > 0, latencyCommits > 0, idleSeconds > 0, tolerance >= 1 else {
            throw ValidationError("Sizes are positive numbers, and the tolerance is at least 1.")
        }
        guard (1...CatalogueLoad.percentMax).contains(percent) else {
            throw ValidationError("--percent is from 1 to \(CatalogueLoad.percentMax).")
        }
        if (compare == nil) != (baseline == nil) { throw ValidationError("--compare and --baseline belong together.") }
    }

    func run() async throws {
        if let compare, let baseline {
            let worse = try BaselineComparison(tolerance: tolerance).run(current: compare, baseline: baseline)
            if worse > 0 { throw ExitCode(1) }
            return
        }
        let table = FigureTable()
        defer { table.printTable() }
        for group in BenchGroup.allCases where isWanted(group) {
            Progress.say(group.rawValue)
            try await measure(group, table)
            // Each group's figures are kept at once: a later one that fails does not cost them.
            if let json { try table.writeJSON(to: json) }
        }
    }

    private func isWanted(_ group: BenchGroup) -> Bool {
        if !only.isEmpty { return only.contains { $0 == group.rawValue || BenchGroup.of(figure: $0) == group } }
        switch group {
        case .postgresql: return postgresql && bin != nil
        case .peer: return peerExtension != nil
        case .catchup, .latency, .booking, .fanout, .idle, .abuse: return bin != nil
        // Takes longer than the others together: `make load` asks for it.
        case .load: return false
        default: return true
        }
    }

    private func measure(_ group: BenchGroup, _ table: FigureTable) async throws {
        switch group {
        case .write:
            // Warms the disk's and the file system's caches; its figures are dropped.
            try await WriteBench(rows: max(batch, rows / 10), batch: batch, table: FigureTable()).round(rounds)
            try await repeated { try await WriteBench(rows: rows, batch: batch, table: table).round($0) }
        case .peer:
            guard let peerExtension else { throw ValidationError("Name the extension with --peer-extension.") }
            try await repeated {
                try await PeerExtensionBench(path: peerExtension, rows: rows, batch: batch, table: table).round($0)
            }
        case .apply:
            try await ApplyBench(rows: max(batch, applyRows / 20), batch: batch, table: FigureTable()).round(rounds)
            try await repeated { try await ApplyBench(rows: applyRows, batch: batch, table: table).round($0) }
        case .growth:
            try await GrowthBench(
                small: applyRows / 10, large: applyRows, batch: batch, rounds: rounds, bin: bin, table: table
            ).run()
        case .catchup:
            try await CatchUpBench(bin: try folder(), rows: applyRows, batch: batch, rounds: rounds, table: table).run()
        case .latency:
            try await LatencyBench(bin: try folder(), commits: latencyCommits, rounds: rounds, table: table).run()
        case .booking:
            try await BookingBench(bin: try folder(), commits: latencyCommits, rounds: rounds, table: table).run()
        case .postgresql: try await postgresql(table)
        case .fanout: try await FanoutBench(bin: try folder(), commitsPerPark: latencyCommits / 4, table: table).run()
        case .idle: try await IdleBench(bin: try folder(), seconds: idleSeconds, table: table).run()
        case .abuse:
            let bench = AbuseBench(
                bin: try folder(), hostileClient: hostileClient, commits: latencyCommits / 4, table: table)
            try await repeated(max: AbuseBench.roundsMax) { try await bench.round($0) }
        case .scale: try ScaleBench(table: table, nodes: nodes).run()
        case .load:
            let load = CatalogueLoad(seed: seed, percent: percent)
            try await LoadBench(bin: try folder(), load: load, table: table).run()
        }
    }

    /// PostgreSQL in the same run as the catch-up and the latency that it is compared with.
    private func postgresql(_ table: FigureTable) async throws {
        if table.median("catchup_rows_per_s") == nil {
            try await CatchUpBench(bin: try folder(), rows: applyRows, batch: batch, rounds: rounds, table: table).run()
            try await LatencyBench(bin: try folder(), commits: latencyCommits, rounds: rounds, table: table).run()
        }
        try await repeated(max: 3) { _ in
            let figures = try await PostgreSQLBench(
                rows: applyRows, batch: batch, latencyCommits: latencyCommits, table: table
            ).run()
            let (p50, p99) = (
                Figure.percentile(figures.visibleMilliseconds, 50), Figure.percentile(figures.visibleMilliseconds, 99)
            )
            guard let ours = table.median("catchup_rows_per_s"), let seen = table.median("visible_after_ack_ms"),
                let late = table.median("visible_after_ack_ms_p99")
            else { return }
            table.add("catchup_vs_postgresql_ratio", "ratio", ours / figures.catchUpRowsPerSecond, target: ">= 1.5")
            table.add("visible_after_ack_vs_postgresql_ratio_p50", "ratio", seen / p50, target: "<= 2")
            table.add("visible_after_ack_vs_postgresql_ratio_p99", "ratio", late / p99, target: "<= 2")
        }
    }

    private func repeated(max limit: Int = .max, _ body: (Int) async throws -> Void) async throws {
        let count = min(rounds, limit)
        for number in 0..<count {
            Progress.say("  round \(number + 1) of \(count)")
            try await body(number)
        }
    }

    private func folder() throws -> String {
        guard let bin else { throw ValidationError("Name the folder with parksyncd and syncctl with --bin.") }
        return bin
    }
}

/// What is measured together.
enum BenchGroup: String, CaseIterable {
    case write, peer, apply, growth, catchup, latency, booking, postgresql, fanout, idle, abuse, scale, load

    /// The names, or their beginnings, of the figures of this group.
    private var figures: [String] {
        switch self {
        case .write:
            [
                "plain_insert", "tracked_insert", "foreign_", "insert_", "update_cost", "delete_cost", "single_commit",
                "file_bytes", "verify_us",
                "bare_fsync",
            ]
        case .peer: ["peer_"]
        case .apply: ["apply_"]
        case .growth: ["extract_", "start_seconds", "open_seconds"]
        case .catchup: ["catchup_rows", "catchup_speed", "catchup_plain", "wire_bytes", "peak_rss", "read_p99"]
        case .latency: ["visible_after_ack_ms", "propagation", "commit_ms"]
        case .booking: ["booking_"]
        case .postgresql: ["postgresql_", "catchup_vs_postgresql", "visible_after_ack_vs_postgresql"]
        case .fanout: ["fanout"]
        case .idle: ["idle_"]
        case .abuse: ["abuse_"]
        case .scale: ["scale_"]
        case .load: ["load_"]
        }
    }

    static func of(figure name: String) -> BenchGroup? {
        allCases.first { $0.figures.contains { name.hasPrefix($0) } }
    }
}

/// Says on standard error what is being measured; standard output has the figures only.
enum Progress {
    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
