import NIOCore
import NIOSSL

/// TLS of the peer interface: both ends show certificates that the zone's authority has signed.
enum PeerTLS {
    static let shutdownMilliseconds: Int64 = 200

    /// - Throws: `ServerStartError` that names the file which cannot be used.
    static func configuration(chain: String, key: String, roots: String) throws -> TLSConfiguration {
        let certificates = try reading(chain, as: "certificate chain") { try NIOSSLCertificate.fromPEMFile(chain) }
        let privateKey = try reading(key, as: "private key") { try NIOSSLPrivateKey(file: key, format: .pem) }
        let authorities = try reading(roots, as: "zone authority") { try NIOSSLCertificate.fromPEMFile(roots) }
        guard !certificates.isEmpty, !authorities.isEmpty else {
            throw ServerStartError(
                "there is no certificate in \(certificates.isEmpty ? chain : roots)",
                remedy: "Make it with syncctl, readable for the node.")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.trustRoots = .certificates(authorities)
        // A client has no host name to verify; `PeerIdentity` reads its park from the certificate.
        configuration.certificateVerification = .noHostnameVerification
        // A peer that has closed already never answers the farewell; a stop would wait for it.
        configuration.shutdownTimeout = .milliseconds(shutdownMilliseconds)
        return configuration
    }

    private static func reading<Content>(_ path: String, as what: String, _ read: () throws -> Content) throws -> Content {
        do {
            return try read()
        } catch {
            throw ServerStartError(
                "the \(what) in \(path) cannot be read: \(error)", remedy: "Make it with syncctl, readable for the node.")
        }
    }
}
