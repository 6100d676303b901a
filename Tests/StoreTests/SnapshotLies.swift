/// What a park may do to its snapshot before it signs it, in SQL, and what the node that is to take
/// it says.
enum SnapshotLies {
    typealias Lie = (sql: String, reason: String)

    /// Seen without the log, or in the log itself.
    static let seenInTheFile: [Lie] = [
        ("UPDATE plain SET a = 'forged' WHERE id = 's1'", "its own log comes to: rows of plain"),
        ("DELETE FROM plain WHERE id = 's1'", "its own log comes to: rows of plain"),
        ("UPDATE _parksync_log SET payload = zeroblob(length(payload)) WHERE id & 1023 = 2", "cannot be read"),
        ("UPDATE _parksync_log SET signature = zeroblob(64)", "the signature does not fit"),
        ("DELETE FROM _parksync_log WHERE id & 1023 = 2", "is missing"),
        (
            "INSERT INTO _parksync_quarantine VALUES(1, 1, 'no reason', 'none')",
            "its own log comes to: entries that were set aside"
        ),
        ("UPDATE _parksync_origin SET folded = folded - 1", "its own log comes to: "),
        (
            "DROP TABLE plain; CREATE VIEW plain AS SELECT 1 AS id, 2 AS a, 3 AS n",
            "something else where the table plain belongs"
        ),
        ("CREATE TRIGGER t AFTER INSERT ON plain BEGIN DELETE FROM plain; END", "brings the trigger t"),
        ("CREATE VIEW v AS SELECT 1", "brings the view v"),
        ("CREATE INDEX i ON plain(instr(hex(a), 'x'))", "brings the index i"),
        ("CREATE TABLE more(a CHECK(abs(random()) > a))", "brings the table more"),
        (
            "ALTER TABLE _parksync_log ADD COLUMN x AS (hex(zeroblob(900000000)))",
            "something else where the table _parksync_log belongs"
        ),
        ("UPDATE _parksync_schema SET sql = sql || ' ATTACH ''x'' AS y;'", "another schema file"),
        ("UPDATE _parksync_origin SET ordinal = 9223372036854775807 WHERE name = 'west'", "numbers of origins"),
        ("DROP TABLE _parksync_life", "no such table: _parksync_life"),
        ("UPDATE _parksync_meta SET value = 9 WHERE name = 'format'", "newer than this program's"),
        ("UPDATE _parksync_meta SET value = 'airport' WHERE name = 'park'", "another park's file"),
    ]

    // Each of the following keeps the digests that peers compare, the chain and every signature as
    // they are.

    private static let west = "(SELECT ordinal FROM _parksync_origin WHERE name = 'west')"

    /// Fences, votes, decisions and withdrawals.
    static let ofControls: [Lie] = [
        ("INSERT INTO _parksync_fence VALUES('west', 1, 1, '-', '')", "fences"),
        ("INSERT INTO _parksync_fence VALUES('west', 77, 1, '-', '')", "fences that no entry can have made"),
        ("INSERT INTO _parksync_fence VALUES('west', 'x', 1, '-', '')", "a fence's origin is"),
        (
            "INSERT INTO _parksync_fence VALUES('west', -9223372036854775808, 1, '-', '')",
            "a fence's origin is -9223372036854775808"
        ),
        (
            "INSERT INTO _parksync_fence VALUES('west', 9223372036854775807, 1, '-', '')",
            "a fence's origin is 9223372036854775807"
        ),
        (
            "INSERT INTO _parksync_fence VALUES('west', 1, -9223372036854775808, '-', '')",
            "a fence's entry is -9223372036854775808"
        ),
        (
            """
            INSERT INTO _parksync_vote
            SELECT 'west', ordinal, 1, 'out', 'south west' FROM _parksync_origin WHERE name = 'south'
            """,
            "votes"
        ),
        ("INSERT INTO _parksync_withdrawal VALUES(\(west), \(west), 1, 2)", "its own log comes to"),
        ("INSERT INTO _parksync_withdrawal VALUES(\(west), \(west), 2, 1)", "the first entry of a withdrawal is 2"),
        (
            "INSERT INTO _parksync_withdrawal VALUES(\(west), \(west), 0, -1)",
            "the last entry of a withdrawal is -1"
        ),
        (
            """
            INSERT INTO _parksync_decision
            SELECT 'west', ordinal, 1, 'out', '-', '-' FROM _parksync_origin WHERE name = 'south'
            """,
            "decisions"
        ),
    ]

    /// Causal lengths, traces, conflicts, origins, and entries.
    static let ofHistory: [Lie] = [
        ("UPDATE _parksync_life SET causal_length = causal_length + 2", "causal lengths"),
        (
            "INSERT INTO _parksync_life SELECT ordinal, x'20' || CAST('s1' AS BLOB), 9 FROM _parksync_table",
            "causal lengths"
        ),
        ("UPDATE _parksync_life SET causal_length = -1", "a causal length is -1"),
        (
            """
            INSERT INTO _parksync_dropped
            SELECT ordinal, x'20' || CAST('s1' AS BLOB), \(west), 1, 1, 2 FROM _parksync_table
            """,
            "kept traces"
        ),
        (
            """
            INSERT INTO _parksync_dropped
            SELECT ordinal, x'20' || CAST('s1' AS BLOB), \(west), 1, 1, -2 FROM _parksync_table
            """,
            "causal length is -2"
        ),
        ("INSERT INTO _parksync_known VALUES(\(west), 1, 'south:1', '-', '-')", "know to be dropped"),
        ("INSERT INTO _parksync_known VALUES(\(west), 1, 'nonsense', '-', '-')", "that no entry can have made"),
        ("DELETE FROM _parksync_conflict", "conflicts"),
        ("UPDATE _parksync_conflict SET value = 'other'", "conflicts"),
        ("UPDATE _parksync_conflict SET stamp = 'x'", "a conflict's stamp is"),
        ("UPDATE _parksync_origin SET dependencies = 'south:1' WHERE name = 'west'", "cursors and dependencies"),
        (
            "UPDATE _parksync_origin SET dependencies = 'nonsense' WHERE name = 'west'",
            "dependencies, that cannot be read"
        ),
        ("UPDATE _parksync_origin SET ordinal = ordinal + 10", "does not name"),
        (
            ["tmp' WHERE name = 'west", "west' WHERE name = 'south", "south' WHERE name = 'tmp"].map {
                "UPDATE _parksync_origin SET name = '\($0)'"
            }
            .joined(separator: "; "), "says that it is"
        ),
        (
            """
            INSERT INTO _parksync_log
            SELECT (77 << 40) + 1, stamp, hash, signature, payload FROM _parksync_log LIMIT 1
            """,
            "does not name"
        ),
        (
            "INSERT INTO _parksync_quarantine SELECT ordinal, 99, '', '' FROM _parksync_origin WHERE name = 'west'",
            "were set aside"
        ),
    ]

    /// Rows, their clocks, and how many there are.
    static let ofRows: [Lie] = [
        // The second half of a clock is who wrote the row, and when.
        (
            "UPDATE _parksync_clock_plain SET clock = substr(clock, 1, 17) || x'ffffffffff' || substr(clock, 23)",
            "clocks of plain"
        ),
        ("UPDATE _parksync_clock_plain SET clock = substr(clock, 1, 16) || x'ff'", "cannot be read"),
        (
            """
            INSERT INTO _parksync_clock_plain
            SELECT x'20' || CAST('zz' AS BLOB), clock FROM _parksync_clock_plain LIMIT 1
            """,
            "clocks of plain"
        ),
        ("UPDATE _parksync_table SET rows = rows + 1", "counts of rows"),
        ("INSERT INTO _parksync_table VALUES(9, 'more', 0, zeroblob(16))", "is not shared"),
        ("INSERT INTO plain(id, a) VALUES('invented', 1)", "rows of plain"),
        ("UPDATE plain SET id = 'x' WHERE id = 's1'", "rows of plain"),
    ]
}
