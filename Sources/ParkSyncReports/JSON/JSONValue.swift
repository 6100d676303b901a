import Foundation
import ParkSyncCore

/// An SQLite value in JSON, exact in both directions.
///
/// NULL, integers (64 bits), reals and UTF-8 texts are the JSON value. What JSON cannot say is an
/// object with one member: `{"blob": base64}`, `{"text": base64}` for a text that is not UTF-8,
/// `{"real": "inf" | "-inf" | "-0.0"}`, and `{"real": "1.0"}` for a real whose JSON number would
/// read as an integer.
package struct JSONValue: Codable, Hashable, Sendable {
    package var value: Value
    package init(_ value: Value) { self.value = value }

    private enum Member: String, CodingKey { case blob, text, real }

    package init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: MemberName.self) {
            value = try Self.tagged(object)
            return
        }
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            value = .null
        } else if let flag = try? single.decode(Bool.self) {
            value = .integer(flag ? 1 : 0)
        } else if let integer = try? single.decode(Int64.self) {
            value = .integer(integer)
        } else if let real = try? single.decode(Double.self) {
            value = .double(real)
        } else {
            value = .string(try single.decode(String.self))
        }
    }

    private static func tagged(_ object: KeyedDecodingContainer<MemberName>) throws -> Value {
        guard object.allKeys.count == 1, let name = object.allKeys.first,
            let member = Member(rawValue: name.stringValue)
        else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: object.codingPath,
                    debugDescription: "a value that is an object has one member: blob, text or real"))
        }
        let text = try object.decode(String.self, forKey: name)
        if member == .real {
            guard let real = Double(text), !real.isNaN else {
                throw DecodingError.dataCorruptedError(
                    forKey: name, in: object, debugDescription: "\(text) is not a real")
            }
            return .double(real)
        }
        guard let data = Data(base64Encoded: text) else {
            throw DecodingError.dataCorruptedError(forKey: name, in: object, debugDescription: "not base64")
        }
        return member == .blob ? .blob(Array(data)) : .text(Array(data))
    }

    package func encode(to encoder: any Encoder) throws {
        switch value {
        case .null:
            var single = encoder.singleValueContainer()
            try single.encodeNil()
        case .integer(let integer):
            var single = encoder.singleValueContainer()
            try single.encode(integer)
        case .real(let bits):
            let real = Double(bitPattern: bits)
            if real.isFinite, real != real.rounded() {
                var single = encoder.singleValueContainer()
                try single.encode(real)
            } else {
                var object = encoder.container(keyedBy: Member.self)
                try object.encode("\(real)", forKey: .real)
            }
        case .text(let bytes):
            if let text = String(validating: bytes, as: UTF8.self) {
                var single = encoder.singleValueContainer()
                try single.encode(text)
            } else {
                var object = encoder.container(keyedBy: Member.self)
                try object.encode(Data(bytes).base64EncodedString(), forKey: .text)
            }
        case .blob(let bytes):
            var object = encoder.container(keyedBy: Member.self)
            try object.encode(Data(bytes).base64EncodedString(), forKey: .blob)
        }
    }
}

extension KeyedDecodingContainer {
    /// A decoder takes JSON's null for an absent member. Of a value the one is an SQL NULL, and the
    /// other that there is none: a row that is deleted, or that the log does not have. The compiler
    /// calls this for each optional member that is a value.
    package func decodeIfPresent(_ type: JSONValue.Type, forKey key: Key) throws -> JSONValue? {
        guard contains(key) else { return nil }
        return try decodeNil(forKey: key) ? JSONValue(.null) : try decode(type, forKey: key)
    }
}
