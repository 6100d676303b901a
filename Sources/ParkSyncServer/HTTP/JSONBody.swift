import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ParkSyncReports
import ParkSyncWire

/// JSON in and out of HTTP bodies.
enum JSONBody {
    static let contentType = "application/json"

    /// Members in sorted order, no white space.
    static func encode(_ value: some Encodable) throws -> ByteBuffer { ByteBuffer(bytes: try encoder().encode(value)) }

    static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    static func response(_ value: some Encodable) throws -> Response {
        Response(
            status: .ok, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: try encode(value)))
    }

    /// Reads and decodes the body of a request.
    /// - Throws: `ProblemDetails` that says what is wrong and where.
    static func decode<Body: Decodable>(_ type: Body.Type, from request: inout Request) async throws -> Body {
        try requireJSON(request.headers)
        let buffer = try await collect(&request, limitBytes: LocalLimits.localRequestBytesMax)
        return try decode(type, from: Data(buffer.readableBytesView), bytesMax: LocalLimits.localRequestBytesMax)
    }

    /// - Throws: `ProblemDetails` that says what is wrong and where.
    static func decode<Body: Decodable>(_ type: Body.Type, from data: Data, bytesMax: Int) throws -> Body {
        do {
            return try JSONCoding.decodeStrictly(
                type, from: data, bytesMax: bytesMax, valuesMax: LocalLimits.localRequestValuesMax,
                onValues: { try BodyBudget.Share.current?.take(values: $0) })
        } catch let refusal as JSONRefusal {
            throw Problems.malformedJSON("\(refusal)")
        } catch let error as DecodingError {
            throw Problems.invalid(error.sentence)
        }
    }

    /// Reads the whole body.
    /// - Throws: `ProblemDetails` if it is longer than the limit or ends early.
    static func collect(_ request: inout Request, limitBytes: Int) async throws -> ByteBuffer {
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        if let declared, declared > limitBytes { throw Problems.bodyTooLarge(limitBytes: limitBytes) }
        var buffer = ByteBuffer()
        do {
            for try await var piece in request.body {
                guard piece.readableBytes <= limitBytes - buffer.readableBytes else {
                    throw Problems.bodyTooLarge(limitBytes: limitBytes)
                }
                try BodyBudget.Share.current?.take(body: piece.readableBytes)
                buffer.writeBuffer(&piece)
            }
            // Nobody can read it a second time.
            request.body = RequestBody(buffer: buffer)
        } catch let problem as ProblemDetails {
            throw problem
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // The connection's end is all that the parser of HTTP can report at this point.
            throw Problems.incompleteBody(receivedBytes: nil, declaredBytes: declared)
        }
        if let declared, declared != buffer.readableBytes {
            throw Problems.incompleteBody(receivedBytes: buffer.readableBytes, declaredBytes: declared)
        }
        return buffer
    }

    private static func requireJSON(_ headers: HTTPFields) throws {
        let declared = headers[.contentType]
        let type = declared?.split(separator: ";").first.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        guard type == contentType else { throw Problems.unsupportedMediaType(declared) }
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw Problems.unsupportedMediaType("\(contentType), compressed with \(encoding)")
        }
    }
}
