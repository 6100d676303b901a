/// Why bytes from outside are not a canonical encoding. Says what was expected, where, and what to
/// do.
package struct DecodingFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in words.
    package var reason: String
    /// Byte offset in the input at which it was noticed.
    package var offset: Int

    package init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason) (at byte \(offset))" }
}
