import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ParkSyncWire

/// A file as the body of an answer, from an offset on, so that a transfer that broke off goes on
/// where it ended.
enum FileAnswer {
    static let contentType = "application/octet-stream"
    static let chunkBytes = 256 << 10

    /// - Parameter offset: bytes that the client has already.
    /// - Throws: a problem if the offset lies beyond the end.
    static func response(
        _ file: CopyFile, offset: UInt64, _ context: NodeRequestContext,
        makeEncoder: (@Sendable () throws -> ZstdStream)? = nil,
        onSent: @escaping @Sendable (_ raw: Int, _ encoded: Int) -> Void = { _, _ in }
    ) async throws -> Response {
        guard offset <= file.bytes else {
            throw Problems.invalid("offset: \(offset), the file has \(file.bytes) bytes", remedy: "Begin again at 0.")
        }
        try file.handle.seek(toOffset: offset)
        let producer = BodyProducer(endsAtShutdown: false) { pipe in
            var left = file.bytes - offset
            while left > 0 {
                guard let chunk = try file.handle.read(upToCount: Int(min(left, UInt64(chunkBytes)))), !chunk.isEmpty
                else {
                    throw Problems.unexpected("the file became shorter while it was sent")
                }
                left -= UInt64(chunk.count)
                try await pipe.push(ByteBuffer(bytes: chunk))
            }
        }
        var headers: HTTPFields = [.contentType: contentType, .cacheControl: "no-store"]
        if makeEncoder != nil { headers[.contentEncoding] = "zstd" }
        return StreamedResponse(
            headers: headers, producer: producer, first: try await producer.next(), channel: context.channel,
            connection: .kept,
            makeEncoder: makeEncoder, onSent: onSent, ticket: file.lease
        ).response()
    }

    /// The parameter `offset` of a request, 0 if it has none.
    static func offset(_ request: Request) throws -> UInt64 {
        try QueryParameters(request, known: ["offset"]).sequenceNumber("offset") ?? 0
    }
}
