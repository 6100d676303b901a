import CCurl
import Foundation
import ParkSyncReplication
import ParkSyncWire

/// Turns what curl or the peer says into a failure that an operator can act upon.
enum PeerFailures {
    /// How a node answers a park that is none of its members.
    private static let strangerCode = "peer-unknown"
    private static let unreachable = [
        CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED,
    ]
    private static let ownFiles = [CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE]
    private static let untrusted = [
        CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
        CURLE_SSL_INVALIDCERTSTATUS,
    ]

    /// How OpenSSL says that a connection ended, in contrast to an alert that it got or a
    /// certificate that it did not trust.
    private static let cutMarks = ["SSL_ERROR_SYSCALL", "unexpected eof", "Connection reset"]
    /// How OpenSSL says in a handshake that the other end does not speak TLS, or did not take part
    /// for a lasting reason.
    private static let strangerMarks = ["wrong version number", "certificate", "unsupported protocol"]
    /// What an alert that refuses a certificate says (RFC 8446, section 6.2; the words are
    /// OpenSSL's). Others tell of damaged bytes.
    private static let refusalAlerts = ["certificate", "unknown ca", "access denied", "handshake failure"]

    /// For a transfer that broke off.
    static func failure(_ failure: TransferFailure, park: String, base: String) -> LinkFailure {
        let code = CURLcode(rawValue: failure.code)
        let reason = failure.systemError == 0 ? failure.text : systemText(failure.systemError)
        if unreachable.contains(code) || (code == CURLE_OPERATION_TIMEDOUT && !failure.wasConnected) {
            let resolves = code != CURLE_COULDNT_RESOLVE_HOST
            return LinkFailure(
                .unreachable, "\(park): cannot connect to \(base): \(reason)",
                remedy: resolves
                    ? """
                    Check that the node of \(park) runs and that no firewall is between; the link tries again \
                    by itself.
                    """
                    : "Check the host name in the address of \(park), and this machine's name resolution.")
        }
        if ownFiles.contains(code) {
            return LinkFailure(
                .untrusted, about: .certificate,
                "\(park): this node's own certificate, key or authority cannot be used: \(failure.text)",
                remedy:
                    """
                    Check that the files named in the configuration exist, belong together and are readable for \
                    the node.
                    """
            )
        }
        // The other end, or what stands between, went away before it had proven anything.
        if code == CURLE_SSL_CONNECT_ERROR, cutMarks.contains(where: failure.text.contains) {
            return LinkFailure(
                .broken, "\(park): \(base) closed the connection during the TLS handshake: \(failure.text)",
                remedy:
                    """
                    Check that the node of \(park) runs behind this address, and what stands between; the link \
                    tries again by itself.
                    """
            )
        }
        let isRefusal = failure.text.contains("alert") && refusalAlerts.contains(where: failure.text.contains)
        // Bytes that were damaged on the way prove nothing against the other end, and the next try
        // may find the way repaired.
        if code == CURLE_SSL_CONNECT_ERROR, !isRefusal, !strangerMarks.contains(where: failure.text.contains) {
            return LinkFailure(
                .broken, "\(park): the TLS handshake with \(base) failed: \(failure.text)",
                remedy:
                    """
                    Nothing to do if it stays single; else check the network, and what answers at this address. \
                    The link tries again by itself.
                    """
            )
        }
        if untrusted.contains(code) {
            return LinkFailure(
                .untrusted, about: .certificate,
                "\(park): \(base) did not prove to be \(park)\(PeerAddress.nameSuffix): \(failure.text)",
                remedy:
                    """
                    Check the certificate of \(park): its name, its dates, and that this zone's authority has \
                    signed it.
                    """
            )
        }
        // With TLS 1.3 a peer refuses a certificate only after the handshake, in an alert.
        if isRefusal {
            return LinkFailure(
                .untrusted, about: .certificate, "\(park): \(base) refused this node's certificate: \(failure.text)",
                remedy: "Give this node a certificate that the zone's authority has signed and that has not expired.")
        }
        return LinkFailure(
            .broken, "\(park): the stream from \(base) broke off: \(failure.text)",
            remedy: "Nothing to do if it stays single; the link opens again by itself.")
    }

    /// For an answer that is not 200.
    static func refusal(_ head: ResponseHead, body: [UInt8], park: String) -> LinkFailure {
        let refusal = peerRefusal(head, body)
        let reason = refusal?.reason ?? "HTTP status \(head.status)"
        let remedy = refusal?.remedy
        switch head.status {
        case 403 where refusal?.kind == Self.strangerCode:
            return LinkFailure(
                .stranger, "\(park) does not know this park: \(reason)",
                remedy: remedy ?? "Name this park among the members of \(park), and restart that node.")
        case 401, 403:
            return LinkFailure(
                .untrusted, "\(park) refuses this node: \(reason)",
                remedy: remedy ?? "Check this node's certificate and the members that \(park) knows.")
        case 409:
            return LinkFailure(
                .incompatible, "\(park) does not fit this node: \(reason)",
                remedy: remedy ?? "Bring both nodes to the same version of ParkSync.")
        case 429:
            return LinkFailure(
                .busy, "\(park) is busy: \(reason)", remedy: remedy ?? "Wait; the link tries again by itself.",
                retryAfterMilliseconds: head.retryAfterMilliseconds)
        default:
            return LinkFailure(
                .refused, "\(park) refuses the request: \(reason)",
                remedy: remedy ?? "See the log of the node of \(park).",
                retryAfterMilliseconds: head.retryAfterMilliseconds)
        }
    }

    /// What a node says that refuses; nil if something else has answered.
    static func peerRefusal(_ head: ResponseHead, _ body: [UInt8]) -> PeerRefusal? {
        head.mediaType == PeerRefusal.contentType ? try? PeerRefusal(status: head.status, decoding: body) : nil
    }

    /// The system's words for an error number, as in `connection refused`.
    static func systemText(_ number: Int32) -> String {
        let text = String(cString: strerror(number))
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
