import ParkSyncCore
import ParkSyncReports

/// A value that has the form that its field wants.
package enum DetailValue: Encodable, Hashable, Sendable {
    case text(String), integer(Int64), number(Double), flag(Bool), list([String])

    package func encode(to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        switch self {
        case .text(let text): try single.encode(text)
        case .integer(let number): try single.encode(number)
        case .number(let number): try single.encode(number)
        case .flag(let flag): try single.encode(flag)
        case .list(let texts): try single.encode(texts)
        }
    }

    /// As a column has it, and as `json_extract` gives it.
    package var sql: JSONValue {
        switch self {
        case .text(let text): .text(text)
        case .integer(let number): .integer(number)
        case .number(let number): JSONValue(.double(number))
        case .flag(let flag): .integer(flag ? 1 : 0)
        case .list(let texts): .text((try? RowCoding.jsonText(texts)) ?? "[]")
        }
    }
}

/// What somebody has filled in: a text that people typed, or a value of JSON.
package enum FormEntry: Hashable, Sendable {
    case typed(String)
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    case list([String])
    /// JSON's null: what was there is taken away.
    case nothing

    /// What a field that was left empty holds.
    package var isEmpty: Bool {
        switch self {
        case .typed(let text): text.isEmpty
        case .nothing: true
        case .integer, .number, .flag, .list: false
        }
    }
}
