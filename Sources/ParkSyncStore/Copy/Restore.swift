import ParkSyncCore

/// Puts a backup in the place of a node's database.
package struct Restore: Sendable {
    /// The node's database, as in `/var/lib/parksync/south/parksync.sqlite`.
    package var database: String
    package var park: String
    package var members: [String: [UInt8]]
    /// How many schema files the node brings.
    package var schemaFiles: Int

    package init(database: String, park: String, members: [String: [UInt8]], schemaFiles: Int) {
        (self.database, self.park, self.members, self.schemaFiles) = (database, park, members, schemaFiles)
    }

    package struct Outcome: Sendable {
        package var copy: VerifiedCopy
        /// Where the old database is; nil if there was none.
        package var keptAside: String?
    }

    /// The node then fetches what it has written since from its peers, and only then accepts writes: the file is marked as recovering.
    ///
    /// - Parameter label: distinguishes what is kept aside, as in `20261201T080000Z`.
    /// - Throws: `StoreError`; the node's files are as they were then.
    package func run(from backup: String, label: String) throws -> Outcome {
        let lock: StateLock
        do { lock = try StateLock(path: database + ".lock") } catch let error as StoreError where error.code == .busy {
            throw StoreError(
                .busy, "the node of \(park) is running: \(error.reason)",
                remedy: "Stop its parksyncd (systemctl stop parksyncd@\(park)), then repeat.")
        }
        defer { lock.release() }
        // An exchange that was cut off before comes first.
        try FileSwap.finish(database, label: label)
        let copy = try VerifiedCopy.verify(backup, park: park, members: members)
        guard copy.schemaNumber <= UInt64(schemaFiles) else {
            throw StoreError(
                .schema, "\(backup) has schema \(copy.schemaNumber), this node brings \(schemaFiles)",
                remedy: "Install the schema files that the park had when the backup was made.")
        }
        let fresh = database + ".restored"
        do {
            try prepare(fresh, from: backup)
            return Outcome(copy: copy, keptAside: try FileSwap.exchange(database, for: fresh, label: label))
        } catch {
            FileSystem.removeDatabase(fresh)
            throw error
        }
    }

    private func prepare(_ fresh: String, from backup: String) throws {
        let reader = SQLReader(connection: try Connection(path: backup, role: .reader))
        try reader.snapshot { try FileCopy.copy(reader.connection, to: fresh) }
        let connection = try Connection(path: fresh, role: .builder)
        try connection.transaction { try Recovering.mark(connection, schema: try Replay.schema(of: reader).schema) }
    }
}

/// The mark of a file that may be older than what its node has published.
enum Recovering {
    /// No write is accepted, not even another program's, until the node has its own entries back from its peers.
    static func mark(_ connection: Connection, schema: SharedSchema) throws {
        try FetchMemory.set(connection, FetchMemory.kind, 1)
        try Gate.close(connection, schema, .fetching)
    }
}
