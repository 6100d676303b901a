import Foundation
import ParkSyncCore
import ParkSyncReports

/// A row of a table, with what its columns mean. What the viewer may not see is not in it.
package struct Record: Encodable, Hashable, Sendable {
    package var columns: [Column]
    package var values: [JSONValue]
    /// Whether the viewer sees whose it is and what for.
    package var isSeen: Bool

    package subscript(_ name: String) -> JSONValue? {
        columns.firstIndex { $0.name.isExactly(name) }.map { values[$0] }
    }

    /// As an object of plain JSON: what it does not have is absent, a boolean is one, a list an
    /// array. Texts that are no UTF-8 are mended, since they are for people.
    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: MemberName.self)
        for (column, value) in zip(columns, values) {
            let name = MemberName(stringLiteral: column.name)
            switch (column.type, value.value) {
            case (_, .null): continue
            case (.boolean, .integer(let number)): try object.encode(number != 0, forKey: name)
            case (.list, .text): try object.encode(value.texts, forKey: name)
            case (_, .integer(let number)): try object.encode(number, forKey: name)
            case (_, .real(let bits)):
                let real = Double(bitPattern: bits)
                if real.isFinite { try object.encode(real, forKey: name) }
            case (_, .text(let bytes)): try object.encode(String(decoding: bytes, as: UTF8.self), forKey: name)
            case (_, .blob(let bytes)): try object.encode(Hex.encode(bytes), forKey: name)
            }
        }
    }
}

extension JSONValue {
    /// The elements of a JSON array of texts; empty for anything else that another park wrote.
    package var texts: [String] {
        guard case .text(let bytes) = value else { return [] }
        return (try? JSONCoding.decode([JSONValue].self, from: bytes))?.compactMap(\.text) ?? []
    }
}

extension Record {
    /// What people read in a cell: names for codes, Shanghai's time for instants, yuan for fen; nil
    /// where there is nothing.
    package func shown(_ name: String, _ vocabulary: Vocabulary, _ language: Language) -> String? {
        guard let index = columns.firstIndex(where: { $0.name.isExactly(name) }) else { return nil }
        let (column, value) = (columns[index], values[index])
        guard let plain = Self.plain(value) else { return nil }
        switch column.type {
        case .code:
            return column.list.flatMap { vocabulary.label(of: plain, in: $0) }?.text(language) ?? plain
        case .list:
            return value.texts.map { text in
                column.list.flatMap { vocabulary.label(of: text, in: $0) }?.text(language) ?? text
            }.joined(separator: language.pick("、", ", "))
        case .boolean: return value.integer == 0 ? language.pick("否", "no") : language.pick("是", "yes")
        case .instant: return ShanghaiTime.shown(plain)
        case .fen: return value.integer.map { FigureWords.money($0, language) } ?? plain
        case .percent: return value.integer.map { "\(FigureWords.fixed($0))%" } ?? plain
        case .text, .integer, .number, .date, .id, .minutes: return plain
        }
    }

    private static func plain(_ value: JSONValue) -> String? {
        switch value.value {
        case .null: nil
        case .integer(let number): "\(number)"
        case .real(let bits): "\(Double(bitPattern: bits))"
        case .text(let bytes): bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
        case .blob(let bytes): Hex.encode(bytes)
        }
    }
}
