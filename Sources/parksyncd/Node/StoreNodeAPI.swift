import ParkSyncCore
import ParkSyncFiles
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import ParkSyncStore
import ParkSyncWire

/// The local API over the store and the replication driver.
struct StoreNodeAPI: NodeAPI {
    let store: ParkStore
    let status: StatusBuilder
    let recovery: RecoveryService
    let exclusion: ExclusionService
    let links: any LinkControl
    let statements: StatementWatch
    let metricsText: MetricsText

    /// Most rows that a query reads at a time, before it waits for its reader.
    static let queryBatchRows = 256
    /// Changes of an entry that `GET /v1/log` decodes at most.
    static let changesPerEntryMax = 1_000

    func transact(_ request: TransactionRequest) async throws -> TransactionResult {
        try await statements.transaction(request.statements.first?.sql ?? "") {
            let transaction = StoreTransaction(
                statements: request.statements.map {
                    StoreStatement(sql: $0.sql, parameters: ($0.parameters ?? []).map(\.value))
                },
                author: request.author ?? "", note: request.note ?? "",
                timeoutMilliseconds: request.timeoutMilliseconds ?? LocalLimits.queryMillisecondsDefault,
                rowsMax: LocalLimits.transactionRowsMax)
            return try await store.transact(transaction)
        }
    }

    func query(
        _ request: QueryRequest, head: @escaping @Sendable ([String]) async throws -> Void,
        row: @escaping @Sendable ([JSONValue]) async throws -> Void
    ) async throws -> Int {
        try await withProblems {
            var watch = statements.query(request.sql)
            defer { watch.end() }
            let cursor = try await watch.during {
                try await QueryCursor.open(
                    request.sql, (request.parameters ?? []).map(\.value), on: store,
                    timeoutMilliseconds: request.timeoutMilliseconds ?? LocalLimits.queryMillisecondsDefault)
            }
            defer { cursor.finish() }
            // Before the head: an error of the first step is still an answer of its own.
            var rows = try await watch.during { try await cursor.next(Self.queryBatchRows) }
            try await head(cursor.columns)
            var count = 0
            while !rows.isEmpty {
                for values in rows { try await row(values.map(JSONValue.init)) }
                count += rows.count
                rows = try await watch.during { try await cursor.next(Self.queryBatchRows) }
            }
            return count
        }
    }

    func status() async throws -> NodeStatus { try await withProblems { try await status.build() } }

    func blame(table: String, key: [JSONValue]) async throws -> BlameReport {
        try await withProblems { try await store.blame(table: table, key: key) }
    }

    func entries(origin: String?, after: UInt64?, limit: Int, withChanges: Bool) async throws -> [EntryReport] {
        try await withProblems {
            let parsed = try origin.map { name in
                guard let id = OriginID(name) else {
                    throw StoreError(
                        .invalidInput, "\(name) is not an origin",
                        remedy: "Use a park identifier such as south, or south~2.")
                }
                return id
            }
            let entries = try await store.entries(
                origin: parsed, after: after, limit: limit, changesMax: withChanges ? Self.changesPerEntryMax : 0)
            return entries.map { entry in
                EntryReport(
                    origin: entry.header.origin.name, seq: entry.header.seq, writtenAt: entry.header.stamp.milliseconds,
                    stamp: entry.header.stamp.description,
                    hash: Hex.encode(entry.hash), isSigned: entry.isSigned, schemaNumber: entry.header.schemaNumber,
                    dependencies: VersionVector(entry.header.dependencies.map { ($0.origin, $0.seq) }).description,
                    author: entry.header.author,
                    note: entry.header.note, bytes: entry.bytes, state: entry.state, changeCount: entry.changeCount,
                    changes: withChanges ? entry.changes.map(Self.change) : nil)
            }
        }
    }

    static func change(_ change: LoggedEntry.Change) -> EntryReport.Change {
        let kind =
            switch change.kind {
            case .insert: "insert"
            case .update: "update"
            case .delete: "delete"
            }
        return EntryReport.Change(
            table: change.table, key: change.key.map(JSONValue.init), kind: kind,
            causalLength: change.causalLength.rawValue,
            values: Dictionary(
                change.values.map { ($0.column, JSONValue($0.value)) }, uniquingKeysWith: { first, _ in first }))
    }

    func verify() async throws -> VerifyReport { try await withProblems { try await store.verify() } }

    func reissue(_ request: ReissueRequest) async throws -> ReissueReport {
        if let offset = status.ownClockOffset {
            throw ProblemDetails(
                code: "clock-wrong", title: "A clock is wrong", status: 409,
                detail: "The clock of this node is \(ClockRemedy.text(offset)).",
                remedy: "Set this node's clock right (NTP), then repeat.")
        }
        return try await withProblems {
            try await store.reissueFuture(reason: request.reason, author: request.author ?? "")
        }
    }

    func verifyRows(_ request: RowVerifyRequest) async throws -> RowVerifyReport {
        try await withProblems { try await store.verifyRows(request.tables ?? []) }
    }

    func repair(_ request: RepairRequest) async throws -> RepairReport {
        try await withProblems {
            try await store.repair(
                table: request.table, keys: request.keys, request.way, author: request.author ?? "",
                note: request.note ?? "")
        }
    }

    func subscribe(after vector: String?, tables: [String]) async throws -> AsyncThrowingStream<
        SubscriptionEvent, any Error
    > {
        try await withProblems {
            for table in tables { _ = try store.sharedTable(table) }
            var start = store.state().applied
            if let vector {
                guard let parsed = VersionVector(parsing: vector) else {
                    throw StoreError(
                        .invalidInput, "\(vector) is not a vector",
                        remedy: "Give the id of the last event that was seen.")
                }
                try refusePlaceOfNobody(parsed)
                start = parsed
            }
            return ChangeFeed(store: store, tables: Set(tables.map(ExactText.init))).stream(after: start)
        }
    }

    /// A place in a log that can never come would be waited for without end, and nobody would be
    /// told.
    ///
    /// - Throws: `StoreError` for a log of no park of the zone, of now or of earlier, and for an
    ///   entry that this node has not written.
    private func refusePlaceOfNobody(_ vector: VersionVector) throws {
        let (state, keys) = (store.state(), store.memberKeys)
        let known = Set(keys.keys).union(state.logged.elements.map(\.origin.park))
        if let stranger = vector.elements.first(where: { !known.contains($0.origin.park) })?.origin {
            throw StoreError(
                .invalidInput, "\(stranger) is the log of no park of this zone: nothing of it will ever come",
                remedy: "Parks: \(known.sorted().joined(separator: ", ")). Give the id of the last event that was seen."
            )
        }
        // Of its own log a node that still fetches what it wrote does not know how long it is.
        let (asked, written) = (vector[state.origin], state.logged[state.origin])
        guard asked > written, !store.counts.isRecovering else { return }
        throw StoreError(
            .invalidInput, "\(state.origin) has written \(written) entries, and \(asked) are said to have been seen",
            remedy:
                """
                Give the id of the last event that was seen; if this node was restored from an old copy, read \
                the tables and begin anew.
                """
        )
    }

    func setLink(park: String, paused: Bool) async throws {
        guard await links.setPaused(park: park, paused) else {
            guard !store.membership().fenced.contains(park) else {
                throw ProblemDetails(
                    code: "unknown-park", title: "There is no such peer", status: 404,
                    detail: "\(park) was taken out of the zone by a fence",
                    remedy: "Nothing is to be done: there is no link to it until it comes back.")
            }
            let own = status.configuration.park.name
            let peers = status.configuration.members.map(\.park).filter { !$0.isExactly(own) }
            if park.isExactly(own) {
                throw ProblemDetails(
                    code: "unknown-park", title: "There is no such peer", status: 404,
                    detail: "\(park) is this node itself, which has no link to itself",
                    remedy: peers.isEmpty
                        ? "See `members` in the configuration."
                        : "Name a peer: \(peers.sorted().joined(separator: ", ")).")
            }
            throw ProblemDetails(
                code: "unknown-park", title: "There is no such peer", status: 404,
                detail: "\(park) is not a configured peer",
                remedy: Nearest.question(park, in: peers) + "See `members` in the configuration.")
        }
    }

    func compact(_ request: CompactRequest, author: String) async throws -> CompactReport {
        try await withProblems {
            let before = status.databaseBytes()
            let outcome = try await store.compact(author: author)
            var archived = ArchiveOutcome()
            if request.archive == true { archived = try await store.archive(status.configuration.archivePolicy) }
            if request.vacuum == true { try await store.vacuum() }
            return CompactReport(
                seq: outcome.seq, droppedRows: outcome.droppedRows, archivedEntries: archived.entries,
                archivedSegments: archived.segments,
                bytesBefore: before, bytesAfter: status.databaseBytes(), retention: try await status.retention.look())
        }
    }

    func fence(park: String, lift: Bool, author: String) async throws -> FenceReport {
        try await withProblems {
            let outcome =
                lift ? try await store.unfence(park, author: author) : try await store.fence(park, author: author)
            // Others wait to be told of it.
            try await status.retention.look()
            return outcome
        }
    }

    func metrics() async throws -> String { try await metricsText.render(status()) }

    func readiness() -> Readiness {
        if let damage = store.damage { return .notReady(reason: damage.reason) }
        if let check = recovery.check() { return .notReady(reason: check.cause) }
        if let fenced = store.counts.fenced { return .notReady(reason: fenced.reason) }
        return DatabaseVerdict.writingBlocked(store.databaseStatus, now: status.clock.wallMilliseconds()).map {
            .notReady(reason: $0)
        } ?? .ready
    }

    func forks(limit: Int) async throws -> [ForkReport] {
        try await withProblems { try await store.forks(limit: limit) }
    }

    func acceptWrites(reason: String) async throws {
        // Both, where the node is just being started: that no other park knows this one may not
        // have come out yet.
        let isReady = store.standing().isReady
        if exclusion.overrule(reason: reason, isEarly: !isReady), isReady { return }
        guard recovery.accept(reason: reason) else {
            // A fence is the zone's decision, and no operator's of this park.
            if let fenced = store.counts.fenced {
                throw StoreError(.fenced, fenced.reason, remedy: fenced.remedy).problem
            }
            throw ProblemDetails(
                code: "not-needed", title: "Writes are accepted already", status: 409, detail: "The node is ready.",
                remedy: "Nothing is to be done.")
        }
    }
}

/// Stops and resumes links for the operator.
protocol LinkControl: Sendable {
    /// False if the park is no peer.
    func setPaused(park: String, _ paused: Bool) async -> Bool
}
