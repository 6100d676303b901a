import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncWire

/// The routes of the local API.
struct LocalRoutes: Sendable {
    /// Default and most elements of `/v1/conflicts` and `/v1/log`.
    static let listElementsDefault = 100
    static let listElementsMax = 10_000

    let api: any NodeAPI
    let clock: any NodeClock
    let subscriptions: SubscriptionSlots
    /// Knows who calls.
    let gate: LocalGate

    func add(to router: LocalRouter) {
        router.answer(LocalPath.transactions, .post, transact)
        router.answer(LocalPath.queries, .post) { try await QueryAnswer(api: api).respond(to: $0, $1) }
        router.answer(LocalPath.changes, .get) {
            try await ChangeSubscription(api: api, clock: clock, slots: subscriptions).respond(to: $0, $1)
        }
        router.answer(LocalPath.status, .get) { request, _ in
            _ = try QueryParameters(request, known: [])
            return try JSONBody.response(try await api.status())
        }
        router.answer(LocalPath.blame, .get, blame)
        router.answer(LocalPath.conflicts, .get, conflicts)
        router.answer(LocalPath.confirmations, .post, confirm)
        router.answer(LocalPath.entries, .get, entries)
        router.answer(LocalPath.verify, .post, verify)
        router.answer(LocalPath.verifyRows, .post) { request, _ in
            var request = request
            return try JSONBody.response(
                try await api.verifyRows(try await JSONBody.decode(RowVerifyRequest.self, from: &request)))
        }
        router.answer(LocalPath.repairs, .post) { request, context in
            var request = request
            var repair = try await JSONBody.decode(RepairRequest.self, from: &request)
            try repair.checkLimits()
            repair.author = try await gate.author(request, context, for: repair.author)
            return try JSONBody.response(
                try await context.whileClientWaits { [repair] in try await api.repair(repair) })
        }
        router.answer(LocalPath.forks, .get) { request, _ in
            let limit = try QueryParameters(request, known: ["limit"]).integer(
                "limit", in: 1...Self.listElementsMax, default: Self.listElementsDefault)
            return try JSONBody.response(try await api.forks(limit: limit))
        }
        router.answer(LocalPath.refused, .get) { request, _ in
            let limit = try QueryParameters(request, known: ["limit"]).integer(
                "limit", in: 1...Self.listElementsMax, default: Self.listElementsDefault)
            return try JSONBody.response(try await api.refused(limit: limit))
        }
        router.answer(LocalPath.refusedDrops, .post) { request, _ in
            var request = request
            let drop = try await JSONBody.decode(DropRefusedRequest.self, from: &request)
            try drop.checkLimits()
            return try JSONBody.response(try await api.dropRefused(drop))
        }
        router.answer(LocalPath.acceptWrites, .post, acceptWrites)
        router.answer("\(LocalPath.links)/:park", .put, setLink)
        router.answer(LocalPath.compact, .post) { request, context in
            var request = request
            let compact = try await JSONBody.decode(CompactRequest.self, from: &request)
            return try JSONBody.response(
                try await api.compact(compact, author: try await gate.author(request, context)))
        }
        router.answer(LocalPath.fences, .post, fence)
        router.answer(LocalPath.reissue, .post, reissue)
        router.answer(LocalPath.ready, .get) { _, _ in
            if case .notReady(let reason) = api.readiness() { throw Problems.notReady(reason) }
            return try JSONBody.response(ProbeReport(.ready))
        }
        MetricsRoutes(api: api).add(to: router.router)
    }

    private func transact(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        var transaction = try await JSONBody.decode(TransactionRequest.self, from: &request)
        try transaction.checkLimits()
        transaction.author = try await gate.author(request, context, for: transaction.author)
        return try JSONBody.response(
            try await context.whileClientWaits { [transaction] in try await api.transact(transaction) })
    }

    private func blame(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        let parameters = try QueryParameters(request, known: ["table", "key"])
        let table = try parameters.required("table")
        let text = try parameters.required("key")
        guard let key = try? JSONCoding.decode([JSONValue].self, from: text.utf8), !key.isEmpty else {
            throw Problems.invalid("key: not a JSON array of the row's primary key values, as in [\"a1\"]")
        }
        return try JSONBody.response(try await api.blame(table: table, key: key))
    }

    private func conflicts(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        let parameters = try QueryParameters(request, known: ["limit", "all"])
        let limit = try parameters.integer("limit", in: 1...Self.listElementsMax, default: Self.listElementsDefault)
        return try JSONBody.response(try await api.conflicts(limit: limit, includesEqual: try parameters.flag("all")))
    }

    private func confirm(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        var confirmation = try await JSONBody.decode(ConfirmationRequest.self, from: &request)
        guard (1...LocalLimits.confirmationsMax).contains(confirmation.ids.count) else {
            throw Problems.invalid("ids: \(confirmation.ids.count), 1 to \(LocalLimits.confirmationsMax) are needed")
        }
        confirmation.author = try await gate.author(request, context, for: confirmation.author)
        return try JSONBody.response(
            try await context.whileClientWaits { [confirmation] in try await api.confirm(confirmation) })
    }

    private func entries(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        let parameters = try QueryParameters(request, known: ["origin", "after", "limit", "changes"])
        let origin = try parameters.origin("origin")
        let after = try parameters.sequenceNumber("after")
        guard after == nil || origin != nil else { throw Problems.invalid("after: needs the parameter origin") }
        let limit = try parameters.integer("limit", in: 1...Self.listElementsMax, default: Self.listElementsDefault)
        let withChanges = try parameters.flag("changes")
        return try JSONBody.response(
            try await api.entries(origin: origin, after: after, limit: limit, withChanges: withChanges))
    }

    private func verify(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let body = try await JSONBody.collect(&request, limitBytes: LocalLimits.localRequestBytesMax)
        guard body.readableBytes == 0 else { throw Problems.invalid("body: must be empty") }
        return try JSONBody.response(try await api.verify())
    }

    private func fence(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let body = try await JSONBody.decode(FenceRequest.self, from: &request)
        let park = body.park
        guard let origin = OriginID(park), origin.park == park else {
            throw Problems.invalid("\(park) is not the name of a park")
        }
        let author = try await gate.author(request, context)
        return try JSONBody.response(
            try await context.whileClientWaits {
                try await api.fence(park: park, lift: body.lift ?? false, author: author)
            })
    }

    private func reissue(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        var body = try await JSONBody.decode(ReissueRequest.self, from: &request)
        guard !body.reason.isEmpty, body.reason.utf8.count <= CoreLimits.noteBytesMax else {
            throw Problems.invalid("reason: must have 1 to \(CoreLimits.noteBytesMax) bytes")
        }
        body.author = try await gate.author(request, context, for: body.author)
        return try JSONBody.response(try await api.reissue(body))
    }

    private func acceptWrites(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let body = try await JSONBody.decode(AcceptWritesRequest.self, from: &request)
        guard !body.reason.isEmpty, body.reason.utf8.count <= CoreLimits.noteBytesMax else {
            throw Problems.invalid("reason: must have 1 to \(CoreLimits.noteBytesMax) bytes")
        }
        try await api.acceptWrites(reason: body.reason)
        return Response(status: .noContent)
    }

    private func setLink(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let park = context.parameters.get("park") ?? ""
        guard let origin = OriginID(park), origin.park == park else {
            throw Problems.invalid("\(park) is not the name of a park")
        }
        let link = try await JSONBody.decode(LinkRequest.self, from: &request)
        try await api.setLink(park: park, paused: link.paused)
        return Response(status: .noContent)
    }
}

extension NodeRouter {
    private static var otherMethods: [HTTPRequest.Method] {
        [.get, .head, .post, .put, .delete, .patch, .options, .trace, .connect]
    }

    typealias Handler = @Sendable (Request, NodeRequestContext) async throws -> Response

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
