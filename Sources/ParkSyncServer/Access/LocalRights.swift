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

/// Which route needs which right: the one place where that is said. A route that is not listed is an operator's.
package enum LocalRights {
    package struct Route: Hashable, Sendable {
        package var method: String
        /// As it is registered, with `:name` for a parameter.
        package var path: String
        package var right: LocalRight
    }

    package static let table: [Route] = [
        route("GET", WirePath.health, .watch),
        route("GET", WirePath.ready, .watch),
        route("GET", WirePath.metrics, .watch),

        route("POST", WirePath.transactions, .use),
        route("POST", WirePath.queries, .use),
        route("GET", WirePath.changes, .use),
        route("GET", WirePath.status, .use),
        route("GET", WirePath.blame, .use),
        route("GET", WirePath.conflicts, .use),
        route("POST", WirePath.confirmations, .use),
        route("GET", WirePath.entries, .use),
        route("GET", WirePath.forks, .use),
        route("GET", WirePath.refused, .use),
        route("POST", WirePath.verify, .use),
        route("POST", WirePath.verifyRows, .use),
        route("GET", WirePath.localSnapshot, .use),

        route("POST", WirePath.acceptWrites, .operate),
        route("POST", WirePath.repairs, .operate),
        route("POST", WirePath.refusedDrops, .operate),
        route("PUT", "\(WirePath.links)/:park", .operate),
        route("POST", WirePath.compact, .operate),
        route("POST", WirePath.fences, .operate),
        route("POST", WirePath.reissue, .operate),
        route("POST", WirePath.backups, .operate),
        route("POST", WirePath.bundles, .operate),
        route("GET", "\(WirePath.copies)/:id", .operate),
        route("DELETE", "\(WirePath.copies)/:id", .operate),
        route("PUT", "\(WirePath.imports)/:id", .operate),
        route("POST", "\(WirePath.imports)/:id", .operate),
        route("POST", WirePath.localSnapshot, .operate),
    ]

    private static func route(_ method: String, _ path: String, _ right: LocalRight) -> Route { Route(method: method, path: path, right: right) }

    static func right(_ method: String, _ path: String) -> LocalRight {
        table.first { $0.method == method && $0.path == path }?.right ?? .operate
    }
}
