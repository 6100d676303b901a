import ParkSyncCore

/// This node's newest digests, to compare a peer's with: the peer's is of a vector that this node
/// may have left behind already.
struct AgreementRing: Sendable {
    static let digestsMax = 64

    private var digests: [StateDigest] = []
    /// Of the digests' vectors: comparing these first saves comparing long vectors that differ only
    /// at their ends.
    private var fingerprints: [UInt64] = []

    /// - Returns: the fingerprint of the digest's vector.
    @discardableResult mutating func add(_ digest: StateDigest) -> UInt64 {
        if digests.last == digest, let last = fingerprints.last { return last }
        let fingerprint = digest.vector.fingerprint
        digests.append(digest)
        fingerprints.append(fingerprint)
        if digests.count > Self.digestsMax {
            digests.removeFirst()
            fingerprints.removeFirst()
        }
        return fingerprint
    }

    /// - Parameter fingerprint: of the other digest's vector, if it is at hand.
    /// - Returns: nil if no digest of the same vector and schema is at hand, so that nothing can be
    ///   said.
    func agrees(with other: StateDigest, fingerprint: UInt64? = nil) -> Bool? {
        let fingerprint = fingerprint ?? other.vector.fingerprint
        for index in digests.indices.reversed() where fingerprints[index] == fingerprint {
            let own = digests[index]
            if own.vector == other.vector, own.schemaNumber == other.schemaNumber { return own.hash == other.hash }
        }
        return nil
    }
}

/// The newest comparison of the tables of two nodes.
package struct Agreement: Hashable, Sendable {
    package var isSame: Bool
    /// The vector at which both digests were taken.
    package var vector: VersionVector
    /// Unix milliseconds of the comparison.
    package var at: UInt64
}

extension VersionVector {
    /// Equal for equal vectors, and rarely for others. The origins are left out: within a
    /// federation they are the same.
    var fingerprint: UInt64 {
        elements.reduce(UInt64(elements.count)) { ($0 ^ $1.seq) &* 0x9E37_79B9_7F4A_7C15 ^ $0 >> 29 }
    }
}
