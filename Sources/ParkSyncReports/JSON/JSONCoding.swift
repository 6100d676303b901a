import Foundation

/// The one place where JSON is decoded: requests, answers of nodes, files and arguments of
/// commands.
package enum JSONCoding {
    /// - Parameters:
    ///   - bytesMax: a longer text is refused.
    ///   - valuesMax: a text with more values, objects and arrays counted, is refused.
    ///   - onValues: told how many there are, before anything is decoded.
    /// - Throws: `JSONRefusal` for what is no JSON or beyond a limit; `DecodingError` for JSON of
    ///   another shape.
    package static func decode<Body: Decodable>(
        _ type: Body.Type, from data: Data, bytesMax: Int = LocalLimits.jsonBytesMax, valuesMax: Int = .max,
        onValues: (Int) throws -> Void = { _ in }
    ) throws -> Body {
        guard data.count <= bytesMax else {
            throw JSONRefusal(
                cause: .limit, reason: "the text has \(data.count) bytes, at most \(bytesMax) are taken", line: 1,
                column: 1)
        }
        try onValues(try data.withUnsafeBytes { try JSONScanner.check($0, valuesMax: valuesMax) })
        return try JSONDecoder().decode(type, from: data)
    }

    package static func decode<Body: Decodable>(
        _ type: Body.Type, from bytes: some Collection<UInt8>, bytesMax: Int = LocalLimits.jsonBytesMax
    ) throws -> Body {
        try decode(type, from: Data(bytes), bytesMax: bytesMax, valuesMax: .max)
    }
}

extension DecodingError {
    /// What does not fit, and where, as in `statements[3].sql: missing`.
    package var sentence: String {
        switch self {
        case .keyNotFound(let key, let context): "\(Self.place(context.codingPath + [key])): missing"
        case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(Self.place(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(self)"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        let text = path.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return text.isEmpty ? "body" : text
    }
}
