/// Lets others go on until `condition` holds.
///
/// - Throws: `CancellationError`, so that a time limit ends a test for which it never does. The run
///   would not come to an end otherwise.
package func until(_ condition: () -> Bool) async throws {
    while !condition() { try await TestZone.pause() }
}
