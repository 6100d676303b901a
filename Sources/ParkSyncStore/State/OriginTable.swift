import ParkSyncCore

/// The authors of logs: one row for each, made when its first entry comes or something is said of
/// its entries.
enum OriginTable {
    static func add(_ connection: Connection, _ origin: OriginID) throws {
        let statement = try connection.statement(
            "INSERT INTO _parksync_origin(name, folded, dependencies) VALUES(?1, 0, '-') ON CONFLICT DO NOTHING")
        statement.bindText(1, copying: origin.name)
        try statement.run()
    }

    /// The number by which other tables know an origin; nil if it has no row.
    static func ordinal(_ connection: Connection, of origin: OriginID) throws -> Int64? {
        let statement = try connection.statement("SELECT ordinal FROM _parksync_origin WHERE name = ?1")
        defer { statement.reset() }
        statement.bindText(1, copying: origin.name)
        return try statement.step() ? statement.ordinal(0) : nil
    }
}

extension StoreState {
    /// The index of an origin, which gets an empty log if it has none.
    package mutating func adopt(_ origin: OriginID, _ connection: Connection) throws -> Int {
        if let known = index(of: origin) { return known }
        try OriginTable.add(connection, origin)
        guard let ordinal = try OriginTable.ordinal(connection, of: origin) else {
            throw StoreError(.damaged, "\(origin) cannot be added to the origins", remedy: StoreError.damageRemedy)
        }
        origins.append(
            OriginState(
                ordinal: ordinal, origin: origin, folded: 0, logged: 0, headHash: EntryChain.genesis, signed: 0,
                dependencies: VersionVector()))
        return origins.count - 1
    }
}
