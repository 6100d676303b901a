import ParkSyncReports

/// JSON that is put together member by member.
package indirect enum JSONTree: Encodable, Hashable, Sendable {
    case object([MemberName: JSONTree])
    case array([JSONTree])
    case text(String)
    case integer(Int64)
    case flag(Bool)

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let members):
            var object = encoder.container(keyedBy: MemberName.self)
            for (name, value) in members { try object.encode(value, forKey: name) }
        case .array(let elements):
            var array = encoder.unkeyedContainer()
            for element in elements { try array.encode(element) }
        case .text(let text):
            var single = encoder.singleValueContainer()
            try single.encode(text)
        case .integer(let number):
            var single = encoder.singleValueContainer()
            try single.encode(number)
        case .flag(let flag):
            var single = encoder.singleValueContainer()
            try single.encode(flag)
        }
    }

    package subscript(_ name: String) -> JSONTree? {
        if case .object(let members) = self { members[MemberName(stringLiteral: name)] } else { nil }
    }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral
{
    package init(stringLiteral text: String) { self = .text(text) }
    package init(booleanLiteral flag: Bool) { self = .flag(flag) }
    package init(integerLiteral number: Int64) { self = .integer(number) }
    package init(arrayLiteral elements: JSONTree...) { self = .array(elements) }
    package init(dictionaryLiteral members: (String, JSONTree)...) {
        self = .object(
            Dictionary(members.map { (MemberName(stringLiteral: $0.0), $0.1) }) { _, last in last })
    }

    /// With more members, or others in their place.
    func adding(_ more: JSONTree) -> JSONTree {
        guard case .object(let members) = self, case .object(let others) = more else { return self }
        return .object(members.merging(others) { _, other in other })
    }

    static func reference(_ schema: String) -> JSONTree { ["$ref": .text("#/components/schemas/\(schema)")] }
}
