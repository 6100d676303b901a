/// What somebody wants to see of a table.
package struct ListRequest: Hashable, Sendable {
    package struct Filter: Hashable, Sendable {
        package enum Comparison: String, CaseIterable, Hashable, Sendable {
            /// The same; of a list, that it has the element.
            case equal
            case atLeast
            case below
        }

        package var column: String
        package var comparison: Comparison
        /// As people or programs write it: a code by its code or its name, a time of Shanghai's or
        /// an instant in UTC.
        package var value: String

        package init(_ column: String, _ value: String, _ comparison: Comparison = .equal) {
            (self.column, self.comparison, self.value) = (column, comparison, value)
        }
    }

    package var filters: [Filter]
    /// What the names, ids and keywords have in them.
    package var text: String?
    /// A column, with `-` before it for the other order; nil: by id.
    package var sort: String?
    package var limit: Int
    /// Where the page before ended.
    package var cursor: String?

    package init(
        filters: [Filter] = [], text: String? = nil, sort: String? = nil, limit: Int = limitDefault,
        cursor: String? = nil
    ) {
        (self.filters, self.text, self.sort, self.limit, self.cursor) = (filters, text, sort, limit, cursor)
    }

    package static let limitDefault = 50
    package static let limitMax = 1_000
}

/// A part of a list.
package struct Page: Hashable, Sendable {
    package var columns: [Column]
    package var records: [Record]
    /// Where the next page begins; nil: this is the last one.
    package var next: String?
}

/// How many rows there are of each value of a column.
package struct Facet: Codable, Hashable, Sendable {
    package var value: String
    package var count: Int64
}
