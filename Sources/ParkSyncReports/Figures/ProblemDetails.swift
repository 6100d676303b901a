/// An error over HTTP (RFC 9457, `application/problem+json`).
package struct ProblemDetails: Codable, Hashable, Sendable, Error, CustomStringConvertible {
    /// `urn:parksync:problem:` and the code; the code is stable, the texts are not.
    package var type: String
    package var title: String
    package var status: Int
    /// What failed, and where.
    package var detail: String
    /// What to do about it.
    package var remedy: String

    /// - Parameter code: lower-case words with hyphens, as in `sql-error`.
    package init(code: String, title: String, status: Int, detail: String, remedy: String) {
        type = Self.typePrefix + code
        self.title = title
        self.status = status
        self.detail = detail
        self.remedy = remedy
    }

    /// For people: the journal of a node, a terminal.
    package var description: String { "\(title): \(Sentence.ended(detail)) \(remedy)" }

    package static let typePrefix = "urn:parksync:problem:"
    package static let contentType = "application/problem+json"
    package var code: String { type.hasPrefix(Self.typePrefix) ? String(type.dropFirst(Self.typePrefix.count)) : type }
}
