/// What the node has to work with. Part of the node's status; times are Unix milliseconds.
package struct MachineStatus: Codable, Hashable, Sendable {
    /// The SQLite library that the node runs with.
    package var sqliteVersion: String
    /// The file system of the state folder: what this user may still write, and all of it. Absent
    /// if the system does not tell.
    package var diskFreeBytes: Int64?
    package var diskBytes: Int64?
    /// When `syncctl backup` last kept a verified copy; absent if it never did. Copies that were
    /// made otherwise are not known.
    package var lastBackupAt: UInt64?

    package init(
        sqliteVersion: String, diskFreeBytes: Int64? = nil, diskBytes: Int64? = nil, lastBackupAt: UInt64? = nil
    ) {
        (self.sqliteVersion, self.diskFreeBytes, self.diskBytes) = (sqliteVersion, diskFreeBytes, diskBytes)
        self.lastBackupAt = lastBackupAt
    }

    enum CodingKeys: String, CodingKey {
        case sqliteVersion = "sqlite_version", diskFreeBytes = "disk_free_bytes", diskBytes = "disk_bytes",
            lastBackupAt = "last_backup_at"
    }
}

/// What is to say of the machine.
package enum MachineVerdict {
    /// With less free space, writes will soon be refused.
    package static let diskFreeBytesMin: Int64 = 64 << 20

    /// - Parameter databaseBytes: a node needs that much again to make its tables anew, or a
    ///   backup.
    package static func reasons(_ machine: MachineStatus, databaseBytes: Int64) -> [Verdict.Reason] {
        guard let free = machine.diskFreeBytes else { return [] }
        let wanted = max(diskFreeBytesMin, databaseBytes)
        guard free < wanted else { return [] }
        let text =
            """
            \(free >> 20) MiB are free where the database of \(databaseBytes >> 20) MiB lies. Free disk space, \
            or give the folder a larger disk.
            """
        return [Verdict.Reason(.degraded, .diskLow, text)]
    }
}
