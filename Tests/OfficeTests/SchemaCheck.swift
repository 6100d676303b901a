import Foundation
import ParkSyncReports

@testable import ParkSyncServer

/// JSON as it is read.
indirect enum PlainJSON: Decodable, Hashable {
    case null
    case flag(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case array([PlainJSON])
    case object([MemberName: PlainJSON])

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: MemberName.self) {
            var members: [MemberName: PlainJSON] = [:]
            for name in object.allKeys { members[name] = try object.decode(PlainJSON.self, forKey: name) }
            self = .object(members)
            return
        }
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let flag = try? single.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? single.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? single.decode(Double.self) {
            self = .number(number)
        } else if let text = try? single.decode(String.self) {
            self = .text(text)
        } else {
            self = .array(try single.decode([PlainJSON].self))
        }
    }

    init(_ text: String) throws { self = try JSONCoding.decode(PlainJSON.self, from: Data(text.utf8)) }

    subscript(_ name: String) -> PlainJSON? {
        if case .object(let members) = self { members[MemberName(stringLiteral: name)] } else { nil }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var elements: [PlainJSON] { if case .array(let elements) = self { elements } else { [] } }
}

/// Compares JSON with a schema of the description, strictly: a member that the schema does not name
/// is a fault as well.
struct SchemaCheck {
    let document: JSONTree

    /// What does not fit, with where it stands.
    func faults(_ value: PlainJSON, _ schema: JSONTree?, _ place: String = "$") -> [String] {
        guard let schema else { return ["\(place): no schema"] }
        if case .text(let reference)? = schema["$ref"] {
            let name = String(reference.split(separator: "/").last ?? "")
            return faults(value, document["components"]?["schemas"]?[name], place)
        }
        if case .array(let choices)? = schema["anyOf"] {
            let all = choices.map { faults(value, $0, place) }
            return all.contains([]) ? [] : all.flatMap { $0 }
        }
        guard case .text(let type)? = schema["type"] else { return ["\(place): no type"] }
        switch (type, value) {
        case ("object", .object(let members)): return object(members, schema, place)
        case ("array", .array(let elements)):
            return elements.enumerated().flatMap { faults($0.element, schema["items"], "\(place)[\($0.offset)]") }
        case ("string", .text), ("boolean", .flag), ("integer", .integer), ("number", .integer), ("number", .number):
            return []
        default: return ["\(place): no \(type)"]
        }
    }

    private func object(_ members: [MemberName: PlainJSON], _ schema: JSONTree, _ place: String) -> [String] {
        // Some are objects of any kind.
        guard case .object(let properties)? = schema["properties"] else { return [] }
        var faults: [String] = []
        if case .array(let required)? = schema["required"] {
            for case .text(let name) in required where members[MemberName(stringLiteral: name)] == nil {
                faults.append("\(place).\(name): missing")
            }
        }
        for (name, value) in members {
            guard let property = properties[name] else {
                faults.append("\(place).\(name.stringValue): not in the schema")
                continue
            }
            faults += self.faults(value, property, "\(place).\(name.stringValue)")
        }
        return faults
    }

    /// All references of the description that lead nowhere.
    func dangling(_ tree: JSONTree) -> [String] {
        switch tree {
        case .object(let members):
            if case .text(let reference)? = tree["$ref"] {
                let name = String(reference.split(separator: "/").last ?? "")
                return document["components"]?["schemas"]?[name] == nil ? [reference] : []
            }
            return members.values.flatMap(dangling)
        case .array(let elements): return elements.flatMap(dangling)
        case .text, .integer, .flag: return []
        }
    }
}
