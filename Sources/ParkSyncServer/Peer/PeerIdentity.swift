import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOSSL
import ParkSyncCore
import ParkSyncWire

/// Finds out which park is at the other end of a connection.
struct PeerIdentity: Sendable {
    static let headerName = "ParkSync-Park"
    /// A node's certificate has exactly one DNS name that ends so; what stands before it is the
    /// park.
    static let nameSuffix = ".parksync"

    /// Whether the park is taken from the client's certificate; else from the header, which only a
    /// loopback listener does.
    let isCertified: Bool
    let isMember: @Sendable (String) -> Bool

    /// - Throws: a 403 problem, or 400 if the header is missing.
    func park(of request: Request, channel: any Channel) async throws -> String {
        guard let claimed = Self.claim(of: request) else {
            throw Problems.invalid("\(Self.headerName): missing header", remedy: "Send the park's identifier in it.")
        }
        if isCertified {
            let certified = try Self.park(in: try await channel.nioSSL_peerCertificate().get())
            guard certified == claimed else {
                throw Problems.forbidden(
                    "peer-identity", "The header says \(claimed), the certificate says \(certified).",
                    remedy: "Give the node the certificate of its own park.")
            }
        }
        guard let origin = OriginID(claimed), origin.park == claimed, isMember(claimed) else {
            throw Problems.forbidden(
                "peer-unknown", "\(claimed) is not a member of this zone.",
                remedy: "Name the park among the peers of this node, and restart it.")
        }
        return claimed
    }

    /// The park that a request names as the one that asks.
    static func claim(of request: Request) -> String? { HTTPField.Name(headerName).flatMap { request.headers[$0] } }

    /// The park that a certificate is for.
    ///
    /// - Throws: a 403 problem unless it has exactly one name of a park.
    static func park(in certificate: NIOSSLCertificate?) throws -> String {
        let names = (certificate?._subjectAlternativeNames()).map { names in
            names.filter { $0.nameType == .dnsName }.map { String(decoding: $0.contents, as: UTF8.self) }
                .filter { $0.hasSuffix(nameSuffix) }
        }
        guard let names, let name = names.first, names.count == 1 else {
            throw Problems.forbidden(
                "peer-identity", "The client certificate has not exactly one DNS name that ends in \(nameSuffix).",
                remedy: "Make the certificate with syncctl.")
        }
        return String(name.dropLast(nameSuffix.count))
    }
}

extension Channel {
    /// The address at the other end, without its port: that one is another for each connection.
    var remoteText: String { remoteAddress?.ipAddress ?? remoteAddress?.pathname ?? "an unknown address" }
}
