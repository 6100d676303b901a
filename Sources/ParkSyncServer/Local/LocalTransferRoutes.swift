import HTTPTypes
import Hummingbird
import HummingbirdCore
import ParkSyncReports
import ParkSyncWire

/// The routes of the local API for whole files.
struct LocalTransferRoutes: Sendable {
    let transfers: any TransferServing

    func add(to router: LocalRouter) {
        router.answer(LocalPath.backups, .post) { request, _ in
            try await Self.requireEmpty(request)
            return try JSONBody.response(try await transfers.makeBackup())
        }
        router.answer(LocalPath.bundles, .post) { request, _ in
            var request = request
            return try JSONBody.response(
                try await transfers.makeBundle(try await JSONBody.decode(BundleRequest.self, from: &request)))
        }
        router.answer("\(LocalPath.copies)/:id", [(.get, readCopy), (.delete, dropCopy)])
        router.answer("\(LocalPath.imports)/:id", [(.put, takeImport), (.post, importBundle)])
        router.answer(LocalPath.localSnapshot, [(.get, progress), (.post, fetch)])
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
