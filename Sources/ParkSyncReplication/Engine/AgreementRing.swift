import ParkSyncCore

/// This node's newest digests, to compare a peer's with: the peer's is of a vector that this node may have left behind already.
struct AgreementRing: Sendable {
    static let digestsMax = 64

    private var digests: [StateDigest] = []

    mutating func add(_ digest: StateDigest) {
        if digests.last == digest { return }
        digests.append(digest)
        if digests.count > Self.digestsMax { digests.removeFirst() }
    }

    /// - Returns: nil if no digest of the same vector and schema is at hand, so that nothing can be said.
    func agrees(with other: StateDigest) -> Bool? {
        let own = digests.last { $0.vector == other.vector && $0.schemaNumber == other.schemaNumber }
        return own.map { $0.hash == other.hash }
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
