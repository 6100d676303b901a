import ParkSyncCore

/// Opens long-lived log streams to peers. One stream is one `POST /sync/v1/log` whose response goes
/// on and on.
package protocol PeerTransport: Sendable {
    /// Starts a request to `peer`.
    ///
    /// - Parameters:
    ///   - body: the encoded `LogRequest`.
    ///   - handler: called in order, never concurrently for one stream: at most one `opened`, then
    ///     `bytes`, and exactly
    ///     one `closed` at the end, also after `close`. It must not block.
    func open(peer: OriginID, body: [UInt8], handler: @escaping @Sendable (TransportEvent) -> Void) -> StreamID
    /// Ends the stream; `closed(nil)` follows unless it has ended already.
    func close(_ stream: StreamID)
    /// Stops reading from the stream's socket, so that the peer is slowed down.
    func pause(_ stream: StreamID)
    func resume(_ stream: StreamID)
}

package struct StreamID: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
}

package enum TransportEvent: Hashable, Sendable {
    /// The peer answered 200.
    case opened
    /// Decompressed bytes of the response.
    case bytes([UInt8])
    /// The stream is over; nil when it was closed from this side.
    case closed(LinkFailure?)
}

/// Why a link does not work: what failed, and the remedy for the operator.
package struct LinkFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, CaseIterable, Sendable {
        /// No connection: refused, unreachable, timed out, name not found.
        case unreachable
        /// TLS or identity: a certificate or a park that is not whom it should be.
        case untrusted
        /// The peer does not know this node's park as a member of the zone.
        case stranger
        /// The peer answered with an HTTP error.
        case refused
        /// 429: come back after `retryAfterMilliseconds`.
        case busy
        /// The stream ended, stalled, or carried nonsense.
        case broken
        /// The peer said what no honest node says.
        case lying
        /// This node calls nobody: its database is damaged.
        case halted
        /// The peers' schemas or protocol versions do not fit.
        case incompatible
    }
    package var kind: Kind
    package var reason: String
    package var remedy: String
    package var retryAfterMilliseconds: UInt64?
    /// What it is about, where that says more than its kind, which decides when the link is tried
    /// again.
    package var about: Matter?

    package enum Matter: String, Hashable, CaseIterable, Sendable {
        /// Two different entries with one number were found over it, one of which this node did not
        /// know of.
        case fork
        /// A certificate, a key or an authority, of this node or of the peer.
        case certificate
        /// The peers speak different versions of the protocol.
        case version
        /// The peers' schemas have one number and different contents.
        case schema
    }

    /// A name that does not change with the words.
    package var code: String { about?.rawValue ?? kind.rawValue }
    package var isFork: Bool { about == .fork }

    package init(
        _ kind: Kind, about: Matter? = nil, _ reason: String, remedy: String, retryAfterMilliseconds: UInt64? = nil
    ) {
        self.kind = kind
        self.about = about
        self.reason = reason
        self.remedy = remedy
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    package var description: String { "\(reason). \(remedy)" }
}
