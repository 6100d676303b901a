import ServiceLifecycle

/// Runs a service's loop until the node stops in good order; being cancelled then is the normal end
/// and no error.
func untilShutdown(_ body: @Sendable @escaping () async throws -> Void) async throws {
    try await cancelWhenGracefulShutdown {
        do { try await body() } catch is CancellationError {}
    }
}
