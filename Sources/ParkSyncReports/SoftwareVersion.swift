/// The version of the programs, as they name themselves to people, to peers, and in the package.
package enum SoftwareVersion {
    package static let current = "0.1.0"

    static let product = "parksyncd/"

    /// What a node calls itself in the field `Server` of its answers.
    package static let serverName = product + current
}

/// What a node runs with, as it tells its peers in the field `Server`: product tokens as in RFC
/// 9110, section 10.2.4.
package struct NodeSoftware: Hashable, Sendable {
    /// Of the programs.
    package var version: String
    /// Of the SQLite library; nil from a node that does not tell.
    package var sqliteVersion: String?

    private static let sqliteProduct = "SQLite/"
    private static let tokenBytesMax = 32

    package init(version: String, sqliteVersion: String?) {
        (self.version, self.sqliteVersion) = (version, sqliteVersion)
    }

    /// The field `Server` of the peer interface.
    package var field: String {
        SoftwareVersion.product + version + (sqliteVersion.map { " " + Self.sqliteProduct + $0 } ?? "")
    }

    /// What a node's field `Server` names. Nil for anything else: a peer writes there what it
    /// likes.
    package init?(field: String) {
        let tokens = field.split(separator: " ", maxSplits: 2)
        guard let version = tokens.first.flatMap({ Self.version(of: SoftwareVersion.product, in: $0) }) else {
            return nil
        }
        self.version = version
        sqliteVersion = tokens.dropFirst().first.flatMap { Self.version(of: Self.sqliteProduct, in: $0) }
    }

    private static func version(of product: String, in token: Substring) -> String? {
        guard token.utf8.starts(with: product.utf8) else { return nil }
        let version = token.utf8.dropFirst(product.utf8.count)
        let isPlain = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || ".+-~".utf8.contains(byte)
        }
        guard (1...tokenBytesMax).contains(version.count), version.allSatisfy(isPlain) else { return nil }
        return String(decoding: version, as: UTF8.self)
    }
}
