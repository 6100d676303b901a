import HTTPTypes

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

/// Which route needs which right, of all the tables that a local listener answers.
package enum LocalRights {
    package struct Route: Hashable, Sendable {
        package var method: String
        /// As it is registered, with `:name` for a parameter.
        package var path: String
        package var right: LocalRight
    }

    package static let table =
        rows(MetricsRoutes.table) + rows(LocalRoutes.table) + rows(LocalTransferRoutes.table)

    static func rows<Routes>(_ table: [LocalRoute<Routes>]) -> [Route] {
        table.map { Route(method: $0.method.rawValue, path: $0.path, right: $0.right) }
    }
}
