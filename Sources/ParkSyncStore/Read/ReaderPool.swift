import Foundation
import GRDBSQLite
import ParkSyncCore

/// Read-only connections for queries. Each query has one for itself; when all are busy, queries wait in order.
package final class ReaderPool: @unchecked Sendable {
    // Everything mutable is guarded by `lock`.
    private let path: String
    private let lock = NSLock()
    private var idle: [Connection] = []
    private var made = 0
    private var isClosed = false
    private var waiting: [CheckedContinuation<Connection, any Error>] = []

    static let connectionsMax = 6

    init(path: String) { self.path = path }

    func take() async throws -> Connection {
        try await withCheckedThrowingContinuation { continuation in
            let ready: Result<Connection, any Error>? = lock.withLock {
                if isClosed { return .failure(StoreError(.notReady, "the node is stopping", remedy: "Ask again when it runs.")) }
                if let connection = idle.popLast() { return .success(connection) }
                guard made < Self.connectionsMax else {
                    waiting.append(continuation)
                    return nil
                }
                made += 1
                return Result { try Connection(path: path, role: .reader) }
            }
            if case .failure? = ready { lock.withLock { if !isClosed { made -= 1 } } }
            if let ready { continuation.resume(with: ready) }
        }
    }

    func give(_ connection: Connection) {
        let next: CheckedContinuation<Connection, any Error>? = lock.withLock {
            if isClosed { return nil }
            if waiting.isEmpty {
                idle.append(connection)
                return nil
            }
            return waiting.removeFirst()
        }
        next?.resume(returning: connection)
    }

    func close() {
        let abandoned = lock.withLock {
            isClosed = true
            idle = []
            defer { waiting = [] }
            return waiting
        }
        for continuation in abandoned {
            continuation.resume(throwing: StoreError(.notReady, "the node is stopping", remedy: "Ask again when it runs."))
        }
    }

    /// Runs `body` on a reader's own thread of execution.
    package func read<T: Sendable>(_ body: @Sendable (SQLReader) throws -> T) async throws -> T {
        let connection = try await take()
        defer { give(connection) }
        return try body(SQLReader(connection: connection))
    }
}

/// A connection for internal reads.
package struct SQLReader {
    let connection: Connection
}
