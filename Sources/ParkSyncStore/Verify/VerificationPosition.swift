import ParkSyncCore

/// Where a verification of all rows stands.
package struct VerificationPosition: Hashable, Sendable {
    /// When it began, in Unix milliseconds, and what was applied then.
    package var beganAt: UInt64
    package var seen: VersionVector
    /// The next table, by its name, and the key behind which it goes on.
    package var table: String
    package var after: [UInt8] = []
    package var rows: Int64 = 0
    private static let rowsMax: Int64 = 1 << 48

    var text: String { "\(beganAt);\(rows);\(Hex.encode(table.utf8));\(Hex.encode(after));\(seen)" }

    init?(parsing text: String) {
        let words = text.split(separator: ";", maxSplits: 4, omittingEmptySubsequences: false)
        guard words.count == 5, let beganAt = UInt64(words[0]), let rows = Int64(words[1]),
            (0...Self.rowsMax).contains(rows),
            let table = Hex.decode(words[2]),
            let after = Hex.decode(words[3]), let seen = VersionVector(parsing: String(words[4]))
        else { return nil }
        self.init(beganAt: beganAt, seen: seen, table: String(decoding: table, as: UTF8.self), after: after, rows: rows)
    }

    package init(beganAt: UInt64, seen: VersionVector, table: String, after: [UInt8] = [], rows: Int64 = 0) {
        (self.beganAt, self.seen, self.table, self.after, self.rows) = (beganAt, seen, table, after, rows)
    }
}
