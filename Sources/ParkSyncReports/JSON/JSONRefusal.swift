/// Why a JSON text is not decoded: what is wrong, and where.
package struct JSONRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Cause: Hashable, Sendable {
        /// It is not JSON (RFC 8259).
        case syntax
        /// It is beyond a limit: bytes, depth, members, the length of a number.
        case limit
        /// An object names a member twice: which of the two counts would be a matter of the reader.
        case repeatedMember
    }

    package var cause: Cause
    package var reason: String
    /// From 1.
    package var line: Int
    /// Bytes from the beginning of the line, from 1.
    package var column: Int

    package var description: String { "line \(line), character \(column): \(reason)" }
}
