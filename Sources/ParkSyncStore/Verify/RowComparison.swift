import ParkSyncCore
import ParkSyncReports

/// Compares single rows with their clocks and with the log, within one transaction of a connection.
///
/// A row's clock has the digest of what the row has to be. It is kept up to date by reading the row
/// when a write of this node is folded in: should a row have been changed past capture before, its
/// clock takes that over. So a row that was written in several steps is also held against what the
/// entries say that its clock names. What the log says of counters is in the clock itself.
struct RowComparison {
    /// What there is of one key.
    struct Look {
        var row: [Value]?
        var stored: StoredClock?
        /// The clock's bytes are none.
        var isClockBroken = false
        /// What the log says of a row that is alive; empty if it was not asked.
        var logged: [LoggedColumn] = []
        var kind: RowDifference.Kind?

        var isAlive: Bool { stored?.clock.causalLength.isAlive ?? false }
        /// Whether the log is known to say something of each column.
        var isWholeKnown: Bool { logged.allSatisfy { if case .value = $0 { true } else { false } } }
    }

    let connection: Connection
    let schema: SharedSchema
    let state: StoreState

    /// - Parameter table: index in the schema.
    func look(table index: Int, key: [UInt8]) throws -> Look {
        let table = schema.tables[index]
        var look = Look()
        look.row = try SQLReader(connection: connection).row(table, key: key)
        let clock = try connection.statement(
            "SELECT clock FROM \(quoted(StoreFile.clockTable(table.name))) WHERE key = ?1")
        defer { clock.reset() }
        clock.bindBlob(1, copying: key)
        if try clock.step() {
            do { look.stored = try ClockCoding.decode(clock.bytes(0), state: state) } catch is DecodingFailure {
                look.isClockBroken = true
            }
        }
        if look.isAlive, let clock = look.stored?.clock {
            look.logged = try LogValues(connection: connection, state: state, table: table).columns(of: [
                .init(key: key, clock: clock)
            ])[0]
        }
        let hasSoundCounters = takeCounters(&look, key: key, table)
        look.kind = kind(look, key: key, table: table)
        if !hasSoundCounters, look.kind == nil { look.kind = .clock }
        return look
    }

    /// Takes what the clock says of the counters.
    ///
    /// - Returns: false if it contradicts the clock's digest, which fits the row: then the log has
    ///   to be asked.
    private func takeCounters(_ look: inout Look, key: [UInt8], _ table: SharedTable) -> Bool {
        guard look.isAlive, let stored = look.stored, let sums = stored.counters else { return true }
        if let row = look.row, table.counters(of: row) != sums, Self.digest(row, key: key) == stored.digest {
            return false
        }
        for (position, column) in table.mergeColumns.counters.columns.enumerated() {
            look.logged[column] = .value(.integer(sums[position]))
        }
        return true
    }

    private func kind(_ look: Look, key: [UInt8], table: SharedTable) -> RowDifference.Kind? {
        if look.isClockBroken { return .clock }
        guard let row = look.row else { return look.isAlive ? .missing : nil }
        guard look.isAlive, let stored = look.stored else { return .extra }
        if !Self.differing(row, look.logged).isEmpty { return .changed }
        if Self.digest(row, key: key) == stored.digest { return nil }
        // With every column known and the same, it is the digest that is wrong.
        return look.isWholeKnown ? .clock : .changed
    }

    /// Columns that hold another value than the log is known to say.
    static func differing(_ row: [Value], _ logged: [LoggedColumn]) -> [Int] {
        zip(row, logged).enumerated().compactMap { index, pair in
            if case .value(let value) = pair.1, value != pair.0 { index } else { nil }
        }
    }

    static func digest(_ row: [Value], key: [UInt8]) -> RowDigest {
        var cells = RowCells()
        cells.begin(columns: row.count)
        for (column, value) in row.enumerated() { cells.set(column, value) }
        return key.withUnsafeBytes { cells.digest(key: $0) }
    }
}
