import ParkSyncCore

/// What the authors of other logs have seen, for whoever waits until a row is known elsewhere.
extension ParkStore {
    /// Of each log, up to where it is merged, and what the author of that entry had seen by then.
    package func seenByAuthors() async throws -> [OriginID: (folded: UInt64, seen: VersionVector)] {
        try await readers.read(.background) { reader in
            let statement = try reader.connection.statement("SELECT name, dependencies, folded FROM _parksync_origin")
            defer { statement.reset() }
            var seen: [OriginID: (folded: UInt64, seen: VersionVector)] = [:]
            while try statement.step() {
                guard let origin = OriginID(statement.string(0)),
                    let vector = VersionVector(parsing: statement.string(1))
                else { continue }
                seen[origin] = (try statement.entryNumber(2, "the cursor of an origin"), vector)
            }
            return seen
        }
    }

    /// The writes by which rows of an append-only table came; nil where there is no such row, or
    /// its entry is not folded yet.
    ///
    /// - Throws: `StoreError.unknownTable`.
    package func births(table name: String, keys: [[Value]]) async throws -> [WriteID?] {
        let table = try sharedTable(name)
        return try await readers.read(.background) { reader in
            try reader.snapshot {
                let state = try reader.originState()
                let statement = try reader.connection.statement(
                    "SELECT clock FROM \(quoted(StoreFile.clockTable(table.name))) WHERE key = ?1")
                return try keys.map { key in
                    guard let encoded = KeyCoding.encode(key) else { return nil }
                    defer { statement.reset() }
                    statement.bindBlob(1, copying: encoded)
                    guard try statement.step() else { return nil }
                    return try ClockCoding.decode(statement.bytes(0), state: state).clock.base
                }
            }
        }
    }
}
