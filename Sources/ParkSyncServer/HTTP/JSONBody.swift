import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
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
    static func decode<Body: StrictBody>(_ type: Body.Type, from request: inout Request) async throws -> Body {
        try requireJSON(request.headers)
        let buffer = try await collect(&request, limitBytes: WireLimits.localRequestBytesMax)
        let data = Data(buffer.readableBytesView)
        do {
            return try JSONDecoder().decode(Strict<Body>.self, from: data).body
        } catch let error as DecodingError {
            throw problem(error, in: data)
        }
    }

    /// Reads the whole body.
    /// - Throws: `ProblemDetails` if it is longer than the limit or ends early.
    static func collect(_ request: inout Request, limitBytes: Int) async throws -> ByteBuffer {
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        if let declared, declared > limitBytes { throw Problems.bodyTooLarge(limitBytes: limitBytes) }
        let buffer: ByteBuffer
        do {
            buffer = try await request.collectBody(upTo: limitBytes)
        } catch is NIOTooManyBytesError {
            throw Problems.bodyTooLarge(limitBytes: limitBytes)
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

    private static func problem(_ error: DecodingError, in data: Data) -> ProblemDetails {
        switch error {
        case .dataCorrupted(let context):
            if context.codingPath.isEmpty, let reason = syntaxError(in: data) { return Problems.malformedJSON(reason) }
            return Problems.invalid("\(place(context.codingPath)): \(context.debugDescription)")
        case .keyNotFound(let key, let context):
            return Problems.invalid("\(place(context.codingPath + [key])): missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return Problems.invalid("\(place(context.codingPath)): \(context.debugDescription)")
        @unknown default:
            return Problems.invalid("\(error)")
        }
    }

    /// What is wrong with the JSON itself, and in which line and column; nil if nothing is. The decoder does not tell it on Linux.
    private static func syntaxError(in data: Data) -> String? {
        do {
            _ = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
            return nil
        } catch {
            return (error as NSError).userInfo["NSDebugDescription"] as? String ?? "\(error)"
        }
    }

    /// As in `statements[3].sql`.
    private static func place(_ path: [any CodingKey]) -> String {
        let text = path.reduce(into: "") { text, key in
            if let index = key.intValue { text += "[\(index)]" } else { text += text.isEmpty ? key.stringValue : ".\(key.stringValue)" }
        }
        return text.isEmpty ? "body" : text
    }
}

/// A request body that refuses members it does not know, so that a misspelt one is not silently ignored.
protocol StrictBody {
    init(strictlyFrom decoder: any Decoder) throws
}

struct Strict<Body: StrictBody>: Decodable {
    let body: Body
    init(from decoder: any Decoder) throws { body = try Body(strictlyFrom: decoder) }
}

/// The name of a JSON member.
struct MemberName: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init(stringLiteral value: String) { stringValue = value }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// The members of an object that has none but `known`.
    func members(_ known: [String]) throws -> KeyedDecodingContainer<MemberName> {
        let container = try container(keyedBy: MemberName.self)
        for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) where !known.contains(key.stringValue) {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: container, debugDescription: "unknown member; known are \(known.joined(separator: ", "))")
        }
        return container
    }
}
