/// A configuration that cannot be used: which key, why, and the remedy.
struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    /// Dotted, as in `peer.listen`; empty for the file as a whole.
    var key: String
    var reason: String
    var remedy: String

    init(_ key: String, _ reason: String, remedy: String) {
        self.key = key
        self.reason = reason
        self.remedy = remedy
    }

    var description: String { "\(key.isEmpty ? "" : "\(key): ")\(reason). \(remedy)" }
}
