import GRDBSQLite
import ParkSyncCore

/// A schema that was checked: what is shared, and the statements that make it.
package struct CompiledSchema: Sendable {
    package struct File: Sendable {
        package var name: String
        package var number: UInt64
        package var sql: String
        /// The shared tables as they are after this file.
        package var schema: SharedSchema
    }
    package var files: [File]
    package var schema: SharedSchema

    /// Checks schema files by executing them on an empty database in memory and looking at what they made.
    ///
    /// - Throws: `SchemaError` with file, line and remedy.
    package init(_ files: [SchemaFile]) throws {
        let compiler = try SchemaCompiler()
        self.files = try files.map { try compiler.add($0) }
        guard let last = self.files.last else {
            throw SchemaError(
                file: "(none)", line: 1, reason: "there is no schema file", remedy: "Give at least one, beginning with `-- parksync: schema 1`.")
        }
        schema = last.schema
    }
}

/// Executes schema files one after the other and keeps the directives of each table.
final class SchemaCompiler {
    private struct Declaration {
        var file: String
        var line: Int
        var isLocal = false
        var rule: String?
        var ruleLine = 0
        var isAppendOnly = false
        var counters: [(column: String, line: Int)] = []
    }

    private let connection: Connection
    private var declarations: [String: Declaration] = [:]
    private var last = SharedSchema(number: 0, tables: [])

    private let written = WrittenTables()

    /// The tables whose rows a statement writes.
    private final class WrittenTables {
        var names: Set<String> = []
        /// SQLite also says of a table that is dropped that its rows are deleted.
        var dropped: Set<String> = []
    }

    init() throws {
        connection = try Connection(path: ":memory:", role: .applier)
        sqlite3_set_authorizer(
            connection.handle,
            { context, action, table, _, _, _ in
                guard let context, let table else { return SQLITE_OK }
                let written = Unmanaged<WrittenTables>.fromOpaque(context).takeUnretainedValue()
                if action == SQLITE_DROP_TABLE { written.dropped.insert(String(cString: table)) }
                if [SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE].contains(action) { written.names.insert(String(cString: table)) }
                return SQLITE_OK
            }, Unmanaged.passUnretained(written).toOpaque())
    }

    /// A schema file is executed without capture: rows that it writes would be in no log.
    private func refuseRows(_ statement: SchemaStatement, file: SchemaFile) throws {
        let shared = written.names.subtracting(written.dropped).filter { !$0.hasPrefix("sqlite_") && declarations[$0]?.isLocal != true }
        guard let table = shared.min() else { return }
        throw SchemaError(
            file: file.name, line: statement.line, reason: "the statement writes rows of \(table), and no log would have them",
            remedy: "Write them through a node once the schema is there.")
    }

    func add(_ file: SchemaFile) throws -> CompiledSchema.File {
        let (number, statements) = try SchemaScanner.scan(file)
        guard number == last.number + 1 else {
            throw SchemaError(
                file: file.name, line: 1, reason: "schema number \(number) does not follow \(last.number)", remedy: "Number the files 1, 2, 3 …")
        }
        for statement in statements { try execute(statement, file: file) }
        let shared = try tableNames().compactMap { name -> SharedTable? in
            guard let declaration = declarations[name] else { return nil }
            return declaration.isLocal ? nil : try describe(name, declaration)
        }
        guard shared.count <= CoreLimits.sharedTablesMax else {
            throw SchemaError(
                file: file.name, line: 1, reason: "\(shared.count) shared tables are too many", remedy: "Share at most \(CoreLimits.sharedTablesMax)."
            )
        }
        var schema = SharedSchema(number: number, tables: shared)
        schema.earlier = last.earlier
        if last.number > 0 {
            schema.earlier[last.number] = Dictionary(last.tables.map { ($0.name, $0.columns.count) }) { first, _ in first }
        }
        try SchemaSuccession.check(schema, after: last, file: file.name)
        last = schema
        return CompiledSchema.File(name: file.name, number: number, sql: file.sql, schema: schema)
    }

    private func tableNames() throws -> [String] {
        let statement = try RawStatement(
            connection.handle, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
        var names: [String] = []
        while try statement.step() { names.append(statement.string(0)) }
        return names
    }

    private func execute(_ statement: SchemaStatement, file: SchemaFile) throws {
        let before = Set(try tableNames())
        (written.names, written.dropped) = ([], [])
        do {
            try connection.execute(statement.sql)
        } catch let error as StoreError {
            // SQLite gives the byte at which it stumbled, counted from the start of the text that was executed.
            let offset = Int(sqlite3_error_offset(connection.handle))
            let lines = statement.sql.utf8.prefix(max(0, offset)).filter { $0 == 10 }.count
            let start = statement.line - leadingLines(statement)
            throw SchemaError(file: file.name, line: offset >= 0 ? start + lines : statement.line, reason: error.reason, remedy: "Correct the SQL.")
        }
        try refuseRows(statement, file: file)
        let made = try tableNames().filter { !before.contains($0) }
        guard let table = made.first else {
            if let directive = statement.directives.first {
                throw SchemaError(
                    file: file.name, line: directive.line, reason: "the directive belongs to no CREATE TABLE",
                    remedy: "Put it directly above, or inside, the CREATE TABLE that it describes.")
            }
            return
        }
        if table.lowercased().hasPrefix(SQLGuard.internalPrefix) {
            throw SchemaError(
                file: file.name, line: statement.line, reason: "the name \(table) is ParkSync's own",
                remedy: "Choose a name without \(SQLGuard.internalPrefix).")
        }
        declarations[table] = try declaration(of: table, statement, file: file)
    }

    private func leadingLines(_ statement: SchemaStatement) -> Int {
        var count = 0
        for line in statement.sql.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = line.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
            guard text.isEmpty || text.hasPrefix("--") else { break }
            count += 1
        }
        return count
    }

    private func declaration(of table: String, _ statement: SchemaStatement, file: SchemaFile) throws -> Declaration {
        var result = Declaration(file: file.name, line: statement.line)
        for directive in statement.directives {
            switch (directive.words.first, directive.words.count, directive.column) {
            case ("local", 1, nil): result.isLocal = true
            case ("append-only", 1, nil): result.isAppendOnly = true
            case ("writer", 2, nil) where result.rule == nil: (result.rule, result.ruleLine) = (directive.words[1], directive.line)
            case ("counter", 1, let column?): result.counters.append((column, directive.line))
            default:
                throw SchemaError(
                    file: file.name, line: directive.line, reason: "the directive `\(directive.words.joined(separator: " "))` is not known here",
                    remedy: "Known: schema N, writer any, writer home(COLUMN), append-only, local, and counter at the end of a column's line.")
            }
        }
        if !result.isLocal, result.rule == nil {
            throw SchemaError(
                file: file.name, line: statement.line, reason: "table \(table) does not say who may write it",
                remedy: "Put `-- parksync: writer any`, `-- parksync: writer home(COLUMN)` or `-- parksync: local` above it.")
        }
        return result
    }

    private func describe(_ name: String, _ declaration: Declaration) throws -> SharedTable {
        func refuse(_ reason: String, _ remedy: String, line: Int? = nil) -> SchemaError {
            SchemaError(file: declaration.file, line: line ?? declaration.line, reason: "table \(name): \(reason)", remedy: remedy)
        }
        var table = try SchemaIntrospection.table(name, on: connection.handle, refuse: { refuse($0, $1) })
        table.isAppendOnly = declaration.isAppendOnly
        for counter in declaration.counters {
            guard let index = table.columns.firstIndex(where: { $0.name.lowercased() == counter.column.lowercased() }) else {
                throw refuse(
                    "\(counter.column) is no column outside the key", "Put `counter` at the end of the line of a column.", line: counter.line)
            }
            guard table.columns[index].affinity == .integer, table.columns[index].isNotNull else {
                throw refuse("a counter is an integer", "Declare \(counter.column) INTEGER NOT NULL DEFAULT 0.", line: counter.line)
            }
            table.columns[index].isCounter = true
        }
        if declaration.isAppendOnly, !declaration.counters.isEmpty {
            throw refuse("an append-only row cannot count", "Remove the counter or `append-only`.")
        }
        if let rule = declaration.rule, rule != "any" {
            guard rule.hasPrefix("home("), rule.hasSuffix(")") else {
                throw refuse("the writer `\(rule)` is not known", "Write `any` or `home(COLUMN)`.", line: declaration.ruleLine)
            }
            let column = rule.dropFirst(5).dropLast()
            guard let position = table.keyColumns.firstIndex(where: { $0.name.lowercased() == column.lowercased() && $0.affinity == .text }) else {
                throw refuse(
                    "\(column) is no TEXT column of the primary key, and only the key is in every change",
                    "Make the column that names the home park part of the primary key.", line: declaration.ruleLine)
            }
            table.writeRule = .homePark(keyColumn: position)
        }
        return table
    }
}
