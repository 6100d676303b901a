import ParkSyncCore
import ParkSyncWire

/// Whether two nodes can exchange entries at all. Both ends judge by the same rule, so both can
/// name the cause.
package enum PeerFit {
    /// - Returns: why not; nil if they can. Different schema numbers are fine: entries of a newer
    ///   schema are held until this node has it.
    package static func obstacle(own: NodeState, peer: NodeState, peerVersion: UInt64) -> LinkFailure? {
        guard peerVersion == WireLimits.protocolVersion else {
            return LinkFailure(
                .incompatible, about: .version,
                """
                \(peer.origin) speaks version \(peerVersion) of the peer protocol, \(own.origin) speaks \
                \(WireLimits.protocolVersion)
                """,
                remedy: "Upgrade the node with the lower version.")
        }
        return schemaObstacle(own: own, peer: peer)
    }

    package static func schemaObstacle(own: NodeState, peer: NodeState) -> LinkFailure? {
        guard own.schemaNumber == peer.schemaNumber, own.schemaHash != peer.schemaHash else { return nil }
        return LinkFailure(
            .incompatible, about: .schema,
            "\(peer.origin) and \(own.origin) both have schema \(own.schemaNumber), but with different contents",
            remedy:
                """
                Compare the schema files of the two nodes; the park that changed its files by itself takes the \
                zone's files back.
                """
        )
    }
}
