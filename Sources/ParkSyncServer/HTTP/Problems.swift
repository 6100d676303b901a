import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncWire

/// The problems that the server itself reports. Those of the node (SQL errors, authority) come from
/// the node.
enum Problems {
    /// How long a client that was turned away is asked to wait.
    static let retryAfterSeconds = 5
    /// What a 401 answer asks for (RFC 6750, section 3).
    static let challenge = "Bearer realm=\"parksync\""

    static func notFound(path: String) -> ProblemDetails {
        ProblemDetails(
            code: "not-found", title: "No such route", status: 404, detail: "There is nothing at \(path).",
            remedy: "See docs/reference/http-api.md for the routes.")
    }

    static func methodNotAllowed(_ method: String, path: String, allowed: String) -> ProblemDetails {
        ProblemDetails(
            code: "method-not-allowed", title: "Method not allowed", status: 405,
            detail: "\(path) does not answer \(method).",
            remedy: "Use \(allowed).")
    }

    static func unsupportedMediaType(_ found: String?) -> ProblemDetails {
        ProblemDetails(
            code: "unsupported-media-type", title: "Unsupported media type", status: 415,
            detail: found.map { "The body is declared as \($0)." } ?? "The request does not say what its body is.",
            remedy: "Send JSON, uncompressed, with the header Content-Type: application/json.")
    }

    static func bodyTooLarge(limitBytes: Int) -> ProblemDetails {
        ProblemDetails(
            code: "body-too-large", title: "Request body too large", status: 413,
            detail: "The body is longer than \(limitBytes) bytes.",
            remedy: "Split the request into smaller ones.")
    }

    static func incompleteBody(receivedBytes: Int?, declaredBytes: Int?) -> ProblemDetails {
        let received = receivedBytes.map { " after \($0) bytes" } ?? ""
        let declared = declaredBytes.map { " of \($0)" } ?? ""
        return ProblemDetails(
            code: "incomplete-body", title: "Request body ended early", status: 400,
            detail: "The body ended\(received)\(declared).",
            remedy: "Send the whole body; nothing was executed.")
    }

    static func malformedJSON(_ reason: String) -> ProblemDetails {
        ProblemDetails(
            code: "malformed-json", title: "Malformed JSON", status: 400, detail: reason,
            remedy: "Correct the JSON; nothing was executed.")
    }

    static func invalid(_ reason: String, remedy: String = "Correct the request; nothing was executed.")
        -> ProblemDetails
    {
        ProblemDetails(code: "invalid-request", title: "Invalid request", status: 400, detail: reason, remedy: remedy)
    }

    static func forbidden(_ code: String, _ detail: String, remedy: String) -> ProblemDetails {
        ProblemDetails(code: code, title: "Refused", status: 403, detail: detail, remedy: remedy)
    }

    static func tokenRequired(isThere: Bool) -> ProblemDetails {
        ProblemDetails(
            code: "token-required", title: "A token is required", status: 401,
            detail: isThere ? "The token of the request is none of this node's." : "The request brings no token.",
            remedy:
                """
                Send `Authorization: Bearer TOKEN` with a token of the node's local.http_token_file (syncctl: \
                --token-file), or use its Unix socket.
                """
        )
    }

    static func longAuthor(roomBytes: Int) -> ProblemDetails {
        ProblemDetails(
            code: "too-large", title: "Too large", status: 413,
            detail: "The author, behind the account that writes, has more than \(roomBytes) bytes.",
            remedy: "Shorten it, or put it into the note; nothing was executed.")
    }

    static let tooManyBytes = ProblemDetails(
        code: "too-many-bytes", title: "Requests take too much memory", status: 429,
        detail: "All requests together may take \(LocalLimits.requestBytesMax) bytes of memory at a time",
        remedy: "Wait until others are done, or send less at a time; nothing was executed.")

    static func slowBody(_ milliseconds: UInt64) -> ProblemDetails {
        ProblemDetails(
            code: "slow-body", title: "The body comes too slowly", status: 408,
            detail: "The body was not there after \(milliseconds / 1_000) s",
            remedy: "Send it at once, or in smaller requests; nothing was executed.")
    }

    static func tooMany(_ code: String, _ detail: String) -> ProblemDetails {
        ProblemDetails(
            code: code, title: "Too many streams", status: 429, detail: detail,
            remedy: "Close streams that are not needed, then try again.")
    }

    static func notReady(_ reason: String) -> ProblemDetails {
        ProblemDetails(
            code: "not-ready", title: "The node does not accept writes", status: 503, detail: reason,
            remedy: "Wait; syncctl status names what is missing.")
    }

    static var stopping: ProblemDetails {
        ProblemDetails(
            code: "stopping", title: "The node is stopping", status: 503,
            detail: "The request was broken off because the node stops.",
            remedy: "Try again when the node is back.")
    }

    /// Nobody hears it, and the node is not at fault.
    static var clientGone: ProblemDetails {
        ProblemDetails(
            code: "client-gone", title: "The client has gone", status: 400,
            detail: "The connection was closed before its request was answered.",
            remedy: "Nothing was begun. Ask again, and keep the connection open until the answer is there.")
    }

    static func unexpected(_ cause: String) -> ProblemDetails {
        ProblemDetails(
            code: "internal-error", title: "Internal error", status: 500, detail: cause,
            remedy: "See the node's log at the time of the request, and report the defect.")
    }
}

extension ProblemDetails {
    /// The problem for anything thrown by a route.
    /// - Parameters:
    ///   - showsCause: whether the client may see the text of an unexpected error.
    ///   - isOpen: whether the connection is: its handlers leave one that is closed, and are missed
    ///     then.
    init(_ error: any Error, path: String, showsCause: Bool, isOpen: Bool = true) {
        switch error {
        case let problem as ProblemDetails: self = problem
        case let error as HTTPError where error.status == .notFound: self = Problems.notFound(path: path)
        case is CancellationError: self = Problems.stopping
        case is ChannelPipelineError where !isOpen, is ChannelError where !isOpen: self = Problems.clientGone
        case let refused as MethodRefused:
            self = Problems.methodNotAllowed(refused.method, path: refused.path, allowed: refused.allowed)
        default:
            self = Problems.unexpected(
                showsCause ? ErrorWords.of(error) : "The request failed for a reason that only the node's log tells.")
        }
    }

    func response(_ form: ProblemForm, adding extra: HTTPFields = [:]) -> Response {
        var headers: HTTPFields = [
            .contentType: form == .json ? Self.contentType : PeerRefusal.contentType, .cacheControl: "no-store",
        ]
        if status == 429 || status == 503 { headers[.retryAfter] = "\(Problems.retryAfterSeconds)" }
        // The rest of the body is not wanted: a client that sees this stops sending.
        if status == 413 || status == 401 { headers[.connection] = "close" }
        if status == 401 { headers[.wwwAuthenticate] = Problems.challenge }
        headers.append(contentsOf: extra)
        let code = (400...599).contains(status) ? status : 500
        let body: ByteBuffer
        switch form {
        // Five strings and a number always encode; should they not, the status still tells the
        // client that it failed.
        case .json: body = (try? JSONBody.encode(self)) ?? ByteBuffer()
        case .goodbye: body = ByteBuffer(bytes: PeerRefusal(self).encode())
        }
        return Response(status: HTTPResponse.Status(code: code), headers: headers, body: ResponseBody(byteBuffer: body))
    }
}

/// A path is asked with a method that it does not answer.
struct MethodRefused: Error {
    var method: String
    var path: String
    var allowed: String
}

/// Turns whatever a route throws into a problem, and counts the answers.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = NodeRequestContext

    let audience: ProblemAudience
    let counters: ServerCounters
    let notice: @Sendable (ServerNotice) -> Void

    func handle(
        _ request: Request, context: NodeRequestContext, next: (Request, NodeRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem = ProblemDetails(
                error, path: request.uri.path, showsCause: audience.showsCause, isOpen: context.channel.isActive)
            if problem.status >= 500, problem.status != 503 {
                notice(.requestFailed(path: request.uri.path, cause: ErrorWords.of(error)))
            }
            if let refused = await audience.notice(problem, request, context) { notice(refused) }
            response = problem.response(
                audience.form, adding: (error as? MethodRefused).map { [.allow: $0.allowed] } ?? [:])
        }
        counters.countResponse(status: response.status.code)
        // The answer to HEAD has no body, whatever the route made.
        return request.method == .head ? response.createHeadResponse() : response
    }
}
