/// Whether the client that a task works for has hung up. Told by the listener, asked by the store:
/// nothing is begun for nobody.
///
/// An object, not a closure: with optimisation, Swift 6.3 passes no type for a task-local value
/// that is a function, and the task crashes.
package final class ClientPresence: Sendable {
    /// Of the client that the task works for; a task that works for none has none.
    @TaskLocal package static var current: ClientPresence?

    private let isGone: @Sendable () -> Bool

    /// - Parameter isGone: cheap, and asked from any thread.
    package init(isGone: @escaping @Sendable () -> Bool) { self.isGone = isGone }

    package var hasGone: Bool { isGone() }

    /// Whether the client of this task has gone, to be asked later and from any thread.
    package static var hasCurrentGone: @Sendable () -> Bool {
        guard let current else { return { false } }
        return { current.hasGone }
    }
}
