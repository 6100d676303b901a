/// Where the files lie that a node proves itself with, and checks others against. PEM.
package struct TLSFiles: Hashable, Sendable {
    /// The zone's authority; nothing else is trusted.
    package var authority: String
    package var certificate: String
    package var key: String

    package init(authority: String, certificate: String, key: String) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }
}

/// One HTTP request, and who hears of its answer. The three closures are called on the loop's
/// thread, in order: they must not block.
struct TransferRequest: Sendable {
    var method: String
    var url: String
    /// Whole lines, as in `Accept: text/plain`.
    var headers: [String] = []
    var body: [UInt8]?
    /// Covers the TLS handshake as well.
    var connectMillisecondsMax: Int
    /// For the whole transfer; nil for a stream that goes on and on.
    var totalMillisecondsMax: Int?
    /// A transfer of which nothing comes for so long is given up; nil for a stream that is watched
    /// otherwise.
    var silenceSecondsMax: Int?
    var unixSocketPath: String?
    /// `name:port:address:port`, so that the URL's name is checked against the certificate while
    /// the address is called.
    var connectTo: String?
    /// Needed for `https` URLs.
    var tls: TLSFiles?

    /// At most once, before any bytes.
    var onHead: @Sendable (ResponseHead) -> Void
    /// Decompressed bytes; false ends the transfer.
    var onBytes: @Sendable ([UInt8]) -> Bool
    /// Exactly once, at the end.
    var onEnd: @Sendable (TransferEnd) -> Void
}

/// The status line and the header fields of an answer that this project reads.
struct ResponseHead: Hashable, Sendable {
    static let keptFields: Set<String> = ["allow", "content-encoding", "content-type", "retry-after", "server"]

    var status: Int
    /// Names in lower case; only `keptFields`.
    var fields: [String: String] = [:]

    /// - Returns: nil if there is no `Retry-After`, or it is not a number of seconds.
    var retryAfterMilliseconds: UInt64? {
        guard let seconds = fields["retry-after"].flatMap({ UInt64($0) }) else { return nil }
        return min(seconds, Self.retryAfterSecondsMax) * 1_000
    }

    /// A longer time would look like a link that is broken for good.
    private static let retryAfterSecondsMax: UInt64 = 3_600

    var mediaType: String {
        let type = fields["content-type"]?.prefix { $0 != ";" } ?? ""
        return type.lowercased().filter { $0 != " " }
    }
}

enum TransferEnd: Sendable {
    /// The answer is complete.
    case finished
    /// Cancelled from this side, or the loop has stopped.
    case cancelled
    case failed(TransferFailure)
}

/// Why a transfer broke off, as curl and the system tell it.
struct TransferFailure: Hashable, Sendable {
    /// A `CURLcode`; 0 if the request could not even be started.
    var code: UInt32
    var text: String
    /// The system's error number of a connection that failed, or 0.
    var systemError: Int32 = 0
    /// Whether the connection, with its TLS handshake, stood.
    var wasConnected = false
}
