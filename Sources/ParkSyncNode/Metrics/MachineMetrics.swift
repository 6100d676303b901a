import ParkSyncReports

/// Disk, backups and versions.
struct MachineMetrics {
    let status: NodeStatus

    func write(to writer: inout MetricsWriter) {
        writer.gauge(
            "parksync_database_bytes", "Size of the database file with its write-ahead log.", status.databaseBytes)
        guard let machine = status.machine else { return }
        writer.family(
            "parksync_build_info", "gauge",
            "Versions of the node and of the SQLite library that it runs with; always 1.",
            [([("version", status.version), ("sqlite", machine.sqliteVersion), ("park", status.park)], "1")])
        if let free = machine.diskFreeBytes {
            writer.gauge("parksync_disk_free_bytes", "Free space where the database lies.", free)
        }
        if let all = machine.diskBytes {
            writer.gauge("parksync_disk_size_bytes", "Size of the file system where the database lies.", all)
        }
        // 0 and not absent: an alert has to see a node that was never backed up.
        writer.family(
            "parksync_last_backup_timestamp_seconds", "gauge",
            "When syncctl backup last kept a copy; 0 if it never did.",
            [([], MetricsWriter.seconds(machine.lastBackupAt ?? 0))])
    }
}
