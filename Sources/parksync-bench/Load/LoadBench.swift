import Foundation
import ParkSyncCatalog
import ParkSyncCore

/// What the whole zone was to have in 2020, in six daemons with the catalogue: each park's share is
/// written into its own node's file by a program, and captured and replicated meanwhile.
struct LoadBench {
    let bin: String
    let load: CatalogueLoad
    let table: FigureTable

    /// Rows of one transaction: what a program that fills a table would choose.
    private static let batch = 2_000
    /// What the program inserts; places and balances are the triggers'.
    private static let inserted = [
        "park", "organisation", "person", "item", "link", "figure", "credential", "window", "rate", "document", "text",
        "request", "act", "step", "usage", "transfer", "tag", "annotation", "counter",
    ]
    private static let kept = ["place", "account_balance"]

    func run() async throws {
        let zone = try await BenchZone(CatalogueLoad.parks, bin: bin, hasCatalogue: true)
        // All at once: a node waits for its peers.
        for park in zone.parks { try zone.launch(park) }
        for park in zone.parks { try await zone.ready(park) }
        let watch = Stopwatch()
        var written = 0
        for phase in CatalogueLoad.Phase.allCases { written += try await write(phase, zone) }
        let seconds = watch.seconds
        try figures(zone, written: written, seconds: seconds)
        for park in zone.parks {
            table.add("load_wire_bytes", "bytes", try await zone.metric(park, "parksync_peer_sent_bytes"))
            table.add("load_peak_rss_bytes", "bytes", try ProcessFigures.peakBytes(zone.processIdentifier(park)))
        }
        let look = Stopwatch()
        try LoadQueries(database: try PlainSQLite(path: zone.database(zone.parks[0]), create: false), table: table)
            .run()
        Progress.say("  queries: \(rounded(look.seconds)) s")
        try await zone.stopAll()
    }

    /// Returns when all nodes hold what all have written.
    private func write(_ phase: CatalogueLoad.Phase, _ zone: BenchZone) async throws -> Int {
        let watch = Stopwatch()
        let written = try await withThrowingTaskGroup(of: Int.self) { group in
            for park in zone.parks {
                let path = zone.database(park)
                group.addTask { [load] in
                    try await Self.write(load, phase, of: park, into: PlainSQLite(path: path, create: false))
                }
            }
            return try await group.reduce(0, +)
        }
        let writing = watch.seconds
        try await zone.agree(entries: 1, every: .milliseconds(100))
        let all = watch.seconds
        Progress.say(
            "  \(phase.rawValue): \(written) rows written in \(rounded(writing)) s, at all six nodes after "
                + "\(rounded(all)) s, \(Int(Double(written) / all)) rows/s")
        table.add("load_\(phase.rawValue)_seconds", "s", all)
        return written
    }

    private static func write(
        _ load: CatalogueLoad, _ phase: CatalogueLoad.Phase, of park: String, into program: PlainSQLite
    ) async throws -> Int {
        var written = 0
        for part in 0..<CatalogueLoad.parts {
            let statements = load.statements(park: park, phase, part: part) ?? []
            for start in stride(from: 0, to: statements.count, by: batch) {
                try program.execute("BEGIN IMMEDIATE")
                for statement in statements[start..<min(start + batch, statements.count)] {
                    try program.insert(statement.sql, statement.parameters)
                }
                try program.execute("COMMIT")
                await Task.yield()
            }
            written += statements.count
            if park == CatalogueLoad.parks[0], part % 10 == 9 {
                Progress.say("    \(phase.rawValue) of \(park): \(part + 1) of \(CatalogueLoad.parts) parts")
            }
        }
        return written
    }

    /// - Throws: if a node lacks rows that were written, or has others.
    private func figures(_ zone: BenchZone, written: Int, seconds: Double) throws {
        func count(_ tables: [String]) -> String {
            "SELECT " + tables.map { "(SELECT count(*) FROM \($0))" }.joined(separator: " + ")
        }
        var rows: Int64 = 0
        for park in zone.parks {
            let program = try PlainSQLite(path: zone.database(park), create: false)
            let there = try program.int64(count(Self.inserted))
            guard there == written else {
                throw BenchFailure(
                    "\(written) rows were written, and \(park) has \(there)", remedy: "This is a fault of a node.")
            }
            rows = there + (try program.int64(count(Self.kept)))
            let bytes = try program.int64("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            table.add("load_file_bytes", "bytes", Double(bytes))
        }
        table.add("load_rows", "rows", Double(rows))
        table.add("load_seconds", "s", seconds)
        table.add("load_rows_per_s", "1/s", Double(rows) / seconds)
    }

    private func rounded(_ seconds: Double) -> String { String(format: "%.1f", seconds) }
}
