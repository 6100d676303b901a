/// What is to say of the node as a service: certificates and listeners.
package enum ServiceVerdict {
    package static func reasons(_ status: NodeStatus) -> [Verdict.Reason] {
        status.certificates.compactMap { certificate($0, now: status.now) }
            + status.listeners.filter { !$0.isListening }.map { listener($0) }
    }

    private static func certificate(_ certificate: CertificateStatus, now: UInt64) -> Verdict.Reason? {
        let whose = certificate.role == "authority" ? "of the zone's authority" : "of this node"
        let days = certificate.daysLeft(at: now)
        switch certificate.standing(at: now) {
        case .valid: return nil
        case .ended:
            return Verdict.Reason(
                .broken, .certificateEnded,
                """
                the certificate \(whose) (\(certificate.file)) ended \(count(-days)) ago: no new link comes \
                about. \(remedy(certificate))
                """,
                subject: certificate.role)
        case .early:
            return Verdict.Reason(
                .broken, .certificateEarly,
                """
                the certificate \(whose) (\(certificate.file)) is not valid yet. Set this machine's clock, or \
                make the certificate anew.
                """,
                subject: certificate.role)
        case .ending(let within):
            return Verdict.Reason(
                within <= 1 ? .broken : .degraded, .certificateEnding,
                "the certificate \(whose) (\(certificate.file)) ends in \(count(days)). \(remedy(certificate))",
                subject: certificate.role)
        }
    }

    private static func count(_ days: Int64) -> String {
        days < 1 ? "less than a day" : days == 1 ? "1 day" : "\(days) days"
    }

    private static func remedy(_ certificate: CertificateStatus) -> String {
        certificate.role == "authority"
            ? "Make a new authority and new certificates for all parks."
            : "Renew it (syncctl init ZONE --renew PARK), then reload the node."
    }

    private static func listener(_ listener: ListenerStatus) -> Verdict.Reason {
        Verdict.Reason(
            listener.interface == "metrics" ? .degraded : .broken, .notListening,
            "the node cannot listen on \(listener.address) (\(listener.interface)): "
                + "\(listener.cause ?? "unknown cause"). It is tried again; see "
                + "that no other program has the address, and that this machine has it.", subject: listener.interface)
    }
}
