import Foundation
import ParkSyncCatalog
import ParkSyncCore

/// How long what people look at takes at a node that has the load data: each query is prepared,
/// executed and read to its end by a program with SQLite's own page cache.
struct LoadQueries {
    let database: PlainSQLite
    let table: FigureTable

    /// Indicators go through all that there is, and have no parameters that differ much.
    private static let indicatorTimes = 10
    private static let timesMin = 20

    func run() throws {
        for query in CatalogueQueries.all {
            let samples = try query.samples.map { try database.ask($0).map { [Value.string($0)] } } ?? [[]]
            try time(query.kind, query.name, query.sql, samples)
        }
        for screen in try LoadScreens(database: database).all {
            try time(screen.kind, screen.name, screen.sql, screen.parameters)
        }
    }

    /// Figures of a kind have its queries as their rounds; the target holds for the slowest.
    private func time(_ kind: CatalogueQuery.Kind, _ name: String, _ sql: String, _ samples: [[Value]]) throws {
        guard let first = samples.first else {
            Progress.say("    \(kind.rawValue), \(name): nothing to ask for at this size")
            return
        }
        // Fills the page cache, as the query before it did for somebody who looks again.
        _ = try database.ask(sql, first)
        let least = kind == .indicator ? Self.indicatorTimes : Self.timesMin
        let times = (0..<max(least, samples.count)).map { samples[$0 % samples.count] }
        let milliseconds = try times.map { sample in
            let watch = Stopwatch()
            _ = try database.ask(sql, sample)
            return watch.milliseconds
        }
        let (p50, p95) = (Figure.percentile(milliseconds, 50), Figure.percentile(milliseconds, 95))
        let mark = p95 > Double(kind.p95Milliseconds) ? "  MISSED" : ""
        Progress.say(String(format: "    p50 %8.2f ms  p95 %8.2f ms  ", p50, p95) + "\(kind.rawValue), \(name)\(mark)")
        table.add("load_\(kind.rawValue)_ms_p50", "ms", p50)
        table.add("load_\(kind.rawValue)_ms_p95", "ms", p95)
        table.worst("load_\(kind.rawValue)_ms_p95_worst", "ms", p95, target: "<= \(kind.p95Milliseconds)")
    }
}
