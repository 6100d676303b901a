import ParkSyncReplication
import ParkSyncReports

/// What the local routes need of the node. Errors thrown are `ProblemDetails` where the cause is
/// known. The author of a request is, here, whom the kernel or a token vouches for.
package protocol NodeAPI: Sendable {
    /// Executes the statements in one durable transaction.
    func transact(_ request: TransactionRequest) async throws -> TransactionResult
    /// Runs a query that cannot write. `head` is called once with the column names, then `row` for
    /// each row; both may suspend, which holds the query back.
    func query(
        _ request: QueryRequest, head: @escaping @Sendable ([String]) async throws -> Void,
        row: @escaping @Sendable ([JSONValue]) async throws -> Void
    ) async throws -> Int
    func status() async throws -> NodeStatus
    func blame(table: String, key: [JSONValue]) async throws -> BlameReport
    /// - Parameter includesEqual: whether records are listed whose value is what the row holds now.
    func conflicts(limit: Int, includesEqual: Bool) async throws -> [ConflictReport]
    /// Confirms that the winners of conflicts are right.
    func confirm(_ request: ConfirmationRequest) async throws -> ConfirmationReport
    /// Entries of one origin (or of all, newest first, if `origin` is nil); `after` nil means the
    /// newest `limit`.
    func entries(origin: String?, after: UInt64?, limit: Int, withChanges: Bool) async throws -> [EntryReport]
    func verify() async throws -> VerifyReport
    /// Compares all rows with the log, now.
    func verifyRows(_ request: RowVerifyRequest) async throws -> RowVerifyReport
    /// Repairs rows that are not what the log says.
    func repair(_ request: RepairRequest) async throws -> RepairReport
    /// Captured writes that were not signed, the newest first.
    func refused(limit: Int) async throws -> [RefusedRowReport]
    /// Forgets captured writes that were not signed.
    func dropRefused(_ request: DropRefusedRequest) async throws -> DropRefusedReport
    /// Proofs of forks, by origin and number.
    func forks(limit: Int) async throws -> [ForkReport]
    /// The operator answers for it that writes are accepted without the peers that are out of
    /// reach.
    func acceptWrites(reason: String) async throws
    /// Applied entries as they become visible, beginning after the given vector text, or now. The
    /// stream buffers without bound only as long as `ChangeEvent`s are small; a subscriber that
    /// falls behind is ended.
    func subscribe(after vector: String?, tables: [String]) async throws -> AsyncThrowingStream<
        SubscriptionEvent, any Error
    >
    /// Stops or resumes exchanging with one peer, until the node restarts.
    func setLink(park: String, paused: Bool) async throws
    /// Drops traces of deleted rows that all parks have acknowledged; archives and rewrites the
    /// file if asked to.
    ///
    /// - Parameter author: who does so, for the log.
    func compact(_ request: CompactRequest, author: String) async throws -> CompactReport
    /// Takes a park out of the zone.
    ///
    /// - Parameter author: who does so, for the log.
    func fence(park: String, lift: Bool, author: String) async throws -> FenceReport
    /// Takes own entries back that the others hold for their stamps, and writes them anew.
    func reissue(_ request: ReissueRequest) async throws -> ReissueReport
    /// Text of `/metrics`: Prometheus exposition format 0.0.4.
    func metrics() async throws -> String
    /// Whether writes are accepted, for `/readyz`; the reason if not.
    func readiness() -> Readiness
}

/// An event and the vector (text form) after it, so that a subscriber can resume there.
package struct SubscriptionEvent: Sendable {
    package var vector: String
    package var event: ChangeEvent
    package init(vector: String, event: ChangeEvent) {
        self.vector = vector
        self.event = event
    }
}

package enum Readiness: Sendable, Hashable {
    case ready
    case notReady(reason: String)
}
