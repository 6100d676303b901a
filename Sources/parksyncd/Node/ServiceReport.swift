import ParkSyncReports
import ParkSyncServer

/// What the status tells of the node as a service: what it listens on, and its certificates.
struct ServiceReport: Sendable {
    let listeners: @Sendable () -> [ListenerStatus]
    /// Where the other parks are called.
    let urls: @Sendable () -> [String: String]
    /// Nil without TLS.
    let peerCertificates: PeerCertificates?

    func certificates() -> [CertificateStatus] {
        (peerCertificates?.validity ?? []).map {
            CertificateStatus(
                role: $0.role.rawValue, file: $0.file, validFrom: Self.milliseconds($0.begin),
                validUntil: Self.milliseconds($0.end))
        }
    }

    private static func milliseconds(_ seconds: Int64) -> UInt64 {
        UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000).partialValue
    }
}
