import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import ParkSyncReports
import ParkSyncWire

#if canImport(Glibc)
    import Glibc
#endif

/// The routes of a local listener; each is answered only to who has the right that its table
/// demands.
struct LocalRouter {
    let router: NodeRouter
    let gate: LocalGate

    func add<Routes>(_ table: [LocalRoute<Routes>], of routes: Routes) {
        router.add(table, of: routes) { [gate] route, request, context in
            // The parts of a file that come or go are not commands of their own.
            let isRecorded = route.method == .post || route.path.hasPrefix(LocalPath.links)
            try await gate.admit(route.right, request, isRecorded: isRecorded, context)
        }
    }
}

/// Turns away who may not do what he asks for.
struct LocalGate: Sendable {
    let access: LocalAccess
    let names: AuthorNames
    /// Of the loopback listener; nil for the Unix socket, which shows who calls.
    let tokens: LocalTokens?
    let notice: @Sendable (ServerNotice) -> Void

    /// Who sent a request. The kernel has kept the user and the group that the other process had
    /// when it connected.
    private func caller(_ request: Request, _ context: NodeRequestContext) async throws -> LocalCaller {
        if let tokens { return tokens.caller(request) }
        guard let socket = context.channel as? any SocketOptionProvider else { return .unknown }
        let credentials: PeerCredentials = try await socket.unsafeGetSocketOption(
            level: NIOBSDSocket.OptionLevel(rawValue: SOL_SOCKET), name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        ).get()
        return .account(user: credentials.user, group: credentials.group)
    }

    /// Of the problem with which somebody is refused who is no operator.
    static let refusalCode = "operators-only"

    /// As in `li (1001)`.
    func callerName(_ request: Request, _ context: NodeRequestContext) async -> String {
        let caller = (try? await caller(request, context)) ?? .unknown
        return await access.lookingUp { $0.name(of: caller) }
    }

    /// Who writes, for the log.
    ///
    /// - Parameter named: for whom, by the client's word.
    /// - Throws: a 413 problem if that is too long.
    func author(_ request: Request, _ context: NodeRequestContext, for named: String? = nil) async throws -> String {
        let caller = try await caller(request, context)
        guard caller != .unknown else { throw Problems.tokenRequired(isThere: false) }
        return try LocalAccess.author(await names.author(of: caller), for: named)
    }

    /// - Throws: a 403 problem.
    func admit(_ needed: LocalRight, _ request: Request, isRecorded: Bool, _ context: NodeRequestContext) async throws {
        guard needed == .operate else { return }
        let (caller, route) = (try await caller(request, context), "\(request.method.rawValue) \(request.uri.path)")
        let (right, name) = await access.lookingUp { ($0.right(of: caller), $0.name(of: caller)) }
        guard right >= needed else {
            notice(.operatorRefused(caller: name, route: route))
            throw Problems.forbidden(
                "operators-only", "\(route) is for operators, and \(name) is none.", remedy: access.remedy(for: caller))
        }
        if isRecorded { notice(.operatorCommand(caller: name, route: route)) }
    }
}

/// What SO_PEERCRED gives (unix(7)): `struct ucred`, which the module of the C library does not
/// show.
private struct PeerCredentials: Sendable {
    var process: Int32
    var user: UInt32
    var group: UInt32
}
