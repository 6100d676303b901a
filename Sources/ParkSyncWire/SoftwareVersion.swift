/// The version of the programs, as they name themselves to people, to peers, and in the package.
package enum SoftwareVersion {
    package static let current = "0.1.0"

    private static let product = "parksyncd/"
    private static let textBytesMax = 32

    /// What a node calls itself in the field `Server` of its answers.
    package static let serverName = product + current

    /// The version that a node's field `Server` names. Nil for anything else: a peer writes there what it likes.
    package static func named(in field: String) -> String? {
        guard field.hasPrefix(product) else { return nil }
        let version = field.utf8.dropFirst(product.utf8.count)
        let isPlain = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || ".+-~".utf8.contains(byte)
        }
        guard (1...textBytesMax).contains(version.count), version.allSatisfy(isPlain) else { return nil }
        return String(decoding: version, as: UTF8.self)
    }
}
