import Dispatch

/// Runs pieces of work one after the other, in the order in which they come.
///
/// Whoever opens a store may bring his own: a simulator collects the work and decides when the next
/// piece runs.
package protocol StoreQueue: Sendable {
    func async(_ work: @escaping @Sendable () -> Void)
    /// Returns when the work is done.
    @discardableResult
    func sync<T>(_ work: () -> T) -> T
}

/// What a store has queues for.
package enum StoreQueueRole: String, Hashable, Sendable {
    /// Everything that writes.
    case writing = "store"
    /// Verifies and decodes received slices, beside the writing.
    case verifying = "verify"
    /// The statements of one reader; each has a queue of its own.
    case reading = "reader"
}

/// A queue of the system, with a thread of its own while it has work.
package struct DispatchStoreQueue: StoreQueue {
    private let queue: DispatchQueue

    package init(_ role: StoreQueueRole) { queue = DispatchQueue(label: "parksync.\(role.rawValue)") }

    package func async(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }
    package func sync<T>(_ work: () -> T) -> T { queue.sync(execute: work) }
}

/// A value that only a serial queue touches: whoever wants something of it hands in what is to be
/// done there, and has no other way to it.
package final class QueueConfined<Value>: @unchecked Sendable {
    private let queue: any StoreQueue
    // Whoever made it has let it go; it is read in pieces of work of `queue` alone.
    private let value: Value

    init(_ queue: any StoreQueue, _ value: Value) { (self.queue, self.value) = (queue, value) }

    package func async(_ body: @escaping @Sendable (Value) -> Void) { queue.async { body(self.value) } }

    /// Returns when it is done. Not to be called on the queue itself.
    func sync<T: Sendable>(_ body: (Value) -> T) -> T { queue.sync { body(value) } }
}
