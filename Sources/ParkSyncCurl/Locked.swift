import Foundation

/// A value behind a lock. NSLock and not `Mutex`: ThreadSanitizer reports false races for the
/// latter in debug builds.
final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    /// `body` must not take the same lock again.
    func with<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
