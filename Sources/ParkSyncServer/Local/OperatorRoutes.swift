import HTTPTypes
import Hummingbird
import HummingbirdCore
import ParkSyncCore
import ParkSyncReports
import ParkSyncWire

/// What operators have the node do.
package protocol OperatorAPI: Sendable {
    /// The operator answers for it that writes are accepted without the peers that are out of
    /// reach.
    func acceptWrites(reason: String) async throws
    /// Repairs rows that are not what the log says.
    func repair(_ request: RepairRequest) async throws -> RepairReport
    /// Forgets captured writes that were not signed.
    func dropRefused(_ request: DropRefusedRequest) async throws -> DropRefusedReport
    /// Stops or resumes exchanging with one peer, until the node restarts.
    func setLink(park: String, paused: Bool) async throws
    /// Drops traces of deleted rows that all parks have acknowledged; archives and rewrites the
    /// file if asked to.
    ///
    /// - Parameter author: who does so, for the log.
    func compact(_ request: CompactRequest, author: String) async throws -> CompactReport
    /// Takes a park out of the zone.
    ///
    /// - Parameter author: who does so, for the log.
    func fence(park: String, lift: Bool, author: String) async throws -> FenceReport
    /// Takes own entries back that the others hold for their stamps, and writes them anew.
    func reissue(_ request: ReissueRequest) async throws -> ReissueReport
}

extension RefusingNode {
    package func acceptWrites(reason: String) async throws { throw refusal }
    package func repair(_ request: RepairRequest) async throws -> RepairReport { throw refusal }
    package func dropRefused(_ request: DropRefusedRequest) async throws -> DropRefusedReport { throw refusal }
    package func setLink(park: String, paused: Bool) async throws { throw refusal }
    package func compact(_ request: CompactRequest, author: String) async throws -> CompactReport { throw refusal }
    package func fence(park: String, lift: Bool, author: String) async throws -> FenceReport { throw refusal }
    package func reissue(_ request: ReissueRequest) async throws -> ReissueReport { throw refusal }
}

extension LocalRoutes {
    static let operators: [LocalRoute<LocalRoutes>] = [
        LocalRoute(.post, LocalPath.acceptWrites, acceptWrites),
        LocalRoute(.post, LocalPath.repairs, repair),
        LocalRoute(.post, LocalPath.refusedDrops, dropRefused),
        LocalRoute(.put, "\(LocalPath.links)/:park", setLink),
        LocalRoute(.post, LocalPath.compact, compact),
        LocalRoute(.post, LocalPath.fences, fence),
        LocalRoute(.post, LocalPath.reissue, reissue),
    ]

    private func acceptWrites(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let body = try await JSONBody.decode(AcceptWritesRequest.self, from: &request)
        guard !body.reason.isEmpty, body.reason.utf8.count <= CoreLimits.noteBytesMax else {
            throw Problems.invalid("reason: must have 1 to \(CoreLimits.noteBytesMax) bytes")
        }
        try await api.acceptWrites(reason: body.reason)
        return Response(status: .noContent)
    }

    private func repair(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        var repair = try await JSONBody.decode(RepairRequest.self, from: &request)
        try repair.checkLimits()
        repair.author = try await gate.author(request, context, for: repair.author)
        return try JSONBody.response(
            try await context.whileClientWaits { [repair] in try await api.repair(repair) })
    }

    private func dropRefused(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let drop = try await JSONBody.decode(DropRefusedRequest.self, from: &request)
        try drop.checkLimits()
        return try JSONBody.response(try await api.dropRefused(drop))
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

    private func compact(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let compact = try await JSONBody.decode(CompactRequest.self, from: &request)
        return try JSONBody.response(
            try await api.compact(compact, author: try await gate.author(request, context)))
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
}
