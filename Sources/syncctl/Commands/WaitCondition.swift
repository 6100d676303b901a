import ArgumentParser
import ParkSyncCore
import ParkSyncReports

/// What `syncctl wait --query` makes of a node's answer.
enum WaitCondition {
    /// Whether the first value of an answer to a query is neither 0 nor NULL. Without a row it does
    /// not hold.
    ///
    /// - Parameter answer: the lines of `POST /v1/queries`.
    /// - Throws: `ValidationError` unless the query has one column, `ProblemDetails` that came
    ///   behind some rows.
    static func holds(_ answer: [UInt8]) throws -> Bool {
        let lines = answer.split(separator: UInt8(ascii: "\n"))
        if let last = lines.last, let late = try? JSONCoding.decode(QueryProblem.self, from: last) {
            throw late.problem
        }
        guard let first = lines.first else { return false }
        let columns = try JSONCoding.decode(QueryHead.self, from: first).columns
        guard columns.count == 1 else {
            throw ValidationError(
                "The query has \(columns.count) columns (\(columns.joined(separator: ", "))). Ask for one: "
                    + "--query looks at the first value, as in "
                    + "`SELECT count(*) FROM …`.")
        }
        // The last line is no array.
        let value =
            lines.dropFirst().first.flatMap { try? JSONCoding.decode([JSONValue].self, from: $0) }?.first?.value
            ?? .null
        switch value {
        case .null, .integer(0): return false
        case .real(let bits): return Double(bitPattern: bits) != 0
        default: return true
        }
    }

    /// 408 Request Timeout, 409 Conflict, 429 Too Many Requests: a state of the node that passes.
    private static let passingStatuses: Set = [408, 409, 429]

    /// Whether the node would answer the same whenever it is asked: the request itself is wrong, or
    /// not this account's to make.
    static func isLasting(_ problem: ProblemDetails) -> Bool {
        (400...499).contains(problem.status) && !passingStatuses.contains(problem.status)
    }

    /// Of a table that is not there yet the name may be right; most often it is misspelt. The
    /// node's answer tells wrong SQL only.
    static func explained(_ problem: ProblemDetails) -> ProblemDetails {
        guard problem.code == "sql-error" else { return problem }
        var told = problem
        told.remedy +=
            """
             To wait for a table that a schema file is to bring: --query \"SELECT count(*) FROM sqlite_schema \
            WHERE name = 'NAME'\".
            """
        return told
    }
}
