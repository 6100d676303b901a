import ParkSyncCore
import ParkSyncReports
import ParkSyncStore

/// Puts a backup in the place of a node's database.
package struct Restore: Sendable {
    /// The node's database, as in `/var/lib/parksync/south/parksync.sqlite`.
    package var database: String
    package var park: String
    package var members: [String: [UInt8]]
    /// The node's schema files.
    package var schema: CompiledSchema
    /// Whether the backup's views, triggers and expressions that the node's present database has
    /// not are taken over.
    package var trustsObjects: Bool
    /// Bytes of the longest value that is read of the backup.
    package var valueBytesMax = ForeignLimits.valueBytesMax

    package init(
        database: String, park: String, members: [String: [UInt8]], schema: CompiledSchema, trustsObjects: Bool = false
    ) {
        (self.database, self.park, self.members, self.schema) = (database, park, members, schema)
        self.trustsObjects = trustsObjects
    }

    package struct Outcome: Sendable {
        package var copy: BackupReport
        /// Where the old database is; nil if there was none.
        package var keptAside: String?
    }

    /// The node then fetches what it has written since from its peers, and only then accepts
    /// writes: the file is marked as recovering.
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
        let fresh = Self.scratch(database)
        do {
            let copy = try prepare(fresh, from: backup)
            return Outcome(copy: copy, keptAside: try FileSwap.exchange(database, for: fresh, label: label))
        } catch {
            FileSystem.removeDatabase(fresh)
            throw error
        }
    }

    private static func scratch(_ database: String) -> String { database + ".restored" }

    /// Takes away what a restore that was killed has left. Only with the lock on the state folder,
    /// and after an exchange that was decided was finished.
    package static func removeLeftovers(of database: String) { FileSystem.removeDatabase(scratch(database)) }

    /// Makes the node's new database. No page of the backup gets into it, only rows: the new file's
    /// tables are those of the schema files.
    ///
    /// - Returns: what was found when the new file was verified, with the backup's own length and
    ///   hash.
    private func prepare(_ fresh: String, from backup: String) throws -> BackupReport {
        let rebuilt = try RebuiltCopy(from: backup, park: park, schema: schema, longest: valueBytesMax)
        try rebuilt.refuseObjects(database: database, trusts: trustsObjects)
        try rebuilt.build(fresh)
        var copy: BackupReport
        do { copy = try VerifiedCopy.verify(fresh, park: park, members: members) } catch var error as StoreError {
            // It is the backup that is at fault.
            error.reason = error.reason.replacing(fresh, with: backup)
            throw error
        }
        let connection = try Connection(path: fresh, role: .builder)
        try connection.transaction {
            try Recovering.mark(connection, park: park, schema: rebuilt.checked.compiled.schema)
        }
        (copy.bytes, copy.sha256) = (FileSystem.bytes(backup), Hex.encode(try FileSystem.hash(backup)))
        return copy
    }
}

/// The mark of a file that may be older than what its node has published.
enum Recovering {
    /// No write is accepted, not even another program's, until the node has its own entries back
    /// from its peers.
    static func mark(_ connection: Connection, park: String, schema: SharedSchema) throws {
        try OwnLogRecord.change(connection, park: park) { record in
            record.fetch = OwnLog.Fetch(.lost, signed: record.fetch?.signed ?? 0, forkedAt: record.fetch?.forkedAt)
        }
        try Gate.set(connection, schema, .fetching)
    }
}
