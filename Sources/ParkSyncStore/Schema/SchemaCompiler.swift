import CSQLite
import ParkSyncCore

/// A schema that was checked: what is shared, and the statements that make it.
package struct CompiledSchema: Sendable {
    package struct File: Sendable {
        package var name: String
        package var number: UInt64
        package var sql: String
        /// The shared tables as they are after this file.
        package var schema: SharedSchema
        var statements: [SchemaStatement]
    }
    package var files: [File]
    package var schema: SharedSchema
    /// Where each shared table was made.
    var places: [ExactText: SchemaPlace]

    /// Checks schema files by executing them on an empty database in memory and looking at what
    /// they made.
    ///
    /// - Throws: `SchemaError` with file, line and remedy.
    package init(_ files: [SchemaFile]) throws {
        do { self = try CompiledSchema(files, looksAtEach: false) } catch let error as SchemaError
            where error.line == nil
        {
            // At the end of a file it was found that constant rows are not as they may be. Which
            // statement did it is looked for only then: all rows are read for each.
            self = try CompiledSchema(files, looksAtEach: true)
        }
    }

    /// - Parameter looksAtEach: whether constant rows are compared after each statement, and not
    ///   only at the end of each file.
    private init(_ files: [SchemaFile], looksAtEach: Bool) throws {
        let compiler = try SchemaCompiler(looksAtEach: looksAtEach)
        self.files = try files.map { try compiler.add($0) }
        guard let last = self.files.last else {
            throw SchemaError(
                file: "schema", line: nil, reason: "there is no schema file",
                remedy: "Give at least one, beginning with `-- parksync: schema 1`.")
        }
        schema = last.schema
        places = compiler.places
    }
}

/// A line of a schema file.
struct SchemaPlace: Hashable, Sendable {
    var file: String
    /// From 1.
    var line: Int
}

/// Executes schema files one after the other and keeps the directives of each table.
final class SchemaCompiler {
    private let connection: Connection
    private let defaults = ColumnDefaults()
    private let authorizer = SchemaAuthorizer()
    private var declarations: [ExactText: SchemaDeclaration] = [:]
    /// The columns that each table had after the last statement that made or altered it.
    private var columns: [ExactText: Set<ExactText>] = [:]
    private var constants: ConstantRows
    private let looksAtEach: Bool
    private var last = SharedSchema(number: 0, tables: [])

    init(looksAtEach: Bool) throws {
        self.looksAtEach = looksAtEach
        connection = try Connection(path: ":memory:", role: .applier)
        constants = ConstantRows(connection)
        try SchemaBudget.bound(connection)
        // As on a node, which executes them in one transaction: what cannot be in one fails here,
        // too.
        try connection.execute("BEGIN")
    }

    var places: [ExactText: SchemaPlace] { declarations.filter { !$0.value.isLocal }.mapValues(\.place) }

    func add(_ file: SchemaFile) throws -> CompiledSchema.File {
        let (number, statements) = try SchemaScanner.scan(file)
        guard number == last.number + 1 else {
            throw SchemaError(
                file: file.name, line: 1, reason: "schema number \(number) does not follow \(last.number)",
                remedy: "Number the files 1, 2, 3 …")
        }
        let budget = SchemaBudget(sql: file.sql)
        for statement in statements {
            try execute(statement, file: file, budget)
            if looksAtEach { try constants.check(number, file: file, line: statement.line) }
        }
        try constants.check(number, file: file, line: nil)
        try constants.keep()
        let shared = try tables().filter { $0.kind == .plain }.compactMap { table -> SharedTable? in
            guard let declaration = declarations[ExactText(table.name)], !declaration.isLocal else { return nil }
            return try declaration.describe(table.name, on: connection.handle, defaults, constants)
        }
        guard shared.count <= CoreLimits.sharedTablesMax else {
            throw SchemaError(
                file: file.name, line: 1, reason: "\(shared.count) shared tables are too many",
                remedy: "Share at most \(CoreLimits.sharedTablesMax)."
            )
        }
        var schema = SharedSchema(number: number, tables: shared, constants: constants.tables)
        schema.earlier = last.earlier
        if last.number > 0 {
            schema.earlier[last.number] = Dictionary(last.tables.map { (ExactText($0.name), $0.columns.count) }) {
                first, _ in first
            }
        }
        try SchemaSuccession.check(schema, after: last, file: file.name)
        last = schema
        return CompiledSchema.File(
            name: file.name, number: number, sql: file.sql, schema: schema, statements: statements)
    }

    private struct TableName {
        enum Kind { case plain, virtual }
        var name: String
        var kind: Kind
    }

    /// The tables that there are, without those that hold a virtual table's rows.
    private func tables() throws -> [TableName] {
        let statement = try RawStatement(
            connection.handle,
            "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') "
                + "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
        var result: [TableName] = []
        while try statement.step() {
            result.append(
                TableName(name: statement.string(0), kind: statement.string(1) == "table" ? .plain : .virtual))
        }
        return result
    }

    private func execute(_ statement: SchemaStatement, file: SchemaFile, _ budget: SchemaBudget) throws {
        let protection = SchemaProtection(shared: last.tables)
        try protection.checkText(statement, file: file)
        let before = Set(try tables().map { ExactText($0.name) })
        try authorizer.watching(connection) {
            try SchemaExecution(connection: connection, authorizer: authorizer, budget: budget).run(
                statement, file: file.name)
        }
        try protection.check(statement, on: connection, file: file)
        try constants.checkShape(statement, authorizer, file: file)
        let now = try tables()
        let made = now.first { !before.contains(ExactText($0.name)) }
        if let made {
            let gone = before.subtracting(now.map { ExactText($0.name) }).first
            let isRenamed = try gone.map { try rename($0, to: made.name, statement, file: file) } ?? false
            if !isRenamed { try declare(made, statement, file: file) }
        }
        if made == nil, let directive = statement.directives.first {
            throw SchemaError(
                file: file.name, line: directive.line,
                reason: "the directive belongs to no CREATE TABLE that makes a table",
                remedy: "Put it directly above, or inside, the CREATE TABLE that it describes.")
        }
        try refuseRows(statement, file: file)
        for table in authorizer.altered.sorted() { try checkAdded(table, statement, file: file) }
        for table in authorizer.altered.union(authorizer.indexed).sorted() {
            try checkShared(table, statement, file: file)
        }
    }

    /// What makes a shared table one that cannot be shared is refused with the line of the
    /// statement that does so.
    private func checkShared(_ table: ExactText, _ statement: SchemaStatement, file: SchemaFile) throws {
        guard let declaration = declarations[table], !declaration.isLocal else { return }
        _ = try declaration.describe(
            table.text, on: connection.handle, defaults, constants,
            at: SchemaPlace(file: file.name, line: statement.line))
    }

    /// A local table keeps its directive when it gets another name.
    ///
    /// - Returns: false if the statement says anew what the table is.
    private func rename(_ old: ExactText, to new: String, _ statement: SchemaStatement, file: SchemaFile) throws -> Bool
    {
        guard let declaration = declarations.removeValue(forKey: old) else { return false }
        guard declaration.isLocal else {
            throw SchemaError(
                file: file.name, line: statement.line, reason: "the statement renames the shared table \(old)",
                remedy: "Give it that name in its CREATE TABLE, in \(declaration.place.file):\(declaration.place.line)."
            )
        }
        let known = columns.removeValue(forKey: old)
        guard statement.directives.isEmpty else { return false }
        if SQLGuard.isInternal(new) { return false }
        declarations[ExactText(new)] = declaration
        columns[ExactText(new)] = known
        return true
    }

    private func declare(_ table: TableName, _ statement: SchemaStatement, file: SchemaFile) throws {
        func refuse(_ reason: String, _ remedy: String) -> SchemaError {
            SchemaError(file: file.name, line: statement.line, reason: reason, remedy: remedy)
        }
        if SQLGuard.isInternal(table.name) {
            throw refuse(
                "the name \(table.name) is ParkSync's own", "Choose a name without \(SQLGuard.internalPrefix).")
        }
        let declaration = try SchemaDeclaration(table: table.name, statement, file: file.name)
        if table.kind == .virtual, declaration.isConstant {
            throw refuse("\(table.name) is a virtual table, and no trigger guards its rows", "Make it a plain one.")
        }
        if table.kind == .virtual, !declaration.isLocal {
            throw refuse(
                "\(table.name) is a virtual table, whose rows no trigger sees",
                "Put `-- parksync: local` above it, and fill it from a shared table by triggers.")
        }
        if !declaration.isLocal,
            let twin = declarations.first(where: { $0.key.text == table.name && !$0.key.text.isExactly(table.name) })
        {
            throw refuse(
                "the name \(table.name) and that of the table at "
                    + "\(twin.value.place.file):\(twin.value.place.line) look the same and differ in "
                    + "their Unicode composition only", "Give one another name.")
        }
        declarations[ExactText(table.name)] = declaration
        columns[ExactText(table.name)] = nil
        guard table.kind == .plain else { return }
        columns[ExactText(table.name)] = Set(try added(table.name).map { ExactText($0.name) })
        if declaration.isConstant { try constants.declare(table.name, statement, file: file) }
        try checkShared(ExactText(table.name), statement, file: file)
    }

    /// A schema file is executed without capture: rows that it writes would be in no log.
    private func refuseRows(_ statement: SchemaStatement, file: SchemaFile) throws {
        let shared = authorizer.written.subtracting(authorizer.dropped).filter { declarations[$0]?.isLocal == false }
        guard let table = shared.min() else { return }
        throw SchemaError(
            file: file.name, line: statement.line,
            reason: "the statement writes rows of \(table), and no log would have them",
            remedy: "Write them through a node once the schema is there.")
    }

    private struct Column {
        var name: String
        var type: String
        var isNotNull: Bool
        /// The text of its default; nil for none.
        var fallback: String?
        /// As pragma_table_xinfo has it: 2 for one that is computed when it is read, 3 for one that
        /// is kept.
        var hidden: Int64
    }

    private static let storedColumn: Int64 = 3

    private func added(_ table: String) throws -> [Column] {
        let statement = try RawStatement(
            connection.handle,
            "SELECT name, type, \"notnull\", dflt_value, hidden FROM pragma_table_xinfo(\(literal(table))) ORDER BY cid"
        )
        var result: [Column] = []
        while try statement.step() {
            let name = statement.string(0)
            if columns[ExactText(table)]?.contains(ExactText(name)) == true { continue }
            result.append(
                Column(
                    name: name, type: statement.string(1), isNotNull: statement.int64(2) != 0,
                    fallback: statement.isNull(3) ? nil : statement.string(3), hidden: statement.int64(4)))
        }
        return result
    }

    /// SQLite adds any column to a table without rows, as all are here; on a node the table may
    /// have some.
    private func checkAdded(_ table: ExactText, _ statement: SchemaStatement, file: SchemaFile) throws {
        func refuse(_ reason: String, _ remedy: String) -> SchemaError {
            SchemaError(file: file.name, line: statement.line, reason: reason, remedy: remedy)
        }
        // The rows of a table that this file makes are still to come.
        let isSharedAlready = last.tables.contains { table.text.isExactly($0.name) }
        let added = try added(table.text).filter { _ in columns[table] != nil }
        for column in added {
            guard column.hidden != Self.storedColumn else {
                throw refuse(
                    "column \(column.name) can be added to a table without rows only: it is generated and STORED",
                    "Compute it in a view, or, in a local table, as VIRTUAL.")
            }
            let affinity = SchemaIntrospection.affinity(of: column.type)
            let outcome = try defaults.value(of: column.fallback, affinity: affinity, isNotNull: column.isNotNull)
            if isSharedAlready, column.isNotNull || !outcome.isNull {
                throw refuse(
                    "the new column \(column.name) of \(table) would not be NULL in the rows that exist",
                    """
                    Add it without NOT NULL and without a default, or make a new table: rows that exist hold \
                    NULL in it, at every park.
                    """
                )
            }
            if case .refused(let message) = outcome {
                throw refuse(
                    "column \(column.name) can be added to a table without rows only: \(message)",
                    column.fallback == nil || column.fallback?.isSameName(as: "NULL") == true
                        ? """
                        Leave NOT NULL out, or give it a constant default as well, a literal; SQLite says the \
                        same wherever the table has rows.
                        """
                        : """
                        Give it no default or a constant one, a literal; SQLite says the same wherever the \
                        table has rows.
                        """
                )
            }
            columns[table]?.insert(ExactText(column.name))
        }
        if !added.isEmpty { try checkRowsCompile(table, refuse) }
    }

    /// SQLite takes a CHECK that is added as it stands, and finds out what is wrong in it when
    /// somebody writes a row.
    private func checkRowsCompile(_ table: ExactText, _ refuse: (String, String) -> SchemaError) throws {
        try connection.execute("PRAGMA ignore_check_constraints = OFF")
        let compiled = try SQLText.prepare(
            "INSERT INTO main.\(quoted(table.text)) DEFAULT VALUES", on: connection.handle)
        sqlite3_finalize(compiled.statement)
        let message =
            compiled.result == SQLITE_OK
            ? nil : sqlite3_errmsg(connection.handle).map { String(cString: $0) } ?? "error \(compiled.result)"
        try connection.execute("PRAGMA ignore_check_constraints = ON")
        if let message {
            throw refuse(
                "no row of \(table) could be written any more: \(message)", SchemaExecution.remedy(for: message))
        }
    }
}
