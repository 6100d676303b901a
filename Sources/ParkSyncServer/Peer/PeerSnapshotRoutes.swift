import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ParkSyncReports
import ParkSyncWire

/// `POST /sync/v1/snapshot` makes a snapshot and answers with its signed manifest;
/// `GET /sync/v1/snapshot/{id}` sends its bytes.
struct PeerSnapshotRoutes: Sendable {
    static let manifestContentType = "application/vnd.parksync.snapshot"

    let transfers: any TransferServing
    let identity: PeerIdentity
    let counters: ServerCounters

    func add(to router: NodeRouter) {
        router.answer(WirePath.snapshot, .post, manifest)
        router.answer("\(WirePath.snapshot)/:id", .get, bytes)
    }

    private func manifest(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let park = try await identity.park(of: request, channel: context.channel)
        let entriesMin = try QueryParameters(request, known: ["entries_min"]).sequenceNumber("entries_min") ?? 0
        let body = try await JSONBody.collect(&request, limitBytes: WireLimits.logRequestBytesMax)
        guard body.readableBytes == 0 else { throw Problems.invalid("body: must be empty") }
        let manifest = try await transfers.snapshotManifest(for: park, entriesMin: entriesMin)
        return Response(
            status: .ok, headers: [.contentType: Self.manifestContentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: manifest)))
    }

    private func bytes(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        let park = try await identity.park(of: request, channel: context.channel)
        let offset = try FileAnswer.offset(request)
        let file = try await transfers.snapshot(context.parameters.get("id") ?? "", for: park)
        let isCompressed = PeerRoutes.acceptsZstd(request.headers[values: .acceptEncoding])
        return try await FileAnswer.response(
            file, offset: offset, context, makeEncoder: isCompressed ? { @Sendable in try ZstdStream() } : nil
        ) { [counters] raw, encoded in
            counters.update(park) {
                $0.sentRawBytes &+= UInt64(raw)
                $0.sentBytes &+= UInt64(encoded)
            }
        }
    }
}
