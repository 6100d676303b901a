import ParkSyncReports
import ParkSyncWire

/// What a caller of the local API may do; each right includes those before it.
package enum LocalRight: String, Hashable, Comparable, Sendable {
    /// Ask whether the node lives, and read its figures.
    case watch
    /// Read and write the shared tables, and read what the node tells of them.
    case use
    /// Steer the node: what an operator answers for.
    case operate

    private var rank: Int {
        switch self {
        case .watch: 0
        case .use: 1
        case .operate: 2
        }
    }

    package static func < (a: LocalRight, b: LocalRight) -> Bool { a.rank < b.rank }
}

/// Which route needs which right: the one place where that is said. A route that is not listed is
/// an operator's.
package enum LocalRights {
    package struct Route: Hashable, Sendable {
        package var method: String
        /// As it is registered, with `:name` for a parameter.
        package var path: String
        package var right: LocalRight
    }

    package static let table: [Route] = [
        route("GET", LocalPath.health, .watch),
        route("GET", LocalPath.ready, .watch),
        route("GET", LocalPath.metrics, .watch),

        route("POST", LocalPath.transactions, .use),
        route("POST", LocalPath.queries, .use),
        route("GET", LocalPath.changes, .use),
        route("GET", LocalPath.status, .use),
        route("GET", LocalPath.blame, .use),
        route("GET", LocalPath.conflicts, .use),
        route("POST", LocalPath.confirmations, .use),
        route("GET", LocalPath.entries, .use),
        route("GET", LocalPath.forks, .use),
        route("GET", LocalPath.refused, .use),
        route("POST", LocalPath.verify, .use),
        route("POST", LocalPath.verifyRows, .use),
        route("GET", LocalPath.localSnapshot, .use),

        route("POST", LocalPath.acceptWrites, .operate),
        route("POST", LocalPath.repairs, .operate),
        route("POST", LocalPath.refusedDrops, .operate),
        route("PUT", "\(LocalPath.links)/:park", .operate),
        route("POST", LocalPath.compact, .operate),
        route("POST", LocalPath.fences, .operate),
        route("POST", LocalPath.reissue, .operate),
        route("POST", LocalPath.backups, .operate),
        route("POST", LocalPath.bundles, .operate),
        route("GET", "\(LocalPath.copies)/:id", .operate),
        route("DELETE", "\(LocalPath.copies)/:id", .operate),
        route("PUT", "\(LocalPath.imports)/:id", .operate),
        route("POST", "\(LocalPath.imports)/:id", .operate),
        route("POST", LocalPath.localSnapshot, .operate),
    ]

    private static func route(_ method: String, _ path: String, _ right: LocalRight) -> Route {
        Route(method: method, path: path, right: right)
    }

    static func right(_ method: String, _ path: String) -> LocalRight {
        table.first { $0.method == method && $0.path == path }?.right ?? .operate
    }
}
