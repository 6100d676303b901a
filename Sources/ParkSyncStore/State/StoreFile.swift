import Crypto
import ParkSyncCore

/// ParkSync's own tables in the database file, and how they are made, opened and checked.
package enum StoreFile {
    /// Version of the file's layout. A newer one is refused.
    ///
    /// 2: pending tables no longer hold the values of the rows. A file of format 1 becomes one of 2
    /// if nothing in it waits to be sealed. 3: clocks say what the log says of counters. In a file
    /// that becomes one of 3 they are given it when it is opened. 4: of dropped traces something is
    /// kept aside, and what authors know of that. A file that becomes one of 4 gets both from its
    /// log when it is opened. 5: what the file remembers of its own log is one row.
    package static let formatVersion: Int64 = 5
    /// Those of which a file becomes one of this version.
    package static let earlierFormats: [Int64] = [1, 2, 3, 4]
    /// Whether clocks of an earlier format are still to be given the sums of counters.
    package static let lacksCounters = "counters to be noted"
    private static let countersSince: Int64 = 3
    private static let keptTracesSince: Int64 = 4
    /// Whether what is kept aside of dropped traces is still to be made of the log.
    static let lacksKeptTraces = "dropped traces to be kept"

    package static let tables = [
        "CREATE TABLE IF NOT EXISTS _parksync_meta(name TEXT NOT NULL PRIMARY KEY, value) WITHOUT ROWID",
        """
        CREATE TABLE IF NOT EXISTS _parksync_origin(
          ordinal INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
          folded INTEGER NOT NULL, -- entries merged into clocks and digests, visible unless this node's own
          dependencies TEXT NOT NULL) -- what the author had seen at entry `folded`, as a vector text
        """,
        LogTable.create,
        SegmentTable.create,
        FenceTable.create,
        VoteTable.create,
        VoteTable.createDecisions,
        WithdrawalTable.create,
        MemberTable.create,
        KeptTraces.create,
        DropKnowledgeTable.create,
        """
        CREATE TABLE IF NOT EXISTS _parksync_table(ordinal INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, rows \
        INTEGER NOT NULL, digest BLOB NOT NULL)
        """,
        """
        CREATE TABLE IF NOT EXISTS _parksync_life(
          tbl INTEGER NOT NULL, key BLOB NOT NULL, causal_length INTEGER NOT NULL, PRIMARY KEY(tbl, key)) WITHOUT ROWID
        """,
        """
        CREATE TABLE IF NOT EXISTS _parksync_conflict(
          tbl INTEGER NOT NULL, key BLOB NOT NULL, column INTEGER NOT NULL, origin INTEGER NOT NULL, seq INTEGER NOT \
          NULL,
          stamp INTEGER NOT NULL, value, PRIMARY KEY(tbl, key, column, origin, seq)) WITHOUT ROWID
        """,
        """
        CREATE TABLE IF NOT EXISTS _parksync_quarantine(
          origin INTEGER NOT NULL, seq INTEGER NOT NULL, cause TEXT NOT NULL, remedy TEXT NOT NULL, PRIMARY \
          KEY(origin, seq)) WITHOUT ROWID
        """,
        ForkTable.create,
        BranchTable.create,
        DifferenceTable.create,
        RefusalTable.create,
        """
        CREATE TABLE IF NOT EXISTS _parksync_schema(number INTEGER PRIMARY KEY, name TEXT NOT NULL, sql TEXT \
        NOT NULL)
        """,
        "CREATE TABLE IF NOT EXISTS _parksync_meter(bytes INTEGER NOT NULL)",
        "INSERT INTO _parksync_meter(bytes) SELECT 0 WHERE NOT EXISTS(SELECT 1 FROM _parksync_meter)",
    ]

    package static func clockTable(_ table: String) -> String { "_parksync_clock_" + table }

    static func createClock(_ table: String) -> String {
        """
        CREATE TABLE IF NOT EXISTS \(quoted(clockTable(table)))(key BLOB NOT NULL PRIMARY KEY, clock BLOB NOT \
        NULL) WITHOUT ROWID
        """
    }

    package static func meta(_ connection: Connection, _ name: String) throws -> Value? {
        let statement = try connection.statement("SELECT value FROM _parksync_meta WHERE name = ?1")
        defer { statement.reset() }
        statement.bindText(1, copying: name)
        return try statement.step() ? statement.view(0).copied : nil
    }

    /// A number that is not negative; nil for anything else.
    static func number(_ connection: Connection, _ name: String) throws -> UInt64? {
        guard case .integer(let value)? = try meta(connection, name), value >= 0 else { return nil }
        return UInt64(value)
    }

    static func setNumber(_ connection: Connection, _ name: String, _ value: UInt64) throws {
        try setMeta(connection, name, .integer(Int64(clamping: value)))
    }

    package static func setMeta(_ connection: Connection, _ name: String, _ value: Value) throws {
        let statement = try connection.statement(
            "INSERT INTO _parksync_meta(name, value) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value")
        statement.bindText(1, copying: name)
        statement.bind(2, copying: value)
        try statement.run()
    }

    /// - Throws: `StoreError` if the file has another layout than this version's: which of the two
    ///   is newer, and what to do.
    package static func checkFormat(_ connection: Connection, path: String) throws {
        guard case .integer(let format)? = try meta(connection, "format") else {
            throw StoreError(
                .format, "\(path) does not say which layout it has",
                remedy: "It was altered, or ParkSync did not write it; use a backup of this park.")
        }
        if format == 1 { return try refuseOldPending(connection, path: path) }
        if earlierFormats.contains(format) { return }
        try FormatVersion.check(format, known: formatVersion, of: "\(path)")
    }

    /// Before the file is said to have this version's format.
    package static func noteEarlierFormat(_ connection: Connection) throws {
        guard case .integer(let format)? = try meta(connection, "format"), earlierFormats.contains(format) else {
            return
        }
        if format < countersSince { try setMeta(connection, lacksCounters, .integer(1)) }
        if format < keptTracesSince { try setMeta(connection, lacksKeptTraces, .integer(1)) }
    }

    private static func refuseOldPending(_ connection: Connection, path: String) throws {
        let tables = try connection.statement(
            """
            SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '\\_parksync\\_pending\\_%' \
            ESCAPE '\\' ORDER BY name
            """
        )
        defer { tables.reset() }
        while try tables.step() {
            guard try connection.int64("SELECT 1 FROM \(quoted(tables.string(0))) LIMIT 1") != nil else { continue }
            throw StoreError(
                .format, "\(path) has format 1, and writes of other programs wait in it to be sealed",
                remedy: "Start the version that wrote it once and stop it again; then this one can go on with the file."
            )
        }
    }

    /// Makes or checks ParkSync's tables.
    ///
    /// - Returns: true if the file was empty of ParkSync before.
    package static func prepare(_ connection: Connection, origin: OriginID, path: String) throws -> Bool {
        let isNew = try !OwnTables.hasAny(connection)
        if !isNew {
            guard
                try connection.int64("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_parksync_meta'")
                    != nil
            else {
                throw StoreError.ofFile(
                    "ParkSync's own table _parksync_meta is missing, or is no table", remedy: StoreError.damageRemedy)
            }
            try checkFormat(connection, path: path)
            try noteEarlierFormat(connection)
            // Files of earlier formats are given the tables that they lack.
            if try meta(connection, "format") == .integer(formatVersion) {
                try OwnTables(connection: connection, schema: SharedSchema(number: 0, tables: [])).check()
            }
            guard case .text(let name)? = try meta(connection, "park"), name == Array(origin.park.utf8) else {
                throw StoreError(
                    .invalidInput, "\(path) belongs to another park than \(origin.park)",
                    remedy: "Check `park` and `state` in the configuration; each park has a file of its own.")
            }
        }
        for sql in tables { try connection.execute(sql) }
        try setMeta(connection, "format", .integer(formatVersion))
        if isNew {
            try setMeta(connection, "park", .string(origin.park))
        } else {
            try OwnLogRecord.migrate(connection, park: origin.park)
        }
        return isNew
    }

    /// Executes the schema files that the file has not seen, and makes the clock tables and
    /// triggers.
    ///
    /// Captured rows must have been sealed before: triggers and pending tables are made anew.
    package static func install(_ compiled: CompiledSchema, on connection: Connection, park: String) throws {
        _ = try installTables(compiled, on: connection)
        try installCapture(compiled.schema, on: connection, park: park)
    }

    /// The same without the triggers.
    ///
    /// - Returns: the shared tables that were there before the file that declares them was
    ///   executed.
    /// - Throws: `SchemaError`, `StoreError`.
    package static func installTables(_ compiled: CompiledSchema, on connection: Connection) throws -> Set<ExactText> {
        let found = try SchemaInstall(compiled, on: connection).run()
        let newest = try connection.int64("SELECT max(number) FROM _parksync_schema") ?? 0
        guard newest <= Int64(compiled.schema.number) else {
            throw StoreError(
                .schema, "the file has schema \(newest), this node brings \(compiled.schema.number)",
                remedy: "Install the schema files that this park had before.")
        }
        for table in compiled.schema.tables {
            try connection.execute(createClock(table.name))
            let record = try connection.statement(
                "INSERT INTO _parksync_table(name, rows, digest) VALUES(?1, 0, zeroblob(16)) ON CONFLICT DO NOTHING")
            record.bindText(1, copying: table.name)
            try record.run()
        }
        return found
    }

    private static func captureFingerprint(_ statements: [String]) -> Value {
        .blob(Array(SHA256.hash(data: Array(statements.joined(separator: "\n").utf8))))
    }

    /// Whether the file was given the triggers that this node makes for a schema.
    static func hasCapture(_ schema: SharedSchema, on connection: Connection, park: String, budget: RowBudget) throws
        -> Bool
    {
        try meta(connection, "capture")
            == captureFingerprint(
                try CaptureTriggers.statements(for: schema, park: park, budget: budget, on: connection))
    }

    /// Makes triggers anew unless the same ones are there. The hash of their text tells.
    ///
    /// - Parameter budget: nil for a file that no node works with yet: the one that opens it makes
    ///   them anew if it has another.
    package static func installCapture(
        _ schema: SharedSchema, on connection: Connection, park: String, budget: RowBudget? = nil
    ) throws {
        let budget = budget ?? RowBudget(schema, entryBytesMax: CoreLimits.payloadBytesDefault)
        let statements = try CaptureTriggers.statements(for: schema, park: park, budget: budget, on: connection)
        let fingerprint = captureFingerprint(statements)
        if try meta(connection, "capture") == fingerprint { return }
        let old = try connection.statement(
            "SELECT type, name FROM sqlite_master WHERE (type = 'trigger' AND name LIKE '\\_parksync\\_%' ESCAPE '\\') "
                + "OR (type = 'table' AND name LIKE '\\_parksync\\_pending\\_%' ESCAPE '\\') ORDER BY type DESC, name")
        var drops: [String] = []
        while try old.step() { drops.append("DROP \(old.string(0).uppercased()) \(quoted(old.string(1)))") }
        old.reset()
        for sql in drops + statements { try connection.execute(sql) }
        try setMeta(connection, "capture", fingerprint)
        connection.forgetStatements()
        try CaptureGuard.note(connection)
    }
}
