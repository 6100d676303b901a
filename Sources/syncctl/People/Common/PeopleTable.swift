/// A column of a table for people.
struct PeopleColumn<Row> {
    var zh: String
    var en: String
    var cell: (Row, Language) -> String?

    init(_ zh: String, _ en: String, _ cell: @escaping (Row, Language) -> String?) {
        (self.zh, self.en, self.cell) = (zh, en, cell)
    }

    init(_ zh: String, _ en: String, _ cell: @escaping (Row) -> String?) {
        self.init(zh, en) { row, _ in cell(row) }
    }
}

enum PeopleTable {
    /// In the place of what a row does not have, so that columns can be counted by programs, too.
    static let nothing = "-"

    /// The heads, and a line for each row. Chinese characters take two places on a terminal, and
    /// are counted so.
    static func lines<Row>(_ rows: [Row], _ columns: [PeopleColumn<Row>], _ language: Language) -> [String] {
        let heads = columns.map { language.pick($0.zh, $0.en) }
        return TextLayout.aligned(
            [heads] + rows.map { row in columns.map { cell(of: $0, row, language) } })
    }

    private static func cell<Row>(of column: PeopleColumn<Row>, _ row: Row, _ language: Language) -> String {
        guard let text = column.cell(row, language), !text.isEmpty else { return nothing }
        return Console.safe(text)
    }

    /// Labels and values below one another, as of one record.
    static func pairs(_ pairs: [(label: String, value: String?)]) -> [String] {
        TextLayout.aligned(
            pairs.compactMap { pair in
                guard let value = pair.value, !value.isEmpty else { return nil }
                return [Console.safe(pair.label), Console.safe(value)]
            })
    }
}
