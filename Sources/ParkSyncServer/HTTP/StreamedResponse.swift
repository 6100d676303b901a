import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// A response whose body comes from a `BodyProducer`.
struct StreamedResponse {
    /// What the client's connection is used for after the body.
    enum Connection {
        /// The next request may follow.
        case kept
        /// The body may go on for ever: the client's end of the connection is watched, and the
        /// connection closed at the end.
        case watched(RequestBody)
    }

    var headers: HTTPFields
    var producer: BodyProducer
    /// A chunk that was read already, to learn whether the producer fails at once.
    var first: ByteBuffer?
    var channel: any Channel
    var connection: Connection
    /// Makes the encoder of the body, such as a compressor; nil sends the chunks as they are.
    var makeEncoder: (@Sendable () throws -> ZstdStream)?
    /// Told the bytes of each chunk before and after the encoder.
    var onSent: @Sendable (_ raw: Int, _ encoded: Int) -> Void = { _, _ in }
    /// Held until the response is written or dropped; releasing it gives its place back.
    var ticket: (any Sendable)?

    func response() -> Response {
        var headers = headers
        if case .watched = connection { headers[.connection] = "close" }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { [self] writer in
                switch connection {
                case .kept: try await drain(into: &writer)
                case .watched(let body):
                    try await body.consumeWithCancellationOnInboundClose { _ in try await drain(into: &writer) }
                }
                try await writer.finish(nil)
            })
    }

    private func drain(into writer: inout any ResponseBodyWriter) async throws {
        let encoder = try makeEncoder?()
        var chunk = first
        while true {
            guard let raw = chunk else { break }
            let encoded = try encoder?.compress(raw, ending: .flush) ?? raw
            try await send(encoded, into: &writer)
            onSent(raw.readableBytes, encoded.readableBytes)
            chunk = try await producer.next()
        }
        if let encoder {
            let encoded = try encoder.compress(ByteBuffer(), ending: .end)
            try await send(encoded, into: &writer)
            onSent(0, encoded.readableBytes)
        }
    }

    private func send(_ buffer: ByteBuffer, into writer: inout any ResponseBodyWriter) async throws {
        guard buffer.readableBytes > 0 else { return }
        try await writer.write(buffer)
        // Without this turn of the event loop a producer outruns it, and the unsent chunks pile up
        // in memory.
        try await channel.eventLoop.submit {}.get()
    }
}
