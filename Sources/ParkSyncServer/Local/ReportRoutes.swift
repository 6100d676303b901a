import HTTPTypes
import Hummingbird
import HummingbirdCore
import ParkSyncReports

/// What the node tells of itself and of the shared tables.
package protocol ReportAPI: Sendable {
    func status() async throws -> NodeStatus
    func blame(table: String, key: [JSONValue]) async throws -> BlameReport
    /// - Parameter includesEqual: whether records are listed whose value is what the row holds now.
    func conflicts(limit: Int, includesEqual: Bool) async throws -> [ConflictReport]
    /// Entries of one origin (or of all, newest first, if `origin` is nil); `after` nil means the
    /// newest `limit`.
    func entries(origin: String?, after: UInt64?, limit: Int, withChanges: Bool) async throws -> [EntryReport]
    /// Proofs of forks, by origin and number.
    func forks(limit: Int) async throws -> [ForkReport]
    /// Captured writes that were not signed, the newest first.
    func refused(limit: Int) async throws -> [RefusedRowReport]
    func verify() async throws -> VerifyReport
    /// Compares all rows with the log, now.
    func verifyRows(_ request: RowVerifyRequest) async throws -> RowVerifyReport
}

extension RefusingNode {
    package func status() async throws -> NodeStatus { throw refusal }
    package func blame(table: String, key: [JSONValue]) async throws -> BlameReport { throw refusal }
    package func conflicts(limit: Int, includesEqual: Bool) async throws -> [ConflictReport] { throw refusal }
    package func entries(
        origin: String?, after: UInt64?, limit: Int, withChanges: Bool
    ) async throws -> [EntryReport] { throw refusal }
    package func forks(limit: Int) async throws -> [ForkReport] { throw refusal }
    package func refused(limit: Int) async throws -> [RefusedRowReport] { throw refusal }
    package func verify() async throws -> VerifyReport { throw refusal }
    package func verifyRows(_ request: RowVerifyRequest) async throws -> RowVerifyReport { throw refusal }
}

extension LocalRoutes {
    static let reports: [LocalRoute<LocalRoutes>] = [
        LocalRoute(.get, LocalPath.ready, right: .watch, ready),
        LocalRoute(.get, LocalPath.status, right: .use, status),
        LocalRoute(.get, LocalPath.blame, right: .use, blame),
        LocalRoute(.get, LocalPath.conflicts, right: .use, conflicts),
        LocalRoute(.get, LocalPath.entries, right: .use, entries),
        LocalRoute(.get, LocalPath.forks, right: .use, forks),
        LocalRoute(.get, LocalPath.refused, right: .use, refused),
        LocalRoute(.post, LocalPath.verify, right: .use, verify),
        LocalRoute(.post, LocalPath.verifyRows, right: .use, verifyRows),
    ]

    private func ready(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        if case .notReady(let reason) = api.readiness() { throw Problems.notReady(reason) }
        return try JSONBody.response(ProbeReport(.ready))
    }

    private func status(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        _ = try QueryParameters(request, known: [])
        return try JSONBody.response(try await api.status())
    }

    private func blame(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        let parameters = try QueryParameters(request, known: ["table", "key"])
        let table = try parameters.required("table")
        let text = try parameters.required("key")
        guard let key = try? JSONCoding.decode([JSONValue].self, from: text.utf8), !key.isEmpty else {
            throw Problems.invalid("key: not a JSON array of the row's primary key values, as in [\"a1\"]")
        }
        return try JSONBody.response(try await api.blame(table: table, key: key))
    }

    private func conflicts(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        let parameters = try QueryParameters(request, known: ["limit", "all"])
        let limit = try parameters.integer("limit", in: 1...Self.listElementsMax, default: Self.listElementsDefault)
        return try JSONBody.response(try await api.conflicts(limit: limit, includesEqual: try parameters.flag("all")))
    }

    private func entries(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        let parameters = try QueryParameters(request, known: ["origin", "after", "limit", "changes"])
        let origin = try parameters.origin("origin")
        let after = try parameters.sequenceNumber("after")
        guard after == nil || origin != nil else { throw Problems.invalid("after: needs the parameter origin") }
        let limit = try parameters.integer("limit", in: 1...Self.listElementsMax, default: Self.listElementsDefault)
        let withChanges = try parameters.flag("changes")
        return try JSONBody.response(
            try await api.entries(origin: origin, after: after, limit: limit, withChanges: withChanges))
    }

    private func forks(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        let limit = try QueryParameters(request, known: ["limit"]).integer(
            "limit", in: 1...Self.listElementsMax, default: Self.listElementsDefault)
        return try JSONBody.response(try await api.forks(limit: limit))
    }

    private func refused(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        let limit = try QueryParameters(request, known: ["limit"]).integer(
            "limit", in: 1...Self.listElementsMax, default: Self.listElementsDefault)
        return try JSONBody.response(try await api.refused(limit: limit))
    }

    private func verify(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let body = try await JSONBody.collect(&request, limitBytes: LocalLimits.localRequestBytesMax)
        guard body.readableBytes == 0 else { throw Problems.invalid("body: must be empty") }
        return try JSONBody.response(try await api.verify())
    }

    private func verifyRows(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        return try JSONBody.response(
            try await api.verifyRows(try await JSONBody.decode(RowVerifyRequest.self, from: &request)))
    }
}
