/// Whether the client that a task works for has hung up. Told by the listener, asked by the store: nothing is begun for nobody.
package enum ClientPresence {
    /// Cheap, and asked from any thread. A task that works for no client has one that stays.
    @TaskLocal package static var hasGone: @Sendable () -> Bool = { false }
}
