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

    static func decode<Row: Decodable>(_ type: Row.Type, columns: [String], rows: [[JSONValue]]) throws -> [Row] {
        let objects = rows.map { DeskRow(columns: columns, values: $0) }
        let data = try JSONEncoder().encode(objects)
        return try JSONCoding.decode([Row].self, from: data, bytesMax: bytesMax)
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
