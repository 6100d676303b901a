import ParkSyncCore

/// `-- parksync: member (a, b) of CONST(x, y)`: columns of a shared table whose values have to be
/// those of a row of a constant table.
struct MemberDirective: Sendable {
    private let columns: [String]
    private let constant: String
    private let constantColumns: [String]
    private let line: Int

    /// - Returns: nil if the words are not of this form.
    init?(_ directive: SchemaDirective) {
        let tokens = SQLTokens(directive.words.dropFirst().joined(separator: " "))
        var rest = tokens.tokens[...]
        guard tokens.openLine == nil, let columns = Self.list(&rest, tokens), let word = rest.popFirst(),
            tokens.text(word).isExactly("of"), let name = rest.popFirst(), Self.isName(name),
            let constantColumns = Self.list(&rest, tokens), rest.isEmpty
        else { return nil }
        (self.columns, constant, self.constantColumns) = (columns, tokens.name(name), constantColumns)
        line = directive.line
    }

    private static func isName(_ token: SQLToken) -> Bool { token.kind == .word || token.kind == .quoted }

    /// Names between parentheses.
    private static func list(_ rest: inout ArraySlice<SQLToken>, _ tokens: SQLTokens) -> [String]? {
        guard rest.popFirst()?.kind == .symbol(UInt8(ascii: "(")) else { return nil }
        var names: [String] = []
        while let name = rest.popFirst(), isName(name), let next = rest.popFirst() {
            names.append(tokens.name(name))
            if next.kind == .symbol(UInt8(ascii: ")")) { return names }
            guard next.kind == .symbol(UInt8(ascii: ",")) else { return nil }
        }
        return nil
    }

    /// - Parameters:
    ///   - table: with its columns as they are now.
    ///   - refuse: makes the error from a reason, a remedy and a line of the file that makes the
    ///     table.
    func allowed(in table: SharedTable, _ constants: ConstantRows, _ refuse: (String, String, Int?) -> SchemaError)
        throws -> AllowedValues
    {
        guard let wanted = constants.table(constant) else {
            throw refuse(
                "\(constant) is no constant table",
                "Name one that a CREATE TABLE above this one makes, under `-- parksync: constant`.", line)
        }
        guard columns.count == constantColumns.count else {
            throw refuse(
                "`member` names \(columns.count) of its columns and \(constantColumns.count) of \(constant)",
                "Name as many of both, in the same order.", line)
        }
        guard table.isAppendOnly || columns.count == 1 else {
            throw refuse(
                "`member` names several columns of a table that is not append-only",
                """
                Make the table append-only, or name one column: two parks could each change one of several, and the \
                merged row would be none.
                """, line)
        }
        let found = try zip(columns, constantColumns).map { try column($0, in: table, as: $1, of: wanted, refuse) }
        return AllowedValues(
            found.map(\.column), of: wanted.table, found.map { wanted.table.columns[$0.constantColumn] })
    }

    private func column(
        _ name: String, in table: SharedTable, as constantName: String, of wanted: ConstantRows.Declared,
        _ refuse: (String, String, Int?) -> SchemaError
    ) throws -> (column: AllowedValues.Column, constantColumn: Int) {
        let (place, described): (AllowedValues.Column, SharedColumn)
        if let key = table.keyColumns.firstIndex(where: { $0.name.isSameName(as: name) }) {
            (place, described) = (.key(key), table.keyColumns[key])
        } else if let plain = table.columns.firstIndex(where: { $0.name.isSameName(as: name) }) {
            (place, described) = (.plain(plain), table.columns[plain])
        } else {
            throw refuse("\(name) is none of its columns", "Name a column that the CREATE TABLE makes.", line)
        }
        guard let other = wanted.table.columns.firstIndex(where: { $0.isSameName(as: constantName) }) else {
            throw refuse("\(constantName) is no column of \(constant)", "Name one of its columns.", line)
        }
        guard !described.isCounter else {
            throw refuse("\(name) is a counter, of which changes carry the difference", "Name another column.", line)
        }
        // Then SQLite's `=` in a trigger says the same as the bytes of an entry: neither converts.
        guard [.text, .integer].contains(described.affinity), wanted.affinities[other] == described.affinity else {
            throw refuse(
                "\(name) and \(constant).\(constantName) are not both TEXT, or both INTEGER",
                "Declare both with the same of these types, so that equal values are equal bytes.", line)
        }
        return (place, other)
    }
}
