import HummingbirdCore
import NIOCore
import ParkSyncReplication
import Synchronization

/// Notes that the client of a connection has hung up.
///
/// The kernel tells the end of a Unix socket from a client that sends no more and still reads. Over
/// TCP both come as the same packet, so a client that ends its side before it has the answer is
/// taken to have gone.
final class HangUpWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Never

    private let isTCP: Bool
    private let isOver = Atomic(false)

    init(isTCP: Bool) { self.isTCP = isTCP }

    var hasGone: Bool { isOver.load(ordering: .relaxed) }

    func channelInactive(context: ChannelHandlerContext) {
        isOver.store(true, ordering: .relaxed)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isTCP, case .inputClosed? = event as? ChannelEvent { isOver.store(true, ordering: .relaxed) }
        context.fireUserInboundEventTriggered(event)
    }
}

extension NodeRequestContext {
    /// Runs `body`, of which nothing is to be begun any more once the client has hung up.
    func whileClientWaits<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        // The handlers leave a connection that is closed.
        let watch = try? await channel.pipeline.handler(type: HangUpWatch.self).get()
        let client = ClientPresence { [channel] in watch?.hasGone ?? !channel.isActive }
        return try await ClientPresence.$current.withValue(client) { try await body() }
    }
}
