import Dispatch
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncWire
import Synchronization

/// Log streams to peers through libcurl: HTTP/1.1, one connection a stream, mutual TLS except on
/// this machine.
package final class CurlPeerTransport: PeerTransport {
    package static let parkHeader = "ParkSync-Park"
    /// Covers the TLS handshake; the silence after it is the engine's to watch.
    package static let connectMillisecondsMax = 5_000
    /// How much of an error answer is read.
    package static let refusalBytesMax = PeerRefusal.bytesMax + 1

    private let loop: CurlLoop
    private let own: OriginID
    package let directory: PeerDirectory
    private let heard = HeardSoftware()

    /// The software that a park's node has named last; nil if it was never heard, or names none.
    package func software(of park: String) -> NodeSoftware? { heard.named.withLock { $0[park] } }

    /// - Parameter own: the park of this node, which its certificate names too.
    package init(loop: CurlLoop, own: OriginID, directory: PeerDirectory) {
        self.loop = loop
        self.own = own
        self.directory = directory
    }

    package func open(peer: OriginID, body: [UInt8], handler: @escaping @Sendable (TransportEvent) -> Void) -> StreamID
    {
        let park = peer.park
        let (base, tls) = (directory.urls[park], directory.tls)
        do {
            let address = try Self.address(of: park, base, tls)
            let stream = PeerStream(park: park, base: base ?? "", handler: handler) { [heard] software in
                heard.named.withLock { $0[park] = software }
            }
            let request = TransferRequest(
                method: "POST", url: address.url,
                headers: ["Content-Type: \(PeerMedia.logContentType)", "\(Self.parkHeader): \(own.park)"],
                body: body, connectMillisecondsMax: Self.connectMillisecondsMax, connectTo: address.connectTo,
                tls: address.isEncrypted ? tls : nil, onHead: stream.head, onBytes: stream.bytes, onEnd: stream.end)
            return StreamID(rawValue: loop.start(request))
        } catch {
            let failure =
                error as? LinkFailure
                ?? LinkFailure(
                    .unreachable, "\(park): \(ErrorWords.of(error))", remedy: "Check the address of \(park).")
            DispatchQueue.global().async { handler(.closed(failure)) }
            // No transfer has this number: they count from 1.
            return StreamID(rawValue: 0)
        }
    }

    private static func address(of park: String, _ base: String?, _ tls: TLSFiles?) throws -> PeerAddress {
        guard let base else {
            throw LinkFailure(
                .unreachable, "\(park): no address is configured", remedy: "Name \(park) with its URL among the peers.")
        }
        let address = try PeerAddress(park: park, base: base)
        guard !address.isEncrypted || tls != nil else {
            throw LinkFailure(
                .untrusted, about: .certificate, "\(park): \(base) needs TLS, and this node has no certificate",
                remedy: "Configure the zone's authority, this node's certificate and its key.")
        }
        return address
    }

    package func close(_ stream: StreamID) { loop.cancel(stream.rawValue) }
    package func pause(_ stream: StreamID) { loop.pause(stream.rawValue) }
    package func resume(_ stream: StreamID) { loop.resume(stream.rawValue) }
}

/// The software that each park's node has named last. Of its own, so that a stream does not keep
/// the transport, and with it the loop.
private final class HeardSoftware: Sendable { let named = Mutex<[String: NodeSoftware]>([:]) }

/// Turns one transfer's callbacks into the engine's events.
private final class PeerStream: Sendable {
    private struct State {
        var head: ResponseHead?
        var refusal: [UInt8] = []
    }

    private let park: String
    private let base: String
    private let handler: @Sendable (TransportEvent) -> Void
    private let noteSoftware: @Sendable (NodeSoftware?) -> Void
    /// Only the loop's thread comes here; the lock costs little and makes that no condition.
    private let state = Mutex(State())

    init(
        park: String, base: String, handler: @escaping @Sendable (TransportEvent) -> Void,
        noteSoftware: @escaping @Sendable (NodeSoftware?) -> Void
    ) {
        self.noteSoftware = noteSoftware
        self.park = park
        self.base = base
        self.handler = handler
    }

    private static func isLog(_ head: ResponseHead?) -> Bool {
        head?.status == 200 && head?.mediaType == PeerMedia.logContentType
    }

    func head(_ head: ResponseHead) {
        state.withLock { $0.head = head }
        guard Self.isLog(head) else { return }
        noteSoftware(head.fields["server"].flatMap(NodeSoftware.init(field:)))
        handler(.opened)
    }

    func bytes(_ bytes: [UInt8]) -> Bool {
        let isLog = state.withLock { state in
            if Self.isLog(state.head) { return true }
            state.refusal += bytes.prefix(CurlPeerTransport.refusalBytesMax - state.refusal.count)
            return false
        }
        if isLog {
            handler(.bytes(bytes))
            return true
        }
        return state.withLock { $0.refusal.count < CurlPeerTransport.refusalBytesMax }
    }

    func end(_ end: TransferEnd) { handler(.closed(failure(end))) }

    private func failure(_ end: TransferEnd) -> LinkFailure? {
        if case .cancelled = end { return nil }
        let (head, refusal) = state.withLock { ($0.head, $0.refusal) }
        if let head, head.status != 200 { return PeerFailures.refusal(head, body: refusal, park: park) }
        if let head, !Self.isLog(head) {
            return LinkFailure(
                .broken,
                """
                \(park): \(base) answers with \(head.mediaType.isEmpty ? "no content type" : head.mediaType), \
                not with a log
                """,
                remedy: "Check that the address of \(park) is that of a ParkSync node's peer interface.")
        }
        switch end {
        case .failed(let failure): return PeerFailures.failure(failure, park: park, base: base)
        case .finished, .cancelled:
            return LinkFailure(
                .broken, "\(park) ended the stream",
                remedy: "Nothing to do if its node restarts; the link opens again by itself.")
        }
    }
}
