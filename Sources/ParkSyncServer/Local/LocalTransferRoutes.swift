import HTTPTypes
import Hummingbird
import HummingbirdCore
import ParkSyncReports
import ParkSyncWire

/// What the local API asks the node to do with whole files.
package protocol TransferAPI: Sendable {
    /// Makes and verifies a backup, which can be fetched for a while.
    func makeBackup() async throws -> BackupReport
    /// Makes a bundle, which can be fetched for a while.
    func makeBundle(_ request: BundleRequest) async throws -> BundleReport
    /// A file that was made to be fetched.
    func copy(_ id: String) async throws -> CopyFile
    /// The copy is not needed any more. Does nothing if there is none.
    ///
    /// - Parameter isKept: whether all of it has arrived where it is kept.
    func dropCopy(_ id: String, isKept: Bool) async throws
    /// Takes a part of a bundle, which comes in order.
    func takeImport(_ id: String, offset: UInt64, _ bytes: [UInt8]) async throws
    /// Imports the bundle whose parts have come.
    func importBundle(_ id: String) async throws -> ImportReport
    /// Begins to take a park's snapshot.
    func fetchSnapshot(_ request: SnapshotRequest) async throws -> SnapshotProgress
    func snapshotProgress() async -> SnapshotProgress
}

extension RefusingTransfers {
    package func makeBackup() async throws -> BackupReport { throw refusal }
    package func makeBundle(_ request: BundleRequest) async throws -> BundleReport { throw refusal }
    package func copy(_ id: String) async throws -> CopyFile { throw refusal }
    package func dropCopy(_ id: String, isKept: Bool) async throws { throw refusal }
    package func takeImport(_ id: String, offset: UInt64, _ bytes: [UInt8]) async throws { throw refusal }
    package func importBundle(_ id: String) async throws -> ImportReport { throw refusal }
    package func fetchSnapshot(_ request: SnapshotRequest) async throws -> SnapshotProgress { throw refusal }
    package func snapshotProgress() async -> SnapshotProgress { SnapshotProgress(phase: .idle) }
}

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
