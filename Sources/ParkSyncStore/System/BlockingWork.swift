import Dispatch

/// Long work that blocks, on a thread of its own kind.
package struct BlockingWork: Sendable {
    private static let queue = DispatchQueue(label: "parksync.copies", attributes: .concurrent)
    /// On threads of the system; several pieces at once.
    package static let onThreads = BlockingWork { queue.async(execute: $0) }

    private let start: @Sendable (@escaping @Sendable () -> Void) -> Void

    /// - Parameter start: lets a piece of work begin, now or later.
    package init(_ start: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) { self.start = start }

    package func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            start { continuation.resume(with: Result { try body() }) }
        }
    }
}
