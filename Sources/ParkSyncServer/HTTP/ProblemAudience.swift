import Hummingbird
import ParkSyncReports

/// How a problem is written: for programs and people, or for other nodes.
enum ProblemForm: Hashable, Sendable { case json, goodbye }

/// Who is on the other end of a listener: what he is told, and which refusals the journal hears of.
enum ProblemAudience: Sendable {
    /// Programs and people of this machine.
    case local(LocalGate)
    case peers
    /// Whoever may read figures.
    case monitors

    var form: ProblemForm { if case .peers = self { .goodbye } else { .json } }

    /// Whether the text of an unexpected error is told.
    var showsCause: Bool { if case .local = self { true } else { false } }

    /// What peers are refused in good order, when both ends do what they should; and who hangs up
    /// is refused nothing.
    private static let ordinary = ["snapshot-too-small", "unknown-snapshot", "too-many-snapshots", "client-gone"]

    /// - Returns: what the journal is told of a refusal; nil for a mere mistake, and for what is
    ///   told elsewhere.
    func notice(_ problem: ProblemDetails, _ request: Request, _ context: NodeRequestContext) async -> ServerNotice? {
        switch self {
        case .peers:
            guard (400...499).contains(problem.status), !Self.ordinary.contains(problem.code) else { return nil }
            return .peerRefused(
                address: context.channel.remoteText, park: PeerIdentity.claim(of: request) ?? "", code: problem.code,
                detail: problem.detail)
        case .local(let gate):
            // The gate tells itself of operators' commands.
            guard problem.status == 401 || problem.status == 403, problem.code != LocalGate.refusalCode else {
                return nil
            }
            return .requestRefused(
                caller: await gate.callerName(request, context), code: problem.code,
                route: "\(request.method.rawValue) \(request.uri.path)")
        case .monitors:
            guard problem.status == 403 else { return nil }
            return .requestRefused(
                caller: context.channel.remoteText, code: problem.code,
                route: "\(request.method.rawValue) \(request.uri.path)")
        }
    }
}
