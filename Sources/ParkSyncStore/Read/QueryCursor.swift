import Dispatch
import CSQLite
import ParkSyncCore
import ParkSyncReplication

/// A query that is read piece by piece, so that a slow reader holds back only itself.
///
/// Its statement runs on the reader's own queue. At its time limit it ends, also while nobody
/// reads: an open statement keeps a connection and a snapshot, and no part of the write-ahead log
/// behind that snapshot can be used again.
package final class QueryCursor: Sendable {
    private let run: QueryRun
    private let clock: any NodeClock
    package let columns: [String]

    /// - Parameter timeoutMilliseconds: for the whole cursor, the time between two reads included.
    /// - Throws: `StoreError` if the SQL is wrong, writes, or is not a query, or if no reader
    ///   became free in time.
    package static func open(
        _ sql: String, _ parameters: [Value], on store: ParkStore, lane: ReaderLane = .clients, timeoutMilliseconds: Int
    ) async throws -> QueryCursor {
        let pool = store.readers
        let clock = store.options.clock
        let reader = try await pool.take(lane)
        let limit = UInt64(max(1, timeoutMilliseconds))
        let run = QueryRun(reader: reader, deadline: clock.monotonicMilliseconds() + limit, limit: limit) {
            pool.give(reader, to: lane)
        }
        do {
            let columns = try await reader.run { try run.begin(sql, parameters, on: $0, clock: clock) }
            return QueryCursor(run, columns, clock)
        } catch {
            // The reader could not be opened, or the statement not be prepared.
            run.finish()
            throw error
        }
    }

    private init(_ run: QueryRun, _ columns: [String], _ clock: any NodeClock) {
        (self.run, self.columns, self.clock) = (run, columns, clock)
    }

    /// The next rows: at least one and at most `count`, and no more when they have about
    /// `ReadLimits.queryBatchBytesTarget` bytes. Empty at the end. For one caller at a time.
    ///
    /// - Throws: `StoreError`; `.timeout` also when the time limit passed since the last call.
    ///   `CancellationError`.
    package func next(_ count: Int) async throws -> [[Value]] {
        let run = run
        return try await withTaskCancellationHandler {
            try await run.reader.run { [clock] _ in
                let rows = try run.next(count)
                run.limitPauses(clock)
                return rows
            }
        } onCancel: {
            run.stop.set()
        }
    }

    /// All rows that are left. Only for queries whose result is known to be small.
    package func rest() async throws -> [[Value]] {
        var all: [[Value]] = []
        while true {
            let rows = try await next(.max)
            if rows.isEmpty { return all }
            all += rows
        }
    }

    /// Gives the reader back. Also done when the cursor is released.
    package func finish() { run.finish() }

    deinit { run.finish() }
}

/// The part of a cursor that lives on its reader's queue.
private final class QueryRun: @unchecked Sendable {
    // Everything mutable is confined to the reader's queue.
    let reader: Reader
    let stop = StopFlag()
    private let deadline: UInt64
    private let limit: UInt64
    private let giveBack: () -> Void
    private var connection: Connection?
    private var statement: GuestStatement?
    private var sql = ""
    private var columns = 0
    private var isOver = false
    private var isLate = false
    private var timer: Task<Void, Never>?

    /// - Parameters:
    ///   - deadline: monotonic milliseconds.
    ///   - limit: the milliseconds that led to it, for the message.
    init(reader: Reader, deadline: UInt64, limit: UInt64, giveBack: @escaping @Sendable () -> Void) {
        (self.reader, self.deadline, self.limit, self.giveBack) = (reader, deadline, limit, giveBack)
    }

    func begin(_ sql: String, _ parameters: [Value], on connection: Connection, clock: any NodeClock) throws -> [String]
    {
        self.connection = connection
        connection.trust = .guestReader
        connection.isOverdue = { [stop, deadline] in stop.isSet || clock.monotonicMilliseconds() > deadline }
        let prepared = try GuestSQL.prepare(sql, on: connection)
        (statement, self.sql) = (prepared, sql)
        guard sqlite3_stmt_readonly(prepared.handle) != 0 else {
            throw StoreError(.forbidden, "the statement writes", remedy: "Send writes to /v1/transactions.")
        }
        try GuestSQL.begin(prepared, parameters, on: connection, sql: sql)
        let names = GuestSQL.columnNames(prepared.handle)
        columns = names.count
        return names
    }

    func next(_ count: Int) throws -> [[Value]] {
        if stop.isSet { throw CancellationError() }
        if isLate {
            throw StoreError(
                .timeout, "the query's \(limit) ms were over before all rows were read",
                remedy: "Read faster, ask for less, or raise the time limit.")
        }
        guard let statement, let connection else { return [] }
        var rows: [[Value]] = []
        var bytes = 0
        do {
            while rows.count < count, bytes < ReadLimits.queryBatchBytesTarget {
                let result = GuestSQL.step(statement, on: connection)
                if result == SQLITE_DONE {
                    close()
                    break
                }
                guard result == SQLITE_ROW else { throw GuestSQL.failure(result, statement, on: connection, sql: sql) }
                rows.append(try GuestRow.values(statement.handle, columns: columns, adding: &bytes))
            }
        } catch {
            close()
            throw stop.isSet ? CancellationError() : error
        }
        return rows
    }

    /// From the first pause between two reads on, the clock ends the cursor. One that is read in
    /// one go never needs it.
    func limitPauses(_ clock: any NodeClock) {
        guard statement != nil, timer == nil else { return }
        timer = Task {
            // Cancelled when the cursor is over.
            do { try await clock.sleep(until: deadline) } catch { return }
            reader.queue.async { self.expire() }
        }
    }

    private func expire() {
        guard !isOver else { return }
        isLate = true
        close()
    }

    func finish() { reader.queue.async { self.close() } }

    private func close() {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        if let statement { sqlite3_finalize(statement.handle) }
        statement = nil
        connection?.isOverdue = nil
        connection?.trust = .trusted
        connection = nil
        giveBack()
    }
}
