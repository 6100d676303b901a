import Foundation

/// Decodes any `Decodable` type and refuses members that it does not know, at every depth, so that
/// a misspelt one is not silently ignored. What a type knows are the cases of its coding keys: none
/// of this is written by hand for a type.
///
/// Members that are named twice are refused before any decoder sees the text, by `JSONScanner`.
package struct Strict<Body: Decodable>: Decodable {
    package let body: Body

    package init(from decoder: any Decoder) throws {
        body =
            try Self.isPlain
            ? decoder.singleValueContainer().decode(Body.self) : Body(from: StrictDecoder(base: decoder))
    }

    /// What has no members, what a decoder reads in a way of its own, and what looks at its members
    /// itself.
    fileprivate static var isPlain: Bool {
        Body.self == String.self || Body.self == Bool.self || Body.self == Int.self || Body.self == Int64.self
            || Body.self == UInt64.self || Body.self == Double.self || Body.self == Data.self || Body.self == Date.self
            || Body.self == URL.self || Body.self is any SelfChecking.Type
    }
}

/// A type whose `init(from:)` refuses by itself what it does not know.
package protocol SelfChecking: Decodable {}

extension JSONValue: SelfChecking {}

/// A statement may have very many values: their array is read without the guard, too.
extension Array: SelfChecking where Element: SelfChecking {}

/// Names of members, whatever they are.
package struct MemberName: CodingKey, Hashable, ExpressibleByStringLiteral {
    package let stringValue: String
    package var intValue: Int? { nil }
    package init(stringValue: String) { self.stringValue = stringValue }
    package init(stringLiteral value: String) { stringValue = value }
    package init?(intValue: Int) { nil }
}

/// A decoder that looks at an object's members when somebody begins to read it.
private struct StrictDecoder: Decoder {
    let base: any Decoder

    var codingPath: [any CodingKey] { base.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { base.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(
            try StrictMembers(
                base: try base.container(keyedBy: type), names: try base.container(keyedBy: MemberName.self)))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { StrictElements(base: try base.unkeyedContainer()) }

    // A scalar has no members. What is decoded as another type within it is asked by its own
    // decoder.
    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        StrictScalar(base: try base.singleValueContainer())
    }
}

/// The members of an object that has none but those of `Key`.
private struct StrictMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let base: KeyedDecodingContainer<Key>

    init(base: KeyedDecodingContainer<Key>, names: KeyedDecodingContainer<MemberName>) throws {
        self.base = base
        let unknown = names.allKeys.filter { Key(stringValue: $0.stringValue) == nil }
        guard let first = unknown.min(by: { $0.stringValue < $1.stringValue }) else { return }
        throw DecodingError.dataCorruptedError(
            forKey: first, in: names,
            debugDescription: "unknown member" + (Self.known.map { "; known are \($0)" } ?? ""))
    }

    /// In the order in which they are declared; nil for keys that do not tell.
    private static var known: String? {
        guard let keys = Key.self as? any CaseIterable.Type else { return nil }
        return names(keys).joined(separator: ", ")
    }

    private static func names<Keys: CaseIterable>(_ keys: Keys.Type) -> [String] {
        keys.allCases.compactMap { ($0 as? any CodingKey)?.stringValue }
    }

    var codingPath: [any CodingKey] { base.codingPath }
    var allKeys: [Key] { base.allKeys }
    func contains(_ key: Key) -> Bool { base.contains(key) }
    func decodeNil(forKey key: Key) throws -> Bool { try base.decodeNil(forKey: key) }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try base.decode(type, forKey: key) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try base.decode(type, forKey: key) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try base.decode(type, forKey: key) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try base.decode(type, forKey: key) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try base.decode(type, forKey: key) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try base.decode(type, forKey: key) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try base.decode(type, forKey: key) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try base.decode(type, forKey: key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try base.decode(type, forKey: key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try base.decode(type, forKey: key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try base.decode(type, forKey: key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try base.decode(type, forKey: key) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try base.decode(type, forKey: key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try base.decode(type, forKey: key) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try Strict<T>.isPlain ? base.decode(type, forKey: key) : base.decode(Strict<T>.self, forKey: key).body
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        KeyedDecodingContainer(
            try StrictMembers<NestedKey>(
                base: try base.nestedContainer(keyedBy: type, forKey: key),
                names: try base.nestedContainer(keyedBy: MemberName.self, forKey: key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        StrictElements(base: try base.nestedUnkeyedContainer(forKey: key))
    }

    func superDecoder() throws -> any Decoder { StrictDecoder(base: try base.superDecoder()) }
    func superDecoder(forKey key: Key) throws -> any Decoder { StrictDecoder(base: try base.superDecoder(forKey: key)) }
}

/// The elements of an array.
private struct StrictElements: UnkeyedDecodingContainer {
    private var base: any UnkeyedDecodingContainer

    init(base: any UnkeyedDecodingContainer) { self.base = base }

    var codingPath: [any CodingKey] { base.codingPath }
    var count: Int? { base.count }
    var isAtEnd: Bool { base.isAtEnd }
    var currentIndex: Int { base.currentIndex }
    mutating func decodeNil() throws -> Bool { try base.decodeNil() }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try base.decode(type) }
    mutating func decode(_ type: String.Type) throws -> String { try base.decode(type) }
    mutating func decode(_ type: Double.Type) throws -> Double { try base.decode(type) }
    mutating func decode(_ type: Float.Type) throws -> Float { try base.decode(type) }
    mutating func decode(_ type: Int.Type) throws -> Int { try base.decode(type) }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try base.decode(type) }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try base.decode(type) }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try base.decode(type) }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try base.decode(type) }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try base.decode(type) }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try base.decode(type) }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try base.decode(type) }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try base.decode(type) }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try base.decode(type) }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try Strict<T>.isPlain ? base.decode(type) : base.decode(Strict<T>.self).body
    }

    mutating func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) throws -> KeyedDecodingContainer<
        NestedKey
    > {
        // A container can be asked for once only, and its names are wanted, too.
        let decoder = StrictDecoder(base: try base.superDecoder())
        return try decoder.container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        StrictElements(base: try base.nestedUnkeyedContainer())
    }

    mutating func superDecoder() throws -> any Decoder { StrictDecoder(base: try base.superDecoder()) }
}

/// One value.
private struct StrictScalar: SingleValueDecodingContainer {
    let base: any SingleValueDecodingContainer

    var codingPath: [any CodingKey] { base.codingPath }
    func decodeNil() -> Bool { base.decodeNil() }

    func decode(_ type: Bool.Type) throws -> Bool { try base.decode(type) }
    func decode(_ type: String.Type) throws -> String { try base.decode(type) }
    func decode(_ type: Double.Type) throws -> Double { try base.decode(type) }
    func decode(_ type: Float.Type) throws -> Float { try base.decode(type) }
    func decode(_ type: Int.Type) throws -> Int { try base.decode(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try base.decode(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try base.decode(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try base.decode(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try base.decode(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try base.decode(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try base.decode(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try base.decode(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try base.decode(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try base.decode(type) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try Strict<T>.isPlain ? base.decode(type) : base.decode(Strict<T>.self).body
    }
}

extension JSONCoding {
    /// The same as `decode`, and nothing that the type does not know may stand in it.
    package static func decodeStrictly<Body: Decodable>(
        _ type: Body.Type, from data: Data, bytesMax: Int = LocalLimits.jsonBytesMax, valuesMax: Int = .max,
        onValues: (Int) throws -> Void = { _ in }
    ) throws -> Body {
        try decode(Strict<Body>.self, from: data, bytesMax: bytesMax, valuesMax: valuesMax, onValues: onValues).body
    }
}
