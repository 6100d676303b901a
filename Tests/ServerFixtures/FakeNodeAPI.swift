import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import Synchronization

/// A node that answers from what the request says, and remembers what it was asked.
package final class FakeNodeAPI: RefusingNode {
    package struct Surprise: Error {}

    package var refusal: any Error { Surprise() }

    private struct State {
        var transactions: [TransactionRequest] = []
        var subscriptions: [String] = []
        var calls: [String] = []
        /// Of each write, who has written.
        var authors: [String] = []
        var endlessRows = 0
        var subscriber: AsyncThrowingStream<SubscriptionEvent, any Error>.Continuation?
    }

    private let state = Mutex(State())
    package let endlessQueryEnded = Gate()
    package let clientIsDone = Gate()
    package init() {}

    package var transactions: [TransactionRequest] { state.withLock { $0.transactions } }
    package var subscriptions: [String] { state.withLock { $0.subscriptions } }
    package var authors: [String] { state.withLock { $0.authors } }
    package var calls: [String] { state.withLock { $0.calls } }
    package var endlessRows: Int { state.withLock { $0.endlessRows } }

    private static func problem(_ detail: String, code: String = "sql-error", status: Int = 400) -> ProblemDetails {
        ProblemDetails(code: code, title: "Refused", status: status, detail: detail, remedy: "Ask otherwise.")
    }

    package func transact(_ request: TransactionRequest) async throws -> TransactionResult {
        state.withLock {
            $0.transactions.append(request)
            $0.authors.append(request.author ?? "")
        }
        // Once the test has done something with the client: whether it is taken to have gone.
        if request.note == "look after the client" {
            await clientIsDone.wait()
            if request.author?.hasSuffix("(for gone)") == true { try await until { ClientPresence.hasCurrentGone() } }
            let hasGone = ClientPresence.hasCurrentGone()
            state.withLock { $0.calls.append(hasGone ? "gone" : "there") }
        }
        let rows = request.statements.map { $0.parameters ?? [] }
        return TransactionResult(origin: "south", seq: 7, results: [.init(changes: 1, columns: ["a"], rows: rows)])
    }

    package func query(
        _ request: QueryRequest, head: @escaping @Sendable ([String]) async throws -> Void,
        row: @escaping @Sendable ([JSONValue]) async throws -> Void
    ) async throws -> Int {
        let words = request.sql.split(separator: " ")
        if words.first == "broken" { throw Self.problem("broken: no such table") }
        try await head(["n", "text"])
        if words.first == "endless" {
            defer { endlessQueryEnded.open() }
            while true {
                try await row([JSONValue(.string(String(repeating: "x", count: 1_000)))])
                state.withLock { $0.endlessRows += 1 }
            }
        }
        let count = words.last.flatMap { Int($0) } ?? 0
        for n in 0..<count { try await row([JSONValue(.integer(Int64(n))), JSONValue(.string("row"))]) }
        if words.first == "break" { throw Self.problem("interrupted") }
        return count
    }

    package func blame(table: String, key: [JSONValue]) async throws -> BlameReport {
        BlameReport(table: table, key: key, causalLength: 1, isAlive: true, columns: [])
    }

    package func compact(_ request: CompactRequest, author: String) async throws -> CompactReport {
        state.withLock {
            $0.calls.append("compact archive \(request.archive == true) vacuum \(request.vacuum == true)")
            $0.authors.append(author)
        }
        let holder = RetentionStatus.Holder(park: "west", since: 1_000)
        let retention = RetentionStatus(
            at: 90_000, frontier: "south:3", heldBy: [holder], tombstoneRows: 2, tombstoneBytes: 90, droppableRows: 0,
            bytesPerDay: nil,
            diskFullAt: nil, fenced: [], fencing: [], archivedEntries: 0, archiveSegments: 0, archiveBytes: 0,
            archiveFaults: [])
        return CompactReport(
            seq: 9, droppedRows: 4, archivedEntries: 5, archivedSegments: 1, bytesBefore: 9_000, bytesAfter: 4_000,
            retention: retention)
    }

    package func fence(park: String, lift: Bool, author: String) async throws -> FenceReport {
        state.withLock {
            $0.calls.append("\(lift ? "unfence" : "fence") \(park)")
            $0.authors.append(author)
        }
        guard park == "west" || park == "airport" else {
            throw Self.problem("\(park) is not another park of this zone", code: "invalid-input")
        }
        let isDecided = park == "west"
        return FenceReport(
            origin: "south", seq: 10, isDecided: isDecided,
            proposal: FenceProposalStatus(
                park: park, kind: lift ? .unfence : .fence, consents: ["south"] + (isDecided ? ["bio-city"] : []),
                needed: 2))
    }

    package func reissue(_ request: ReissueRequest) async throws -> ReissueReport {
        state.withLock {
            $0.calls.append("reissue \(request.reason)")
            $0.authors.append(request.author ?? "")
        }
        guard request.reason != "nothing" else {
            throw Self.problem("no entry is stamped ahead", code: "invalid-input")
        }
        guard let south = OriginID("south"), let next = OriginID("south~2") else {
            throw Self.problem("an origin is none", code: "internal")
        }
        return ReissueReport(
            taken: [FutureStampsStatus(origin: south, first: 5, last: 7, aheadMilliseconds: 90_000)], origin: next,
            last: 4)
    }

    package func conflicts(limit: Int, includesEqual: Bool) async throws -> [ConflictReport] {
        state.withLock { $0.calls.append("conflicts \(limit)\(includesEqual ? " all" : "")") }
        return []
    }

    package func confirm(_ request: ConfirmationRequest) async throws -> ConfirmationReport {
        state.withLock {
            $0.calls.append("confirm \(request.ids) \(request.note ?? "-")")
            $0.authors.append(request.author ?? "")
        }
        return ConfirmationReport(origin: "south", seq: 9, ids: request.ids)
    }

    package func entries(origin: String?, after: UInt64?, limit: Int, withChanges: Bool) async throws -> [EntryReport] {
        if origin == "west" { throw Surprise() }
        state.withLock { $0.calls.append("entries \(origin ?? "-") \(after ?? 0) \(limit) \(withChanges)") }
        return []
    }

    package func refused(limit: Int) async throws -> [RefusedRowReport] {
        state.withLock { $0.calls.append("refused \(limit)") }
        return []
    }

    package func dropRefused(_ request: DropRefusedRequest) async throws -> DropRefusedReport {
        state.withLock { $0.calls.append("drop \(request.ids.map { "\($0)" } ?? "all")") }
        return DropRefusedReport(dropped: 1)
    }

    package func forks(limit: Int) async throws -> [ForkReport] { [] }
    package func acceptWrites(reason: String) async throws {
        if reason == "refuse" { throw Self.problem("writes are accepted already", code: "not-needed", status: 409) }
    }
    package func verify() async throws -> VerifyReport {
        state.withLock { $0.calls.append("verify") }
        return VerifyReport(origins: [], tables: [], vector: "-", findings: [])
    }

    package func verifyRows(_ request: RowVerifyRequest) async throws -> RowVerifyReport {
        state.withLock { $0.calls.append("verify rows \((request.tables ?? ["all"]).joined(separator: ","))") }
        return RowVerifyReport(
            tables: [], vector: "-",
            rows: RowsStatus(verifiedAt: nil, verifiedRows: 0, differing: 0, differences: [], suspected: []))
    }

    package func repair(_ request: RepairRequest) async throws -> RepairReport {
        state.withLock {
            $0.calls.append("repair \(request.table) \(request.keys?.count ?? 0) \(request.way.rawValue)")
            $0.authors.append(request.author ?? "")
        }
        var report = RepairReport()
        report.repaired = request.keys?.count ?? 0
        return report
    }

    package func subscribe(after vector: String?, tables: [String]) async throws -> AsyncThrowingStream<
        SubscriptionEvent, any Error
    > {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: SubscriptionEvent.self)
        state.withLock {
            $0.subscriptions.append("\(vector ?? "-")|\(tables.joined(separator: ","))")
            $0.subscriber = continuation
        }
        return stream
    }

    package func emit(_ vector: String) {
        let event = ChangeEvent(origin: "south", seq: 5, writtenAt: 9, author: "a", note: "", changes: [])
        state.withLock { _ = $0.subscriber?.yield(SubscriptionEvent(vector: vector, event: event)) }
    }

    package func setLink(park: String, paused: Bool) async throws {
        guard park == "west" else { throw Self.problem("\(park) is not a peer", code: "no-such-peer", status: 404) }
        state.withLock { $0.calls.append("\(park) paused \(paused)") }
    }

    package func metrics() async throws -> String { "parksync_up 1\n" }
    package func readiness() -> Readiness { .notReady(reason: "recovering") }
}
