/// One SQL statement with its parameters (`?1`, `?2` … in order).
package struct SQLStatement: Codable, Hashable, Sendable {
    package var sql: String
    package var parameters: [JSONValue]?
    package init(_ sql: String, _ parameters: [JSONValue]? = nil) {
        self.sql = sql
        self.parameters = parameters
    }
    enum CodingKeys: String, CodingKey, CaseIterable { case sql, parameters }
}

/// Body of `POST /v1/transactions`: all statements take effect together, or none.
package struct TransactionRequest: Codable, Hashable, Sendable {
    package var statements: [SQLStatement]
    /// Who writes, for the log.
    package var author: String?
    /// Why, for the log.
    package var note: String?
    package var timeoutMilliseconds: Int?
    package init(
        statements: [SQLStatement], author: String? = nil, note: String? = nil, timeoutMilliseconds: Int? = nil
    ) {
        self.statements = statements
        self.author = author
        self.note = note
        self.timeoutMilliseconds = timeoutMilliseconds
    }
    enum CodingKeys: String, CodingKey, CaseIterable {
        case statements, author, note, timeoutMilliseconds = "timeout_ms"
    }
}

/// Answer of `POST /v1/transactions`: the transaction is durable on this node.
package struct TransactionResult: Codable, Hashable, Sendable {
    package struct StatementResult: Codable, Hashable, Sendable {
        /// Rows inserted, updated or deleted by the statement.
        package var changes: Int
        /// Names and rows of a statement that returns some (SELECT, RETURNING).
        package var columns: [String]?
        package var rows: [[JSONValue]]?
        package init(changes: Int, columns: [String]? = nil, rows: [[JSONValue]]? = nil) {
            self.changes = changes
            self.columns = columns
            self.rows = rows
        }
    }
    package var origin: String
    /// The entry's number; absent when no shared table changed.
    package var seq: UInt64?
    package var results: [StatementResult]
    package init(origin: String, seq: UInt64?, results: [StatementResult]) {
        self.origin = origin
        self.seq = seq
        self.results = results
    }
}

/// Body of `POST /v1/queries`. The answer is `application/x-ndjson`: a line `{"columns":[…]}`, one
/// JSON array a row, and a last line `{"end":true,"rows":n}`, or `{"problem":{…}}` if it broke off.
package struct QueryRequest: Codable, Hashable, Sendable {
    package var sql: String
    package var parameters: [JSONValue]?
    package var timeoutMilliseconds: Int?
    package init(sql: String, parameters: [JSONValue]? = nil, timeoutMilliseconds: Int? = nil) {
        self.sql = sql
        self.parameters = parameters
        self.timeoutMilliseconds = timeoutMilliseconds
    }
    enum CodingKeys: String, CodingKey, CaseIterable { case sql, parameters, timeoutMilliseconds = "timeout_ms" }
}

/// First and last lines of a query's answer.
package struct QueryHead: Codable, Hashable, Sendable {
    package var columns: [String]
    package init(columns: [String]) { self.columns = columns }
}
package struct QueryEnd: Codable, Hashable, Sendable {
    package var end: Bool
    package var rows: Int
    package init(rows: Int) { (end, self.rows) = (true, rows) }
}
package struct QueryProblem: Codable, Hashable, Sendable {
    package var problem: ProblemDetails
    package init(problem: ProblemDetails) { self.problem = problem }
}

/// Body of `POST /v1/accept-writes`.
package struct AcceptWritesRequest: Codable, Hashable, Sendable {
    /// Why the operator answers for it; kept in the node's own log.
    package var reason: String
    package init(reason: String) { self.reason = reason }
    enum CodingKeys: String, CodingKey, CaseIterable { case reason }
}

/// Body of `PUT /v1/links/{park}`.
package struct LinkRequest: Codable, Hashable, Sendable {
    package var paused: Bool
    package init(paused: Bool) { self.paused = paused }
    enum CodingKeys: String, CodingKey, CaseIterable { case paused }
}
