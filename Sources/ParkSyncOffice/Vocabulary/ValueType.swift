/// What a value is: the types of the rows of `field`, and those of the columns of a table.
package enum ValueType: String, CaseIterable, Hashable, Sendable {
    case text, integer, number, boolean, date, instant, code, id
    /// Whole fen.
    case fen
    case minutes
    /// Basis points, 0 to 10,000.
    case percent
    /// Texts, or codes of a list.
    case list

    /// - Parameter name: of a row of `field`. What a later schema file brings is a text here.
    package init(named name: String) { self = ValueType(rawValue: name) ?? .text }

    /// What a form says of it.
    package var form: Wording {
        switch self {
        case .boolean: Wording("是或否", "yes or no")
        case .date: Wording("日期，如 2026-12-07", "a date as in 2026-12-07")
        case .instant: Wording("时间，如 2026-12-07 14:00", "a time as in 2026-12-07 14:00")
        case .number: Wording("数字", "a number")
        case .integer: Wording("整数", "a whole number")
        case .fen: Wording("不小于 0 的整数，以分为单位", "a whole number of fen from 0")
        case .minutes: Wording("不小于 0 的整数分钟", "a whole number of minutes from 0")
        case .percent: Wording("0 至 10000 的整数基点", "a whole number of basis points from 0 to 10000")
        case .id: Wording("编号，如 south:instrument:0001", "an id as in south:instrument:0001")
        case .code: Wording("代码表中的代码", "a code of its list")
        case .list: Wording("若干文本", "a list of texts")
        case .text: Wording("非空文本", "a text")
        }
    }

    /// Whether its values are whole numbers.
    package var isInteger: Bool { [.integer, .fen, .minutes, .percent].contains(self) }
}
