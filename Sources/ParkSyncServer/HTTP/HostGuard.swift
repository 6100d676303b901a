import HTTPTypes
import Hummingbird
import HummingbirdCore
import ParkSyncWire

/// A request names its host exactly once (RFC 9112, section 3.2): with two, what stands before the
/// node may have gone by the other one.
struct HostGuard: RouterMiddleware {
    typealias Context = NodeRequestContext

    func handle(
        _ request: Request, context: NodeRequestContext, next: (Request, NodeRequestContext) async throws -> Response
    ) async throws -> Response {
        // The first one has become the authority, further ones are fields like others.
        let others = request.headers.count { $0.name.canonicalName == "host" }
        guard request.head.authority != nil, others == 0 else {
            throw Problems.invalid(
                "Host: \(others == 0 ? "missing header" : "given \(others + 1) times")",
                remedy: "Send it once; nothing was executed.")
        }
        return try await next(request, context)
    }
}

/// Turns requests away that a browser sends for a page of another site. It says so itself (Fetch
/// Metadata), also where there is no `Origin`, as for an image.
struct CrossSiteGuard: RouterMiddleware {
    typealias Context = NodeRequestContext

    /// What the node's own pages, and the person at the browser, ask for.
    private static let allowed = ["same-origin", "none"]

    func handle(
        _ request: Request, context: NodeRequestContext, next: (Request, NodeRequestContext) async throws -> Response
    ) async throws -> Response {
        let sites = request.headers.filter { $0.name.canonicalName == "sec-fetch-site" }.map { $0.value.lowercased() }
        guard sites.allSatisfy(Self.allowed.contains) else {
            throw Problems.forbidden(
                "origin-refused",
                "The request comes from a web page of another site (Sec-Fetch-Site: \(sites.joined(separator: ", "))).",
                remedy: "Only pages served by this machine may call the node.")
        }
        return try await next(request, context)
    }
}
