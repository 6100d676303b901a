import HTTPTypes
import Hummingbird
import HummingbirdCore
import ParkSyncReports
import ParkSyncWire

/// The routes of the local API for whole files.
struct LocalTransferRoutes: Sendable {
    static let table: [LocalRoute<LocalTransferRoutes>] = [
        LocalRoute(.get, LocalPath.localSnapshot, right: .use, progress),
        LocalRoute(.post, LocalPath.localSnapshot, fetch),
        LocalRoute(.post, LocalPath.backups, makeBackup),
        LocalRoute(.post, LocalPath.bundles, makeBundle),
        LocalRoute(.get, "\(LocalPath.copies)/:id", readCopy),
        LocalRoute(.delete, "\(LocalPath.copies)/:id", dropCopy),
        LocalRoute(.put, "\(LocalPath.imports)/:id", takeImport),
        LocalRoute(.post, "\(LocalPath.imports)/:id", importBundle),
    ]

    let transfers: any TransferServing

    private func makeBackup(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        try await Self.requireEmpty(request)
        return try JSONBody.response(try await transfers.makeBackup())
    }

    private func makeBundle(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        return try JSONBody.response(
            try await transfers.makeBundle(try await JSONBody.decode(BundleRequest.self, from: &request)))
    }

    private static func requireEmpty(_ request: Request) async throws {
        var request = request
        let body = try await JSONBody.collect(&request, limitBytes: LocalLimits.localRequestBytesMax)
        guard body.readableBytes == 0 else { throw Problems.invalid("body: must be empty") }
    }

    private func readCopy(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        let offset = try FileAnswer.offset(request)
        return try await FileAnswer.response(
            try await transfers.copy(context.parameters.get("id") ?? ""), offset: offset, context)
    }

    private func dropCopy(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        let isKept = try QueryParameters(request, known: ["kept"]).flag("kept")
        try await transfers.dropCopy(context.parameters.get("id") ?? "", isKept: isKept)
        return Response(status: .noContent)
    }

    private func takeImport(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let offset = try FileAnswer.offset(request)
        let body = try await JSONBody.collect(&request, limitBytes: LocalLimits.importPartBytesMax)
        try await transfers.takeImport(
            context.parameters.get("id") ?? "", offset: offset, Array(body.readableBytesView))
        return Response(status: .noContent)
    }

    private func importBundle(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        try await Self.requireEmpty(request)
        return try JSONBody.response(try await transfers.importBundle(context.parameters.get("id") ?? ""))
    }

    private func progress(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        _ = try QueryParameters(request, known: [])
        return try JSONBody.response(await transfers.snapshotProgress())
    }

    private func fetch(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        return try JSONBody.response(
            try await transfers.fetchSnapshot(try await JSONBody.decode(SnapshotRequest.self, from: &request)))
    }
}
