/// A text that names a kind and does not change with the words around it. A later version may give
/// one that this one does not know, so it is no enum: those that something is decided by are its
/// constants.
package protocol StableName: RawRepresentable, Codable, Hashable, Sendable, ExpressibleByStringLiteral,
    CustomStringConvertible
where RawValue == String {
    init(rawValue: String)
}

extension StableName {
    package init(stringLiteral value: String) { self.init(rawValue: value) }
    package var description: String { rawValue }
}
