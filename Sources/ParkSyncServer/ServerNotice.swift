/// What the servers have to tell the node's journal.
package enum ServerNotice: Hashable, Sendable {
    /// An operator's command came from somebody who is no operator.
    case operatorRefused(caller: String, route: String)
    case operatorCommand(caller: String, route: String)
    /// No TLS with whoever called the peer interface: no certificate, or not one of the zone's authority.
    case strangerRefused(address: String, reason: String)
    /// A certificate of the zone, and not a peer of this node, or another park than the request says.
    case peerRefused(address: String, code: String, detail: String)
    /// A defect, or a disk that fails: the answer was 5xx.
    case requestFailed(path: String, cause: String)
    /// A listener could not be opened, and is tried again after so long.
    case listenerFailed(interface: String, place: String, cause: String, retryMilliseconds: UInt64)
}
