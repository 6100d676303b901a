import HTTPTypes
import Hummingbird
import HummingbirdCore
import ParkSyncReports

/// What programs of the park do with the shared tables.
package protocol ProgramAPI: Sendable {
    /// Executes the statements in one durable transaction.
    func transact(_ request: TransactionRequest) async throws -> TransactionResult
    /// Runs a query that cannot write. `head` is called once with the column names, then `row` for
    /// each row; both may suspend, which holds the query back.
    func query(
        _ request: QueryRequest, head: @escaping @Sendable ([String]) async throws -> Void,
        row: @escaping @Sendable ([JSONValue]) async throws -> Void
    ) async throws -> Int
    /// Applied entries as they become visible, beginning after the given vector text, or now. The
    /// stream buffers without bound only as long as `ChangeEvent`s are small; a subscriber that
    /// falls behind is ended.
    func subscribe(after vector: String?, tables: [String]) async throws -> AsyncThrowingStream<
        SubscriptionEvent, any Error
    >
    /// Confirms that the winners of conflicts are right.
    func confirm(_ request: ConfirmationRequest) async throws -> ConfirmationReport
}

extension RefusingNode {
    package func transact(_ request: TransactionRequest) async throws -> TransactionResult { throw refusal }
    package func query(
        _ request: QueryRequest, head: @escaping @Sendable ([String]) async throws -> Void,
        row: @escaping @Sendable ([JSONValue]) async throws -> Void
    ) async throws -> Int { throw refusal }
    package func subscribe(after vector: String?, tables: [String]) async throws -> AsyncThrowingStream<
        SubscriptionEvent, any Error
    > { throw refusal }
    package func confirm(_ request: ConfirmationRequest) async throws -> ConfirmationReport { throw refusal }
}

extension LocalRoutes {
    static let programs: [LocalRoute<LocalRoutes>] = [
        LocalRoute(.post, LocalPath.transactions, right: .use, transact),
        LocalRoute(.post, LocalPath.queries, right: .use, query),
        LocalRoute(.get, LocalPath.changes, right: .use, changes),
        LocalRoute(.post, LocalPath.confirmations, right: .use, confirm),
    ]

    private func transact(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        var transaction = try await JSONBody.decode(TransactionRequest.self, from: &request)
        try transaction.checkLimits()
        transaction.author = try await gate.author(request, context, for: transaction.author)
        return try JSONBody.response(
            try await context.whileClientWaits { [transaction] in try await api.transact(transaction) })
    }

    private func query(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        try await QueryAnswer(api: api).respond(to: request, context)
    }

    private func changes(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        try await ChangeSubscription(api: api, clock: clock, slots: subscriptions).respond(to: request, context)
    }

    private func confirm(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        var confirmation = try await JSONBody.decode(ConfirmationRequest.self, from: &request)
        guard (1...LocalLimits.confirmationsMax).contains(confirmation.ids.count) else {
            throw Problems.invalid("ids: \(confirmation.ids.count), 1 to \(LocalLimits.confirmationsMax) are needed")
        }
        confirmation.author = try await gate.author(request, context, for: confirmation.author)
        return try JSONBody.response(
            try await context.whileClientWaits { [confirmation] in try await api.confirm(confirmation) })
    }
}
