import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ParkSyncReports
import ParkSyncWire

/// `POST /sync/v1/log`: a peer follows the log.
struct PeerRoutes: Sendable {
    let feed: any PeerFeedServing
    let identity: PeerIdentity
    let streams: PeerStreams
    let counters: ServerCounters

    func add(to router: NodeRouter) { router.answer(WirePath.log, .post, follow) }

    private func follow(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let park = try await identity.park(of: request, channel: context.channel)
        let body = try await JSONBody.collect(&request, limitBytes: WireLimits.logRequestBytesMax)
        counters.update(park) { $0.receivedBytes &+= UInt64(body.readableBytes) }
        let ticket = try streams.admit(park)
        let producer = BodyProducer(endsAtShutdown: true) { [feed] pipe in
            try await feed.serve(request: Array(body.readableBytesView), from: park) {
                try await pipe.push(ByteBuffer(bytes: $0))
            }
        }
        streams.setCancellation(of: ticket, producer.cancellation)
        // The status waits for the feed's first frame, or its refusal.
        let first = try await producer.next()

        let isCompressed = Self.acceptsZstd(request.headers[values: .acceptEncoding])
        var headers: HTTPFields = [
            .contentType: PeerMedia.logContentType, .cacheControl: "no-store", .vary: "Accept-Encoding",
        ]
        if isCompressed { headers[.contentEncoding] = "zstd" }
        let count: @Sendable (Int, Int) -> Void = { [counters] raw, encoded in
            counters.update(park) {
                $0.sentRawBytes &+= UInt64(raw)
                $0.sentBytes &+= UInt64(encoded)
            }
        }
        let makeEncoder: (@Sendable () throws -> ZstdStream)? = isCompressed ? { @Sendable in try ZstdStream() } : nil
        return StreamedResponse(
            headers: headers, producer: producer, first: first, channel: context.channel,
            connection: .watched(request.body),
            makeEncoder: makeEncoder, onSent: count, ticket: ticket
        ).response()
    }

    /// Whether an `Accept-Encoding` names zstd with a weight that is not zero.
    static func acceptsZstd(_ values: [String]) -> Bool {
        for value in values {
            for element in value.split(separator: ",") {
                let parts = element.lowercased().split { $0 == ";" || $0 == " " || $0 == "\t" }
                let weight = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
                if parts.first == "zstd", weight.flatMap({ Double($0) }) != 0 { return true }
            }
        }
        return false
    }
}
