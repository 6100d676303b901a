import ParkSyncCore

/// Values of the core that figures have as they are; in JSON they are their texts.
extension OriginID: Codable {
    package init(from decoder: any Decoder) throws { self = try Self.read(decoder, "an origin") { OriginID($0) } }
    package func encode(to encoder: any Encoder) throws { try write(name, encoder) }
}

extension RowDigest: Codable {
    package init(from decoder: any Decoder) throws {
        self = try Self.read(decoder, "a digest") { text in Hex.decode(text)?.withUnsafeBytes { RowDigest($0) } }
    }
    package func encode(to encoder: any Encoder) throws { try write(hex, encoder) }
}

extension Decodable {
    fileprivate static func read(_ decoder: any Decoder, _ what: String, _ parse: (String) -> Self?) throws -> Self {
        let single = try decoder.singleValueContainer()
        let text = try single.decode(String.self)
        guard let value = parse(text) else {
            throw DecodingError.dataCorruptedError(in: single, debugDescription: "\(text) is not \(what)")
        }
        return value
    }
}

extension Encodable {
    fileprivate func write(_ text: String, _ encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        try single.encode(text)
    }
}
