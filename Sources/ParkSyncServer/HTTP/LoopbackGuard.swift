import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ParkSyncWire

/// Keeps web pages in a browser of this machine away from the API: a page of another site, and a
/// name that was rebound to 127.0.0.1, both show in the headers.
struct LoopbackGuard: RouterMiddleware {
    typealias Context = NodeRequestContext

    func handle(
        _ request: Request, context: NodeRequestContext, next: (Request, NodeRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let host = request.head.authority, Loopback.isAuthority(host[...]) else {
            throw Problems.forbidden(
                "host-refused",
                "The Host header is \(request.head.authority ?? "absent"), which is not this machine's loopback name.",
                remedy: "Address the node as localhost, 127.0.0.1 or [::1], or use its Unix socket.")
        }
        if let origin = request.headers[.origin], !Loopback.isOrigin(origin) {
            throw Problems.forbidden(
                "origin-refused", "The request comes from a web page of \(origin).",
                remedy: "Only pages served by this machine may call the node.")
        }
        return try await next(request, context)
    }
}

/// Which names and addresses mean this machine.
package enum Loopback {
    /// Whether `host` is `localhost`, an address in 127.0.0.0/8, or `::1`.
    package static func isHost(_ host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        guard let address = try? SocketAddress(ipAddress: host, port: 0), let text = address.ipAddress else {
            return false
        }
        return address.protocol == .inet ? text.hasPrefix("127.") : text == "::1"
    }

    /// The same for `host`, `host:port`, `[address]` and `[address]:port`.
    static func isAuthority(_ authority: Substring) -> Bool {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return false }
            let rest = authority[authority.index(after: end)...]
            return isPort(rest) && isHost(String(authority[authority.index(after: authority.startIndex)..<end]))
        }
        let colon = authority.firstIndex(of: ":") ?? authority.endIndex
        return isPort(authority[colon...]) && isHost(String(authority[..<colon]))
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || (text.first == ":" && UInt16(text.dropFirst()) != nil)
    }

    static func isOrigin(_ origin: String) -> Bool {
        for scheme in ["http://", "https://"] where origin.lowercased().hasPrefix(scheme) {
            return isAuthority(origin.dropFirst(scheme.count))
        }
        return false
    }
}
