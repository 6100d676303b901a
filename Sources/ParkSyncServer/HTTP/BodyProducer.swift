import NIOCore
import ServiceLifecycle

/// Runs the task that makes a response body, so that the status of the response can wait for the
/// first chunk or the first error.
///
/// The task is cancelled when the producer is released: a response that is never written leaves
/// nothing behind.
final class BodyProducer: Sendable {
    private let pipe: BodyPipe
    private let task: Task<Void, Never>

    /// - Parameters:
    ///   - endsAtShutdown: whether a graceful shutdown cancels the task; the body then ends
    ///     cleanly.
    ///   - produce: makes the body. It runs at once.
    init(endsAtShutdown: Bool, _ produce: @escaping @Sendable (BodyPipe) async throws -> Void) {
        let pipe = BodyPipe()
        self.pipe = pipe
        task = Task {
            do {
                if endsAtShutdown {
                    try await cancelWhenGracefulShutdown { try await produce(pipe) }
                } else {
                    try await produce(pipe)
                }
                pipe.finish(.success(()))
            } catch is CancellationError {
                pipe.finish(.success(()))
            } catch {
                pipe.finish(.failure(error))
            }
        }
    }

    deinit {
        task.cancel()
        pipe.close()
    }

    /// The next chunk; nil at the end.
    func next() async throws -> ByteBuffer? { try await pipe.next() }

    /// Cancels the task; what it had pushed is still read, then the body ends.
    var cancellation: @Sendable () -> Void {
        let task = task
        return { task.cancel() }
    }
}
