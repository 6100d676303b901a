import Dispatch

/// Runs pieces of work one after the other, in the order in which they come.
///
/// Whoever opens a store may bring his own: a simulator collects the work and decides when the next piece runs.
package protocol StoreQueue: Sendable {
    func async(_ work: @escaping @Sendable () -> Void)
    /// Returns when the work is done.
    func sync(_ work: () -> Void)
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
    package func sync(_ work: () -> Void) { queue.sync(execute: work) }
}
