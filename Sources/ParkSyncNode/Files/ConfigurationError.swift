/// A configuration that cannot be used: which key, why, and the remedy.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    /// Dotted, as in `peer.listen`; empty for the file as a whole.
    package var key: String
    package var reason: String
    package var remedy: String

    package init(_ key: String, _ reason: String, remedy: String) {
        self.key = key
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String { "\(key.isEmpty ? "" : "\(key): ")\(reason). \(remedy)" }
}
