import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ParkSyncReplication

/// The routes of a local listener without the listener: requests come as values.
package struct LocalResponder: Sendable {
    let responder: RouterResponder<NodeRequestContext>
    let clock: any NodeClock
    let logger: Logger
    let budget = BodyBudget()

    /// - Parameter channel: the connection that the request is taken to have come over; over a Unix
    ///   socket it shows who calls.
    package func respond(to request: Request, channel: any Channel) async throws -> Response {
        try await BodyBudget.Share.$current.withValue(BodyBudget.Share(budget, clock: clock)) {
            try await responder.respond(
                to: request,
                context: NodeRequestContext(source: ApplicationRequestContextSource(channel: channel, logger: logger)))
        }
    }
}

extension NodeServers {
    /// - Parameter tokens: of requests that are judged as those over loopback TCP; nil for the Unix
    ///   socket.
    package func localResponder(tokens: LocalTokens?, clock: any NodeClock, logger: Logger) -> LocalResponder {
        LocalResponder(responder: localRouter(tokens: tokens).buildResponder(), clock: clock, logger: logger)
    }
}
