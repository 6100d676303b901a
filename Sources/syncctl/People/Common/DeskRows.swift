import Foundation
import ParkSyncCore
import ParkSyncReports

/// A query's answer as values of a `Codable` struct: its members have the names of the columns, in
/// SQL and in JSON alike.
enum DeskRows {
    /// How much of rows is taken. Nobody reads so many.
    static let bytesMax = 64 << 20

    /// A parameter that is a JSON array or object.
    static func jsonText(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// - Throws: the fault that names the first row that cannot be read.
    static func decode<Row: Decodable>(_ type: Row.Type, columns: [String], rows: [[JSONValue]]) throws -> [Row] {
        let (found, unreadable) = try readable(type, columns: columns, rows: rows)
        if let first = unreadable.first { throw fault(first, count: unreadable.count) }
        return found
    }

    /// The rows that can be read, and the names of those that cannot: another park's values are
    /// held to no type here, and one of them must not hide all others.
    static func readable<Row: Decodable>(
        _ type: Row.Type, columns: [String], rows: [[JSONValue]]
    ) throws -> (rows: [Row], unreadable: [String]) {
        var (found, unreadable): ([Row], [String]) = ([], [])
        for values in rows {
            let data = try JSONEncoder().encode(DeskRow(columns: columns, values: values))
            do {
                found.append(try JSONCoding.decode(Row.self, from: data, bytesMax: bytesMax))
            } catch is DecodingError { unreadable.append(name(of: values)) }
        }
        return (found, unreadable)
    }

    private static func name(of values: [JSONValue]) -> String {
        guard case .text(let bytes)? = values.first?.value else { return "?" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What is said of rows that cannot be read.
    static func fault(_ name: String, count: Int) -> PeopleFault {
        PeopleFault(
            code: "unreadable_row", zh: "有 \(count) 行无法读取，其中有 \(name)",
            en: "\(count) rows hold values of another type, \(name) among them",
            remedyZh: "请其所属园区改正", remedyEn: "Ask the park that wrote it to correct it")
    }
}

/// One row as an object of plain JSON: texts that are no UTF-8 are mended, since they are for
/// people.
private struct DeskRow: Encodable {
    var columns: [String]
    var values: [JSONValue]

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: MemberName.self)
        for (column, value) in zip(columns, values) {
            let name = MemberName(stringLiteral: column)
            switch value.value {
            case .null: continue
            case .integer(let number): try object.encode(number, forKey: name)
            case .real(let bits):
                let real = Double(bitPattern: bits)
                if real.isFinite { try object.encode(real, forKey: name) }
            case .text(let bytes): try object.encode(String(decoding: bytes, as: UTF8.self), forKey: name)
            case .blob(let bytes): try object.encode(Hex.encode(bytes), forKey: name)
            }
        }
    }
}
