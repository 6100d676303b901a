import ParkSyncCore

/// The triggers that refuse writes while the node may not accept any.
///
/// Whether they are in the file follows from the state of the own log alone (`OwnLog.gate`).
/// Nothing else in the file says so: it could say something else.
package enum Gate {
    package enum Reason: String {
        case fetching = "this node is fetching its own entries back from its peers"
        case checking = "this node compares its log with its peers'"
        case out = "this park is not in the zone"

        /// What a program is told.
        var refusal: String {
            switch self {
            case .fetching, .checking: "\(rawValue); writes are accepted when syncctl status says ready"
            case .out: "\(rawValue); syncctl status says why, and how it comes back"
            }
        }

        /// What a client of the node is told. Why a park is out, `ZoneObstacle` says.
        var error: StoreError {
            StoreError(
                .notReady, rawValue, remedy: "Wait until syncctl status says ready; it names what is waited for.")
        }
    }

    /// Makes the triggers those that there have to be, and no others. Within the caller's
    /// transaction.
    package static func set(_ connection: Connection, _ schema: SharedSchema, _ reason: Reason?) throws {
        let wanted =
            reason.map { reason in schema.tables.flatMap { CaptureTriggers.gate(for: $0, reason: reason.refusal) } }
            ?? []
        let found = try found(connection)
        if Set(found.map { ExactText($0.sql) }) == Set(wanted.map { ExactText(CaptureTriggers.kept($0)) }) { return }
        for trigger in found { try connection.execute("DROP TRIGGER IF EXISTS \(quoted(trigger.name))") }
        for sql in wanted { try connection.execute(sql) }
    }

    private static func found(_ connection: Connection) throws -> [(name: String, sql: String)] {
        let statement = try connection.statement(
            """
            SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '\\_parksync\\_gate\\_%' \
            ESCAPE '\\' ORDER BY name
            """
        )
        defer { statement.reset() }
        var result: [(name: String, sql: String)] = []
        while try statement.step() { result.append((statement.string(0), statement.string(1))) }
        return result
    }
}

extension StoreCore {
    /// Shuts or opens the tables for programs that write them by themselves, if that is another now
    /// than before the transaction.
    func updateGate(_ state: StoreState, on connection: Connection) throws {
        guard state.ownLog.gate != current.ownLog.gate else { return }
        try Gate.set(connection, schema, state.ownLog.gate)
    }
}
