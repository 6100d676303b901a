import Dispatch
import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Reading beside the store's own work: what is slow, large, or not read at all holds up nothing
/// else.
@Suite(.timeLimit(.minutes(15))) struct ReadingTests {
    private static let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "

    private func federation() async throws -> Federation {
        let federation = try Federation(["south"], schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('k', 1)")
        return federation
    }

    private static func open(_ store: ParkStore, _ sql: String, limit: Int = 10_000) async throws -> QueryCursor {
        try await QueryCursor.open(sql, [], on: store, timeoutMilliseconds: limit)
    }

    @Test func whoReadsAppliedEntriesSaysHowManyBytes() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        for (park, count) in [("south", 6), ("west", 6)] {
            for index in 0..<count {
                try await federation.write(park, "INSERT INTO plain(id, a) VALUES('\(park)\(index)', zeroblob(1000))")
            }
        }
        try await federation.converge()
        let store = try federation["south"]
        let all = try await store.appliedEntries(after: VersionVector(), limit: 100)
        // In pieces the same entries come in the same order.
        var vector = VersionVector()
        var pieces: [[LoggedEntry]] = []
        while true {
            let piece = try await store.appliedEntries(after: vector, limit: 100, bytes: 2_500, entryBytesMax: 2_000)
            guard let last = piece.last else { break }
            #expect(piece.dropLast().reduce(0) { $0 + $1.bytes } < 2_500 && last.bytes < 2_000)
            for entry in piece { vector[entry.header.origin] = entry.header.seq }
            pieces.append(piece)
        }
        #expect(pieces.joined().map(\.hash) == all.map(\.hash) && pieces.count >= 4)
        #expect(pieces.joined().map(\.changes.count) == all.map(\.changes.count))
        let short = try await store.appliedEntries(after: VersionVector(), limit: 1, entryBytesMax: 500)
        #expect(short.map(\.changes.count) == [0] && short.map(\.changeCount) == [1])
    }

    /// More statements that do not end than there are threads for Swift's tasks.
    @Test func slowStatementsLeaveTheTasksTheirThreads() async throws {
        let federation = try await federation()
        let store = try federation["south"]
        let slow = (0..<ReadLimits.clientReadersMax).map { _ in
            Task { try await Self.open(store, Self.endless + "SELECT count(*) FROM n").rest() }
        }
        // Each must have begun; the connections are then all in use.
        try await federation.until { store.readers.taken(.clients) >= ReadLimits.clientReadersMax }
        // Would not come to an end if the statements ran on the tasks' threads.
        for _ in 0..<20 {
            let rows = try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<10 { group.addTask { try await store.unsealedRows() } }
                return try await group.reduce(0, +)
            }
            #expect(rows == 0)
        }
        for task in slow { task.cancel() }
        for task in slow { await #expect(throws: CancellationError.self) { try await task.value } }
        #expect(try await federation.rows("south", "SELECT a FROM plain") == [[.integer(1)]])
    }

    @Test func aCursorEndsAtItsTimeAlsoWhileNobodyReads() async throws {
        let federation = try await federation()
        let pool = try federation["south"].readers
        let cursor = try await Self.open(try federation["south"], Self.endless + "SELECT i FROM n", limit: 500)
        #expect(try await cursor.next(3) == [[.integer(1)], [.integer(2)], [.integer(3)]])
        #expect(pool.taken(.clients) == 1)
        try await federation.until { federation.clock.sleeping > 0 }
        federation.clock.advance(501)
        try await federation.until { pool.taken(.clients) == 0 }
        let error = await #expect(throws: StoreError.self) { try await cursor.next(3) }
        #expect(error?.code == .timeout && error?.reason.contains("500 ms") == true)
        cursor.finish()
        #expect(pool.taken(.clients) == 0)
        // The snapshot is gone with the statement: the whole write-ahead log can be taken back.
        try await federation.write("south", "UPDATE plain SET a = 2")
        #expect(try await federation["south"].writeLogBack())
    }

    @Test func whoFindsNoReaderIsTurnedAwayAndTheNodeReadsOn() async throws {
        let federation = try await federation()
        let store = try federation["south"]
        var cursors: [QueryCursor] = []
        for _ in 0..<ReadLimits.clientReadersMax {
            cursors.append(try await Self.open(store, Self.endless + "SELECT i FROM n", limit: 60_000))
        }
        let waiting = Task { try await Self.open(store, "SELECT 1") }
        try await federation.until { federation.clock.sleeping > 0 }
        federation.clock.advance(ReadLimits.readerWaitMillisecondsMax)
        let error = await #expect(throws: StoreError.self) { try await waiting.value }
        #expect(error?.code == .busy)
        // The node's own reads do not need these connections.
        #expect(try await store.unsealedRows() == 0)
        #expect(try await store.appliedEntries(after: VersionVector(), limit: 9).count == 1)
        #expect(try await store.blame(table: "plain", key: [JSONValue(.string("k"))]).columns.count == 6)
        // The next in line gets what becomes free.
        let next = Task { try await Self.open(store, "SELECT 7").rest() }
        try await federation.until { federation.clock.sleeping > 0 }
        cursors.removeLast().finish()
        #expect(try await next.value == [[.integer(7)]])
        // A wait can be broken off.
        cursors.append(try await Self.open(store, Self.endless + "SELECT i FROM n", limit: 60_000))
        let tired = Task { try await Self.open(store, "SELECT 1") }
        try await federation.until { federation.clock.sleeping > 0 }
        tired.cancel()
        await #expect(throws: CancellationError.self) { try await tired.value }
        for cursor in cursors { cursor.finish() }
    }

    @Test func aBatchEndsAtItsBytes() async throws {
        let federation = try await federation()
        let store = try federation["south"]
        let rows =
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 7) SELECT i, \
            zeroblob(400000) FROM n
            """
        let cursor = try await Self.open(store, rows)
        var sizes: [Int] = []
        while true {
            let batch = try await cursor.next(256)
            if batch.isEmpty { break }
            sizes.append(batch.count)
        }
        #expect(sizes == [3, 3, 1])
    }

    static let large = [
        ("SELECT zeroblob(67108865)", "string or blob too big"),
        ("SELECT length(hex(zeroblob(40000000)))", "string or blob too big"),
        ("WITH b(x) AS (SELECT zeroblob(16000000)) SELECT x, x, x, x, x FROM b", "a row has more than 67108864 bytes"),
    ]

    @Test(arguments: large) func valuesAndRowsOfAnySizeAreNotHeld(sql: String, says: String) async throws {
        let federation = try await federation()
        let store = try federation["south"]
        let error = await #expect(throws: StoreError.self) { try await Self.open(store, sql).rest() }
        #expect(error?.code == .tooLarge && error?.reason.contains(says) == true, "\(String(describing: error))")
        let write = await #expect(throws: StoreError.self) { try await federation.write("south", sql) }
        #expect(write?.code == .tooLarge, "\(String(describing: write))")
        // The limit is for SQL from outside alone, and is taken back after it.
        #expect(try federation["south"].writer.int64("SELECT length(zeroblob(67108865))") == 67_108_865)
        #expect(try await Self.open(store, "SELECT length(zeroblob(16777216))").rest() == [[.integer(16_777_216)]])
    }

    @Test func aTransactionGivesBackSoManyBytesAndNoMore() async throws {
        let federation = try await federation()
        let blob = "SELECT zeroblob(\(ReadLimits.transactionResultBytesMax / 2 - GuestRow.valueBytes))"
        #expect(try await federation.write("south", blob, blob).results.count == 2)
        let error = await #expect(throws: StoreError.self) {
            try await federation.write("south", blob, blob, "SELECT 1")
        }
        #expect(error?.code == .tooLarge && error?.reason.contains("16777216 bytes") == true)
    }

    // MARK: the watchdog's question

    @Test func aStatementWithinItsTimeIsAlive() async throws {
        let federation = try await federation()
        let store = try federation["south"]
        #expect(await store.isAnswering())
        let slow = Task {
            try await store.transact(
                StoreTransaction(
                    statements: [StoreStatement(sql: Self.endless + "SELECT count(*) FROM n")],
                    timeoutMilliseconds: 600_000))
        }
        // Its own statement: that of the write before is told for a moment after the answer.
        try await federation.until { store.board.liveness.running?.sql.hasPrefix("WITH") == true }
        // The queue is busy with the statement, and will be for minutes.
        #expect(await store.isAnswering())
        federation.clock.advance(600_001)
        let error = await #expect(throws: StoreError.self) { try await slow.value }
        #expect(error?.code == .timeout)
        #expect(await store.isAnswering())
    }

    @Test func aQueueThatHangsIsNotAlive() async throws {
        let federation = try await federation()
        let store = try federation["south"]
        let hang = DispatchSemaphore(value: 0)
        defer { hang.signal() }
        let (limit, activity) = (federation.clock.monotonicMilliseconds() + 100, federation.clock.activity)
        // As if a statement went on beyond its limit.
        store.queue.async {
            store.board.liveness.beat(Liveness.Running(since: 0, deadline: limit, sql: "SELECT 1"))
            activity.note()
            hang.wait()
        }
        // Not that of the write before, whose limit is later: it is told for a moment after the
        // answer.
        try await federation.until { store.board.liveness.running?.sql == "SELECT 1" }
        federation.clock.advance(101)
        let question = Task { await store.isAnswering() }
        try await federation.until { store.board.liveness.waiters > 0 }
        question.cancel()
        #expect(await !question.value)
        hang.signal()
        #expect(await store.isAnswering())
    }

    /// Writers that keep coming must not keep the queue from everything else.
    @Test func aStreamOfWritesLeavesTheQueueToOthers() async throws {
        let federation = try await federation()
        let store = try federation["south"]
        let writers = (0..<3).map { writer in
            Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    let sql = "INSERT INTO plain(id) VALUES('\(writer)-\(number)')"
                    do {
                        _ = try await store.transact(StoreTransaction(statements: [StoreStatement(sql: sql)]))
                    } catch is CancellationError {
                        return
                    }
                }
            }
        }
        for _ in 0..<20 { try await store.housekeep() }
        for writer in writers { writer.cancel() }
        for writer in writers { try await writer.value }
    }
}
