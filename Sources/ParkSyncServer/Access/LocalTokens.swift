import Crypto
import HTTPTypes
import Hummingbird
import HummingbirdCore
import ParkSyncReports
import ParkSyncWire

/// The tokens that let programs in over the loopback listener. Only their digests are kept.
package struct LocalTokens: Hashable, Sendable {
    private struct Known: Hashable, Sendable {
        var name: String
        var digest: SHA256Digest
    }

    private let known: [Known]

    package init(_ tokens: [LocalToken]) { known = tokens.map { Known(name: $0.name, digest: Self.digest($0.secret)) } }

    /// Of tokens whose digests alone are known.
    package init(digests: [(name: String, digest: SHA256Digest)]) {
        known = digests.map { Known(name: $0.name, digest: $0.digest) }
    }

    private static func digest(_ secret: some StringProtocol) -> SHA256Digest {
        SHA256.hash(data: [UInt8](secret.utf8))
    }

    /// The name of a token. How long it takes tells nothing: digests are compared, each whole and
    /// all of them.
    func name(of secret: some StringProtocol) -> String? {
        let digest = Self.digest(secret)
        var found: String?
        for token in known where token.digest == digest { found = token.name }
        return found
    }

    /// What a request shows.
    func caller(_ request: Request) -> LocalCaller {
        guard let secret = Self.secret(request), let name = name(of: secret) else { return .unknown }
        return .token(name: name)
    }

    /// What follows `Authorization: Bearer `; nil without it, and if there are two such fields,
    /// which come joined by a comma.
    private static func secret(_ request: Request) -> Substring? {
        let words = (request.headers[.authorization] ?? "").split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer", words[1].utf8.count <= LocalLimits.tokenBytesMax
        else { return nil }
        return words[1]
    }
}

/// Over TCP nobody shows who calls, and any account of the machine can: each request brings a
/// token, but that for a sign of life.
struct TokenGuard: RouterMiddleware {
    typealias Context = NodeRequestContext

    let tokens: LocalTokens

    func handle(
        _ request: Request, context: NodeRequestContext, next: (Request, NodeRequestContext) async throws -> Response
    ) async throws -> Response {
        let isSignOfLife = request.method == .get && request.uri.path == LocalPath.health
        guard isSignOfLife || tokens.caller(request) != .unknown else {
            throw Problems.tokenRequired(isThere: request.headers[.authorization] != nil)
        }
        return try await next(request, context)
    }
}
