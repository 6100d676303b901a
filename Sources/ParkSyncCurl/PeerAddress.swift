import Foundation
import ParkSyncReplication
import ParkSyncWire

/// Where a peer is called, and by which name it has to prove itself.
struct PeerAddress: Hashable, Sendable {
    /// A node's certificate has the DNS name `<park>.parksync`.
    static let nameSuffix = ".parksync"
    static let portDefault = 443

    /// The URL of the log.
    var url: String
    /// As `TransferRequest.connectTo`; nil for plain HTTP.
    var connectTo: String?
    var isEncrypted: Bool { connectTo != nil }

    /// - Parameter base: `https://host:port` of the peer, or `http://` of this machine.
    /// - Throws: `LinkFailure` that says what is wrong with the address.
    init(park: String, base: String) throws {
        guard let parts = URLComponents(string: base), let scheme = parts.scheme?.lowercased(), let given = parts.host,
            !given.isEmpty,
            parts.user == nil, parts.query == nil, parts.fragment == nil
        else { throw Self.unusable(park, base, "is not a base URL") }
        let host = given.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        let path =
            parts.percentEncodedPath.hasSuffix("/")
            ? String(parts.percentEncodedPath.dropLast()) : parts.percentEncodedPath
        let bracketed = host.contains(":") ? "[\(host)]" : host
        switch scheme {
        case "https":
            let port = parts.port ?? Self.portDefault
            let name = park + Self.nameSuffix
            url = "https://\(name):\(port)\(path)\(WirePath.log)"
            connectTo = "\(name):\(port):\(bracketed):\(port)"
        case "http":
            guard Self.isLoopback(host) else {
                throw LinkFailure(
                    .untrusted, "\(park): \(base) is not encrypted and not on this machine",
                    remedy: "Give an https URL for \(park).")
            }
            url = "http://\(bracketed)\(parts.port.map { ":\($0)" } ?? "")\(path)\(WirePath.log)"
            connectTo = nil
        default:
            throw Self.unusable(park, base, "has neither https nor http")
        }
    }

    /// The parks' names in a certificate.
    ///
    /// - Parameter lines: what curl tells of it (CURLINFO_CERTINFO), as in
    ///   `X509v3 Subject Alternative Name:DNS:west.parksync, DNS:west`.
    static func names(in lines: [String]) -> [String] {
        let title = "X509v3 Subject Alternative Name:"
        return lines.filter { $0.hasPrefix(title) }.flatMap { line in
            line.dropFirst(title.count).split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { $0.hasPrefix("DNS:") && $0.hasSuffix(nameSuffix) }.map { String($0.dropFirst("DNS:".count)) }
        }
    }

    private static func unusable(_ park: String, _ base: String, _ fault: String) -> LinkFailure {
        LinkFailure(
            .unreachable, "\(park): the address \(base) \(fault)",
            remedy: "Give the peer's URL as in https://west.example:7700.")
    }

    /// Only addresses that can be nothing else than this machine's, and the name that curl itself
    /// resolves to them.
    static func isLoopback(_ host: String) -> Bool { ["127.0.0.1", "::1", "localhost"].contains(host.lowercased()) }
}
