import ParkSyncCore

/// What the directives of a CREATE TABLE say.
struct SchemaDeclaration {
    let place: SchemaPlace
    /// Constant tables are local ones.
    private(set) var isLocal = false
    private(set) var isConstant = false
    private var rule: SchemaDirective?
    private var isAppendOnly = false
    private var counters: [(column: String, line: Int)] = []
    private var members: [MemberDirective] = []

    /// - Throws: `SchemaError` for a directive that is not known, or does not go with the others.
    init(table: String, _ statement: SchemaStatement, file: String) throws {
        place = SchemaPlace(file: file, line: statement.line)
        for directive in statement.directives { try apply(directive) }
        let own = isConstant ? "constant" : "local"
        if isLocal, let other = statement.directives.first(where: { $0.words != [own] }) {
            throw refuse(
                other.line, "table \(table) is \(own), so `\(other.words.joined(separator: " "))` means nothing",
                "Leave one of the two out.")
        }
        if !isLocal, rule == nil {
            throw refuse(
                statement.line, "table \(table) does not say who may write it",
                """
                Put `-- parksync: writer any`, `-- parksync: writer home(COLUMN)`, `-- parksync: local` or \
                `-- parksync: constant` above it.
                """)
        }
    }

    private func refuse(_ line: Int, _ reason: String, _ remedy: String) -> SchemaError {
        SchemaError(file: place.file, line: line, reason: reason, remedy: remedy)
    }

    private mutating func apply(_ directive: SchemaDirective) throws {
        switch (directive.words.first, directive.words.count, directive.column) {
        case ("local", 1, nil): isLocal = true
        case ("constant", 1, nil): (isLocal, isConstant) = (true, true)
        case ("member", _, nil):
            guard let member = MemberDirective(directive) else {
                throw refuse(
                    directive.line, "the directive `\(directive.words.joined(separator: " "))` cannot be read",
                    "Write `member (COLUMN, …) of CONSTANT(COLUMN, …)`.")
            }
            members.append(member)
        case ("append-only", 1, nil): isAppendOnly = true
        case ("writer", 2, nil):
            if let rule {
                throw refuse(
                    directive.line, "line \(rule.line) says already who may write the table",
                    "Leave one of the two out.")
            }
            rule = directive
        case ("counter", 1, let column?): counters.append((column, directive.line))
        case ("counter", 1, nil):
            throw refuse(
                directive.line, "`counter` stands on a line of its own", "Put it at the end of the line of its column.")
        case (_, _, _?):
            throw refuse(
                directive.line,
                "the directive `\(directive.words.joined(separator: " "))` is not known at the end of a column's line",
                "Only `counter` stands there; put the others on lines of their own.")
        default:
            throw refuse(
                directive.line, "the directive `\(directive.words.joined(separator: " "))` is not known here",
                """
                Known: schema N, writer any, writer home(COLUMN), append-only, local, constant, \
                member (COLUMN, …) of CONSTANT(COLUMN, …), and counter at the end of a column's line.
                """
            )
        }
    }

    /// The table as it is now.
    ///
    /// - Parameters:
    ///   - constants: with the rows that its columns may be members of.
    ///   - cause: the statement that has changed it; nil for the one that makes it.
    func describe(
        _ name: String, on connection: OpaquePointer, _ defaults: ColumnDefaults, _ constants: ConstantRows,
        at cause: SchemaPlace? = nil
    ) throws -> SharedTable {
        func refuse(_ reason: String, _ remedy: String, line: Int? = nil) -> SchemaError {
            let spot = line.map { SchemaPlace(file: place.file, line: $0) } ?? cause ?? place
            return SchemaError(file: spot.file, line: spot.line, reason: "table \(name): \(reason)", remedy: remedy)
        }
        var table = try SchemaIntrospection.table(name, on: connection, defaults) { refuse($0, $1) }
        table.isAppendOnly = isAppendOnly
        for counter in counters {
            guard let index = table.columns.firstIndex(where: { $0.name.isSameName(as: counter.column) }) else {
                throw refuse(
                    "\(counter.column) is no column outside the key",
                    "Put `counter` at the end of the line of a column.", line: counter.line)
            }
            guard table.columns[index].affinity == .integer, table.columns[index].isNotNull else {
                throw refuse(
                    "a counter is an integer", "Declare \(counter.column) INTEGER NOT NULL DEFAULT 0.",
                    line: counter.line)
            }
            table.columns[index].isCounter = true
        }
        if isAppendOnly, !counters.isEmpty {
            throw refuse("an append-only row cannot count", "Remove the counter or `append-only`.")
        }
        table.writeRule = try writeRule(table, refuse)
        table.allowed = try members.map { try $0.allowed(in: table, constants, refuse) }
        return table
    }

    private func writeRule(_ table: SharedTable, _ refuse: (String, String, Int?) -> SchemaError) throws -> WriteRule {
        guard let rule, rule.words[1] != "any" else { return .anyPark }
        let text = rule.words[1]
        guard text.beginsExactly(with: "home("), text.utf8.last == UInt8(ascii: ")") else {
            throw refuse("the writer `\(text)` is not known", "Write `any` or `home(COLUMN)`.", rule.line)
        }
        let column = String(text.dropFirst(5).dropLast())
        guard
            let position = table.keyColumns.firstIndex(where: { $0.name.isSameName(as: column) && $0.affinity == .text }
            )
        else {
            throw refuse(
                "\(column) is no TEXT column of the primary key, and only the key is in every change",
                "Make the column that names the home park part of the primary key.", rule.line)
        }
        return .homePark(keyColumn: position)
    }
}
