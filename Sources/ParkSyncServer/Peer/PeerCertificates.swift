import NIOCore
import NIOSSL
import Synchronization

/// The certificates of the peer interface: those in force, and when they end. Read again when the operator says so.
package final class PeerCertificates: Sendable {
    /// Paths of PEM files.
    package struct Files: Hashable, Sendable {
        package var certificate: String
        package var key: String
        package var authority: String
        package init(certificate: String, key: String, authority: String) {
            (self.certificate, self.key, self.authority) = (certificate, key, authority)
        }
    }

    /// How long one of them is valid, in Unix seconds.
    package struct Validity: Hashable, Sendable {
        package enum Role: String, Hashable, Sendable { case node, authority }
        package var role: Role
        package var file: String
        package var begin: Int64
        package var end: Int64
        package init(role: Role, file: String, begin: Int64, end: Int64) {
            (self.role, self.file, self.begin, self.end) = (role, file, begin, end)
        }
    }

    private struct Loaded {
        var context: NIOSSLContext
        var validity: [Validity]
    }

    static let shutdownMilliseconds: Int64 = 200
    private let state: Mutex<Loaded>

    /// - Throws: `ServerStartError` that names the file which cannot be used.
    package init(_ files: Files) throws { state = Mutex(try Self.load(files)) }

    /// Connections that come from now on use what the files hold now; those that are open stay as they are.
    ///
    /// - Throws: `ServerStartError`; what was in force stays in force.
    package func reload(_ files: Files) throws {
        let loaded = try Self.load(files)
        state.withLock { $0 = loaded }
    }

    /// The node's certificate first.
    package var validity: [Validity] { state.withLock { $0.validity } }

    var current: NIOSSLContext { state.withLock { $0.context } }

    private static func load(_ files: Files) throws -> Loaded {
        let chain = try reading(files.certificate, as: "certificate chain") { try NIOSSLCertificate.fromPEMFile(files.certificate) }
        let key = try reading(files.key, as: "private key") { try NIOSSLPrivateKey(file: files.key, format: .pem) }
        let authorities = try reading(files.authority, as: "zone authority") { try NIOSSLCertificate.fromPEMFile(files.authority) }
        guard !chain.isEmpty, !authorities.isEmpty else {
            throw ServerStartError(
                "there is no certificate in \(chain.isEmpty ? files.certificate : files.authority)",
                remedy: "Make it with syncctl, readable for the node.")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.trustRoots = .certificates(authorities)
        // A client has no host name to verify; `PeerIdentity` reads its park from the certificate.
        configuration.certificateVerification = .noHostnameVerification
        // A peer that has closed already never answers the farewell; a stop would wait for it.
        configuration.shutdownTimeout = .milliseconds(shutdownMilliseconds)
        do {
            return Loaded(
                context: try NIOSSLContext(configuration: configuration),
                validity: validity(chain, .node, files.certificate) + validity(authorities, .authority, files.authority))
        } catch {
            throw ServerStartError(
                "TLS cannot be set up: \(error)",
                remedy: "Check that \(files.key) is the key of \(files.certificate), and that \(files.authority) is the zone's authority.")
        }
    }

    /// Of several certificates in one file the one that ends first counts.
    private static func validity(_ certificates: [NIOSSLCertificate], _ role: Validity.Role, _ file: String) -> [Validity] {
        let all = certificates.map {
            Validity(role: role, file: file, begin: Int64($0.notValidBefore), end: Int64($0.notValidAfter))
        }
        return all.min { $0.end < $1.end }.map { [$0] } ?? []
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
