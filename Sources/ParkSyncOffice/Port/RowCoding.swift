import Foundation
import ParkSyncCore
import ParkSyncReports

/// Rows as values of `Codable` structs: their members have the names of the columns, in SQL and in
/// JSON alike.
package enum RowCoding {
    /// How much of rows is taken. Nobody reads so many.
    package static let bytesMax = 64 << 20

    /// A parameter that is a JSON array or object.
    package static func jsonText(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The rows that can be read, and the names of those that cannot: another park's values are
    /// held to no type here, and one of them must not hide all others.
    package static func readable<Row: Decodable>(
        _ type: Row.Type, _ answer: OfficeRows
    ) throws -> (rows: [Row], unreadable: [String]) {
        var (found, unreadable): ([Row], [String]) = ([], [])
        for values in answer.rows {
            let data = try JSONEncoder().encode(PlainRow(columns: answer.columns, values: values))
            do {
                found.append(try JSONCoding.decode(Row.self, from: data, bytesMax: bytesMax))
            } catch is DecodingError { unreadable.append(values.first?.text ?? "?") }
        }
        return (found, unreadable)
    }

    /// - Throws: the fault that names the first row that cannot be read.
    package static func decode<Row: Decodable>(_ type: Row.Type, _ answer: OfficeRows) throws -> [Row] {
        let (found, unreadable) = try readable(type, answer)
        if let first = unreadable.first { throw fault(first, count: unreadable.count) }
        return found
    }

    /// What is said of rows that cannot be read.
    package static func fault(_ name: String, count: Int) -> OfficeFault {
        OfficeFault(
            .broken, "unreadable_row", nil,
            Wording("有 \(count) 行无法读取，其中有 \(name)", "\(count) rows hold values of another type, \(name) among them"),
            Wording("请其所属园区改正", "Ask the park that wrote it to correct it"))
    }
}

/// One row as an object of plain JSON: texts that are no UTF-8 are mended, since they are for
/// people, and what is NULL is absent.
struct PlainRow: Encodable {
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

extension JSONValue {
    package static func text(_ text: String?) -> JSONValue { text.map { JSONValue(.string($0)) } ?? .null }
    package static func integer(_ number: Int64?) -> JSONValue { JSONValue(number.map(Value.integer) ?? .null) }
    package static var null: JSONValue { JSONValue(.null) }

    /// nil if it is none.
    // Neither is inlined: where both are, one after the other, Swift 6.3.1 ends by signal 6 with
    // optimisation (CopyPropagation, "Found outside of lifetime use").
    @inline(never) package var text: String? {
        if case .text(let bytes) = value { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    @inline(never) package var integer: Int64? { if case .integer(let number) = value { number } else { nil } }
}
