import ParkSyncCore

/// What people are told of values that no constant row has.
enum DisallowedWords {
    static func cause(_ found: DisallowedValues, _ key: [Value], _ table: SharedTable, at schemaNumber: UInt64)
        -> String
    {
        "\(table.name) \(CapturedText.of(key)): \(reason(found, table, at: schemaNumber))"
    }

    /// The same without the row.
    static func reason(_ found: DisallowedValues, _ table: SharedTable, at schemaNumber: UInt64) -> String {
        let names = found.allowed.columns.map { table.name(of: $0) }.joined(separator: ", ")
        return
            """
            (\(names)) = \(CapturedText.of(found.values)) is no row of \(found.allowed.constant) in schema \
            \(schemaNumber)
            """
    }

    static func remedy(_ found: DisallowedValues, _ key: [Value], _ table: SharedTable) -> String {
        """
        Nothing to do here: the entry is not applied anywhere. Tell the author's operator, who looks for the program \
        that wrote the row \(CapturedText.of(key)) of \(table.name), and lets it write what \
        \(found.allowed.constant) has.
        """
    }
}
