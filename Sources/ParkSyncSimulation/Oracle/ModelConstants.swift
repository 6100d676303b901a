import ParkSyncCore

/// What the schema's constant rows demand of a change, looked up row by row.
enum ModelConstants {
    /// The values that a change has for columns that are members of a constant table; nil if it has
    /// not all of them, or NULL for one.
    static func said(
        _ allowed: AllowedValues, _ kind: ModelChange.Kind, _ key: [Value], _ values: [Int: Value]
    ) -> [Value]? {
        var result: [Value] = []
        for column in allowed.columns {
            switch column {
            case .key(let position):
                guard kind == .insert else { return nil }
                result.append(key[position])
            case .plain(let position):
                guard let value = values[position], value != .null else { return nil }
                result.append(value)
            }
        }
        return result
    }

    static func has(_ said: [Value], _ allowed: AllowedValues, _ schema: SharedSchema) -> Bool {
        guard let table = schema.constants.first(where: { $0.name == allowed.constant }) else { return false }
        let places = allowed.constantColumns.compactMap { name in table.columns.firstIndex { $0 == name } }
        guard let since = table.columns.firstIndex(of: "since"), let until = table.columns.firstIndex(of: "until")
        else { return false }
        let number = Int64(clamping: schema.number)
        return table.rows.contains { row in
            guard places.map({ row[$0] }) == said, case .integer(let first) = row[since], first <= number else {
                return false
            }
            if case .integer(let end) = row[until] { return number < end }
            return true
        }
    }
}
