import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReports

/// A park's node, for the people of the park: what the screens read, and what is asked and decided.
struct ParkDesk {
    let client: ControlClient
    let language: Language

    /// The rows of a query whose columns are the members of `Row`.
    ///
    /// - Parameter parameters: `?1`, `?2` …
    func rows<Row: Decodable>(
        _ sql: String, _ parameters: [JSONValue] = [], as type: Row.Type = Row.self
    ) async throws -> [Row] {
        let answer = try await answer(sql, parameters)
        return try DeskRows.decode(type, columns: answer.columns, rows: answer.rows)
    }

    /// Those of a list that can be read; the others are counted on standard error.
    func list<Row: Decodable>(
        _ sql: String, _ parameters: [JSONValue] = [], as type: Row.Type = Row.self
    ) async throws -> [Row] {
        let answer = try await answer(sql, parameters)
        let (rows, unreadable) = try DeskRows.readable(type, columns: answer.columns, rows: answer.rows)
        if let first = unreadable.first {
            Console.error(DeskRows.fault(first, count: unreadable.count).sentence(language))
        }
        return rows
    }

    private func answer(_ sql: String, _ parameters: [JSONValue]) async throws -> (
        columns: [String], rows: [[JSONValue]]
    ) {
        let request = QueryRequest(sql: sql, parameters: parameters.isEmpty ? nil : parameters)
        let body = Array(try JSONEncoder().encode(request))
        let lines = client.lines("POST", LocalPath.queries, body: body)
        var columns: [String] = []
        var rows: [[JSONValue]] = []
        var isWhole = false
        for try await line in lines {
            let bytes = Data(line.utf8)
            if line.hasPrefix("[") {
                rows.append(try JSONCoding.decode([JSONValue].self, from: bytes))
            } else if let problem = try? JSONCoding.decode(QueryProblem.self, from: bytes) {
                throw problem.problem
            } else if let head = try? JSONCoding.decode(QueryHead.self, from: bytes) {
                columns = head.columns
            } else {
                isWhole = (try? JSONCoding.decode(QueryEnd.self, from: bytes)) != nil
            }
        }
        guard isWhole else { throw ControlFailure(reason: "the answer ended early", remedy: "Ask again.") }
        return (columns, rows)
    }

    /// One durable transaction. What the schema refuses is thrown as a sentence for people.
    ///
    /// - Parameters:
    ///   - person: whose act it is, for the log.
    ///   - note: why, for the log.
    @discardableResult
    func write(_ statements: [SQLStatement], person: String?, note: String?) async throws -> TransactionResult {
        let request = TransactionRequest(statements: statements, author: person ?? Account.sudoer, note: note)
        do {
            return try await client.post(
                LocalPath.transactions, request,
                within: LocalLimits.queryMillisecondsDefault + Execute.answerSlackMilliseconds)
        } catch let failure as ControlFailure where failure.mayHaveArrived {
            // Trying again blindly could write twice.
            throw ControlFailure(
                reason: failure.reason,
                remedy: "It was written or not: look with `syncctl inbox` or `syncctl show` before you try it again.",
                mayHaveArrived: true)
        } catch let problem as ProblemDetails {
            guard problem.code == "constraint" else { throw problem }
            throw try await SchemaRefusal.fault(problem, reasons: self)
        }
    }

    func status() async throws -> NodeStatus { try await client.get(LocalPath.status) }

    /// The park whose node this is, as in `south`.
    func park() async throws -> String { try await status().park }

    /// A row of `reason`; nil if this node's schema has no such code.
    func reason(_ code: String) async throws -> ReasonRow? {
        try await rows(PeopleScreens.reason, [.text(code)], as: ReasonRow.self).first
    }
}

extension JSONValue {
    static func text(_ text: String?) -> JSONValue { text.map { JSONValue(.string($0)) } ?? .null }
    static func integer(_ number: Int64?) -> JSONValue { JSONValue(number.map(Value.integer) ?? .null) }
    static var null: JSONValue { JSONValue(.null) }
}
