import ParkSyncCore

/// What is known of rows that may not be what the log says. Part of the node's status; times are
/// Unix milliseconds.
package struct RowsStatus: Codable, Hashable, Sendable {
    /// A table whose triggers were lost and put back, and whose rows are still to be verified.
    package struct Suspicion: Codable, Hashable, Sendable {
        package var table: String
        package var since: UInt64
        package init(table: String, since: UInt64) { (self.table, self.since) = (table, since) }
    }
    /// When a verification of all rows ended last; absent if none ever did.
    package var verifiedAt: UInt64?
    package var verifiedRows: Int64
    /// Rows that differ and were not repaired; at most 1,000 are kept.
    package var differing: Int64
    /// The first of them.
    package var differences: [RowDifference]
    package var suspected: [Suspicion]
    /// Why rows could not be compared with the log; absent once a verification of all rows has
    /// ended after that.
    package var failure: Failure?

    package struct Failure: Codable, Hashable, Sendable {
        package var cause: String
        /// Whether the file is damaged, so that no wait helps.
        package var isOfFile: Bool
        package init(cause: String, isOfFile: Bool) { (self.cause, self.isOfFile) = (cause, isOfFile) }
        enum CodingKeys: String, CodingKey { case cause, isOfFile = "is_of_file" }
    }

    package init(
        verifiedAt: UInt64? = nil, verifiedRows: Int64 = 0, differing: Int64 = 0, differences: [RowDifference] = [],
        suspected: [Suspicion] = []
    ) {
        (self.verifiedAt, self.verifiedRows, self.differing) = (verifiedAt, verifiedRows, differing)
        (self.differences, self.suspected) = (differences, suspected)
    }

    enum CodingKeys: String, CodingKey {
        case verifiedAt = "verified_at", verifiedRows = "verified_rows", differing, differences, suspected, failure
    }
}

/// A row of a shared table that is not what the log says.
///
/// It says what is here and what the log says, and of nobody that he wrote it: whoever changed the
/// file past capture left no name.
package struct RowDifference: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Hashable, Sendable {
        /// Columns hold other values than the log says.
        case changed
        /// The log has the row, the table has not.
        case missing
        /// The table has a row that the log never had, or has deleted.
        case extra
        /// The row is what the log says; what the node keeps of it beside the log, its clock, is
        /// not.
        case clock
    }
    package struct Column: Codable, Hashable, Sendable {
        package var name: String
        /// Absent if there is no row here.
        package var here: JSONValue?
        /// Absent if the log has no row, or if `isKnown` is false.
        package var logged: JSONValue?
        /// False if the log does not reach back to the entry that wrote the column, or an archived
        /// entry cannot be read.
        package var isKnown: Bool
        package init(name: String, here: Value?, logged: Value?, isKnown: Bool) {
            (self.name, self.isKnown) = (name, isKnown)
            (self.here, self.logged) = (here.map(JSONValue.init), logged.map(JSONValue.init))
        }
        enum CodingKeys: String, CodingKey { case name, here, logged, isKnown = "is_known" }
    }
    package var table: String
    package var key: [JSONValue]
    package var kind: Kind
    /// Those that differ, in the order of the table; of a row that is missing or extra, all.
    package var columns: [Column]
    package var foundAt: UInt64
    package init(table: String, key: [JSONValue], kind: Kind, columns: [Column], foundAt: UInt64) {
        (self.table, self.key, self.kind, self.columns, self.foundAt) = (table, key, kind, columns, foundAt)
    }
    enum CodingKeys: String, CodingKey { case table, key, kind, columns, foundAt = "found_at" }
}

/// Body of `POST /v1/verify/rows`.
package struct RowVerifyRequest: Codable, Hashable, Sendable {
    /// Nil or empty for all shared tables.
    package var tables: [String]?
    package init(tables: [String]? = nil) { self.tables = tables }
    enum CodingKeys: String, CodingKey, CaseIterable { case tables }
}

/// Answer of `POST /v1/verify/rows`.
package struct RowVerifyReport: Codable, Hashable, Sendable {
    package struct Table: Codable, Hashable, Sendable {
        package var name: String
        package var rows: Int64
        package init(name: String, rows: Int64) { (self.name, self.rows) = (name, rows) }
    }
    /// Tables whose rows were all compared with the log.
    package var tables: [Table]
    /// What was applied when the verification began.
    package var vector: String
    package var rows: RowsStatus
    package init(tables: [Table], vector: String, rows: RowsStatus) {
        (self.tables, self.vector, self.rows) = (tables, vector, rows)
    }
}

/// Body of `POST /v1/repairs`.
package struct RepairRequest: Codable, Hashable, Sendable {
    package enum Way: String, Codable, Hashable, Sendable {
        /// The row becomes what the log says.
        case fromLog = "from-log"
        /// The log says what is here: a new change of this park.
        case publish
    }
    package var table: String
    /// The primary keys of the rows; absent for all rows of the table that differ.
    package var keys: [[JSONValue]]?
    package var way: Way
    package var author: String?
    package var note: String?
    package init(table: String, keys: [[JSONValue]]?, way: Way, author: String? = nil, note: String? = nil) {
        (self.table, self.keys, self.way, self.author, self.note) = (table, keys, way, author, note)
    }
    enum CodingKeys: String, CodingKey, CaseIterable { case table, keys, way, author, note }
}

/// Answer of `POST /v1/repairs`.
package struct RepairReport: Codable, Hashable, Sendable {
    /// How many rows were repaired, and the first of them as they were.
    package var repaired: Int
    package var rows: [RowDifference]
    /// The newest entry that publishes what is here; absent if nothing was published.
    package var seq: UInt64?

    /// - Parameter repaired: all rows; the first of them are listed.
    package init(repaired: [RowDifference] = [], seq: UInt64? = nil) {
        (self.repaired, self.rows, self.seq) = (repaired.count, Array(repaired.prefix(Self.rowsMax)), seq)
    }

    /// Most rows that are listed.
    package static let rowsMax = 1_000

    /// Adds what a later round did.
    package mutating func add(_ round: RepairReport) {
        repaired += round.repaired
        rows += round.rows.prefix(Self.rowsMax - rows.count)
        seq = round.seq ?? seq
    }
}

/// What is to say of rows.
package enum RowsVerdict {
    /// Differences that have a line of their own.
    package static let differencesMax = 5
    /// A value is shown up to here.
    package static let valueCharactersMax = 60

    package static func reasons(_ rows: RowsStatus) -> [Verdict.Reason] {
        var reasons: [Verdict.Reason] = []
        let named = rows.differences.prefix(differencesMax)
        reasons += named.map { Verdict.Reason(.broken, .rowsDiffer, text($0), subject: $0.table) }
        let more = Count.more(rows.differing, shown: named.count)
        if more > 0 {
            reasons.append(
                Verdict.Reason(
                    .broken, .rowsDiffer,
                    """
                    \(more) \(named.isEmpty ? "" : "more ")rows are not what the log says. `syncctl verify \
                    --rows` names them.
                    """
                ))
        }
        reasons += rows.suspected.map {
            Verdict.Reason(
                .degraded, .rowsSuspected,
                """
                the triggers of \($0.table) were lost and are back; what was written meanwhile is being looked \
                for. Wait, or run `syncctl verify --rows`.
                """
            )
        }
        if let failure = rows.failure {
            reasons.append(
                Verdict.Reason(
                    failure.isOfFile ? .broken : .degraded, .rowsNotVerified,
                    """
                    rows could not be compared with the log: \(Sentence.ended(failure.cause)) It is tried \
                    again, and told until all rows were compared.
                    """
                ))
        }
        return reasons
    }

    private static func text(_ row: RowDifference) -> String {
        let name = "\(row.table) (\(row.key.map(text).joined(separator: ", ")))"
        // The last option ends before `--`: a key may begin with a dash.
        let command =
            """
            syncctl repair --from-log -- \(CommandWords.quoted(row.table)) \
            \(row.key.map(CommandWords.word).joined(separator: " "))
            """
        let repair = "Repair it: `\(command)`, or with --publish to keep it, if this park may write it."
        switch row.kind {
        case .missing: return "\(name): the log has this row and the table has not. \(repair)"
        case .extra: return "\(name): the table has this row and the log has not. \(repair)"
        case .clock: return "\(name): what the node keeps beside the row is damaged. Repair it: `\(command)`."
        case .changed:
            let columns = row.columns.map { column in
                let logged =
                    column.isKnown
                    ? "the log says \(column.logged.map(text) ?? "NULL")" : "the log does not reach back to it"
                return "\(column.name) is \(column.here.map(text) ?? "NULL") here, \(logged)"
            }
            return "\(name): \(columns.joined(separator: "; ")). \(repair)"
        }
    }

    private static func text(_ value: JSONValue) -> String {
        let text =
            switch value.value {
            case .null: "NULL"
            case .integer(let number): "\(number)"
            case .real(let bits): "\(Double(bitPattern: bits))"
            case .text(let bytes): String(decoding: bytes, as: UTF8.self)
            case .blob(let bytes): "x'" + Hex.encode(bytes) + "'"
            }
        return text.count > valueCharactersMax ? text.prefix(valueCharactersMax) + "…" : text
    }
}
