import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncServer
import ParkSyncWire

/// A node that does nothing with what reaches it but look whether the routes have done their part.
///
/// It answers with the problem `reached`, or with an error that no route expects.
struct CheckingNode: RefusingNode, RefusingTransfers, PeerFeedServing {
    static let reached = ProblemDetails(
        code: "reached", title: "Reached", status: 418, detail: "The node was asked.", remedy: "None.")

    /// To what no route can ask for wrongly.
    var refusal: any Error { Self.reached }

    /// Who calls. However an input names the author, he stands first.
    let author: String

    private static let listElements = 1...10_000
    private static let timeouts = 1...LocalLimits.queryMillisecondsMax
    private static let texts = 1...CoreLimits.noteBytesMax

    private func reached(_ route: String, _ holds: Bool = true) throws -> Never {
        guard holds else { throw FuzzBreach("\(route) was asked for what its route must refuse") }
        throw Self.reached
    }

    /// Whether a body is the same after it was written.
    private func isExact<Body: Codable & Equatable>(_ body: Body) throws -> Bool {
        try JSONCoding.decodeStrictly(Body.self, from: try JSONEncoder().encode(body)) == body
    }

    private func isStatement(_ sql: String) -> Bool {
        sql.utf8.count <= LocalLimits.sqlBytesMax && !sql.utf8.contains(0)
    }
    private func isTimeout(_ milliseconds: Int?) -> Bool { milliseconds.map(Self.timeouts.contains) ?? true }
    private func isNamed(_ given: String?) -> Bool {
        guard let given, given.utf8.count <= CoreLimits.authorBytesMax else { return false }
        return given == author || given.hasPrefix("\(author) (for ")
    }
    private func isPark(_ name: String) -> Bool { OriginID(name)?.park == name }

    // MARK: what programs ask for

    func transact(_ request: TransactionRequest) async throws -> TransactionResult {
        let isGood =
            (1...LocalLimits.statementsPerTransactionMax).contains(request.statements.count)
            && isTimeout(request.timeoutMilliseconds)
        try reached(
            "transact",
            try isGood && request.statements.allSatisfy { isStatement($0.sql) } && isNamed(request.author)
                && isExact(request))
    }

    func query(
        _ request: QueryRequest, head: @escaping @Sendable ([String]) async throws -> Void,
        row: @escaping @Sendable ([JSONValue]) async throws -> Void
    ) async throws -> Int {
        try reached("query", try isStatement(request.sql) && isTimeout(request.timeoutMilliseconds) && isExact(request))
    }

    func blame(table: String, key: [JSONValue]) async throws -> BlameReport {
        let again = try JSONCoding.decode([JSONValue].self, from: try JSONEncoder().encode(key))
        try reached("blame", !table.isEmpty && !key.isEmpty && again == key)
    }

    func conflicts(limit: Int, includesEqual: Bool) async throws -> [ConflictReport] {
        try reached("conflicts", Self.listElements.contains(limit))
    }

    func confirm(_ request: ConfirmationRequest) async throws -> ConfirmationReport {
        try reached(
            "confirm",
            try (1...LocalLimits.confirmationsMax).contains(request.ids.count) && isNamed(request.author)
                && isExact(request))
    }

    func entries(origin: String?, after: UInt64?, limit: Int, withChanges: Bool) async throws -> [EntryReport] {
        let isOrigin = origin.map { OriginID($0) != nil } ?? (after == nil)
        try reached("entries", isOrigin && after ?? 0 <= CoreLimits.entryNumberMax && Self.listElements.contains(limit))
    }

    func verifyRows(_ request: RowVerifyRequest) async throws -> RowVerifyReport {
        try reached("verifyRows", try isExact(request))
    }

    func subscribe(after vector: String?, tables: [String]) async throws -> AsyncThrowingStream<
        SubscriptionEvent, any Error
    > {
        try reached(
            "subscribe",
            vector.map { VersionVector(parsing: $0) != nil } ?? true && !tables.contains { $0.utf8.isEmpty })
    }

    func refused(limit: Int) async throws -> [RefusedRowReport] {
        try reached("refused", Self.listElements.contains(limit))
    }
    func forks(limit: Int) async throws -> [ForkReport] { try reached("forks", Self.listElements.contains(limit)) }
    func metrics() async throws -> String { "parksync_up 1\n" }
    func readiness() -> Readiness { .ready }

    // MARK: what operators ask for

    func repair(_ request: RepairRequest) async throws -> RepairReport {
        let isCount = request.keys.map { (1...RepairReport.rowsMax).contains($0.count) } ?? true
        try reached("repair", try isCount && isNamed(request.author) && isExact(request))
    }

    func dropRefused(_ request: DropRefusedRequest) async throws -> DropRefusedReport {
        let isOne =
            request.ids.map { request.all != true && (1...LocalLimits.refusedDropsMax).contains($0.count) }
            ?? (request.all == true)
        try reached("dropRefused", try isOne && isExact(request))
    }

    func acceptWrites(reason: String) async throws {
        try reached("acceptWrites", Self.texts.contains(reason.utf8.count))
    }
    func setLink(park: String, paused: Bool) async throws { try reached("setLink", isPark(park)) }
    func compact(_ request: CompactRequest, author: String) async throws -> CompactReport {
        try reached("compact", try author == self.author && isExact(request))
    }
    func fence(park: String, lift: Bool, author: String) async throws -> FenceReport {
        try reached("fence", author == self.author && isPark(park))
    }

    func reissue(_ request: ReissueRequest) async throws -> ReissueReport {
        try reached(
            "reissue", try Self.texts.contains(request.reason.utf8.count) && isNamed(request.author) && isExact(request)
        )
    }

    // MARK: whole files

    func makeBundle(_ request: BundleRequest) async throws -> BundleReport {
        try reached("makeBundle", try isExact(request))
    }

    func takeImport(_ id: String, offset: UInt64, _ bytes: [UInt8]) async throws {
        try reached("takeImport", offset <= CoreLimits.entryNumberMax && bytes.count <= LocalLimits.importPartBytesMax)
    }

    func fetchSnapshot(_ request: SnapshotRequest) async throws -> SnapshotProgress {
        try reached("fetchSnapshot", try isExact(request))
    }

    // MARK: what peers ask for

    func serve(request: [UInt8], from park: String, send: @escaping @Sendable ([UInt8]) async throws -> Void)
        async throws
    { try reached("serve") }
}
