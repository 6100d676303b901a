import ParkSyncReports

/// Certificates and listeners.
struct ServiceMetrics {
    let status: NodeStatus

    func write(to writer: inout MetricsWriter) {
        writer.family(
            "parksync_certificate_end_timestamp_seconds", "gauge",
            "When the certificate of the node, or of the zone's authority, ends.",
            status.certificates.map { ([("role", $0.role)], MetricsWriter.seconds($0.validUntil)) })
        writer.family(
            "parksync_listening", "gauge", "1 for each interface that the node listens on, 0 for one that it tries to.",
            status.listeners.map { ([("interface", $0.interface)], $0.isListening ? "1" : "0") })
    }
}
