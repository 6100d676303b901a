import HTTPTypes
import Hummingbird
import ParkSyncReports

/// A route of the local API: how it is reached, who may, and what answers. The tables of these are
/// all that a local listener answers, and nothing else says who may do what.
struct LocalRoute<Routes: Sendable>: Sendable {
    let method: HTTPRequest.Method
    /// As it is registered, with `:name` for a parameter.
    let path: String
    let right: LocalRight
    let handler: @Sendable (Routes) -> NodeRouter.Handler

    /// - Parameter right: a route of which nobody has said who may is an operator's.
    init(
        _ method: HTTPRequest.Method, _ path: String, right: LocalRight = .operate,
        _ handler: @escaping @Sendable (Routes) -> NodeRouter.Handler
    ) {
        (self.method, self.path, self.right, self.handler) = (method, path, right, handler)
    }
}

extension NodeRouter {
    private static var otherMethods: [HTTPRequest.Method] {
        [.get, .head, .post, .put, .delete, .patch, .options, .trace, .connect]
    }

    typealias Handler = @Sendable (Request, NodeRequestContext) async throws -> Response

    /// Answers what a table has, and refuses the other methods of its paths with 405.
    ///
    /// - Parameter admit: throws for whom a route is not.
    func add<Routes>(
        _ table: [LocalRoute<Routes>], of routes: Routes,
        admit: @escaping @Sendable (LocalRoute<Routes>, Request, NodeRequestContext) async throws -> Void
    ) {
        for (index, first) in table.enumerated() where table.firstIndex(where: { $0.path == first.path }) == index {
            let methods = table.filter { $0.path == first.path }
            answer(
                first.path,
                methods.map { route in
                    let handler = route.handler(routes)
                    return (
                        route.method,
                        { request, context in
                            try await admit(route, request, context)
                            return try await handler(request, context)
                        }
                    )
                })
        }
    }

    /// Answers one method of a path, and refuses the others with 405.
    func answer(_ path: String, _ method: HTTPRequest.Method, _ handler: @escaping Handler) {
        answer(path, [(method, handler)])
    }

    /// Answers some methods of a path, and refuses the others with 405.
    func answer(_ path: String, _ handlers: [(method: HTTPRequest.Method, handler: Handler)]) {
        for (method, handler) in handlers { on(RouterPath(path), method: method, use: handler) }
        let allowed = handlers.map(\.method.rawValue).joined(separator: ", ")
        for other in Self.otherMethods where !handlers.contains(where: { $0.method == other }) {
            on(RouterPath(path), method: other) { request, _ -> Response in
                throw MethodRefused(method: other.rawValue, path: request.uri.path, allowed: allowed)
            }
        }
    }
}
