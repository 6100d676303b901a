import ParkSyncCatalog
import ParkSyncCore
import ParkSyncOffice
import ParkSyncReports

/// A route of `/api/v1`: what it answers, and all that its description says of it.
struct RestRoute: Sendable {
    /// What stands in a path in the place of `{…}`.
    typealias Captured = [ExactText: String]

    /// A parameter behind the question mark.
    struct Parameter: Sendable {
        var name: String
        var type: ValueType
        var isRequired = false
        var what: Wording
    }

    enum Query: Sendable {
        case named([Parameter])
        /// The filters of a table: of that one, or of the kind in the path.
        case list(String?)
    }

    /// What a body has beside the inputs of a form.
    enum Body: Sendable { case wish, doing, decision, reading, item, change }

    enum Answer: Sendable {
        /// A page of a table: of that one, or of the kind in the path.
        case page(String?)
        /// A schema of `OpenAPISchemas`.
        case named(String)
    }

    /// Of which kinds there is one such path each.
    enum Kinds: Sendable { case none, items, requests }

    var method: RestCall.Method
    /// `{id}`, `{kind}` and so on are captured.
    var path: [String]
    var operation: String
    var summary: Wording
    var kinds = Kinds.none
    var query = Query.named([])
    var body: Body?
    var status = 200
    var answer: Answer
    var handler: @Sendable (Office, RestCall, Captured) async throws -> RestReply

    /// nil if it is another path.
    func match(_ path: [String]) -> Captured? {
        guard path.count == self.path.count else { return nil }
        var captured = Captured()
        for (part, template) in zip(path, self.path) {
            if template.hasPrefix("{") {
                guard !part.isEmpty else { return nil }
                captured[ExactText(String(template.dropFirst().dropLast()))] = part
            } else if !part.isExactly(template) {
                return nil
            }
        }
        return captured
    }

    var known: [String] {
        if case .named(let parameters) = query { parameters.map(\.name) } else { [] }
    }
}

/// `/api/v1`: what the office does, over HTTP. Pure: a call becomes an answer, whoever listens.
package enum RestAPI {
    package static let root = "/api/v1"

    static let routes: [RestRoute] = about + lists + records + items + requests + figures

    /// - Throws: what is no fault of the one who asked: the caller answers 500, or what the node
    ///   says of it.
    package static func answer(_ call: RestCall, _ office: Office) async throws -> RestReply {
        do {
            let (route, captured) = try route(for: call)
            // A GET has no body, and a POST no parameters.
            if case .named = route.query { _ = try RestQuery(call, known: route.known) }
            return try await route.handler(office, call, captured)
        } catch {
            guard let reply = RestProblem.reply(to: error, call) else { throw error }
            return reply
        }
    }

    private static func route(for call: RestCall) throws(RestRefusal) -> (RestRoute, RestRoute.Captured) {
        let found = routes.compactMap { route in route.match(call.path).map { (route, $0) } }
        if found.isEmpty { throw RestRefusal.noRoute(call.path) }
        if let one = found.first(where: { $0.0.method == call.method }) { return one }
        throw RestRefusal.noMethod(call.method, allowed: found.map(\.0.method))
    }

    /// The kind in a path, if it is one of those that the path is for.
    static func kind(
        _ captured: RestRoute.Captured, isRequest: Bool, _ office: Office, _ call: RestCall
    ) throws(RestRefusal) -> Vocabulary.Kind {
        let name = captured["kind"] ?? ""
        guard let kind = office.vocabulary.kind(name), kind.isRequest == isRequest else {
            throw RestRefusal.noRoute(call.path)
        }
        return kind
    }
}
