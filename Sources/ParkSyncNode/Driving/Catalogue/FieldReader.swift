import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// Reads a row's values one after the other. What is not of the type that is asked for is nil:
/// other parks' rows are held to no type.
struct FieldReader {
    private let values: [Value]
    private var place = 0

    init(_ values: [Value]) { self.values = values }

    mutating func value() -> Value {
        defer { place += 1 }
        return place < values.count ? values[place] : .null
    }

    mutating func string() -> String? { value().utf8Text }
    mutating func text() -> ExactText? { string().map { ExactText($0) } }

    mutating func integer() -> Int64? {
        guard case .integer(let number) = value() else { return nil }
        return number
    }

    mutating func flag() -> Bool { integer() == 1 }
    mutating func instant() -> Instant? { string().flatMap { Instant($0) } }
    mutating func day() -> CivilDay? { string().flatMap { CivilDay($0) } }

    /// Of a JSON array; what is no whole number in it is 0.
    mutating func numbers() -> [Int64] { array(of: Int64.self).map { $0 ?? 0 } }
    /// Of a JSON array.
    mutating func texts() -> [ExactText] { array(of: String.self).compactMap { $0.map { ExactText($0) } } }

    mutating func listing() -> Arbiter.Listing? {
        let (count, hash) = (integer(), text())
        guard let count, let hash else { return nil }
        return Arbiter.Listing(count: count, sha256: hash)
    }

    private mutating func array<Element: Decodable>(of type: Element.Type) -> [Element?] {
        guard let text = string() else { return [] }
        return (try? JSONCoding.decode([Element?].self, from: text.utf8)) ?? []
    }
}

enum CatalogueJSON {
    /// For `json_each`, and for the columns that hold arrays.
    static func array(_ texts: some Sequence<ExactText>) throws -> Value {
        .text(Array(try JSONEncoder().encode(texts.map(\.text))))
    }

    /// Nil if there is nothing in it.
    static func detail(of step: Arbiter.Step) throws -> Value {
        let detail = StepDetail(
            price: step.terms.amount, inputs: step.inputs.isEmpty ? nil : step.inputs, count: step.listing?.count,
            sha256: step.listing?.sha256.text, partyID: step.party?.text)
        guard detail != StepDetail() else { return .null }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return .text(Array(try encoder.encode(detail)))
    }

    /// What a step was computed from and its columns do not say. `party_id` is known to the views.
    private struct StepDetail: Encodable, Hashable {
        /// What was offered, or what a place costs; owed is only what `amount` says.
        var price: Int64?
        var inputs: [Int64]?
        var count: Int64?
        var sha256: String?
        var partyID: String?

        enum CodingKeys: String, CodingKey {
            case price, inputs, count, sha256
            case partyID = "party_id"
        }
    }
}

extension Value {
    /// Nil unless it is a text in UTF-8.
    var utf8Text: String? {
        guard case .text(let bytes) = self else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
