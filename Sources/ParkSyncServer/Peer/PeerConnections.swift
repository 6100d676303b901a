import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// The open connections of the peer interface under TLS.
final class PeerConnections: Sendable {
    private struct State {
        var table = ConnectionTable()
        var channels: [UInt64: any Channel] = [:]
    }

    private let state = Mutex(State())

    func come(_ channel: any Channel) -> UInt64 {
        let (id, closed) = state.withLock { state in
            let (id, close) = state.table.come(from: channel.remoteText)
            state.channels[id] = channel
            return (id, close.compactMap { state.channels.removeValue(forKey: $0) })
        }
        Self.close(closed)
        return id
    }

    func introduce(_ id: UInt64, as park: String) {
        Self.close(
            state.withLock { state in
                state.table.introduce(id, as: park).compactMap { state.channels.removeValue(forKey: $0) }
            })
    }

    func leave(_ id: UInt64) {
        state.withLock { state in
            state.table.leave(id)
            state.channels[id] = nil
        }
    }

    /// Ends all connections, as when another certificate is in force.
    func closeAll() {
        Self.close(
            state.withLock { state in
                defer { state.channels = [:] }
                return state.table.leaveAll().compactMap { state.channels[$0] }
            })
    }

    private static func close(_ channels: [any Channel]) { for channel in channels { channel.close(promise: nil) } }
}

/// Watches one connection: a handshake has to end soon, and nothing outlives the certificate that
/// it rests upon.
final class ConnectionWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// A handshake takes a few round trips.
    static let handshakeSeconds: Int64 = 5

    private let connections: PeerConnections
    private let id: UInt64
    private let wallSeconds: @Sendable () -> Int64
    private let refused: @Sendable (_ reason: String) -> Void
    private var deadline: Scheduled<Void>?

    init(
        _ connections: PeerConnections, id: UInt64, wallSeconds: @escaping @Sendable () -> Int64,
        refused: @escaping @Sendable (_ reason: String) -> Void
    ) {
        (self.connections, self.id, self.wallSeconds, self.refused) = (connections, id, wallSeconds, refused)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        close(context, after: Self.handshakeSeconds, "no TLS handshake within \(Self.handshakeSeconds) s")
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { handshakeCompleted(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func handshakeCompleted(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        guard let certificate = handler?.peerCertificate else {
            refused("no certificate")
            return context.close(promise: nil)
        }
        // A session that is resumed (RFC 8446, section 2.2) is not verified again, so the end of
        // the certificate is looked at here.
        let seconds = Int64(certificate.notValidAfter).subtractingReportingOverflow(wallSeconds())
        guard !seconds.overflow, seconds.partialValue > 0 else {
            refused("the certificate has expired")
            return context.close(promise: nil)
        }
        connections.introduce(id, as: (try? PeerIdentity.park(in: certificate)) ?? "")
        let isLong = seconds.partialValue > Self.lookSecondsMax
        close(
            context, after: min(seconds.partialValue, Self.lookSecondsMax), isLong ? nil : "the certificate has expired"
        )
    }

    /// A stream that is older than this is opened again, so that the wall clock is looked at again.
    static let lookSecondsMax: Int64 = 7 * 86_400

    /// - Parameter reason: what the connection is refused for; nil if its time is over.
    private func close(_ context: ChannelHandlerContext, after seconds: Int64, _ reason: String?) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: .seconds(seconds)) { [refused] in
            if let reason { refused(reason) }
            channel.close(promise: nil)
        }
    }

    private func end() {
        deadline?.cancel()
        deadline = nil
        connections.leave(id)
    }
}
