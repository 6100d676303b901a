import NIOCore
import Synchronization

/// One response body on its way from the task that makes it to the connection that sends it.
///
/// At most one chunk waits in the pipe. A maker that is faster than the connection is suspended in
/// `push`, so that what is kept in memory for a slow client does not grow.
final class BodyPipe: Sendable {
    private struct Waiting {
        var id: UInt64
        var chunk: ByteBuffer
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var slot: ByteBuffer?
        var pushers: [Waiting] = []
        var reader: CheckedContinuation<ByteBuffer?, any Error>?
        var end: Result<Void, any Error>?
        var isClosed = false
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Hands a chunk over; suspends while another one waits.
    /// - Throws: `CancellationError` when the task was cancelled or nobody reads any more.
    func push(_ chunk: ByteBuffer) async throws {
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.nextID &+= 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                offer(Waiting(id: id, chunk: chunk, continuation: continuation))
            }
        } onCancel: {
            let withdrawn = state.withLock { state -> Waiting? in
                guard let index = state.pushers.firstIndex(where: { $0.id == id }) else { return nil }
                return state.pushers.remove(at: index)
            }
            withdrawn?.continuation.resume(throwing: CancellationError())
        }
    }

    private func offer(_ waiting: Waiting) {
        // A cancellation from here on finds the pusher in the list; an earlier one is seen below.
        enum Outcome { case refused, kept, taken, handed(CheckedContinuation<ByteBuffer?, any Error>) }
        let outcome = state.withLock { state -> Outcome in
            if state.isClosed || Task.isCancelled { return .refused }
            if let reader = state.reader {
                state.reader = nil
                return .handed(reader)
            }
            if state.slot == nil {
                state.slot = waiting.chunk
                return .taken
            }
            state.pushers.append(waiting)
            return .kept
        }
        switch outcome {
        case .refused: waiting.continuation.resume(throwing: CancellationError())
        case .taken: waiting.continuation.resume()
        case .handed(let reader):
            reader.resume(returning: waiting.chunk)
            waiting.continuation.resume()
        case .kept: break
        }
    }

    /// The next chunk; nil at the end. For one reader at a time.
    /// - Throws: what the maker threw, after the chunks it had pushed; `CancellationError` after
    ///   `close`.
    func next() async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in read(continuation) }
        } onCancel: {
            close()
        }
    }

    private func read(_ continuation: CheckedContinuation<ByteBuffer?, any Error>) {
        enum Outcome { case result(Result<ByteBuffer?, any Error>, freed: Waiting?), waits }
        let outcome = state.withLock { state -> Outcome in
            if state.isClosed { return .result(.failure(CancellationError()), freed: nil) }
            if let chunk = state.slot {
                let freed = state.pushers.isEmpty ? nil : state.pushers.removeFirst()
                state.slot = freed?.chunk
                return .result(.success(chunk), freed: freed)
            }
            if let end = state.end { return .result(end.map { nil }, freed: nil) }
            state.reader = continuation
            return .waits
        }
        guard case .result(let result, let freed) = outcome else { return }
        freed?.continuation.resume()
        continuation.resume(with: result)
    }

    /// The maker is done, or failed. A cancelled maker ends the body as if it were complete.
    func finish(_ end: Result<Void, any Error>) {
        let reader = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            if state.end == nil { state.end = end }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(with: end.map { nil })
    }

    /// Nobody will read any more: ends every wait with `CancellationError`.
    func close() {
        let (reader, pushers) = state.withLock { state in
            defer {
                state.isClosed = true
                state.reader = nil
                state.pushers = []
                state.slot = nil
            }
            return (state.reader, state.pushers)
        }
        reader?.resume(throwing: CancellationError())
        for pusher in pushers { pusher.continuation.resume(throwing: CancellationError()) }
    }
}
