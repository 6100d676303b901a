import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// Adds TLS to a listener, with the certificates that are in force when a connection comes.
struct PeerTLSChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let certificates: PeerCertificates
    let wallSeconds: @Sendable () -> Int64
    let refused: @Sendable (_ address: String, _ reason: String) -> Void

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            let handlers = channel.pipeline.syncOperations
            let address = channel.remoteText
            let connections = certificates.connections
            try handlers.addHandler(NIOSSLServerHandler(context: certificates.current))
            try handlers.addHandler(HandshakeWatch(address: address, refused: refused))
            try handlers.addHandler(
                ConnectionWatch(connections, id: connections.come(channel), wallSeconds: wallSeconds) { [refused] in
                    refused(address, $0)
                })
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

extension HTTPServerBuilder {
    static func peerTLS(
        _ http1: HTTP1Channel.Configuration, certificates: PeerCertificates,
        wallSeconds: @escaping @Sendable () -> Int64,
        refused: @escaping @Sendable (_ address: String, _ reason: String) -> Void
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            PeerTLSChannel(
                base: HTTP1Channel(responder: responder, configuration: http1), certificates: certificates,
                wallSeconds: wallSeconds,
                refused: refused)
        }
    }
}

/// Tells why a handshake failed: nobody else notices whom the node has turned away.
private final class HandshakeWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let address: String
    private let refused: @Sendable (_ address: String, _ reason: String) -> Void
    private var isTold = false

    init(address: String, refused: @escaping @Sendable (_ address: String, _ reason: String) -> Void) {
        self.address = address
        self.refused = refused
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isTold, let reason = Self.reason(error) {
            isTold = true
            refused(address, reason)
        }
        context.fireErrorCaught(error)
    }

    /// Nil for a connection that only broke off.
    private static func reason(_ error: any Error) -> String? {
        guard case .handshakeFailed(let cause)? = error as? NIOSSLError else { return nil }
        return text(cause)
    }

    /// As in `PEER_DID_NOT_RETURN_A_CERTIFICATE`, out of what the library prints.
    private static func text(_ cause: BoringSSLError) -> String {
        let text = "\(cause)"
        let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.filter {
            $0.contains("_") && $0.allSatisfy { !$0.isLowercase }
        }
        return words.last.map(String.init) ?? text
    }
}
