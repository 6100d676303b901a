/// Paths of the local API.
package enum LocalPath {
    package static let transactions = "/v1/transactions"
    package static let queries = "/v1/queries"
    package static let changes = "/v1/changes"
    package static let status = "/v1/status"
    package static let blame = "/v1/blame"
    package static let conflicts = "/v1/conflicts"
    package static let confirmations = "/v1/confirmations"
    package static let entries = "/v1/log"
    package static let verify = "/v1/verify"
    package static let verifyRows = "/v1/verify/rows"
    package static let repairs = "/v1/repairs"
    package static let forks = "/v1/forks"
    package static let refused = "/v1/refused"
    package static let refusedDrops = "/v1/refused/drops"
    package static let acceptWrites = "/v1/accept-writes"
    package static let links = "/v1/links"
    package static let compact = "/v1/compact"
    package static let fences = "/v1/fences"
    package static let reissue = "/v1/reissue"
    package static let backups = "/v1/backups"
    package static let bundles = "/v1/bundles"
    package static let imports = "/v1/imports"
    package static let localSnapshot = "/v1/snapshot"
    package static let copies = "/v1/copies"
    package static let health = "/healthz"
    package static let ready = "/readyz"
    package static let metrics = "/metrics"
}

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
