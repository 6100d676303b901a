/// A request body that refuses members it does not know, so that a misspelt one is not silently ignored.
package protocol StrictBody {
    init(strictlyFrom decoder: any Decoder) throws
}

/// Decodes a body strictly.
package struct Strict<Body: StrictBody>: Decodable {
    package let body: Body
    package init(from decoder: any Decoder) throws { body = try Body(strictlyFrom: decoder) }
}

/// The name of a JSON member.
package struct MemberName: CodingKey, ExpressibleByStringLiteral {
    package let stringValue: String
    package var intValue: Int? { nil }
    package init(stringValue: String) { self.stringValue = stringValue }
    package init(stringLiteral value: String) { stringValue = value }
    package init?(intValue: Int) { nil }
}

extension Decoder {
    /// The members of an object that has none but `known`.
    package func members(_ known: [String]) throws -> KeyedDecodingContainer<MemberName> {
        let container = try container(keyedBy: MemberName.self)
        for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) where !known.contains(key.stringValue) {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: container, debugDescription: "unknown member; known are \(known.joined(separator: ", "))")
        }
        return container
    }
}
