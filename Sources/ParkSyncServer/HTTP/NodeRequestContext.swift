import Hummingbird
import NIOCore

/// The request's channel is kept: its event loop paces streamed bodies, and its TLS handler knows
/// the peer.
struct NodeRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

typealias NodeRouter = Router<NodeRequestContext>
