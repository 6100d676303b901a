/// A listener of the node, as part of `NodeStatus`.
package struct ListenerStatus: Codable, Hashable, Sendable {
    /// `local-socket`, `local-http`, `peer` …
    package var interface: String
    /// A path, or `host:port`.
    package var address: String
    package var isListening: Bool
    /// Why the address could not be used last; it is tried again.
    package var cause: String?
    package init(interface: String, address: String, isListening: Bool, cause: String? = nil) {
        (self.interface, self.address, self.isListening, self.cause) = (interface, address, isListening, cause)
    }
    enum CodingKeys: String, CodingKey { case interface, address, isListening = "is_listening", cause }
}

/// A certificate that the node uses towards its peers, as part of `NodeStatus`. Times are Unix
/// milliseconds.
package struct CertificateStatus: Codable, Hashable, Sendable {
    /// `node` or `authority`.
    package var role: String
    package var file: String
    package var validFrom: UInt64
    package var validUntil: UInt64
    package init(role: String, file: String, validFrom: UInt64, validUntil: UInt64) {
        (self.role, self.file, self.validFrom, self.validUntil) = (role, file, validFrom, validUntil)
    }
    enum CodingKeys: String, CodingKey { case role, file, validFrom = "valid_from", validUntil = "valid_until" }

    /// So many days before the end a certificate is spoken of.
    package static let warningDays: [Int64] = [1, 7, 30]

    package enum Standing: Hashable, Sendable {
        case valid
        /// The least of `warningDays` that it has not more left than.
        case ending(withinDays: Int64)
        case ended
        /// Its time has not begun: the clock is wrong, or it was made on a machine whose clock is.
        case early
    }

    /// Whole days that are left; 0 on the last one, negative afterwards.
    package func daysLeft(at now: UInt64) -> Int64 {
        let left = Int64(clamping: validUntil) - Int64(clamping: now)
        return left >= 0 ? left / Self.dayMilliseconds : (left + 1) / Self.dayMilliseconds - 1
    }

    package func standing(at now: UInt64) -> Standing {
        if now >= validUntil { return .ended }
        if now < validFrom { return .early }
        let left = validUntil - now
        return Self.warningDays.first { left <= UInt64($0 * Self.dayMilliseconds) }.map { .ending(withinDays: $0) }
            ?? .valid
    }

    private static let dayMilliseconds: Int64 = 86_400_000
}
