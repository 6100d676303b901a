/// What the servers have to tell the node's journal.
package enum ServerNotice: Hashable, Sendable {
    /// An operator's command came from somebody who is no operator.
    case operatorRefused(caller: String, route: String)
    case operatorCommand(caller: String, route: String)
    /// No TLS with whoever called the peer interface: no certificate, or not one of the zone's
    /// authority.
    case strangerRefused(address: String, reason: String)
    /// What came over the peer interface was refused: the park is no peer, is another one than its
    /// certificate says, or asks for what no node would ask for.
    ///
    /// - Parameter park: as the request says; empty if it names none.
    case peerRefused(address: String, park: String, code: String, detail: String)
    /// What a program, a user or a web page may not do, over a local listener.
    case requestRefused(caller: String, code: String, route: String)
    /// A defect, or a disk that fails: the answer was 5xx.
    case requestFailed(path: String, cause: String)
    /// A listener could not be opened, and is tried again after so long.
    case listenerFailed(interface: String, place: String, cause: String, retryMilliseconds: UInt64)
}
