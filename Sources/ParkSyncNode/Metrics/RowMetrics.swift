import ParkSyncReports

/// Rows and whether they are what the log says.
struct RowMetrics {
    let status: NodeStatus

    func write(to writer: inout MetricsWriter) {
        writer.gauge(
            "parksync_rows_refused", "Captured writes that were not signed, because no park would apply them.",
            status.refusedRows?.count ?? 0)
        guard let rows = status.rows else { return }
        writer.gauge(
            "parksync_rows_differing", "Rows that are not what the log says; at most 1,000 are kept.", rows.differing)
        // 0 and not absent: an alert has to see a node whose rows were never verified.
        writer.family(
            "parksync_rows_verified_timestamp_seconds", "gauge",
            "When all rows were compared with the log last; 0 if never.",
            [([], MetricsWriter.seconds(rows.verifiedAt ?? 0))])
    }
}
