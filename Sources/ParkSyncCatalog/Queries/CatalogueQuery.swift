/// A question that people, or a node for them, ask of the catalogue again and again, with what it
/// may cost where there is as much as in the whole zone.
package struct CatalogueQuery: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case list, search, calendar, inbox, balance, indicator

        /// What 95 of 100 of them may take at most, where there is as much as in the whole zone.
        package var p95Milliseconds: Int { self == .indicator ? 200 : 30 }
    }

    package var name: String
    package var kind: Kind
    package var sql: String
    /// SQL whose rows are parameters that it may be asked with; nil: it has none.
    package var samples: String?
    /// Tables, or indexes of a part of one, that it may go through from end to end. Those that only
    /// the schema fills are small, and not named.
    package var wholes: [String]

    init(_ kind: Kind, _ name: String, _ sql: String, _ samples: String? = nil, wholes: [String] = []) {
        (self.kind, self.name, self.sql, self.samples, self.wholes) = (kind, name, sql, samples, wholes)
    }
}
